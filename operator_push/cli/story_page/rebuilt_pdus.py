"""PDUs that are not kept, rebuilt from what is: the answer to the client, each submit_sm over a link with the
SMSC's answer, and its receipts.

A segment's submit_sm is cut again from the stored one, with the correlation key of its attempt; answers and
receipts have the fields that were recorded of them. Their sequence numbers are not known any more.
"""

from collections.abc import Iterator
from typing import Any

from operator_push.cli.story_page.shown_pdus import fields_of
from operator_push.domain.message import MessageState, Origin, Verdict
from operator_push.gateway.message_cutting import segment_pdu
from operator_push.kernel.ids import id_epoch_us
from operator_push.kernel.instants import iso
from operator_push.services.finish_message import TOLD_BY_RECEIPT
from operator_push.services.open_messages import OpenMessage
from operator_push.smpp.codec import PduDecodeError
from operator_push.smpp.pdu import SubmitSmResp
from operator_push.store.stored_messages import AttemptRow
from operator_push.store.stories import Story

_UNKNOWN = {"sequence_number"}
_COLUMNS = (
    "message_id", "day", "account_no", "origin", "campaign_no", "brand_no", "category", "traffic_class",
    "subscriber_no", "source", "destination", "segment_count", "price_micros", "held_micros",
    "registered_delivery", "client_reference", "not_before_us",
)  # fmt: skip


def rebuilt_pdus(story: Story, body: bytes) -> Iterator[dict[str, Any]]:
    """(name, when, fields) of each; `body` is the stored submit_sm, b"" where there is none."""
    row = story.stored.row
    if row.verdict != Verdict.REFUSE and row.origin == int(Origin.ESME):
        answer = SubmitSmResp(message_id=story.client_message_id or str(row.message_id))
        yield _shown("submit_sm_resp to the client", id_epoch_us(row.message_id), answer)
    for attempt in story.stored.attempts:
        if attempt.left_us:
            yield from _attempt(story, body, attempt)
    for outcome in story.stored.outcomes:
        if outcome.told_by == TOLD_BY_RECEIPT:
            told = [
                ("receipted_message_id", outcome.smsc_message_id),
                ("message_state", f"{outcome.state} ({MessageState(outcome.state).name})"),
                ("network_error_code", outcome.error_code),
            ]
            fields = [(name, value) for name, value in told if value]
            yield {"name": "deliver_sm, receipt of the SMSC", "at": iso(outcome.at_us), "fields": fields}


def _attempt(story: Story, body: bytes, attempt: AttemptRow) -> Iterator[dict[str, Any]]:
    link = story.links.get(attempt.link_no, f"link {attempt.link_no}")
    part = f"segment {attempt.segment_no}" if attempt.segment_no else "all segments"
    try:
        message = _message(story.stored.row, body)
        pdu = segment_pdu(message, attempt.segment_no, attempt.user_message_reference)
        yield _shown(f"submit_sm, {part} over {link}", attempt.at_us, pdu)
    except (PduDecodeError, ValueError, IndexError) as error:
        fields = [("error", f"it cannot be rebuilt: {error}")]
        yield {"name": f"submit_sm, {part} over {link}", "at": iso(attempt.at_us), "fields": fields}
    if attempt.command_status is not None:
        answer = SubmitSmResp(command_status=attempt.command_status, message_id=attempt.smsc_message_id)
        yield _shown(f"submit_sm_resp, {part} over {link}", attempt.answered_us, answer)


def _message(row: Any, body: bytes) -> OpenMessage:
    """The message as the gateway cuts it."""
    return OpenMessage(**{name: getattr(row, name) for name in _COLUMNS}, body=body, segments=[])


def _shown(name: str, at_us: int, pdu: Any) -> dict[str, Any]:
    fields = [field for field in fields_of(pdu) if field[0] not in _UNKNOWN]
    return {"name": name, "at": iso(at_us) if at_us else None, "fields": fields}
