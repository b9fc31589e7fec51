"""One bind of a load run: windows, time-outs, lost binds, receipts; every request counted in one way."""

import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import data, sampled_from

from operator_push.smpp.pdu import (
    AlertNotification,
    BindTransceiver,
    BindTransceiverResp,
    DataSm,
    DataSmResp,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    QuerySm,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from smsc_sim.load.esme import Phase
from smsc_sim.load.plan import Patience


def settled(wired):
    tally = wired.tally
    counted = tally.accepted + tally.refused + tally.timed_out + tally.bind_lost
    return tally.sent == counted + wired.esme.open_count


def test_it_binds_sends_what_is_due_and_counts_from_the_due_moment(wired):
    bind = wired()
    request = bind.bind()
    assert (type(request), request.system_id, request.sequence_number) == (BindTransceiver, "load", 1)
    assert bind.esme.phase is Phase.BOUND
    sent = bind.fill(100.25)
    assert [type(pdu) for pdu in sent] == [SubmitSm] * 3
    assert [pdu.sequence_number for pdu in sent] == [2, 3, 4]
    assert bind.fill() == []
    bind.now = 100.5
    bind.accept(sent[0], "a")
    bind.accept(sent[2], "c")
    assert bind.tally.accepted == 2
    assert bind.tally.here_response.max_us == pytest.approx(500_000, abs=2)
    assert bind.tally.service.max_us == pytest.approx(250_000, abs=2)
    assert settled(bind)


def test_a_full_window_waits_and_the_wait_is_in_the_latency(wired):
    bind = wired(window=2)
    bind.bind()
    first = bind.fill(101.0)
    assert len(first) == 2
    assert bind.fill(103.0) == []
    bind.accept(first[0], "a")
    [third] = bind.fill(103.5)
    bind.accept(third, "c")
    assert bind.tally.here_response.max_us == pytest.approx(3_300_000, abs=2)  # due at 100.2
    assert bind.tally.service.min_us == 0
    assert bind.tally.own_lag.total == 1  # of the first; the others are late because of the SMSC


def test_receipts_are_matched_and_answered(wired):
    bind = wired()
    bind.bind()
    one, two = bind.fill(100.1)
    bind.accept(one, "a")
    bind.receipt("a", number=5)
    bind.receipt("b", "EXPIRED", number=6)
    bind.accept(two, "b")
    assert [(type(pdu), pdu.sequence_number) for pdu in bind.told()] == [
        (DeliverSmResp, 5),
        (DeliverSmResp, 6),
    ]
    assert bind.tally.receipts == 2
    assert bind.tally.receipt_states == {"DELIVRD": 1, "EXPIRED": 1}
    assert bind.ledger.open_count == 0


def test_refusals_are_counted_by_status_and_do_not_flatter_the_latency(wired):
    bind = wired()
    bind.bind()
    one, two = bind.fill(100.1)
    bind.accept(one, "", 0x58)
    bind.say(GenericNack(two.sequence_number, 3))
    assert bind.tally.refusals == {0x58: 1, 3: 1}
    assert bind.tally.here_response.total == 0
    assert bind.tally.refusal.total == 2
    assert settled(bind)


def test_a_request_that_times_out_frees_the_window_and_may_still_be_answered(wired):
    bind = wired(window=1, patience=Patience(response_s=5))
    bind.bind()
    [one] = bind.fill(100.0)
    bind.now = 105.0
    bind.esme.tick(bind.now)
    assert (bind.tally.timed_out, bind.esme.open_count) == (1, 0)
    assert bind.tally.censored == 1
    assert len(bind.fill()) == 1
    bind.accept(one, "late")
    bind.receipt("late")
    assert (bind.tally.late_responses, bind.tally.late_accepted, bind.tally.receipts) == (1, 1, 1)
    assert bind.tally.accepted == 0
    assert settled(bind)
    bind.accept(one, "late")
    assert sum(bind.tally.violations.values()) == 1


def test_a_lost_stream_gives_up_what_is_open_and_a_new_one_goes_on(wired):
    bind = wired()
    bind.bind()
    sent = bind.fill(100.1)
    bind.now = 102.0
    bind.esme.lost(bind.now, "reset")
    assert (bind.tally.bind_lost, bind.tally.binds_lost, bind.esme.reason) == (len(sent), 1, "reset")
    assert bind.fill(103.0) == []
    bind.esme.connected(103.0)
    [request] = bind.told()
    bind.say(BindTransceiverResp(request.sequence_number))
    assert len(bind.fill(103.0)) == 10
    assert bind.tally.own_lag.total == 1
    assert settled(bind)


def test_a_refused_bind_says_why(wired):
    bind = wired()
    bind.esme.connected(100.0)
    [request] = bind.told()
    bind.say(BindTransceiverResp(request.sequence_number, 0x0E))
    assert (bind.esme.phase, bind.esme.refusal) == (Phase.CLOSED, "ESME_RINVPASWD")
    assert bind.tally.binds_lost == 0
    bind.esme.connected(100.0)
    bind.say(GenericNack(1, 3))
    assert "generic_nack" in bind.esme.refusal


def test_an_smsc_that_does_not_answer_the_bind_is_given_up(wired):
    bind = wired(patience=Patience(bind_s=3))
    bind.esme.connected(100.0)
    bind.esme.tick(102.9)
    assert bind.esme.phase is Phase.BINDING
    bind.esme.tick(103.0)
    assert "no answer to the bind" in bind.esme.reason


def test_enquire_link_goes_both_ways_and_silence_ends_the_bind(wired):
    bind = wired(patience=Patience(enquire_link_s=10, response_s=5))
    bind.bind()
    bind.say(EnquireLink(77))
    assert bind.told() == [EnquireLinkResp(77)]
    bind.esme.tick(110.0)
    [asked] = bind.told()
    assert isinstance(asked, EnquireLink)
    bind.now = 111.0
    bind.say(EnquireLinkResp(asked.sequence_number))
    bind.esme.tick(121.0)
    assert len(bind.told()) == 1
    bind.esme.tick(126.0)
    assert (bind.esme.phase, bind.tally.binds_lost) == (Phase.CLOSED, 1)
    assert "silent" in bind.esme.reason


def test_unbind_from_either_side(wired):
    bind = wired()
    bind.bind()
    bind.fill(100.0)
    bind.say(Unbind(9))
    assert bind.told() == [UnbindResp(9)]
    assert (bind.esme.phase, bind.tally.bind_lost, bind.tally.binds_lost) == (Phase.CLOSED, 1, 1)

    ours = wired()
    ours.bind()
    ours.esme.unbind(101.0)
    [request] = ours.told()
    ours.say(UnbindResp(request.sequence_number))
    assert (ours.esme.phase, ours.esme.reason, ours.tally.binds_lost) == (Phase.CLOSED, "unbound", 0)

    silent = wired()
    silent.bind()
    silent.esme.unbind(101.0)
    silent.esme.tick(107.0)
    assert silent.esme.reason == "no answer to the unbind"


def test_other_requests_are_answered_and_noted(wired):
    bind = wired()
    bind.bind()
    receipt = ((0x001E, b"x\0"), (0x0427, b"\x02"))
    bind.say(DataSm(3, esm_class=4, tlvs=receipt), AlertNotification(4), QuerySm(5, message_id="1"))
    assert bind.told() == [DataSmResp(3), GenericNack(5, 3)]
    assert bind.tally.receipt_states == {"DELIVRD": 1}
    assert bind.tally.violations == {"request query_sm": 1}


def test_malformed_and_unasked_pdus_are_noted_and_the_bind_lives(wired):
    bind = wired()
    bind.bind()
    bind.esme.receive(struct.pack(">IIII", 17, 0x103, 0, 8) + b"x", bind.now)
    bind.say(SubmitSmResp(99, message_id="?"), UnbindResp(98))
    assert bind.told() == [GenericNack(8, 0x15)]
    assert sum(bind.tally.violations.values()) == 3
    assert bind.esme.phase is Phase.BOUND
    bind.esme.receive(struct.pack(">IIII", 5, 4, 0, 8), bind.now)
    assert bind.esme.phase is Phase.CLOSED
    assert "framing lost" in bind.esme.reason


def test_what_is_due_and_was_never_sent_is_counted_with_its_wait(wired):
    bind = wired(window=1, rate=10.0, duration_s=1.0)
    bind.bind()
    bind.fill(100.0)
    bind.esme.count_unsent(102.0)
    assert (bind.tally.sent, bind.tally.not_sent, bind.tally.censored) == (1, 9, 9)
    assert bind.tally.here_response.max_us == pytest.approx(1_900_000, abs=2)
    assert bind.fill(103.0) == []


def test_the_end_of_the_run_gives_up_quietly(wired):
    bind = wired()
    bind.bind()
    bind.fill(100.0)
    bind.esme.end(101.0)
    assert (bind.tally.bind_lost, bind.tally.binds_lost, bind.esme.phase) == (1, 0, Phase.CLOSED)


def test_a_closed_loop_keeps_the_window_full(wired):
    bind = wired(window=5, kind="closed")
    bind.bind()
    sent = bind.fill(100.0)
    assert len(sent) == 5
    bind.now = 100.2
    bind.accept(sent[0], "a")
    assert len(bind.fill()) == 1
    assert bind.tally.here_response.max_us == bind.tally.service.max_us
    assert bind.tally.own_lag.total == 0


STEPS = sampled_from(["fill", "accept", "refuse", "wait", "lose"])


@given(data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_request_is_counted_in_exactly_one_way(wired, steps):
    bind = wired(window=4, rate=30.0, duration_s=60.0, patience=Patience(response_s=5))
    bind.bind()
    open_ = []
    for _ in range(steps.draw(sampled_from(range(1, 30)))):
        match steps.draw(STEPS):
            case "fill":
                open_ += [pdu for pdu in bind.fill(bind.now + 0.1) if isinstance(pdu, SubmitSm)]
            case "accept" if open_:
                bind.accept(open_.pop(0), "x")
            case "refuse" if open_:
                bind.accept(open_.pop(), "", 8)
            case "wait":
                bind.now += 3.0
                bind.esme.tick(bind.now)
                bind.told()
            case "lose":
                bind.esme.lost(bind.now, "lost")
                open_.clear()
                bind.esme.connected(bind.now)
                bind.say(BindTransceiverResp(1))
                bind.told()
        assert settled(bind)
        assert bind.esme.open_count <= 4
    assert sum(kind.sent for kind in bind.tally.kinds) == bind.tally.sent == bind.esme.sent
