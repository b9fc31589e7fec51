"""Receipt faults on the wire: lost, doubled, late, out of order, with another id, in other words."""

import pytest

from operator_push.smpp.constants import MessageState
from operator_push.smpp.pdu import DataSm
from operator_push.smpp.receipt_text import parse_receipt
from operator_push.smpp.tlv import TlvTag
from smsc_sim.faults.vendor_texts import VENDOR_TEXTS

RECEIPTED = int(TlvTag.receipted_message_id)
STATE = int(TlvTag.message_state)


def submit_all(w, esme, count, seconds=2.0, **fields):
    start = w.now
    for i in range(count):
        esme.submit(f"91987654{i:04d}", **fields)
    w.run(seconds)
    return start


def ids(esme):
    return [parse_receipt(pdu.short_message).id for _, pdu in esme.delivered]


def agreed(w, count):
    """Every message has ended; every receipt that was due has come or is told to be lost."""
    counters = w.smsc.counters
    assert counters.submits_accepted == counters.finals == len(w.cdr_rows()) == count
    assert counters.receipts_due == counters.receipts_acknowledged
    assert w.smsc.unfinished() == 0


def test_lost_receipts(faulty):
    w = faulty({"kind": "receipt_lost", "share": 0.3})
    esme = w.esme()
    submit_all(w, esme, 200)
    agreed(w, 200)
    lost = {row["smsc_message_id"] for row in w.witness_rows(decision="fault", fault_kind="receipt_lost")}
    assert 30 < len(lost) < 90
    assert w.smsc.counters.receipts_lost == len(lost)
    accepted = {row["smsc_message_id"] for row in w.witness_rows(command="submit_sm", decision="accepted")}
    assert set(ids(esme)) == accepted - lost
    assert len(esme.delivered) == 200 - len(lost)


def test_the_same_seed_loses_the_same_receipts_whatever_the_order(faulty):
    def lost(seed, reverse):
        w = faulty({"kind": "receipt_lost", "share": 0.3, "by": "number"}, seed=seed)
        esme = w.esme()
        numbers = [f"91987654{i:04d}" for i in range(100)]
        for number in reversed(numbers) if reverse else numbers:
            esme.submit(number)
        w.run(1)
        return {row["source"] for row in w.witness_rows(decision="fault")}

    assert lost(7, False) == lost(7, True)
    assert lost(7, False) != lost(8, False)


def test_doubled_receipts(faulty):
    w = faulty({"kind": "receipt_doubled", "times": 2, "after_ms": 100})
    esme = w.esme()
    start = submit_all(w, esme, 1)
    assert len(set(ids(esme))) == 1
    assert [round(when - start, 1) for when, _ in esme.delivered] == [0.0, 0.1, 0.2]
    assert w.smsc.counters.receipts_due == 3
    agreed(w, 1)


def test_late_receipts(faulty):
    w = faulty({"kind": "receipt_late", "by_ms": [200, 400]})
    esme = w.esme()
    start = submit_all(w, esme, 50)
    waits = [when - start for when, _ in esme.delivered]
    assert len(waits) == 50
    assert 0.199 <= min(waits) < 0.25
    assert 0.35 < max(waits) < 0.42
    agreed(w, 50)


def test_late_by_the_run_s_clock(faulty):
    w = faulty({"kind": "receipt_late", "by_ms": 60_000}, extra="[clock]\nspeed = 100\n")
    esme = w.esme()
    start = submit_all(w, esme, 1)
    assert 0.59 <= esme.delivered[0][0] - start < 0.65


def test_receipts_out_of_order(faulty):
    w = faulty({"kind": "receipt_out_of_order", "every": 3, "behind": 1, "max_ms": 500})
    esme = w.esme()
    submit_all(w, esme, 6)
    order = [pdu.source_addr[-1] for _, pdu in esme.delivered]
    assert order == ["0", "1", "3", "2", "4", "5"]
    agreed(w, 6)


def test_a_receipt_that_nobody_follows_comes_by_itself(faulty):
    w = faulty({"kind": "receipt_out_of_order", "max_ms": 300})
    esme = w.esme()
    start = submit_all(w, esme, 1)
    assert 0.3 <= esme.delivered[0][0] - start < 0.35
    agreed(w, 1)


@pytest.mark.parametrize(
    ("where", "text_differs", "tlv_differs"),
    [
        ("text", True, False),
        ("tlv", False, True),
        ("both", True, True),
    ],
)
def test_the_receipt_s_id_is_in_another_base(faulty, where, text_differs, tlv_differs):
    w = faulty({"kind": "receipt_id", "form": "hex", "where": where})
    esme = w.esme()
    submit_all(w, esme, 1)
    known = esme.responses[0][1].message_id
    in_text = parse_receipt(esme.delivered[0][1].short_message).id
    in_tlv = esme.delivered[0][1].tlv(RECEIPTED).rstrip(b"\0").decode()
    assert (in_text != known, in_tlv != known) == (text_differs, tlv_differs)
    assert {int(in_text, 16 if text_differs else 10), int(in_tlv, 16 if tlv_differs else 10)} == {int(known)}
    [row] = w.witness_rows(command="deliver_sm", decision="sent")
    assert row["smsc_message_id"] == known


def test_a_receipt_with_an_id_that_nobody_knows(faulty):
    w = faulty({"kind": "receipt_id", "form": "foreign"})
    esme = w.esme()
    submit_all(w, esme, 1)
    assert ids(esme) == ["9" * 19]


@pytest.mark.parametrize("vendor", sorted(VENDOR_TEXTS))
def test_each_vendor_s_text(faulty, vendor):
    w = faulty({"kind": "receipt_text", "vendor": vendor, "final_after_ms": 300})
    esme = w.esme()
    submit_all(w, esme, 1)
    first, final = esme.delivered[0][1], esme.delivered[-1][1]
    known = esme.responses[0][1].message_id
    if VENDOR_TEXTS[vendor].first:
        assert len(esme.delivered) == 2
        assert first.tlv(STATE) == bytes([MessageState.ENROUTE])
        assert first.esm_class == 0x04
        assert esme.delivered[1][0] - esme.delivered[0][0] > 0.25
        states = [row["state"] for row in w.witness_rows(command="deliver_sm", decision="sent")]
        assert states == ["ENROUTE", "DELIVERED"]
    else:
        assert len(esme.delivered) == 1
    assert (final.tlv(RECEIPTED) is not None) is VENDOR_TEXTS[vendor].keeps_tlvs
    fields = parse_receipt(final.short_message)
    if fields is not None:
        assert fields.id == known
    agreed(w, 1)


def test_receipts_on_data_sm(faulty):
    w = faulty({"kind": "receipt_on_data_sm"})
    esme = w.esme()
    other = []
    take = esme.session.receive

    def receive(octets, now):
        events = take(octets, now)
        other.extend(event.pdu for event in events if isinstance(getattr(event, "pdu", None), DataSm))
        return events

    esme.session.receive = receive
    submit_all(w, esme, 1, seconds=0.2)
    [receipt] = other
    assert parse_receipt(receipt.tlv(TlvTag.message_payload)).id == esme.responses[0][1].message_id
    assert receipt.esm_class == 0x04
    assert w.witness_rows(command="data_sm", decision="sent")


def test_faults_of_receipts_add_up(faulty):
    w = faulty(
        {"kind": "receipt_doubled"},
        {"kind": "receipt_id", "form": "hex"},
        {"kind": "receipt_text", "vendor": "seconds"},
        {"kind": "receipt_late", "by_ms": 100},
    )
    esme = w.esme()
    start = submit_all(w, esme, 1)
    assert len(esme.delivered) == 2
    for when, pdu in esme.delivered:
        assert 0.1 <= when - start < 0.15
        fields = parse_receipt(pdu.short_message)
        assert int(fields.id, 16) == int(esme.responses[0][1].message_id)
        assert len(fields.done_date) == 12
    agreed(w, 1)


def test_only_receipts_are_touched(faulty):
    w = faulty(
        {"kind": "receipt_lost"},
        extra='[[mo.answers]]\nshare = 1.0\ntext = "STOP"\nafter_ms = 10\n',
    )
    esme = w.esme()
    submit_all(w, esme, 1)
    assert [pdu.short_message for _, pdu in esme.delivered] == [b"STOP"]


def test_counts_are_kept_per_account(faulty):
    w = faulty({"kind": "receipt_lost", "count": 2})
    shop, bank = w.esme(), w.esme(system_id="bank")
    submit_all(w, shop, 5)
    submit_all(w, bank, 5)
    assert (len(shop.delivered), len(bank.delivered)) == (3, 3)


def test_a_receipt_may_be_contradicted_by_another(faulty):
    w = faulty({"kind": "receipt_contradicted", "state": "EXPIRED", "after_ms": 100})
    esme = w.esme()
    start = submit_all(w, esme, 1)
    assert [round(when - start, 1) for when, _ in esme.delivered] == [0.0, 0.1]
    texts = [pdu.short_message for _, pdu in esme.delivered]
    assert b"stat:DELIVRD" in texts[0]
    assert b"stat:EXPIRED" in texts[1]
    assert len(set(ids(esme))) == 1
    agreed(w, 1)


def test_an_end_that_is_the_same_contradicts_nothing(faulty):
    w = faulty({"kind": "receipt_contradicted", "state": "DELIVERED"})
    esme = w.esme()
    submit_all(w, esme, 1)
    assert len(esme.delivered) == 1
