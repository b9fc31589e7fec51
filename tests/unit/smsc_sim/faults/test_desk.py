"""The fault desk: switches, reload, determinism, and books that agree."""

import pytest

from operator_push.kernel.errors import OperatorError
from operator_push.smpp.codec import decode_pdu
from smsc_sim.scenario_file import parse_scenario

LOST = {"kind": "response_lost", "name": "lost answers"}


def test_a_fault_is_switched_on_and_off_while_the_run_goes_on(faulty):
    w = faulty(LOST | {"on": False})
    esme = w.esme()
    seen = []
    for on in (None, True, False):
        if on is not None:
            w.smsc.faults.set_fault("lost answers", on)
        esme.submit("919876543210", registered_delivery=0)
        w.run(0.1)
        seen.append(len(esme.responses))
    assert seen == [1, 1, 2]
    [state] = w.smsc.faults.states()
    assert (state.name, state.kind, state.on, state.hits) == ("lost answers", "response_lost", False, 1)
    assert state.told.startswith("lost: submit_sm_resp")
    switched = [row["decision"] for row in w.witness_rows(detail="lost answers")]
    assert switched == ["fault_on", "fault_off"]


def test_an_unknown_fault_names_the_known_ones(faulty):
    with pytest.raises(OperatorError, match="'x'; known: lost answers"):
        faulty(LOST).smsc.faults.set_fault("x", True)
    with pytest.raises(OperatorError, match="no \\[\\[fault\\]\\]"):
        faulty().smsc.faults.set_fault("x", True)


def test_with_every_switch_off_nothing_is_looked_at(faulty):
    w = faulty(LOST | {"on": False})
    esme = w.esme()
    assert not w.smsc.faults.is_armed
    assert not esme.smsc_session.is_watched
    assert w.smsc.faults.set_fault("lost answers", True).on
    assert esme.smsc_session.is_watched


def test_what_was_decided_before_the_switch_goes_its_way(faulty):
    w = faulty(LOST, extra="[latency]\nsubmit_sm_resp_ms = 100\n")
    esme = w.esme()
    esme.submit("919876543210")
    w.run(0.01)
    w.smsc.faults.set_fault("lost answers", False)
    w.run(0.5)
    assert esme.responses == []


def test_a_reload_brings_other_faults_and_keeps_the_count_of_the_old(faulty):
    w = faulty(LOST)
    esme = w.esme()
    esme.submit("919876543210")
    w.run(0.1)
    text = '[[fault]]\nkind = "cut"\n[[fault]]\nkind = "response_lost"\nname = "lost answers"\non = false\n'
    w.smsc.reload(parse_scenario(text, "x.toml"), w.now)
    states = {state.name: (state.on, state.hits) for state in w.smsc.faults.states()}
    assert states == {"cut": (True, 0), "lost answers": (False, 1)}


MANY = (
    {"kind": "refuse", "share": 0.1, "status": ["ESME_RSYSERR", "ESME_RMSGQFUL", 0x42E]},
    {"kind": "throttle", "share": 0.05},
    {"kind": "ignore", "share": 0.02},
    {"kind": "latency", "share": 0.2, "lognormal_ms": {"median": 20, "p99": 300}},
    {"kind": "response_lost", "share": 0.05},
    {"kind": "response_doubled", "share": 0.05, "after_ms": 20},
    {"kind": "response_out_of_order", "share": 0.05},
    {"kind": "response_status", "share": 0.05},
    {"kind": "response_id", "share": 0.05},
    {"kind": "receipt_before_response", "share": 0.05},
    {"kind": "unknown_tlv", "share": 0.05},
    {"kind": "unknown_pdu", "share": 0.05},
    {"kind": "bad_length", "form": "trailing", "share": 0.05},
    {"kind": "dribble", "octets": 16, "share": 0.02},
    {"kind": "stall", "for_ms": 20, "share": 0.01},
    {"kind": "receipt_lost", "share": 0.1},
    {"kind": "receipt_doubled", "share": 0.1, "after_ms": 30},
    {"kind": "receipt_late", "share": 0.1, "by_ms": [10, 300]},
    {"kind": "receipt_out_of_order", "share": 0.1, "max_ms": 300},
    {"kind": "receipt_id", "share": 0.1},
    {"kind": "receipt_text", "vendor": "tyntec", "share": 0.1, "final_after_ms": 50},
)


def run_many(faulty, seed, count=400):
    w = faulty(*MANY, seed=seed, extra="[limits]\ndeliver_retry_ms = 50\n")
    shop, bank = w.esme(), w.esme(system_id="bank")
    for i in range(count):
        (shop if i % 2 else bank).submit(f"91987654{i:04d}", tlvs=((0x0204, i.to_bytes(2, "big")),))
        if i % 20 == 0:
            w.run(0.02)
    w.run(4)
    return w


def decisions(w):
    """What was decided for each request, message and receipt, without when."""
    rows = w.witness_rows(decision="fault")
    return sorted(
        (row["fault"], row.get("destination", ""), row.get("source", ""), row.get("smsc_message_id", ""))
        for row in rows
    )


def test_the_books_agree_to_the_message_with_many_faults_at_once(faulty):
    w = run_many(faulty, 7)
    counters = w.smsc.counters
    assert w.smsc.unfinished() == 0
    ignored = len(w.witness_rows(decision="fault", fault="ignore"))
    assert counters.submits_received == 400
    assert counters.submits_accepted + counters.submits_refused == 400
    assert counters.submits_accepted == len(w.witness_rows(command="submit_sm", decision="accepted"))
    assert counters.submits_refused == ignored + len(w.witness_rows(command="submit_sm", decision="refused"))
    assert counters.finals == counters.submits_accepted == len(w.cdr_rows())
    assert counters.faults == len(w.witness_rows(decision="fault"))
    assert counters.faults == sum(state.hits for state in w.smsc.faults.states())
    lost = len(w.witness_rows(decision="fault", fault="receipt_lost"))
    assert counters.receipts_lost == lost
    doubled = {row["smsc_message_id"] for row in w.witness_rows(fault="receipt_doubled")}
    two = {row["smsc_message_id"] for row in w.witness_rows(fault="receipt_text")}
    gone = {row["smsc_message_id"] for row in w.witness_rows(fault="receipt_lost")}
    due = counters.finals - len(gone) + len(doubled - gone) + len(two - gone)
    assert counters.receipts_due == counters.receipts_acknowledged == due
    assert all(state.hits > 0 for state in w.smsc.faults.states())
    assert len({row["smsc_message_id"] for row in w.cdr_rows()}) == counters.submits_accepted


def test_the_same_seed_makes_the_same_decisions_and_another_seed_others(faulty):
    first, again, other = (run_many(faulty, seed, 200) for seed in (7, 7, 8))
    assert decisions(first) == decisions(again)
    assert decisions(first) != decisions(other)


def test_one_bind_s_faults_do_not_depend_on_the_other_bind(faulty):
    def of_shop(others):
        w = faulty(*MANY)
        shop, bank = w.esme(), w.esme(system_id="bank")
        for i in range(100):
            if others:
                bank.submit(f"91887654{i:04d}")
                w.run(0.005)
            shop.submit(f"91987654{i:04d}")
        w.run(4)
        return [row for row in decisions(w) if row[1].startswith("9198") or row[2].startswith("9198")]

    assert of_shop(False) == of_shop(True)


def test_every_octet_of_a_pdu_that_is_not_hit_is_the_usual_one(faulty):
    w = faulty({"kind": "bad_length", "prefix": "4477"})
    esme = w.esme()
    esme.submit("919876543210")
    esme.write()
    octets = b"".join(esme.arrivals)
    assert decode_pdu(octets).message_id
