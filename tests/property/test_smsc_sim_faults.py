"""Whatever faults a scenario has, together and with lost binds, the SMSC's books agree in the end."""

import csv
import io
import json

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from operator_push.smpp.codec import response_to
from operator_push.smpp.pdu import BindTransceiver, SubmitSm
from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.smpp.session_events import RequestReceived
from smsc_sim.cdr_files import HEADER, CdrFiles
from smsc_sim.faults.session import FaultableSession
from smsc_sim.line_file import LineFile
from smsc_sim.moments import RunClock
from smsc_sim.scenario_file import parse_scenario
from smsc_sim.smsc import VirtualSmsc
from smsc_sim.witness import Witness

STEP_S = 0.01
BASE = (
    "[limits]\ndeliver_retry_ms = 20\n"
    '[[population.handsets]]\nstate = "on"\nshare = 1.0\ndelay_ms = [0, 50]\n'
    '[[mo.answers]]\nshare = 0.2\ntext = "STOP"\nafter_ms = [0, 100]\n'
)
KINDS = (
    'kind = "refuse"\nstatus = ["ESME_RSYSERR", 1030]',
    'kind = "throttle"\nper_s = 20\nburst = 3',
    'kind = "ignore"',
    'kind = "nack"',
    'kind = "refuse"\ncommands = ["bind_transceiver"]',
    'kind = "latency"\nlognormal_ms = {median = 20, p99 = 200}',
    'kind = "latency"\ndelay_ms = [0, 100]\nkeep_order = true\ncommands = ["deliver_sm", "submit_sm_resp"]',
    'kind = "response_lost"',
    'kind = "response_doubled"\nafter_ms = 20',
    'kind = "response_out_of_order"\nbehind = 3\nmax_ms = 100',
    'kind = "response_status"',
    'kind = "response_id"\nform = "HEX"',
    'kind = "response_sequence"',
    'kind = "receipt_before_response"\nmax_ms = 200',
    'kind = "unknown_tlv"',
    'kind = "unknown_pdu"',
    'kind = "bad_length"\nform = "trailing"',
    'kind = "bad_length"\nform = "sm_length"\ncommands = ["deliver_sm"]',
    'kind = "bad_length"\nform = "long"',
    'kind = "bad_length"\nform = "huge"',
    'kind = "cut"',
    'kind = "half_open"\nclose_after_s = 0.1',
    'kind = "stall"\nfor_ms = 50',
    'kind = "dribble"\noctets = 20',
    'kind = "receipt_lost"',
    'kind = "receipt_doubled"\nafter_ms = 20',
    'kind = "receipt_late"\nby_ms = [0, 200]',
    'kind = "receipt_out_of_order"\nbehind = 2\nmax_ms = 100',
    'kind = "receipt_id"\nform = "zeros"',
    'kind = "receipt_text"\nvendor = "infobip"\nfinal_after_ms = 20',
    'kind = "receipt_on_data_sm"',
)


@st.composite
def fault_tables(draw):
    kind = draw(st.sampled_from(KINDS))
    share = draw(st.sampled_from([0.02, 0.2, 0.6]))
    every = draw(st.integers(1, 3))
    # Bounded, so that what is tried again gets through in the end.
    return f"[[fault]]\n{kind}\nshare = {share}\nevery = {every}\nin_all = {draw(st.integers(1, 30))}\n"


class Client:
    """An ESME that submits, answers everything and binds again when its stream has ended or gone quiet."""

    def __init__(self, smsc, now):
        self._smsc = smsc
        self.connect(now)

    def connect(self, now):
        self.heard = now
        self.session = SmppSession(
            SessionRole.ESME, SessionSettings(window=100_000, response_timeout_s=0), now
        )
        self.smsc_session = FaultableSession(SessionRole.SMSC, SessionSettings(response_timeout_s=1.0), now)
        self.arrived = []
        self.bind = self._smsc.new_bind(
            self.smsc_session, lambda: self.arrived.append(self.smsc_session.take_output())
        )
        self.session.start_bind(BindTransceiver(system_id="shop"), now)

    def submit(self, number, now):
        if self.session.binding and not self.session.is_closed:
            pdu = SubmitSm(source_addr="56070", destination_addr=number, registered_delivery=1)
            pdu.short_message = b"hi"
            self.session.send_request(pdu, now)

    def turn(self, now):
        """Read, answer and write once."""
        self.arrived.append(self.smsc_session.take_output())
        octets = b"".join(self.arrived)
        self.arrived.clear()
        heard = self.session.receive(octets, now) if octets else []
        if heard:  # Octets that become no PDU are no sign of life.
            self.heard = now
        for event in heard:
            if isinstance(event, RequestReceived):
                self.session.send_response(response_to(event.pdu))
        written = self.session.take_output()
        if written:
            self._smsc.events(self.bind, self.smsc_session.receive(written, now), now)
        expired = self.smsc_session.tick(now)
        if expired:
            self._smsc.events(self.bind, expired, now)
        is_over = self.smsc_session.is_closed or self.session.is_closed
        # Silent for long with work to do: hung up on, as an ESME does whose enquire_link is not answered.
        if is_over or (now - self.heard > 3 and self._smsc.unfinished()) or not self._is_bound(now):
            self._smsc.events(self.bind, self.smsc_session.connection_lost(now), now)
            self._smsc.closed(self.bind, now, "lost")
            self.connect(now)

    def _is_bound(self, now):
        return bool(self.session.binding) or now - self.heard < 0.1


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables=st.lists(fault_tables(), max_size=8), seed=st.integers(0, 2**32))
def test_the_books_agree_whatever_the_faults(tables, seed):
    now = 1000.0
    names = "".join(table + f'name = "f{at}"\n' for at, table in enumerate(tables))
    scenario = parse_scenario(BASE + names, "x.toml")
    witness, cdr = LineFile(None), CdrFiles(None, True, 0)
    clock = RunClock(now, 1_795_297_105_000_000)
    smsc = VirtualSmsc(scenario, seed, clock, Witness(witness), cdr, now)
    client = Client(smsc, now)
    for i in range(100):
        client.submit(f"91987654{i:04d}", now)
        client.turn(now)
        now += STEP_S
        smsc.tick(now)
    for _ in range(4000):
        if not smsc.unfinished():
            break
        client.turn(now)
        now += STEP_S
        smsc.tick(now)
    assert smsc.unfinished() == 0
    rows = [json.loads(line) for line in witness.lines]
    cdr_rows = list(csv.DictReader(io.StringIO(HEADER + "".join(cdr.unflushed_rows()))))
    counters = smsc.counters
    accepted = [row for row in rows if row["decision"] == "accepted" and row["command"] == "submit_sm"]
    assert counters.submits_received == counters.submits_accepted + counters.submits_refused
    assert counters.submits_accepted == counters.finals == len(accepted) == len(cdr_rows)
    assert {row["smsc_message_id"] for row in cdr_rows} == {row["smsc_message_id"] for row in accepted}
    hits = [row for row in rows if row["decision"] == "fault"]
    assert counters.faults == len(hits) == sum(state.hits for state in smsc.faults.states())
    assert counters.receipts_lost == sum(row["fault_kind"] == "receipt_lost" for row in hits)
    assert counters.receipts_due == counters.receipts_acknowledged + counters.receipts_dropped
    assert counters.receipts_due >= counters.finals - counters.receipts_lost
    assert counters.mo_due == counters.mo_acknowledged + counters.mo_dropped
    assert [row["n"] for row in rows] == list(range(1, len(rows) + 1))
