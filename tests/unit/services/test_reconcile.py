"""The three-way join: a table of situations, then the cases where a row could be more than one segment's."""

from typing import Any

import msgspec
import pytest

from operator_push.domain.message import MessageState
from operator_push.services.reconcile import (
    EXAMPLES_MAX,
    OurMessage,
    OurMoney,
    OurSegment,
    Reconciliation,
    ReconciliationClass,
    SmscRecord,
    reconcile,
)

NOW_US = 1_800_000_000_000_000
SECOND_US = 1_000_000
PRICE = 100_000
OURS = "operator"
RECIPIENT = "919812345678"


def segment(**named: Any) -> OurSegment:
    """A delivered segment that the SMSC took as A1 under the key 7."""
    plain: dict[str, Any] = {
        "message_id": 1,
        "segment_no": 1,
        "account": "chai",
        "destination": RECIPIENT,
        "source": "56070",
        "user_message_reference": 7,
        "smsc_message_id": "A1",
        "attempts": 1,
        "state": MessageState.DELIVERED,
        "price_micros": PRICE,
        "link_no": 1,
        "unanswered": False,
        "taken": True,
        "first_attempt_us": NOW_US,
        "last_attempt_us": NOW_US,
    }
    return OurSegment(**{**plain, **named})


def unanswered(**named: Any) -> OurSegment:
    """A segment whose attempt nobody answered."""
    state = MessageState.UNKNOWN
    return segment(**{"smsc_message_id": "", "state": state, "unanswered": True, "taken": False, **named})


def message(*segments: OurSegment, money: tuple[int, int, int] | None = None) -> OurMessage:
    """A message of these segments; by default its money is what it should be."""
    is_final = all(each.state >= MessageState.DELIVERED for each in segments)
    held = PRICE * len(segments)
    settled = PRICE * sum(each.state == MessageState.DELIVERED for each in segments)
    due = (held, settled, held - settled) if is_final else (held, 0, 0)
    return OurMessage(
        segments[0].message_id, PRICE, is_final, OurMoney(*(due if money is None else money)), segments
    )


def record(identifier: str = "A1", reference: int = 7, after_s: float = 0.1, **named: Any) -> SmscRecord:
    """A row of the SMSC: delivered."""
    submit_us = NOW_US + int(after_s * SECOND_US)
    plain: dict[str, Any] = {
        "smsc_message_id": identifier,
        "system_id": OURS,
        "source": "56070",
        "destination": RECIPIENT,
        "user_message_reference": reference,
        "submit_us": submit_us,
        "final_us": submit_us + SECOND_US,
        "state": MessageState.DELIVERED,
        "error_code": "0",
    }
    return SmscRecord(**{**plain, **named})


def kinds(result: Reconciliation) -> list[str]:
    return [finding.kind for finding in result.findings]


WAITS = segment(
    smsc_message_id="", state=MessageState.ACCEPTED, taken=False, attempts=0, user_message_reference=-1
)
WITHDRAWN = segment(smsc_message_id="", state=MessageState.WITHDRAWN, taken=False, attempts=0)
REFUSED_THERE = segment(smsc_message_id="", state=MessageState.REJECTED, taken=False)
EXPIRED = segment(state=MessageState.EXPIRED)
SENT = segment(state=MessageState.SENT)

# what we say, what the ledger says (None: what it should), the SMSC's rows, the class
SITUATIONS = [
    ("delivered on all sides", segment(), None, [record()], "matched"),
    ("expired on all sides", EXPIRED, None, [record(state=MessageState.EXPIRED)], "matched"),
    ("no id here, found by key", segment(smsc_message_id=""), None, [record()], "matched"),
    ("waits", WAITS, None, [], "not_at_smsc"),
    ("withdrawn", WITHDRAWN, None, [], "not_at_smsc"),
    ("refused by the SMSC's answer", REFUSED_THERE, None, [], "not_at_smsc"),
    ("withdrawn and charged", WITHDRAWN, (PRICE, PRICE, 0), [], "charged_not_sent"),
    ("delivered, no row", segment(), None, [], "charged_not_sent"),
    ("withdrawn, delivered there", WITHDRAWN, None, [record()], "sent_not_charged"),
    ("delivered, hold not resolved", segment(), (PRICE, 0, 0), [record()], "sent_not_charged"),
    ("delivered, hold released", segment(), (PRICE, 0, PRICE), [record()], "sent_not_charged"),
    ("delivered, no money at all", segment(), (0, 0, 0), [record()], "sent_not_charged"),
    (
        "delivered here, expired there",
        segment(),
        None,
        [record(state=MessageState.EXPIRED)],
        "outcome_differs",
    ),
    ("expired here, delivered there", EXPIRED, None, [record()], "outcome_differs"),
    ("expired here, no row", EXPIRED, None, [], "outcome_differs"),
    ("settled too much", segment(), (2 * PRICE, 2 * PRICE, 0), [record()], "price_differs"),
    ("settled too little", segment(), (PRICE, 1, PRICE - 1), [record()], "price_differs"),
    ("expired, hold kept", EXPIRED, (PRICE, 0, 0), [record(state=MessageState.EXPIRED)], "price_differs"),
    ("withdrawn, hold kept", WITHDRAWN, (PRICE, 0, 0), [], "price_differs"),
    ("waits, and is settled in part", WAITS, (PRICE, 0, 1), [], "price_differs"),
    ("a part that the ESME cut", segment(), None, [record(segments=2, part=1)], "matched"),
    ("two ids for one key", segment(), None, [record(), record("A2", after_s=5)], "twice"),
    ("receipt not come yet", SENT, None, [], "unknown"),
    ("receipt lost", SENT, None, [record()], "unknown"),
    ("no answer", unanswered(), None, [], "unknown"),
    ("no answer, yet delivered", unanswered(), None, [record()], "unknown"),
]


@pytest.mark.parametrize(
    ("ours", "money", "rows", "expected"), [row[1:] for row in SITUATIONS], ids=[row[0] for row in SITUATIONS]
)
def test_each_situation_has_its_class(
    ours: OurSegment, money: tuple[int, int, int] | None, rows: list[SmscRecord], expected: str
) -> None:
    result = reconcile([message(ours, money=money)], rows)
    found = {each.value: total.segments for each, total in result.classes.items() if total.segments}
    assert found == {expected: 1}
    assert result.segments_smsc == len(rows)
    assert result.matched == (expected == "matched")
    assert result.mismatched == (expected not in ("matched", "not_at_smsc"))
    examples = [len(each) for each in result.examples.values()]
    assert sum(examples) == result.mismatched


def test_a_clean_proof_has_the_same_number_of_segments_on_all_sides() -> None:
    messages = [
        message(segment(), segment(segment_no=2, smsc_message_id="A2", user_message_reference=8)),
        message(segment(message_id=2, smsc_message_id="A3", state=MessageState.EXPIRED)),
        message(
            segment(message_id=3, state=MessageState.WITHDRAWN, smsc_message_id="", taken=False, attempts=0)
        ),
    ]
    rows = [record(), record("A2", 8), record("A3", state=MessageState.EXPIRED)]
    result = reconcile(messages, rows)
    assert result.counts() == {
        "messages": 3,
        "segments_ledger": 3,
        "segments_smsc": 3,
        "matched": 3,
        "mismatched": 0,
    }
    assert result.is_clean
    assert result.classes[ReconciliationClass.MATCHED].charged_micros == 2 * PRICE
    assert result.classes[ReconciliationClass.MATCHED].due_micros == 2 * PRICE


def test_money_is_summed_per_class() -> None:
    messages = [
        message(segment()),
        message(segment(message_id=2, smsc_message_id="B1", user_message_reference=8)),
        message(
            segment(message_id=3, smsc_message_id="C1", user_message_reference=9), money=(PRICE, 0, PRICE)
        ),
    ]
    result = reconcile(messages, [record(), record("C1", 9)])
    lost = result.classes[ReconciliationClass.SENT_NOT_CHARGED]
    extra = result.classes[ReconciliationClass.CHARGED_NOT_SENT]
    assert (lost.charged_micros, lost.due_micros) == (0, PRICE)
    assert (extra.charged_micros, extra.due_micros) == (PRICE, 0)
    assert not result.is_clean


def test_a_row_of_nobody_is_named_without_its_number() -> None:
    result = reconcile([], [record()])
    assert result.classes[ReconciliationClass.NOT_OURS].segments == 1
    assert result.mismatched == 1
    (example,) = result.examples[ReconciliationClass.NOT_OURS]
    assert RECIPIENT not in str(result.as_json())
    assert example.recipient == "919…78"


def test_rows_of_other_clients_are_counted_and_left_alone() -> None:
    rows = [record(), record("X1", 8, system_id="somebody")]
    result = reconcile([message(segment())], rows, system_ids={OURS})
    assert result.is_clean
    assert (result.segments_smsc, result.other_rows) == (1, 1)


def test_the_same_row_in_two_files_is_one_row() -> None:
    result = reconcile([message(segment())], [record(), record()])
    assert result.is_clean
    assert result.repeated_rows == 1


def test_an_id_that_comes_again_for_another_recipient_is_another_message() -> None:
    other = segment(message_id=2, destination="919800000001")
    rows = [record(), record(destination="919800000001", after_s=9)]
    assert reconcile([message(segment()), message(other)], rows).is_clean


def test_a_key_used_again_later_belongs_to_the_later_message() -> None:
    early = segment(message_id=1, smsc_message_id="A1")
    later_us = NOW_US + 3600 * SECOND_US
    late = unanswered(message_id=2, first_attempt_us=later_us, last_attempt_us=later_us)
    rows = [record("A1"), record("A9", after_s=3600.5)]
    for messages in ([message(early), message(late)], [message(late), message(early)]):
        result = reconcile(messages, rows)
        assert result.classes[ReconciliationClass.MATCHED].segments == 1
        assert kinds(result) == ["found"]
        assert result.findings[0].message_id == 2
        assert result.findings[0].smsc_message_id == "A9"


def test_a_second_send_before_the_key_was_used_again_is_the_first_messages() -> None:
    early = segment(message_id=1, smsc_message_id="A1")
    later_us = NOW_US + 3600 * SECOND_US
    late = unanswered(message_id=2, first_attempt_us=later_us, last_attempt_us=later_us)
    result = reconcile([message(early), message(late)], [record("A1"), record("A2", after_s=10)])
    assert result.classes[ReconciliationClass.TWICE].segments == 1
    assert result.classes[ReconciliationClass.UNKNOWN].segments == 1
    assert kinds(result) == []


def test_found_tells_the_state_that_the_smsc_gave() -> None:
    row = record("A5", state=MessageState.UNDELIVERABLE, error_code="32")
    result = reconcile([message(unanswered(segment_no=1, attempt_no=1))], [row])
    (finding,) = result.findings
    assert finding.as_json() == {
        "message_id": 1,
        "segment_no": 1,
        "link_no": 1,
        "kind": "found",
        "state": "UNDELIVERABLE",
        "smsc_message_id": "A5",
        "error_code": "32",
        "detail": "the SMSC ended it UNDELIVERABLE",
        "attempt_no": 1,
    }


def test_never_arrived_needs_a_complete_period_that_ended_after_the_attempt() -> None:
    lost = message(unanswered())
    other = message(segment(message_id=2, destination="919800000001", smsc_message_id="B1"))
    seen = record("B1", destination="919800000001", after_s=60)
    assert kinds(reconcile([lost, other], [seen])) == []
    assert kinds(reconcile([lost, other], [seen], closed=True)) == ["never_arrived"]
    assert kinds(reconcile([lost], [], closed=True)) == []  # no row tells how long the period was
    for end_s, expected in ((0.5, []), (2, ["never_arrived"])):
        end_us = NOW_US + int(end_s * SECOND_US)
        assert kinds(reconcile([lost], [], closed=True, closed_until_us=end_us)) == expected


def test_what_ended_in_another_period_is_not_missed_in_this_one() -> None:
    def ended(after_s: int) -> OurMessage:
        at_us = NOW_US + after_s * SECOND_US
        times = {"first_attempt_us": at_us, "last_attempt_us": at_us, "ended_us": at_us + SECOND_US}
        return message(segment(message_id=after_s, smsc_message_id=f"A{after_s}", **times))

    messages = [ended(10), ended(20), ended(30), ended(40)]
    period = {"since_us": NOW_US + 15 * SECOND_US, "until_us": NOW_US + 35 * SECOND_US}
    result = reconcile(messages, [record("A20"), record("A10")], **period)
    assert result.outside == 1  # A10 has a row after all, A40 is of the next period
    assert result.matched == 2
    assert result.classes[ReconciliationClass.CHARGED_NOT_SENT].segments == 1
    assert result.examples[ReconciliationClass.CHARGED_NOT_SENT][0].message_id == 30
    assert result.segments_ledger == 3


def test_an_open_segment_of_an_earlier_period_is_outside_until_its_row_comes() -> None:
    later = NOW_US + 3600 * SECOND_US
    assert reconcile([message(unanswered())], [], since_us=later).outside == 1
    assert kinds(reconcile([message(unanswered())], [record()], since_us=later)) == ["found"]


def test_a_period_that_lacks_what_was_accepted_is_not_complete_whoever_says_so() -> None:
    lost = message(unanswered(message_id=5))
    until = NOW_US + 60 * SECOND_US
    for gap in (segment(), SENT, EXPIRED):
        result = reconcile([message(gap), lost], [], closed=True, closed_until_us=until)
        assert "never_arrived" not in kinds(result)
        assert result.disproved == 1
    elsewhere = message(segment(link_no=2))
    assert kinds(reconcile([elsewhere, lost], [], closed=True, closed_until_us=until)) == ["never_arrived"]
    later = message(segment(first_attempt_us=until, last_attempt_us=until))
    assert kinds(reconcile([later, lost], [], closed=True, closed_until_us=until)) == ["never_arrived"]


def test_a_segment_that_was_answered_is_never_declared_lost() -> None:
    result = reconcile([message(SENT)], [], closed=True, closed_until_us=NOW_US + 60 * SECOND_US)
    assert kinds(result) == ["ambiguous"]


def test_a_row_without_a_key_makes_a_missing_segment_ambiguous() -> None:
    nameless = record("N1", reference=-1)
    until = NOW_US + 60 * SECOND_US
    result = reconcile([message(unanswered())], [nameless], closed=True, closed_until_us=until)
    assert kinds(result) == ["ambiguous"]
    elsewhere = record("N1", reference=-1, source="56071")
    result = reconcile([message(unanswered())], [elsewhere], closed=True, closed_until_us=until)
    assert kinds(result) == ["never_arrived"]


def test_two_unanswered_segments_under_one_key_are_a_case_not_a_guess() -> None:
    messages = [message(unanswered()), message(unanswered(message_id=2))]
    result = reconcile(messages, [record()], closed=True, closed_until_us=NOW_US + 60 * SECOND_US)
    assert kinds(result) == ["ambiguous", "ambiguous"]


def test_an_open_segment_with_two_rows_is_a_case() -> None:
    result = reconcile([message(unanswered())], [record("A1"), record("A2", after_s=3)])
    assert kinds(result) == ["ambiguous"]
    assert result.classes[ReconciliationClass.TWICE].segments == 1


def test_an_smsc_that_does_not_know_the_end_either_makes_a_case() -> None:
    result = reconcile([message(unanswered())], [record(state=MessageState.UNKNOWN)])
    assert kinds(result) == ["ambiguous"]


def test_examples_are_bounded() -> None:
    rows = [record(f"X{number}", number) for number in range(EXAMPLES_MAX + 5)]
    result = reconcile([], rows)
    assert result.classes[ReconciliationClass.NOT_OURS].segments == EXAMPLES_MAX + 5
    assert len(result.examples[ReconciliationClass.NOT_OURS]) == EXAMPLES_MAX


def whole(*, money: tuple[int, int, int] = (3 * PRICE, 3 * PRICE, 0), **named: Any) -> OurMessage:
    """A message of three segments that left in one submit_sm."""
    each = segment(segment_no=0, count=3, price_micros=3 * PRICE, **named)
    is_final = each.state >= MessageState.DELIVERED
    return OurMessage(1, 3 * PRICE, is_final, OurMoney(*money), (each,))


def test_one_row_matches_all_segments_of_a_whole_message() -> None:
    result = reconcile([whole()], [record()])
    assert result.counts() == {
        "messages": 1, "segments_ledger": 3, "segments_smsc": 3, "matched": 3, "mismatched": 0
    }  # fmt: skip
    assert result.is_clean
    assert result.classes[ReconciliationClass.MATCHED].charged_micros == 3 * PRICE
    assert result.classes[ReconciliationClass.MATCHED].due_micros == 3 * PRICE


def test_a_whole_message_that_nobody_answered_for_is_found_as_a_whole() -> None:
    named = {"state": MessageState.UNKNOWN, "smsc_message_id": "", "unanswered": True, "taken": False}
    result = reconcile([whole(money=(3 * PRICE, 0, 0), **named)], [record()])
    (finding,) = result.findings
    assert (finding.segment_no, finding.kind, finding.state) == (0, "found", "DELIVERED")
    assert result.classes[ReconciliationClass.UNKNOWN].segments == 3


def test_a_whole_message_that_is_charged_for_fewer_segments_is_told() -> None:
    result = reconcile([whole(money=(3 * PRICE, PRICE, 2 * PRICE))], [record()])
    assert result.classes[ReconciliationClass.PRICE_DIFFERS].segments == 3


@pytest.mark.parametrize(
    ("counted", "expected", "due"),
    [(3, "segment_count_differs", 3 * PRICE), (2, "matched", 2 * PRICE), (0, "matched", 2 * PRICE)],
)
def test_the_segments_that_the_smsc_counts_are_those_that_we_charge(
    counted: int, expected: str, due: int
) -> None:
    """A message that left whole; `counted` 0: the SMSC does not say."""
    whole = segment(segment_no=0, count=2, price_micros=2 * PRICE)
    priced = msgspec.structs.replace(
        message(whole), price_micros=2 * PRICE, money=OurMoney(2 * PRICE, 2 * PRICE, 0)
    )
    result = reconcile([priced], [record(segments=counted)])
    found = {each.value: total for each, total in result.classes.items() if total.segments}
    assert list(found) == [expected]
    total = found[expected]
    assert (total.segments, total.charged_micros, total.due_micros) == (2, 2 * PRICE, due)


def parts_of_whole(*numbers: int, **named: Any) -> list[SmscRecord]:
    """Rows of an SMSC that writes one for every segment on the air, under the id of the one submit_sm."""
    return [record(part=number, segments=3, **named) for number in numbers]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (parts_of_whole(1, 2, 3), "matched"),
        (parts_of_whole(3, 1, 2), "matched"),
        ([*parts_of_whole(1), *parts_of_whole(2, 3, reference=-1)], "matched"),
        ([*parts_of_whole(1, 2, 3), *parts_of_whole(2)], "matched"),  # a row that is there twice
        (parts_of_whole(1, 2), "segment_count_differs"),
        ([*parts_of_whole(1, 2), *parts_of_whole(3, state=MessageState.UNDELIVERABLE)], "outcome_differs"),
        ([*parts_of_whole(1, 2), *parts_of_whole(3, destination="919812345679")], "segment_count_differs"),
    ],
)
def test_rows_of_each_segment_of_a_text_taken_whole_are_its_segments(
    rows: list[SmscRecord], expected: str
) -> None:
    result = reconcile([whole()], rows)
    assert next(each.value for each, total in result.classes.items() if total.segments) == expected
    assert result.classes[ReconciliationClass.TWICE].segments == 0
    if expected == "matched":
        assert result.is_clean
        assert (result.segments_smsc, result.repeated_rows) == (3, len(rows) - 3)


def test_a_text_taken_whole_that_nobody_answered_for_is_found_by_the_rows_of_its_segments() -> None:
    named = {"smsc_message_id": "", "state": MessageState.UNKNOWN, "unanswered": True, "taken": False}
    result = reconcile([whole(money=(3 * PRICE, 0, 0), **named)], parts_of_whole(1, 2, 3))
    assert kinds(result) == ["found"]


def test_money_in_another_currency_is_told_by_itself() -> None:
    home, abroad = message(segment()), message(segment(message_id=2, smsc_message_id="B2"))
    abroad = msgspec.structs.replace(abroad, currency="USD")
    rows = [record("A1"), record("B2")]
    found = reconcile([home, abroad], rows, system_ids={OURS})
    matched = found.classes[ReconciliationClass.MATCHED].as_json()
    same = {"charged_micros": PRICE, "due_micros": PRICE, "at_risk_micros": 0}
    assert matched == {"segments": 2, **same, "other_currencies": {"USD": same}}
    assert "other_currencies" not in found.classes[ReconciliationClass.TWICE].as_json()
