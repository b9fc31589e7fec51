"""Vendor texts: each is read, or not read, as its name says, by the product's own reader of receipts."""

from datetime import UTC, datetime

import pytest

from operator_push.smpp.constants import MessageState
from operator_push.smpp.receipt_text import message_state_of, parse_receipt, receipt_date
from smsc_sim.faults.vendor_texts import VENDOR_TEXTS, ReceiptFacts

SUBMITTED = datetime(2026, 11, 21, 21, 12, 5, tzinfo=UTC)
DONE = datetime(2026, 11, 22, 0, 5, 59, tzinfo=UTC)
UNREADABLE = {"cut_short", "empty", "no_receipt"}


def text_of(name, state=MessageState.UNDELIVERABLE, first=False):
    vendor = VENDOR_TEXTS[name]
    facts = ReceiptFacts("4711", state, 32, SUBMITTED, DONE)
    return ((vendor.first if first else vendor.write)(facts)).encode("latin-1")


@pytest.mark.parametrize("state", [MessageState.DELIVERED, MessageState.UNDELIVERABLE, MessageState.EXPIRED])
@pytest.mark.parametrize("name", sorted(set(VENDOR_TEXTS) - UNREADABLE))
def test_a_generous_reader_finds_id_and_state(name, state):
    fields = parse_receipt(text_of(name, state))
    assert fields.id == "4711"
    assert message_state_of(fields.stat) is state
    if fields.done_date:
        assert receipt_date(fields.done_date).replace(second=0) == DONE.replace(second=0, tzinfo=None)


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_some_can_only_be_read_by_their_tlvs_or_not_at_all(name):
    assert parse_receipt(text_of(name)) is None
    assert VENDOR_TEXTS[name].keeps_tlvs == (name != "no_receipt")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("link", b"sub:000 dlvrd:000"),
        ("vonage", b"stat:FAILED"),
        ("seconds", b"done date:261122000559"),
        ("long_year", b"submit date:202611212112 "),
        ("no_counts", b"err:32"),
        ("other_order", b"text: stat:UNDELIV"),
        ("upper_labels", b"STAT:UNDELIV"),
        ("capital_text", b" Text:"),
        ("no_text_label", b"err:032 sent"),
        ("full_words", b"stat:UNDELIVERABLE"),
        ("lower_stat", b"stat:undeliv"),
        ("hex_err", b"err:220"),
        ("label_in_text", b"text:id:1 stat:REJECTD"),
    ],
)
def test_the_quirk_is_in_the_text(name, words):
    assert words in text_of(name)


@pytest.mark.parametrize(("name", "stat"), [("tyntec", "BUFFRED"), ("infobip", "ENROUTE")])
def test_two_vendors_send_a_first_receipt_of_a_message_on_its_way(name, stat):
    fields = parse_receipt(text_of(name, first=True))
    assert (fields.id, fields.stat) == ("4711", stat)
    assert message_state_of(stat) is MessageState.ENROUTE


@pytest.mark.parametrize("name", sorted(VENDOR_TEXTS))
def test_every_text_tells_where_it_was_seen(name):
    assert VENDOR_TEXTS[name].seen
