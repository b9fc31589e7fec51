"""Stream faults: cut in mid-PDU, half-open, stalled, a few octets at a time."""

import pytest

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import EnquireLink
from smsc_sim.faults.stream import CutGate, DribbleGate, HalfOpenGate, OpenGate, StallGate

RESPONSES = {"commands": ["submit_sm_resp"]}


# The gates by themselves.


def test_an_open_gate_lets_everything_through():
    gate = OpenGate()
    assert (gate.out(b"a", closing=False), gate.into(b"b"), gate.is_deaf(), gate.closes()) == (
        b"a",
        b"b",
        False,
        False,
    )


def test_a_cut_lets_its_last_octets_leave_once():
    gate = CutGate(b"last", then_close=True)
    assert gate.out(b"more", closing=False) == b"last"
    assert gate.out(b"more", closing=False) == b""
    assert gate.octets_swallowed == 8
    assert gate.into(b"x") == b""
    assert gate.closes()
    assert not HalfOpenGate(b"").closes()


def test_a_stall_keeps_everything():
    gate = StallGate(b"before", b"held")
    assert gate.out(b"1", closing=False) == b"before"
    assert gate.out(b"2", closing=False) == b""
    assert gate.into(b"in") == b""
    assert (b"".join(gate.held_out), gate.held_in) == (b"held12", [b"in"])


def test_a_dribble_lets_a_piece_leave_at_each_step():
    gate = DribbleGate(b"before", b"abcde", 2)
    assert gate.out(b"fg", closing=False) == b"before"
    assert gate.out(b"", closing=False) == b""
    pieces = []
    while not gate.is_done:
        gate.step()
        pieces.append(gate.out(b"", closing=False))
    assert pieces == [b"ab", b"cd", b"efg"]


def test_slow_ones_behind_each_other():
    gate = DribbleGate(b"", b"abc", 2)
    gate.out(b"1", closing=False)
    gate.add_slow(b"2", b"de", 1)
    gate.out(b"3", closing=False)
    pieces = []
    while not gate.is_done:
        gate.step()
        pieces.append(gate.out(b"", closing=False))
    assert pieces == [b"ab", b"c12", b"d", b"e3"]


def test_a_closing_stream_gets_the_rest_at_once():
    gate = DribbleGate(b"", b"abcde", 1)
    assert gate.out(b"fg", closing=True) == b"abcdefg"


# On the wire.


@pytest.mark.parametrize(
    ("amount", "share_left"),
    [({"part": 0.5}, 0.5), ({"octets": 5}, 5), ({"octets": 0}, 0), ({"part": 1.0}, 1.0)],
)
def test_the_connection_is_cut_in_mid_pdu(faulty, octets_of, amount, share_left):
    w = faulty({"kind": "cut", "after": 2} | amount | RESPONSES)
    esme = w.esme()
    for i in range(4):
        esme.submit(f"91987654321{i}")
    esme.write()
    octets = octets_of(esme)
    length = int.from_bytes(octets[:4], "big")
    left = int(share_left * length) if isinstance(share_left, float) else share_left
    assert len(octets) == 2 * length + left
    assert esme.smsc_session.is_closed
    [row] = w.witness_rows(decision="fault")
    assert (row["fault_kind"], row["command"], row["destination"]) == (
        "cut",
        "submit_sm_resp",
        "919876543212",
    )
    esme.lose()
    [row] = w.witness_rows(decision="swallowed")
    assert row["detail"] == f"{length} octets never left"
    w.run(1)
    assert w.smsc.counters.finals == len(w.cdr_rows()) == 4


def test_what_was_on_its_way_at_a_cut_comes_on_the_next_bind(faulty):
    w = faulty({"kind": "cut", "commands": ["deliver_sm"], "after": 3, "in_all": 1})
    esme = w.esme()
    for i in range(10):
        esme.submit(f"91987654321{i}")
    w.run(0.2)
    assert len(esme.delivered) == 3
    esme.lose()
    again = w.esme()
    w.run(0.5)
    received = [pdu.source_addr for _, pdu in (*esme.delivered, *again.delivered)]
    assert sorted(set(received)) == [f"91987654321{i}" for i in range(10)]
    assert w.smsc.unfinished() == 0


def test_a_reset_ends_the_stream_with_an_error(faulty, octets_of):
    w = faulty({"kind": "cut", "octets": 7, "how": "reset"} | RESPONSES)
    esme = w.esme()
    aborted = []
    esme.bind.abort = lambda: aborted.append(w.now)
    esme.submit("919876543210")
    esme.write()
    assert len(octets_of(esme)) == 7
    assert not esme.smsc_session.is_closed
    start = w.now
    w.run(0.1)
    assert len(aborted) == 1
    assert aborted[0] - start >= 0.02
    assert octets_of(esme) == b""


def test_half_open_says_and_hears_nothing_and_keeps_the_socket(faulty, octets_of):
    w = faulty({"kind": "half_open", "after": 1} | RESPONSES)
    esme = w.esme()
    esme.submit("919876543210")
    w.run(0.2)
    assert (len(esme.responses), len(esme.delivered)) == (1, 1)
    esme.submit("919876543211")
    esme.write()
    for number in range(100, 110):
        w.now += 60
        heard = esme.smsc_session.receive(encode_pdu(EnquireLink(number)), w.now)
        told = esme.smsc_session.tick(w.now)
        assert (heard, told, esme.smsc_session.next_deadline()) == ([], [], None)
        w.smsc.tick(w.now)
    assert octets_of(esme) == b""
    assert not esme.smsc_session.is_closed
    assert w.smsc.counters.receipts_sent == 1
    esme.lose()
    again = w.esme()
    w.run(0.2)
    assert len(again.delivered) == 1


def test_half_open_may_end(faulty):
    w = faulty({"kind": "half_open", "close_after_s": 0.3} | RESPONSES)
    esme = w.esme()
    esme.submit("919876543210")
    w.run(0.2)
    assert not esme.smsc_session.is_closed
    w.run(0.2)
    assert esme.smsc_session.is_closed


def test_a_stall_delays_everything_and_loses_nothing(faulty):
    w = faulty({"kind": "stall", "for_ms": 500, "after": 2, "count": 1} | RESPONSES)
    esme = w.esme()
    start = w.now
    for i in range(3):
        esme.submit(f"91987654321{i}")
    w.run(0.1)
    for i in range(3, 6):
        esme.submit(f"91987654321{i}")
    w.run(1)
    assert [pdu.sequence_number for _, pdu in esme.responses] == [2, 3, 4, 5, 6, 7]
    waits = [when - start for when, _ in esme.responses]
    assert max(waits[:2]) < 0.05
    assert min(waits[2:]) >= 0.5
    assert w.smsc.counters.submits_accepted == len(esme.delivered) == 6
    assert w.smsc.unfinished() == 0


def test_octet_by_octet(faulty):
    w = faulty({"kind": "dribble", "octets": 1, "every_ms": 2, "count": 1} | RESPONSES)
    esme = w.esme()
    esme.submit("919876543210", registered_delivery=0)
    esme.submit("919876543211", registered_delivery=0)
    pieces = []
    read = esme.read_smsc

    def read_smsc():
        read()
        pieces.append(len(esme.arrivals[-1]))

    esme.bind.flush = read_smsc
    esme.read_smsc = read_smsc
    w.run(0.5, step=0.001)
    assert len(esme.responses) == 2
    length = sum(pieces) // 2
    assert sorted(piece for piece in pieces if piece) == [1] * (length - 1) + [length + 1]
    assert w.smsc.unfinished() == 0


def test_two_stream_faults_at_once_are_the_first(faulty):
    w = faulty({"kind": "stall", "for_ms": 100} | RESPONSES, {"kind": "half_open"} | RESPONSES)
    esme = w.esme()
    esme.submit("919876543210", registered_delivery=0)
    w.run(0.3)
    assert len(esme.responses) == 0 or esme.responses[0][1].command_status == 0
    assert not esme.smsc_session.is_closed
