"""smsc-sim with several virtual SMSCs, read again while it runs, calling ESMEs, and on a fast clock."""

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from operator_push.smpp.pdu import BindReceiver, BindTransceiver, DeliverSm, DeliverSmResp, Outbind, SubmitSm
from operator_push.smpp.receipt_text import parse_receipt
from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.smpp.session_events import BoundEvent, RequestReceived, ResponseReceived

PATIENCE_S = 60
ACCOUNT = '[[accounts]]\nsystem_id = "shop"\npassword = "secret"\n'
TWO = (
    ACCOUNT
    + """
[[smsc]]
name = "north"
[[smsc.population.handsets]]
state = "on"
share = 1.0
delay_ms = 0
[[smsc]]
name = "south"
listen.port = 2776
[[smsc.population.handsets]]
state = "barred"
share = 1.0
delay_ms = 0
"""
)


def wait_for(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


class Simulator:
    """`smsc-sim run` as a process."""

    def __init__(self, folder, scenario):
        self.out = folder / "out"
        self.config = folder / "scenario.toml"
        self.log = folder / "log.txt"
        self.config.write_text(scenario, encoding="utf-8")
        ready = folder / "ready.json"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "smsc_sim", "run", "--config", str(self.config), "--port", "0"),
                    *("--seed", "7", "--out", str(self.out), "--ready-file", str(ready)),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_for(lambda: ready.exists() or self.process.poll() is not None)
        assert ready.exists(), self.log.read_text()
        self.ready = json.loads(ready.read_text())

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(PATIENCE_S)
        return self.process.returncode

    def witness(self, name="", **members):
        lines = (self.out / name / "witness.jsonl").read_text().splitlines()
        rows = [json.loads(line) for line in lines]
        return [row for row in rows if all(row.get(key) == value for key, value in members.items())]

    def cdr(self, name=""):
        rows = []
        for path in sorted((self.out / name / "cdr").glob("*.csv")):
            with path.open(newline="", encoding="utf-8") as file:
                rows += csv.DictReader(file)
        return rows


@pytest.fixture
def simulator(tmp_path):
    started = []

    def start(scenario):
        started.append(Simulator(tmp_path, scenario))
        return started[-1]

    yield start
    for one in started:
        one.stop(signal.SIGKILL)


class Esme:
    """An ESME on a blocking socket."""

    def __init__(self, stream):
        self.stream = stream
        self.session = SmppSession(SessionRole.ESME, SessionSettings(), time.monotonic())
        self.is_bound = False
        self.responses = []
        self.delivered = []
        self.outbinds = []
        stream.settimeout(0.05)

    def bind(self, kind=BindTransceiver):
        self.session.start_bind(kind(system_id="shop", password="secret"), time.monotonic())
        self.read_until(lambda: self.is_bound)
        return self

    def submit(self, destination):
        pdu = SubmitSm(
            source_addr="56070", destination_addr=destination, registered_delivery=1, short_message=b"hi"
        )
        self.session.send_request(pdu, time.monotonic())

    def read_until(self, condition):
        wait_for(lambda: self.read() or condition())

    def read(self):
        if octets := self.session.take_output():
            self.stream.sendall(octets)
        try:
            octets = self.stream.recv(65536)
        except TimeoutError:
            return
        for event in self.session.receive(octets, time.monotonic()):
            match event:
                case BoundEvent():
                    self.is_bound = True
                case ResponseReceived(pdu=pdu):
                    self.responses.append(pdu)
                case RequestReceived(pdu=Outbind() as pdu):
                    self.outbinds.append(pdu)
                case RequestReceived(pdu=DeliverSm() as pdu):
                    self.delivered.append(pdu)
                    self.session.send_response(DeliverSmResp(sequence_number=pdu.sequence_number))
        if octets := self.session.take_output():
            self.stream.sendall(octets)


def connect(port):
    return Esme(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S))


def test_two_virtual_smscs_have_their_own_ports_handsets_and_records(simulator):
    sim = simulator(TWO)
    ports = sim.ready["ports"]
    assert sim.ready["port"] == ports["north"] != ports["south"]
    north, south = (connect(ports[name]).bind() for name in ("north", "south"))
    for esme, stat in ((north, "DELIVRD"), (south, "UNDELIV")):
        esme.submit("919876543210")
        esme.read_until(lambda esme=esme: esme.delivered)
        assert parse_receipt(esme.delivered[0].short_message).stat == stat
    assert sim.stop() == 0, sim.log.read_text()
    assert [row["state"] for row in sim.cdr("north")] == ["DELIVERED"]
    assert [row["state"] for row in sim.cdr("south")] == ["UNDELIVERABLE"]
    identifiers = {sim.cdr(name)[0]["smsc_message_id"] for name in ("north", "south")}
    assert len(identifiers) == 2
    assert len(sim.witness("north", command="submit_sm")) == 1
    status = json.loads((sim.out / "status.json").read_text())
    assert (status["submits_accepted"], status["settled"], status["running"]) == (2, True, False)
    assert [status["smsc"][name]["submits_accepted"] for name in ("north", "south")] == [1, 1]
    assert "smsc-sim south listens on" in sim.log.read_text()


def test_sighup_reads_the_scenario_again_and_a_wrong_one_changes_nothing(simulator):
    handsets = '[[population.handsets]]\nstate = "{}"\nshare = 1.0\ndelay_ms = 0\n'
    sim = simulator(ACCOUNT + handsets.format("on"))
    esme = connect(sim.ready["port"]).bind()
    for text, told, stat in (
        (handsets.format("barred"), "changed are population", "UNDELIV"),
        (handsets.format("broken"), "stays as it is", "UNDELIV"),
        (handsets.format("on"), "changed are population", "DELIVRD"),
    ):
        sim.config.write_text(ACCOUNT + text)
        seen = sim.log.read_text().count(told)
        os.kill(sim.process.pid, signal.SIGHUP)
        wait_for(lambda told=told, seen=seen: sim.log.read_text().count(told) > seen)
        esme.delivered.clear()
        esme.submit("919876543210")
        esme.read_until(lambda: esme.delivered)
        assert parse_receipt(esme.delivered[0].short_message).stat == stat
    assert sim.stop() == 0


@pytest.mark.parametrize("when_waiting", [False, True])
def test_the_smsc_calls_an_esme_that_listens(simulator, when_waiting):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE_S)
        how = "when_waiting = true\nretry_s = 0.2\n" if when_waiting else "at_s = 0.2\n"
        sim = simulator(
            ACCOUNT
            + f'[[outbind]]\naccount = "shop"\nport = {server.getsockname()[1]}\npassword = "hello"\n{how}'
            + '[[mo.script]]\nat_s = 0.1\nsystem_id = "shop"\n'
            + 'source = "91987"\ndestination = "56070"\ntext = "YES"\n'
        )
        stream, _ = server.accept()
        esme = Esme(stream)
        esme.read_until(lambda: esme.outbinds)
        assert (esme.outbinds[0].system_id, esme.outbinds[0].password) == ("smsc-sim", "hello")
        esme.bind(BindReceiver)
        esme.read_until(lambda: esme.delivered)
        assert esme.delivered[0].short_message == b"YES"
        stream.close()
    sim.stop()
    assert [row["decision"] for row in sim.witness(command="outbind")] == ["sent"]


def test_a_call_to_nobody_is_noted(simulator):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    sim = simulator(ACCOUNT + f'[[outbind]]\naccount = "shop"\nport = {port}\n')
    wait_for(lambda: (sim.out / "witness.jsonl").read_text() and sim.witness(decision="outbind_failed"))
    assert f"127.0.0.1:{port}" in sim.witness(decision="outbind_failed")[0]["detail"]


def test_two_days_of_validity_pass_in_a_second_on_a_fast_clock(simulator):
    sim = simulator(
        ACCOUNT
        + "[clock]\nspeed = 345600\n[retry]\nschedule_s = [21600]\n"
        + '[[population.handsets]]\nstate = "absent"\nshare = 1.0\n'
    )
    esme = connect(sim.ready["port"]).bind()
    esme.submit("919876543210")
    esme.read_until(lambda: esme.delivered)
    assert parse_receipt(esme.delivered[0].short_message).stat == "EXPIRED"
    sim.stop()
    [row] = sim.cdr()
    assert row["final_time"][:10] > row["submit_time"][:10]
    # Every six hours of two days; a try that comes late (a tick is half an hour here) moves those after it.
    assert 5 <= len(sim.witness(decision="not_reached")) <= 8
