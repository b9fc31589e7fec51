"""A simulator without sockets: the engine, its files in memory, and ESMEs as sessions wired to it."""

import csv
import io
import json

import pytest

from operator_push.smpp.pdu import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    SubmitSm,
)
from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.smpp.session_events import BoundEvent, ProtocolViolation, RequestReceived, ResponseReceived
from smsc_sim.cdr_files import HEADER, CdrFiles
from smsc_sim.faults.session import FaultableSession
from smsc_sim.line_file import LineFile
from smsc_sim.moments import RunClock
from smsc_sim.scenario_file import parse_scenario
from smsc_sim.smsc import VirtualSmsc
from smsc_sim.witness import Witness

ANSWERS = {DeliverSm: DeliverSmResp, DataSm: DataSmResp}
START_US = 1_795_297_105_000_000
BINDS = {"transceiver": BindTransceiver, "receiver": BindReceiver, "transmitter": BindTransmitter}


class Esme:
    """One ESME's bind. `responses` and `delivered` hold (now, pdu) in the order of arrival."""

    def __init__(self, world, binding, system_id, password, deliver_status, interface_version):
        self.world = world
        settings = SessionSettings(window=100_000, interface_version=interface_version)
        self.session = SmppSession(SessionRole.ESME, settings, world.now)
        self.smsc_session = FaultableSession(
            SessionRole.SMSC, SessionSettings(window=world.window), world.now
        )
        self.bind = world.smsc.new_bind(self.smsc_session, self.read_smsc)
        self.responses = []
        self.delivered = []
        self.violations = []
        self.bound = None
        self.deliver_status = deliver_status
        self.arrivals = []
        self.session.start_bind(BINDS[binding](system_id=system_id, password=password), world.now)
        self.write()

    def submit(self, destination, source="56070", **fields):
        fields = {"registered_delivery": 1, "short_message": b"hi"} | fields
        pdu = SubmitSm(source_addr=source, destination_addr=destination, **fields)
        return self.session.send_request(pdu, self.world.now)

    def ask(self, pdu):
        """Send any request and read its response."""
        before = len(self.responses)
        self.session.send_request(pdu, self.world.now)
        self.write()
        self.take()
        [(_, response)] = self.responses[before:]
        return response

    def write(self):
        """Hand everything that the ESME has written to the SMSC as one chunk."""
        now = self.world.now
        octets = self.session.take_output()
        if octets:
            self.world.smsc.events(self.bind, self.smsc_session.receive(octets, now), now)
            self.read_smsc()

    def read_smsc(self):
        self.arrivals.append(self.smsc_session.take_output())

    def take(self):
        """Read what the SMSC has written, and answer it."""
        octets = b"".join(self.arrivals)
        self.arrivals.clear()
        for event in self.session.receive(octets, self.world.now) if octets else ():
            if isinstance(event, ProtocolViolation):
                self.violations.append(event)
            elif isinstance(event, BoundEvent):
                self.bound = event.pdu
            elif isinstance(event, ResponseReceived):
                self.responses.append((self.world.now, event.pdu))
            elif isinstance(event, RequestReceived):
                self.delivered.append((self.world.now, event.pdu))
                answer = ANSWERS.get(type(event.pdu))
                if self.deliver_status is not None and answer is not None:
                    status, number = self.deliver_status, event.pdu.sequence_number
                    self.session.send_response(answer(sequence_number=number, command_status=status))
        self.write()

    def lose(self):
        """The stream breaks."""
        now = self.world.now
        self.world.smsc.events(self.bind, self.smsc_session.connection_lost(now), now)
        self.world.smsc.closed(self.bind, now, "lost")
        self.world.esmes.remove(self)


class World:
    """Time moves only by `run`."""

    def __init__(self, scenario, seed):
        self.now = 1000.0
        self.scenario = scenario
        self.window = scenario.limits.deliver_window
        clock = RunClock(self.now, START_US, scenario.clock.speed)
        self.witness_file = LineFile(None)
        self.cdr = CdrFiles(None, scenario.receipts.echo_user_message_reference, START_US)
        self.smsc = VirtualSmsc(scenario, seed, clock, Witness(self.witness_file), self.cdr, self.now)
        self.esmes = []

    def esme(
        self, binding="transceiver", system_id="shop", password="x", deliver_status=0, interface_version=0x34
    ):
        esme = Esme(self, binding, system_id, password, deliver_status, interface_version)
        self.esmes.append(esme)
        esme.take()
        return esme

    def run(self, seconds, step=0.005):
        end = self.now + seconds
        while self.now < end:
            for esme in self.esmes:
                esme.write()
            self.smsc.tick(self.now)
            for esme in self.esmes:
                esme.take()
            self.now += step

    def witness_rows(self, **members):
        rows = [json.loads(line) for line in self.witness_file.lines]
        return [row for row in rows if all(row.get(name) == value for name, value in members.items())]

    def cdr_rows(self):
        return list(csv.DictReader(io.StringIO(HEADER + "".join(self.cdr.unflushed_rows()))))


@pytest.fixture
def world():
    """A function from a scenario text and a seed to a World."""

    def make(text="", seed=7):
        return World(parse_scenario(text, "test.toml"), seed)

    return make
