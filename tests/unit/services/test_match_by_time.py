"""An SMSC that does not echo our key: rows by sender, recipient, time and part, or not at all."""

from typing import Any

from operator_push.domain.message import MessageState
from operator_push.services.reconcile import OurMessage, OurMoney, OurSegment, Reconciliation, SmscRecord
from operator_push.services.reconcile import reconcile as join

NOW_US = 1_800_000_000_000_000
SECOND_US = 1_000_000
PRICE = 100_000
LINK = 3


def unanswered(message_id: int = 1, segment_no: int = 1, at_s: int = 0, parts: int = 1) -> OurSegment:
    at_us = NOW_US + at_s * SECOND_US
    return OurSegment(
        message_id=message_id,
        segment_no=segment_no,
        account="chai",
        destination="919812345678",
        source="56070",
        user_message_reference=message_id,
        smsc_message_id="",
        attempts=1,
        state=MessageState.UNKNOWN,
        price_micros=PRICE,
        link_no=LINK,
        unanswered=True,
        first_attempt_us=at_us,
        last_attempt_us=at_us,
        parts=parts,
    )


def a_message(*segments: OurSegment) -> OurMessage:
    held = PRICE * len(segments)
    return OurMessage(segments[0].message_id, PRICE, False, OurMoney(held, 0, 0), segments)


def a_row(identifier: str, at_s: float = 0.2, part: int = 0, **named: Any) -> SmscRecord:
    at_us = NOW_US + int(at_s * SECOND_US)
    values: dict[str, Any] = {
        "smsc_message_id": identifier,
        "system_id": "us",
        "source": "56070",
        "destination": "919812345678",
        "user_message_reference": -1,
        "submit_us": at_us,
        "final_us": at_us + SECOND_US,
        "state": MessageState.DELIVERED,
        "error_code": "0",
        "part": part,
    }
    return SmscRecord(**(values | named))


def reconcile(messages: list[OurMessage], rows: list[SmscRecord], **more: Any) -> Reconciliation:
    until_us = NOW_US + 7200 * SECOND_US
    return join(messages, rows, closed=True, closed_until_us=until_us, **({"links_by_time": [LINK]} | more))


def findings(result: Reconciliation) -> list[tuple[int, int, str, str]]:
    return [(each.message_id, each.segment_no, each.kind, each.smsc_message_id) for each in result.findings]


def test_a_row_in_time_from_the_sender_to_the_recipient_is_the_unanswered_segments() -> None:
    assert findings(reconcile([a_message(unanswered())], [a_row("A1")])) == [(1, 1, "found", "A1")]


def test_only_links_that_are_configured_so_are_matched_by_time() -> None:
    result = reconcile([a_message(unanswered())], [a_row("A1")], links_by_time=[])
    assert findings(result) == [(1, 1, "ambiguous", "")]


def test_two_messages_an_hour_apart_are_told_apart_by_time() -> None:
    ours = [a_message(unanswered(1)), a_message(unanswered(2, at_s=3600))]
    rows = [a_row("B", at_s=3600.3), a_row("A")]
    assert findings(reconcile(ours, rows)) == [(1, 1, "found", "A"), (2, 1, "found", "B")]


def test_parts_of_one_message_are_told_apart_by_their_numbers() -> None:
    ours = [a_message(unanswered(1, 1, parts=2), unanswered(1, 2, parts=2))]
    rows = [a_row("P2", part=2), a_row("P1", part=1)]
    assert findings(reconcile(ours, rows)) == [(1, 1, "found", "P1"), (1, 2, "found", "P2")]


def test_two_that_fit_one_row_are_cases_not_guesses() -> None:
    ours = [a_message(unanswered(1)), a_message(unanswered(2, at_s=1))]
    kinds = {kind for _, _, kind, _ in findings(reconcile(ours, [a_row("A")]))}
    assert kinds == {"ambiguous"}


def test_what_only_another_sender_has_never_arrived() -> None:
    ours = [a_message(unanswered())]
    assert findings(reconcile(ours, [a_row("A", source="56071")])) == [(1, 1, "never_arrived", "")]
