"""SMSC habits: from a link's settings to what receipts are read by; links of one SMSC share them."""

from collections.abc import Callable, Iterable
from functools import partial
from zoneinfo import ZoneInfo

from operator_push.config import SmscSettings
from operator_push.domain.message import MessageState
from operator_push.gateway.message_id_forms import MessageIdForms
from operator_push.gateway.receipt_reading import explain_receipt
from operator_push.services.changes import Changes
from operator_push.services.match_receipts import Found, IdForms, MatchReceipts, SmscHabits
from operator_push.services.open_messages import OpenMessage
from operator_push.services.record_receipts import RecordReceipts
from operator_push.services.resolve_unknown import ResolveUnknown
from operator_push.store.habit_rows import FoundForms


def put_habits(
    match: MatchReceipts,
    smsc_no: int,
    link: SmscSettings,
    found_before: FoundForms | None = None,
    on_found: Callable[[FoundForms], None] = lambda found: None,
) -> None:
    """Read this SMSC's receipts by the settings of `link`.

    What was found out about its ids is kept where the settings leave it open: while we run, and by
    `found_before` and `on_found` from one run to the next.
    """
    known = match.habits.get(smsc_no)
    stated = link.id_forms
    own = MessageIdForms(link.smsc or link.name, stated, lambda *found: on_found(found))
    if found_before is not None:
        own.recall(*found_before)
    forms: IdForms = own
    if known is not None and stated is None and not known.forms.are_stated:
        forms = known.forms
    match.habits[smsc_no] = SmscHabits(
        forms,
        by_time=link.correlation == "sender_recipient_time_part",
        explain=partial(explain_receipt, zone=ZoneInfo(link.time_zone)),
    )


def recall_lost(receipts: RecordReceipts, messages: Iterable[OpenMessage]) -> None:
    """At a start: the segments whose id nobody knows, so that a receipt may still find them by time."""
    for message in messages:
        for segment in message.segments:
            attempted = segment.state in (MessageState.UNKNOWN, MessageState.SENT)
            if attempted and not segment.smsc_message_id:
                receipts.match.left_without_id(message.smsc_no, message, segment)


def open_cases_of_doubts(receipts: RecordReceipts, resolve: ResolveUnknown) -> None:
    """A receipt that may belong to each of several segments makes each of them a case."""

    def doubt(segments: Iterable[Found], now_us: int, changes: Changes) -> None:
        for message, segment in segments:
            detail = "a receipt may be of this segment or of another one"
            resolve.open_case(message.message_id, segment.segment_no, detail, now_us, changes)

    receipts.on_doubt = doubt
