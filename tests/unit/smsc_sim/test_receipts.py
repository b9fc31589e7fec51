"""Receipts: the quick text is the one that the smpp room writes."""

import pytest

from operator_push.kernel.instants import from_epoch_us
from operator_push.smpp.constants import MessageState
from operator_push.smpp.pdu import SubmitSm
from operator_push.smpp.receipt_text import format_receipt
from smsc_sim.message import SimMessage
from smsc_sim.population import Fate
from smsc_sim.receipts import ReceiptWriter, wants_receipt

SUBMIT_US = 1_795_297_105_000_000


@pytest.mark.parametrize("state", [MessageState.DELIVERED, MessageState.EXPIRED, MessageState.UNDELIVERABLE])
def test_the_text_is_that_of_format_receipt(state):
    fate = Fate("on", MessageState.DELIVERED, 0.0, 0)
    message = SimMessage("77", None, None, SubmitSm(), None, SUBMIT_US, fate, "", 0.0, None)
    final_us = SUBMIT_US + 3_700_000_000
    parcel = ReceiptWriter(True).parcel(message, state, 27, final_us)
    expected = format_receipt(
        "77", state, from_epoch_us(SUBMIT_US), from_epoch_us(final_us), error_code="027"
    )
    assert parcel.pdu.short_message == expected


@pytest.mark.parametrize(
    ("registered_delivery", "delivered", "expired"),
    [(0, False, False), (1, True, True), (2, False, True), (3, True, False), (0x11, True, True)],
)
def test_who_wants_a_receipt(registered_delivery, delivered, expired):
    assert wants_receipt(registered_delivery, MessageState.DELIVERED) is delivered
    assert wants_receipt(registered_delivery, MessageState.EXPIRED) is expired


def test_kept_dates_are_bounded_and_stay_right():
    fate = Fate("on", MessageState.DELIVERED, 0.0, 0)
    writer = ReceiptWriter(True)
    for minute in range(0, 10_000, 7):
        submit_us = SUBMIT_US + minute * 60_000_000
        message = SimMessage("77", None, None, SubmitSm(), None, submit_us, fate, "", 0.0, None)
        for final_us in range(submit_us, submit_us + 4):
            text = writer.parcel(message, MessageState.DELIVERED, 0, final_us).pdu.short_message
            date = f"{from_epoch_us(submit_us):%y%m%d%H%M}".encode()
            assert text.count(date) == 2
