"""Head rows: the signed heads of a shard's chain, and how far each receiver has them."""

from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from operator_push.domain.ledger_heads import head_of_line
from operator_push.kernel.instants import MICROS_PER_DAY, parse_iso
from operator_push.store import schema
from operator_push.store.seal_rows import chain_tip
from operator_push.store.small_rows import upsert


class StoredHead(NamedTuple):
    """One signed head; `line` as it is given away."""

    seal_no: int
    day: int
    line: str


class Unsigned(NamedTuple):
    """The last seal of a day that no signature covers yet."""

    day: int
    seal_no: int
    head: bytes


def signed_heads(connection: Connection, shard: int, after: int = 0) -> list[StoredHead]:
    """The signed heads above a seal number, in order."""
    row = schema.ledger_head.c
    found = connection.execute(
        select(row.seal_no, row.day, row.line)
        .where(row.shard == shard, row.seal_no > after)
        .order_by(row.seal_no, row.day)
    )
    return [StoredHead(*each) for each in found]


def misplaced_head(connection: Connection, shard: int) -> str | None:
    """The first signed head of a shard whose columns say otherwise than its line, in words."""
    row = schema.ledger_head.c
    columns = (row.shard, row.seal_no, row.day, row.signed_us, row.line)
    for at_shard, seal_no, day, signed_us, line in connection.execute(
        select(*columns).order_by(row.seal_no, row.day)
    ):
        try:
            head = head_of_line(line)
        except ValueError:
            continue  # told by whoever checks the lines
        if shard not in (at_shard, head.shard):
            continue
        told_day = parse_iso(f"{head.day}T00:00:00Z") // MICROS_PER_DAY
        told = (head.shard, head.seal_no, told_day, parse_iso(head.signed_at))
        stands = (at_shard, seal_no, day, signed_us)
        if told != stands:
            names = zip(("shard", "seal_no", "day", "signed_us"), stands, told, strict=True)
            wrong = "; ".join(
                f"{name} is {now!r}, its line says {then}" for name, now, then in names if now != then
            )
            return f"ledger_head (shard {at_shard}, seal_no {seal_no}): {wrong}"
    return None


def last_signed(connection: Connection, shard: int) -> StoredHead | None:
    """The newest signed head, None before the first."""
    row = schema.ledger_head.c
    found = connection.execute(
        select(row.seal_no, row.day, row.line)
        .where(row.shard == shard)
        .order_by(row.seal_no.desc(), row.day.desc())
        .limit(1)
    ).first()
    return None if found is None else StoredHead(*found)


def unsigned_days(connection: Connection, shard: int, after: int) -> list[Unsigned]:
    """For each day with seals above `after`, the last of them; the end of the chain is always among them.

    Days that were archived before they were signed are covered by the next one.
    """
    row = schema.ledger_seal.c
    if chain_tip(connection, shard).seal_no <= after:
        return []
    last = (
        select(row.day, func.max(row.seal_no).label("seal_no"))
        .where(row.shard == shard, row.seal_no > after)
        .group_by(row.day)
        .subquery()
    )
    statement = (
        select(row.day, row.seal_no, row.head)
        .join(last, (row.day == last.c.day) & (row.seal_no == last.c.seal_no))
        .where(row.shard == shard)
        .order_by(row.seal_no)
    )
    return [Unsigned(*each) for each in connection.execute(statement)]


def add_head(connection: Connection, shard: int, head: StoredHead, now_us: int) -> None:
    """Keep a signed head.

    Raises:
        sqlalchemy.exc.IntegrityError: this seal has been signed meanwhile, by a command beside the server.
    """
    values = {"shard": shard, **head._asdict(), "signed_us": now_us}
    connection.execute(insert(schema.ledger_head).values(values))


def taken_up_to(connection: Connection, shard: int, receiver: str) -> int:
    """The seal number up to which a receiver has taken heads; 0 at first."""
    row = schema.ledger_head_cursor.c
    statement = select(row.seal_no).where(row.shard == shard, row.receiver == receiver)
    return int(connection.execute(statement).scalar() or 0)


def set_taken(connection: Connection, shard: int, receiver: str, seal_no: int) -> None:
    """Remember that a receiver has taken every head up to this one."""
    upsert(connection, "ledger_head_cursor", {"shard": shard, "receiver": receiver, "seal_no": seal_no})
