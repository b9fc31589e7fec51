"""Which segment a receipt speaks of, where its id alone does not tell; a doubt stays one."""

import msgspec
import pytest
from shard import ACCOUNT, LINK, MSISDN, NOW_US, PRICE_MICROS, SECOND_US, Shard

from operator_push.domain.delivery import ReceiptOutcome
from operator_push.domain.message import MessageState
from operator_push.gateway.message_id_forms import MessageIdForms
from operator_push.services.dispatch_outbox import Attempt
from operator_push.services.match_receipts import Receipt, SmscHabits, same_number
from operator_push.smpp.message_id import MessageIdForm

OTHER = "919812345679"
DELIVERED = MessageState.DELIVERED


def detecting() -> Shard:
    shard = Shard()
    shard.receipts.match.habits[LINK] = SmscHabits(MessageIdForms("north"))
    return shard


def sent(shard: Shard, destination: str = MSISDN, smsc_id: str = "", segments: int = 1) -> Attempt:
    """A segment that left; answered where it gets an id."""
    shard.accept(shard.offer(destination=destination, segment_count=segments))
    (attempt,) = shard.outbox.fill(10, NOW_US, shard.changes)
    if smsc_id:
        answer(shard, attempt, smsc_id)
    return attempt


def answer(shard: Shard, attempt: Attempt, smsc_id: str) -> None:
    shard.outbox.answered(attempt, 0, smsc_id, NOW_US, shard.changes)
    if smsc_id:
        shard.receipts.answered(LINK, smsc_id, NOW_US, shard.changes)
    else:
        lost(shard, attempt)


def lost(shard: Shard, attempt: Attempt) -> None:
    shard.outbox.unanswered(attempt) if not attempt.segment.answered_us else None
    shard.receipts.left_without_id(LINK, attempt.message, attempt.segment, NOW_US, shard.changes)


def record(shard: Shard, smsc_id: str, recipient: str = MSISDN, **more: object) -> ReceiptOutcome:
    receipt = Receipt(smsc_id, DELIVERED, "000", recipient, -1)
    return shard.receipts.record(LINK, msgspec.structs.replace(receipt, **more), NOW_US, shard.changes)


def test_hexadecimal_receipts_of_decimal_ids_are_found_out_by_their_recipient():
    shard = detecting()
    sent(shard, smsc_id="6699")
    assert record(shard, "1A2B") is ReceiptOutcome.APPLIED
    assert record(shard, "1A2B") is ReceiptOutcome.DUPLICATE
    sent(shard, smsc_id="6700")
    assert record(shard, "1A2C", recipient="operator") is ReceiptOutcome.APPLIED
    assert len(shard.ends) == 2


def test_decimal_receipts_of_hexadecimal_ids_are_found_out_by_our_key():
    shard = detecting()
    attempt = sent(shard, smsc_id="1a2b")
    reference = attempt.user_message_reference
    assert record(shard, "6699", "unknown", user_message_reference=reference) is ReceiptOutcome.APPLIED


def test_an_id_that_fits_in_another_form_but_to_another_recipient_is_not_ours():
    shard = detecting()
    sent(shard, smsc_id="6699")
    assert record(shard, "1A2B", recipient="447700900123") is ReceiptOutcome.EARLY  # parked, not applied
    assert not shard.ends


def test_the_same_digits_in_two_forms_go_to_the_recipient_that_is_named():
    shard = detecting()
    sent(shard, MSISDN, smsc_id="10")
    sent(shard, OTHER, smsc_id="16")
    assert record(shard, "10", recipient=OTHER) is ReceiptOutcome.APPLIED  # hexadecimal 10 is 16
    assert [segment.state for message in shard.messages for segment in message.segments] == [
        MessageState.SENT
    ]


def test_a_receipt_that_fits_two_open_segments_is_applied_to_neither():
    shard = detecting()
    doubts = []
    shard.receipts.on_doubt = lambda doubt, now_us, changes: doubts.extend(doubt)
    sent(shard, smsc_id="0012")
    sent(shard, smsc_id="18")  # what the receipt calls 12 is 18 in decimal, or 0012 without its zeros
    assert record(shard, "12") is ReceiptOutcome.AMBIGUOUS
    assert len(doubts) == 2
    assert not shard.ends


def test_the_stated_form_wins_over_what_the_recipient_says():
    shard = detecting()
    stated = (MessageIdForm.DECIMAL, MessageIdForm.HEXADECIMAL)
    shard.receipts.match.habits[LINK] = SmscHabits(MessageIdForms("north", stated))
    sent(shard, smsc_id="16")
    assert record(shard, "16") is ReceiptOutcome.EARLY  # hexadecimal 16 is 22
    assert record(shard, "10", recipient="447700900123") is ReceiptOutcome.APPLIED


def test_a_receipt_before_its_response_is_parked_also_in_the_other_form():
    shard = detecting()
    attempt = sent(shard)
    assert record(shard, "1A2B") is ReceiptOutcome.EARLY
    answer(shard, attempt, "6699")
    assert [state for _, state in shard.ends] == [DELIVERED]
    assert shard.balances.available(ACCOUNT) == 9 * PRICE_MICROS


@pytest.mark.parametrize(
    ("receipt_id", "response_id", "stated"),
    [
        ("0000006699", "1A2B", None),
        ("00001a2b", "6699", None),
        ("00001A2B", "1a2b", None),
        ("a-1b", "A-1B", None),
        ("0000006699", "1A2B", (MessageIdForm.HEXADECIMAL, MessageIdForm.DECIMAL)),
        ("1a2b", "0000006699", (MessageIdForm.DECIMAL, MessageIdForm.HEXADECIMAL)),
    ],
)
def test_a_parked_receipt_is_found_however_its_id_is_padded_or_written(
    receipt_id: str, response_id: str, stated: tuple[MessageIdForm, MessageIdForm] | None
):
    shard = detecting()
    shard.receipts.match.habits[LINK] = SmscHabits(MessageIdForms("north", stated))
    attempt = sent(shard)
    assert record(shard, receipt_id) is ReceiptOutcome.EARLY
    answer(shard, attempt, response_id)
    assert [state for _, state in shard.ends] == [DELIVERED]


def test_a_parked_receipt_in_the_other_form_is_applied_after_a_restart():
    shard = detecting()
    attempt = sent(shard)
    shard.outbox.answered(attempt, 0, "6699", NOW_US, shard.changes)
    parked = Receipt("1A2B", DELIVERED, "", "", -1)
    shard.receipts.park_again(LINK, [parked], NOW_US, shard.changes)
    assert [state for _, state in shard.ends] == [DELIVERED]


def test_the_id_in_the_text_counts_where_that_of_the_tlv_is_unknown():
    shard = detecting()
    sent(shard, smsc_id="a1")
    assert record(shard, "network-77", text_id="a1") is ReceiptOutcome.APPLIED


def test_a_receipt_with_sender_and_recipient_swapped_finds_its_message():
    shard = detecting()
    attempt = sent(shard)
    reference = attempt.user_message_reference
    outcome = record(shard, "a1", "CHAI", sender=MSISDN, user_message_reference=reference)
    assert outcome is ReceiptOutcome.EARLY
    assert len(shard.ends) == 1


def by_time(shard: Shard) -> None:
    shard.receipts.match.habits[LINK] = SmscHabits(MessageIdForms("north"), by_time=True)


def test_an_unanswered_submit_is_known_by_sender_recipient_and_time_where_no_key_is_echoed():
    shard = detecting()
    by_time(shard)
    lost(shard, sent(shard))
    late_us = NOW_US + 3600 * SECOND_US
    assert record(shard, "a1", sender="CHAI", submitted_us=late_us) is ReceiptOutcome.EARLY  # parked
    assert not shard.ends
    at_us = NOW_US - 30 * SECOND_US
    assert record(shard, "a2", sender="CHAI", submitted_us=at_us) is ReceiptOutcome.EARLY
    assert [state for _, state in shard.ends] == [DELIVERED]


def test_by_time_is_not_asked_of_an_smsc_that_echoes_our_key():
    shard = detecting()
    lost(shard, sent(shard))
    record(shard, "a1", sender="CHAI", submitted_us=NOW_US)
    assert not shard.ends


def test_two_unanswered_submits_at_one_time_are_a_doubt():
    shard = detecting()
    by_time(shard)
    doubts = []
    shard.receipts.on_doubt = lambda doubt, now_us, changes: doubts.extend(doubt)
    lost(shard, sent(shard))
    lost(shard, sent(shard))
    assert record(shard, "a1", sender="CHAI", submitted_us=NOW_US) is ReceiptOutcome.AMBIGUOUS
    assert len(doubts) == 2
    assert not shard.ends


def test_a_parked_receipt_is_matched_when_the_answer_is_given_up():
    shard = detecting()
    by_time(shard)
    attempt = sent(shard)
    assert record(shard, "a1", sender="CHAI", submitted_us=NOW_US) is ReceiptOutcome.EARLY
    assert not shard.ends
    lost(shard, attempt)
    assert [state for _, state in shard.ends] == [DELIVERED]


def test_segments_that_the_smsc_does_not_name_end_as_the_first_one():
    shard = detecting()
    first = sent(shard, segments=2)
    answer(shard, first, "a1")
    (second,) = shard.outbox.fill(10, NOW_US, shard.changes)
    answer(shard, second, "")
    assert record(shard, "a1") is ReceiptOutcome.APPLIED
    assert [state for _, state in shard.ends] == [DELIVERED]
    assert shard.balances.available(ACCOUNT) == 8 * PRICE_MICROS


def test_an_unnamed_segment_that_is_answered_after_the_receipt_ends_too():
    shard = detecting()
    first = sent(shard, segments=2)
    answer(shard, first, "a1")
    (second,) = shard.outbox.fill(10, NOW_US, shard.changes)
    assert record(shard, "a1") is ReceiptOutcome.APPLIED
    assert not shard.ends
    answer(shard, second, "")
    assert [state for _, state in shard.ends] == [DELIVERED]


def test_numbers_in_national_and_international_form_may_be_the_same():
    assert same_number("919812345678", "09812345678")
    assert same_number("919812345678", "CHAI")
    assert not same_number("919812345678", "919812345679")
    assert not same_number("919812345678", "5678")
