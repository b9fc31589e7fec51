"""Responses and receipts meet by id, whatever the base."""

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import DeliverSm, SubmitSmResp
from smsc_sim.load.plan import Receipts
from smsc_sim.load.receipt_intake import ReceiptIntake
from smsc_sim.load.receipt_ledger import ReceiptLedger
from smsc_sim.load.tally import Tally


def intake_of(**fields):
    tally = Tally(1)
    ledger = ReceiptLedger(tally)
    return ReceiptIntake(Receipts(**fields), ledger, tally), ledger, tally


def receipt(identifier):
    return encode_pdu(DeliverSm(1, esm_class=4, short_message=f"id:{identifier} stat:DELIVRD".encode()))


def test_ids_of_one_base_and_of_two():
    for ids, told, reported in (
        ("same", "0AF", "0AF"),
        ("hexadecimal", "175", "AF"),
        ("decimal", "AF", "175"),
    ):
        intake, ledger, tally = intake_of(ids=ids)
        intake.accepted(encode_pdu(SubmitSmResp(1, message_id=told)), 5.0)
        intake.delivery(receipt(reported), 6.0)
        assert (tally.receipts, ledger.open_count) == (1, 0), ids


def test_a_wrong_base_leaves_one_missing_and_one_orphaned():
    intake, ledger, tally = intake_of()
    intake.accepted(encode_pdu(SubmitSmResp(1, message_id="175")), 5.0)
    intake.delivery(receipt("AF"), 6.0)
    ledger.finish(7.0)
    assert (ledger.open_count, tally.receipts_orphaned) == (1, 1)


def test_what_is_no_receipt_is_counted_as_what_it_is():
    intake, ledger, tally = intake_of()
    intake.delivery(encode_pdu(DeliverSm(1, short_message=b"STOP")), 6.0)
    intake.delivery(encode_pdu(DeliverSm(1, esm_class=0x20, short_message=b"soon")), 6.0)
    intake.delivery(encode_pdu(DeliverSm(1, esm_class=4, short_message=b"soon")), 6.0)
    intake.accepted(encode_pdu(SubmitSmResp(1)), 5.0)
    assert (tally.mo, tally.intermediate, sum(tally.violations.values())) == (1, 1, 2)
    assert ledger.open_count == 0


def test_nothing_is_expected_where_none_were_asked_for():
    intake, ledger, _ = intake_of(ask=False)
    intake.accepted(encode_pdu(SubmitSmResp(1, message_id="1")), 5.0)
    assert ledger.open_count == 0
