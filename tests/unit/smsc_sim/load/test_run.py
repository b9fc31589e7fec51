"""A whole run on a real loop against an SMSC that misbehaves as it is told."""

import asyncio

import pytest

from operator_push.smpp.pdu import BindTransceiver, DeliverSm, SubmitSm, SubmitSmResp
from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.smpp.session_events import RequestReceived
from smsc_sim.load.plan import BindGroup, LoadPlan, Loop, Patience, Receipts, Target
from smsc_sim.load.report import make_report
from smsc_sim.load.run import LoadRun

RECEIPT = "id:{} sub:001 dlvrd:001 submit date:2611212210 done date:2611212210 stat:DELIVRD err:000 text:"


class Smsc(asyncio.Protocol):
    """Answers binds with `bind_status`, the first `answers` submit_sm, receipts what it accepts, or cuts.

    After `deaf_after` submit_sm it says nothing more, to nobody.
    """

    bind_status = 0
    answers = 10**9
    receipts = True
    deaf_after = 10**9
    cut_after = 10**9
    binds = 0
    submits = 0

    def connection_made(self, transport):
        self.transport = transport
        self.session = SmppSession(SessionRole.SMSC, SessionSettings(), 0.0)

    def data_received(self, data):
        kind = type(self)
        for event in self.session.receive(data, 0.0):
            pdu = event.pdu if isinstance(event, RequestReceived) else None
            if isinstance(pdu, BindTransceiver):
                kind.binds += 1
                if kind.bind_status:
                    self.session.refuse_bind(pdu, kind.bind_status)
                else:
                    self.session.accept_bind(pdu, "test", 0.0)
            elif isinstance(pdu, SubmitSm):
                kind.submits += 1
                self.submitted(pdu, kind)
        output = self.session.take_output()
        if kind.submits <= kind.deaf_after:
            self.transport.write(output)

    def submitted(self, pdu, kind):
        if kind.submits == kind.cut_after:
            self.transport.abort()
        elif kind.submits <= kind.answers:
            identifier = str(kind.submits)
            self.session.send_response(SubmitSmResp(pdu.sequence_number, message_id=identifier))
            if kind.receipts:
                text = RECEIPT.format(identifier).encode()
                self.session.send_request(DeliverSm(esm_class=4, short_message=text), 0.0)


@pytest.fixture
def do():
    loop = asyncio.new_event_loop()
    servers = []

    def run_against(behaviour, during=None, port=None, **plan):
        smsc = type("ThisSmsc", (Smsc,), behaviour)
        if port is None:
            server = loop.run_until_complete(loop.create_server(smsc, "127.0.0.1", 0))
            servers.append(server)
            port = server.sockets[0].getsockname()[1]
        fields = {
            "loop": Loop(rate=1000, count=50),
            "patience": Patience(bind_s=2, response_s=1, drain_s=0.3, reconnect_s=0.05),
            "receipts": Receipts(wait_s=0.3),
        } | plan
        run = LoadRun(loop, LoadPlan(target=Target(port=port), **fields), "127.0.0.1", loop.stop)
        loop.call_soon(run.start)
        if during is not None:
            loop.call_later(0.2, during, run)
        loop.run_forever()
        return run, smsc

    yield run_against
    for server in servers:
        server.close()
    loop.close()


def test_a_run_sends_its_count_and_gets_every_receipt(do):
    run, smsc = do({}, binds=(BindGroup(count=2, window=10),))
    assert run.failure == ""
    assert (run.tally.sent, run.tally.accepted, run.tally.receipts) == (50, 50, 50)
    assert (smsc.binds, smsc.submits, run.tally.binds_lost) == (2, 50, 0)
    assert [esme.reason for esme in run.esmes] == ["unbound"] * 2
    assert run.progress_share() == 1
    assert run.total_s >= run.sending_s > 0
    assert run.cpu_s > 0


def test_a_closed_loop_ends_with_its_duration(do):
    run, smsc = do({}, loop=Loop(kind="closed", duration_s=0.3))
    assert run.tally.sent == run.tally.accepted == smsc.submits > 0
    assert run.sending_s >= 0.3


def test_a_refused_bind_ends_the_run(do):
    run, smsc = do({"bind_status": 0x0E})
    assert "ESME_RINVPASWD" in run.failure
    assert (smsc.submits, make_report(run, "now")["outcome"]) == (0, "not done")


def test_where_nobody_listens_the_run_says_so(do, unused_tcp_port):
    run, _ = do({}, port=unused_tcp_port)
    assert "cannot connect to 127.0.0.1" in run.failure


def test_an_smsc_that_stops_answering_is_not_hidden(do):
    run, _ = do({"answers": 10}, binds=(BindGroup(window=20),), loop=Loop(rate=100, duration_s=0.5))
    tally = run.tally
    assert tally.accepted == 10
    assert tally.timed_out > 0
    assert tally.sent + tally.not_sent == 50
    assert tally.censored == 40
    assert tally.response.total == 50
    assert tally.response.percentile_us(50) > 300_000


def test_receipts_that_do_not_come_are_missing(do):
    run, _ = do({"receipts": False})
    report = make_report(run, "now")
    assert (report["receipts"]["missing"], report["receipts"]["matched"]) == (50, 0)


def test_a_bind_that_is_cut_is_made_again(do):
    run, smsc = do({"cut_after": 20}, loop=Loop(rate=200, count=60))
    tally = run.tally
    assert (smsc.binds, tally.binds_lost, run.esmes[0].lost_count) == (2, 1, 1)
    assert tally.sent == 60
    assert tally.bind_lost == 60 - tally.accepted > 0


def test_a_run_can_be_interrupted(do):
    run, _ = do({}, during=LoadRun.interrupt, loop=Loop(rate=100, duration_s=60))
    assert run.interrupted
    assert 0 < run.tally.sent < 100
    assert make_report(run, "now")["outcome"] == "interrupted"


def test_a_fault_of_ours_ends_the_run_with_a_sentence(do):
    run, _ = do({}, during=lambda run: run.fault(KeyError("x")), loop=Loop(rate=100, duration_s=60))
    assert "a fault in smsc-sim load: KeyError('x')" in run.failure


def test_an_smsc_that_goes_silent_is_left_and_bound_again(do):
    patience = Patience(bind_s=2, response_s=0.2, drain_s=0.5, reconnect_s=0.05, enquire_link_s=0.1)
    behaviour = {"answers": 5, "deaf_after": 5}
    run, smsc = do(behaviour, loop=Loop(rate=100, duration_s=0.8), patience=patience)
    assert smsc.binds >= 2
    assert run.tally.binds_lost >= 1
    tally = run.tally
    assert tally.sent == tally.accepted + tally.timed_out + tally.bind_lost
