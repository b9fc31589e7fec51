"""Proof rows: what is needed from the store to prove messages against money and against the SMSC.

`our_messages` is our side of services.reconcile, read within one `Database.read`, so that it is of one moment
of a running product. The proof of the ledger alone is in ledger_audit.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from sqlalchemy import Connection, select

from operator_push.domain.transfers import Transfer, TransferKind
from operator_push.services.finish_message import TOLD_BY_CDR, TOLD_BY_RECEIPT
from operator_push.services.open_messages import WHOLE
from operator_push.services.reconciliation import OurMessage, OurMoney, OurSegment
from operator_push.services.stored_charges import StoredCharges
from operator_push.store import schema
from operator_push.store.correction_rows import corrected_by_message
from operator_push.store.document_rows import stored_documents
from operator_push.store.stored_messages import (
    ESME_ROK,
    StoredMessage,
    ends_of,
    segment_state_of,
    smsc_message_id_of,
    stored_messages,
)

NOTHING: Mapping[int, int] = {}


def our_messages(connection: Connection, shard: int, days: range | None = None) -> Iterator[OurMessage]:
    """Every admitted message as services.reconcile takes it; with `days`, those accepted then."""
    names = account_names(connection)
    versions = {each.document_no: each.document for each in stored_documents(connection)}
    charges, house = StoredCharges(versions.__getitem__), house_currency(connection)
    corrected = corrected_by_message(connection)
    for stored in stored_messages(connection, shard, days=days):
        yield our_message(stored, names, charges, house, corrected)


def our_message(
    stored: StoredMessage,
    account_names: Mapping[int, str],
    charges: StoredCharges | None = None,
    house: str = "",
    corrected: Mapping[int, int] = NOTHING,
) -> OurMessage:
    """The side of the join that is ours, from the rows of one message; `house` the currency of the house,
    `corrected` what was posted by hand about each message."""
    row = stored.row
    account = account_names.get(row.account_no, f"account {row.account_no}")
    numbers = (WHOLE,) if stored.is_whole else range(1, row.segment_count + 1)
    count = row.segment_count if stored.is_whole else 1
    segments = tuple(_our_segment(stored, segment_no, account, count) for segment_no in numbers)
    money = _our_money(stored.transfers)
    if micros := corrected.get(row.message_id):
        money = msgspec.structs.replace(money, corrected_micros=micros)
    owed = charges.owed(stored.price, ends_of(stored)) if charges and stored.price else None
    is_final = stored.final is not None
    currency = stored.transfers[0].currency if stored.transfers else house
    currency = "" if house in ("", currency) else currency
    return OurMessage(row.message_id, row.price_micros * count, is_final, money, segments, owed, currency)


def _our_money(transfers: Sequence[Transfer]) -> OurMoney:
    """What was held, and what of it was earned and given back in the end."""
    held = settled = released = 0
    has_hold = False
    for transfer in transfers:
        kind, amount = transfer.kind, transfer.amount_micros
        if kind is _HOLD:
            held += amount
            has_hold = True
        elif kind is _SETTLE:
            settled += amount
        elif kind is _RELEASE or kind is _EXPIRE:
            released += amount
        elif kind is _LATE_CHARGE:  # given back when the hold expired, and earned after all
            settled += amount
            released -= amount
        elif kind is _FAILED_REFUND:  # charged before its end, and its end is not one that is charged
            settled -= amount
            released += amount
    return OurMoney(held, settled, released, has_hold)


_HOLD, _SETTLE, _RELEASE = TransferKind.HOLD, TransferKind.SETTLE, TransferKind.RELEASE
_EXPIRE, _LATE_CHARGE = TransferKind.EXPIRE, TransferKind.LATE_CHARGE
_FAILED_REFUND = TransferKind.FAILED_REFUND


def house_currency(connection: Connection) -> str:
    """The currency of the simple rows, "" before the first start."""
    return str(connection.execute(select(schema.tariff_row.c.currency).limit(1)).scalar() or "")


def account_names(connection: Connection) -> dict[int, str]:
    """account_no → name."""
    row = schema.account.c
    return {found.account_no: found.name for found in connection.execute(select(row.account_no, row.name))}


def brand_names(connection: Connection) -> dict[int, str]:
    """brand_no → name."""
    row = schema.brand.c
    return {found.brand_no: found.name for found in connection.execute(select(row.brand_no, row.name))}


def link_names(connection: Connection) -> dict[int, str]:
    """link_no → the name of an SMSC link in the configuration."""
    row = schema.smsc_link.c
    return {found.link_no: found.name for found in connection.execute(select(row.link_no, row.name))}


def _our_segment(stored: StoredMessage, segment_no: int, account: str, count: int) -> OurSegment:
    row = stored.row
    left = [attempt for attempt in stored.attempts_of(segment_no) if attempt.left_us]
    outcome = stored.outcome_of(segment_no)
    accepted = unanswered = False
    smsc_id = outcome.smsc_message_id if outcome is not None else ""
    for attempt in left:
        if attempt.command_status is None:
            unanswered = True
        elif attempt.command_status == ESME_ROK:
            accepted = True
    if not smsc_id:
        smsc_id = smsc_message_id_of(stored, segment_no)
    if outcome is not None:
        told_by_smsc, state = outcome.told_by in (TOLD_BY_RECEIPT, TOLD_BY_CDR), outcome.state
    else:
        told_by_smsc, state = False, int(segment_state_of(stored, segment_no))
    return OurSegment(
        message_id=row.message_id,
        segment_no=segment_no,
        account=account,
        destination=row.destination,
        source=row.source,
        user_message_reference=left[-1].user_message_reference if left else -1,
        smsc_message_id=smsc_id,
        attempts=len(left),
        state=state,
        price_micros=row.price_micros * count,
        link_no=left[-1].link_no if left else 0,
        unanswered=unanswered,
        taken=accepted or told_by_smsc,
        first_attempt_us=left[0].at_us if left else 0,
        last_attempt_us=left[-1].at_us if left else 0,
        ended_us=outcome.at_us if outcome is not None else 0,
        parts=row.segment_count // count,
        count=count,
        attempt_no=left[-1].attempt_no if left else 0,
    )
