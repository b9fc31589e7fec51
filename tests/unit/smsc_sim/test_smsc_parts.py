"""All parts together: whatever is asked in whatever order, witness, CDR and counters agree, and replay."""

from collections import Counter
from random import Random

import pytest

from operator_push.smpp.pdu import CancelSm, DataSm, QuerySm, ReplaceSm, SmeDestination, SubmitMulti
from operator_push.smpp.tlv import TlvTag

SCENARIO = """
[[accounts]]
any = true
rate_per_s = 400
[latency]
submit_sm_resp_ms = [0, 30]
[retry]
schedule_s = [0.1, 0.3]
attempts_max = 6
[validity]
default_s = 3
[receipts]
delay_ms = [0, 50]
late = {share = 0.05, by_ms = 200}
doubled = {share = 0.05, after_ms = 50}
before_response_share = 0.05
intermediate = "each"
[mo]
operation = "data_sm"
[[mo.answers]]
share = 0.2
text = "STOP"
after_ms = [50, 500]
[[mo.loopback]]
destination_like = "*5"
[[mo.routes]]
destination_like = "5607?"
system_id = "bank"
[[population.timetable]]
state = "absent"
share = 0.3
from_s = 0.5
until_s = 1.5
[[population.numbers]]
like = "*00"
state = "barred"
"""
STATES = ("on", "off", "absent", "memory_full", "roaming", "ported", "barred")
SCENARIO += "".join(
    f'[[population.handsets]]\nstate = "{state}"\nshare = {share}\n'
    for state, share in zip(STATES, (0.4, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05), strict=True)
)
FLAG = ((int(TlvTag.set_dpf), b"\1"),)


def busy_run(world, seed):
    """A second and a half of everything from two accounts, then time to settle."""
    w, chance = world(SCENARIO, seed), Random(seed)
    shop, bank = w.esme(), w.esme(system_id="bank")
    identifiers = ["none"]
    for step in range(300):
        number = chance.choice(("56071", f"91987{chance.randrange(1000):04d}", "91x"))
        wish = chance.choice((0, 1, 2, 0x11))
        match chance.randrange(8):
            case 0:
                payload = ((int(TlvTag.message_payload), b"data"), *FLAG)
                shop.session.send_request(
                    DataSm(source_addr="1", destination_addr=number, registered_delivery=wish, tlvs=payload),
                    w.now,
                )
            case 1:
                recipients = tuple(SmeDestination(1, 1, f"9198{step:04d}{i}") for i in range(3))
                shop.session.send_request(
                    SubmitMulti(source_addr="1", dest_address=recipients, registered_delivery=wish), w.now
                )
            case 2:
                known = QuerySm(message_id=chance.choice(identifiers), source_addr="1")
                shop.session.send_request(known, w.now)
            case 3:
                known = CancelSm(message_id=chance.choice(identifiers), source_addr="1")
                shop.session.send_request(known, w.now)
            case 4:
                known = ReplaceSm(
                    message_id=chance.choice(identifiers), source_addr="1", registered_delivery=1
                )
                shop.session.send_request(known, w.now)
            case _:
                chance.choice((shop, bank)).submit(
                    number,
                    source="1",
                    registered_delivery=wish,
                    replace_if_present_flag=chance.randrange(2),
                    tlvs=chance.choice(((), FLAG)),
                )
        if step % 40 == 7:
            w.smsc.set_handset_state(chance.choice(("91987*", "*1")), chance.choice((*STATES, None)), w.now)
        if step == 150:
            bank.lose()
            bank = w.esme(system_id="bank")
        w.run(0.005)
        identifiers += [pdu.message_id for _, pdu in shop.responses[-3:] if getattr(pdu, "message_id", "")]
    w.smsc.set_handset_state("91987*", None, w.now)
    w.smsc.set_handset_state("*1", None, w.now)
    w.run(6)
    return w


@pytest.mark.parametrize("seed", range(6))
def test_the_books_agree(world, seed):
    w = busy_run(world, seed)
    counters, cdr = w.smsc.counters, w.cdr_rows()
    assert w.smsc.unfinished() == 0
    assert w.smsc.book.open == {}
    taken = [
        row
        for command in ("submit_sm", "submit_multi", "data_sm")
        for row in w.witness_rows(command=command, direction="in", decision="accepted")
    ]
    assert counters.submits_accepted == counters.finals == len(taken) == len(cdr)
    assert counters.submits_received == counters.submits_accepted + counters.submits_refused
    asked = Counter((row["smsc_message_id"], row["destination"]) for row in taken)
    assert asked == Counter((row["smsc_message_id"], row["destination_addr"]) for row in cdr)
    sent = [row for row in w.witness_rows(direction="out") if row["decision"] in ("sent", "sent_again")]
    assert counters.receipts_sent == sum(row["kind"] == "receipt" for row in sent)
    notices = [row for row in sent if row["kind"] in ("intermediate", "alert")]
    assert counters.notifications_sent == len(notices)
    assert counters.mo_sent == sum(row["kind"].startswith("mo_") for row in sent)
    assert counters.receipts_due == counters.receipts_acknowledged + counters.receipts_dropped
    assert counters.tries_failed == len(w.witness_rows(decision="not_reached"))
    assert counters.queries == len(w.witness_rows(decision="queried"))
    assert counters.cancels <= len(w.witness_rows(decision="cancelled"))
    states = {row["state"] for row in cdr}
    assert {"DELIVERED", "UNDELIVERABLE", "DELETED"} <= states
    kinds = {row["kind"] for row in sent}
    assert kinds == {"receipt", "intermediate", "alert", "mo_answer", "mo_esme", "mo_loopback"}


def test_the_same_seed_gives_the_same_books(world):
    def books(seed):
        w = busy_run(world, seed)
        return w.witness_file.lines, w.cdr_rows()

    assert books(3) == books(3)
