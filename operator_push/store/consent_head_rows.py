"""Consent head rows: the signed ends of the chain of consent, one a day that has closed."""

from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from operator_push.store import schema

_HEAD, _SEAL = schema.consent_head.c, schema.consent_seal.c


class UnsignedHead(NamedTuple):
    """The last seal of a day that no signature covers yet."""

    day: int
    seal_no: int
    at_us: int
    head: bytes


def unsigned_consent_days(connection: Connection, shard: int, before_day: int) -> list[UnsignedHead]:
    """For each day before `before_day` with seals above the last signed one, the last of them."""
    signed = connection.execute(select(func.max(_HEAD.seal_no)).where(_HEAD.shard == shard)).scalar() or 0
    last = (
        select(_SEAL.day, func.max(_SEAL.seal_no).label("seal_no"))
        .where(_SEAL.shard == shard, _SEAL.day < before_day, _SEAL.seal_no > signed)
        .group_by(_SEAL.day)
        .subquery()
    )
    statement = (
        select(_SEAL.day, _SEAL.seal_no, _SEAL.at_us, _SEAL.head)
        .join(last, (_SEAL.day == last.c.day) & (_SEAL.seal_no == last.c.seal_no))
        .where(_SEAL.shard == shard)
        .order_by(_SEAL.seal_no)
    )
    return [UnsignedHead(*found) for found in connection.execute(statement)]


def add_consent_head(
    connection: Connection, shard: int, seal_no: int, day: int, line: str, signed_us: int
) -> None:
    """Keep a signed head.

    Raises:
        sqlalchemy.exc.IntegrityError: this seal has been signed meanwhile.
    """
    values = {"shard": shard, "seal_no": seal_no, "day": day, "line": line, "signed_us": signed_us}
    connection.execute(insert(schema.consent_head).values(values))


def consent_heads(connection: Connection, shard: int, after: int = 0) -> list[tuple[int, str]]:
    """(seal_no, line) of the signed heads above a seal number, in order."""
    statement = select(_HEAD.seal_no, _HEAD.line).where(_HEAD.shard == shard, _HEAD.seal_no > after)
    return [(seal_no, line) for seal_no, line in connection.execute(statement.order_by(_HEAD.seal_no))]
