"""Every ready scenario runs, and its fault or behaviour really happens: judged by witness and CDR files.

A case is a function with the scenario's name: it talks to the simulator as a well-behaved ESME does, ends the
run, and reads the records. The scenario's own assertions must hold for such an ESME.
"""

import collections
import csv
import json
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from operator_push.smpp.pdu import BindTransceiver, DataSm, DataSmResp, DeliverSm, DeliverSmResp, SubmitSm
from operator_push.smpp.receipt_text import parse_receipt
from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.smpp.session_events import (
    BoundEvent,
    LateResponse,
    ProtocolViolation,
    RequestReceived,
    ResponseReceived,
)
from operator_push.smpp.tlv import TlvTag
from smsc_sim.library import headline, scenario_names, scenario_path

PATIENCE_S = 20
DOCS = Path(__file__).parents[2] / "docs" / "scenarios"
CASES = {}


def case(function):
    CASES[function.__name__.replace("_", "-")] = function
    return function


class Simulator:
    """`smsc-sim run --scenario NAME`; after `stop` its records."""

    def __init__(self, folder, name, seed=7):
        folder.mkdir(exist_ok=True)
        self.out = folder / "out"
        ready = folder / "ready.json"
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "smsc_sim", "run", "--scenario", name, "--port", "0"),
                *("--seed", str(seed), "--out", str(self.out), "--ready-file", str(ready)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wait_for(lambda: ready.exists() or self.process.poll() is not None)
        assert ready.exists(), self.process.communicate()[0]
        self.ready = json.loads(ready.read_text())
        self.port = self.ready["port"]

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.output, _ = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode

    def rows(self, smsc="", **members):
        lines = (self.out / smsc / "witness.jsonl").read_text().splitlines()
        rows = [json.loads(line) for line in lines]
        return [row for row in rows if all(row.get(name) == value for name, value in members.items())]

    def faults(self):
        """Fault name: how often it struck."""
        return collections.Counter(row["fault"] for row in self.rows(decision="fault"))

    def cdr(self, smsc=""):
        rows = []
        for path in sorted((self.out / smsc / "cdr").glob("*.csv")):
            with path.open(newline="", encoding="utf-8") as file:
                rows += csv.DictReader(file)
        return rows


def wait_for(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


class Esme:
    """An ESME that answers everything, hangs up where framing is lost, and binds again after a lost bind."""

    def __init__(self, port):
        self.port = port
        self.responses = []
        self.receipts = []
        self.heard = []  # Messages from handsets
        self.violations = []
        self.binds = 0
        self.resets = 0
        self.arrived_at = 0.0
        self.references = 0
        self.connect()

    def connect(self):
        self.stream = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        self.session = SmppSession(SessionRole.ESME, SessionSettings(window=1000), time.monotonic())
        self.session.start_bind(BindTransceiver(system_id="shop", password="secret"), time.monotonic())
        binds = self.binds
        self.read_until(lambda: self.binds > binds)

    def bind_again(self):
        self.stream.close()
        self.connect()

    def submit(self, number, source="56070", registered_delivery=1):
        self.references += 1
        pdu = SubmitSm(
            source_addr=source,
            destination_addr=number,
            registered_delivery=registered_delivery,
            short_message=b"hello",
            tlvs=((int(TlvTag.user_message_reference), self.references.to_bytes(2, "big")),),
        )
        self.session.send_request(pdu, time.monotonic())

    def submit_all(self, numbers, **fields):
        for number in numbers:
            self.submit(number, **fields)
        self.read()

    def read_until(self, condition):
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, "it did not come in time"
            self.read()

    def read_for(self, seconds):
        end = time.monotonic() + seconds
        wait_for(lambda: self.read() or time.monotonic() >= end)

    def read(self, seconds=0.02):
        """What comes within this time; a bind that is lost is made again."""
        self.write()
        if not select.select([self.stream], [], [], seconds)[0]:
            return
        try:
            octets = self.stream.recv(65536)
        except ConnectionError:
            self.resets += 1
            octets = b""
        if not octets:
            self.bind_again()
            return
        self.arrived_at = time.monotonic()
        for event in self.session.receive(octets, self.arrived_at):
            self.take(event)
        self.write()

    def write(self):
        octets = self.session.take_output()
        try:
            self.stream.sendall(octets)
        except ConnectionError:  # Read will see it.
            return

    def take(self, event):
        match event:
            case BoundEvent():
                self.binds += 1
            case ResponseReceived(pdu=pdu) | LateResponse(pdu=pdu):
                self.responses.append(pdu)
            case ProtocolViolation():
                self.violations.append(event)
            case RequestReceived(pdu=DeliverSm() | DataSm() as pdu):
                response = DeliverSmResp if isinstance(pdu, DeliverSm) else DataSmResp
                self.session.send_response(response(sequence_number=pdu.sequence_number))
                (self.receipts if pdu.esm_class & 0x3C else self.heard).append(pdu)

    def accepted_ids(self):
        return [pdu.message_id for pdu in self.responses if not pdu.command_status]


@pytest.fixture
def simulator(tmp_path):
    started = []

    def start(name, seed=7):
        started.append(Simulator(tmp_path / str(len(started)), name, seed))
        return started[-1]

    yield start
    for one in started:
        one.stop(signal.SIGKILL)


def numbers(count, prefix="9198"):
    return [f"{prefix}{number:08d}" for number in range(count)]


@pytest.mark.parametrize("name", scenario_names())
def test_a_scenario_does_what_it_says_and_a_good_esme_passes_its_assertions(name, simulator):
    sim = simulator(name)
    CASES[name](sim)
    assert sim.process.returncode == 0, sim.output
    assert "FAILED" not in sim.output
    assert "holds " in sim.output


def test_every_scenario_has_a_case_and_a_page_and_a_headline():
    assert set(CASES) == set(scenario_names())
    assert {path.stem for path in DOCS.glob("*.md")} == set(scenario_names())
    for name in scenario_names():
        assert headline(name).endswith((".", "!")), name
        page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
        assert page.startswith(f"# {name}\n"), name
        assert f"smsc-sim run --scenario {name}" in page
        told = [line for line in page.splitlines() if line.startswith("## ")]
        assert told == ["## What it shows", "## Run it", "## Look at", "## A good gateway"], name
        assert "[[assert]]" in scenario_path(name).read_text(encoding="utf-8")


# The cases, by the alphabet.


@case
def accelerated_day(sim):
    esme = Esme(sim.port)
    began = time.monotonic()
    sent = 0
    while time.monotonic() < began + 1.2:
        esme.submit_all(numbers(10, f"91980{sent:03d}"))
        sent += 10
        esme.read(0.05)
    esme.read_until(
        lambda: len(esme.responses) == sent and len(esme.receipts) > sent / 5
    )  # At night few can be reached.
    sim.stop()
    assert "off" in {row["detail"].split()[2].rstrip(",") for row in sim.rows(decision="not_reached")}
    periods = list((sim.out / "cdr").glob("*.csv"))
    assert len(periods) >= 2
    assert len(sim.cdr()) == sent
    hours = {row["submit_time"][:13] for row in sim.cdr()}
    assert len(hours) >= 2


@case
def bad_lengths_and_unknown_tlvs(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(80))
    kinds = {
        "unknown TLV",
        "unknown command",
        "trailing octets",
        "TLV longer than its PDU",
        "sm_length off by one",
    }
    wait_for(lambda: esme.read() or len(esme.receipts) + len(esme.violations) >= 80)
    sim.stop()
    assert set(sim.faults()) == kinds
    assert any(dict(pdu.tlvs).get(0x1400) == bytes.fromhex("c0ffee") for pdu in esme.receipts)
    assert esme.violations
    assert esme.binds == 1


@case
def byte_by_byte(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(12))
    esme.read_until(lambda: len(esme.responses) == len(esme.receipts) == 12)
    sim.stop()
    assert set(sim.faults()) == {"one octet at a time", "seven octets at a time"}


@case
def cut_in_mid_pdu(sim):
    esme = Esme(sim.port)
    sent = 0
    while esme.binds < 4 or not esme.resets:
        esme.submit_all(numbers(5, f"91980{sent:03d}"))
        sent += 5
        assert sent < 2000
        esme.read(0.01)
    esme.read_for(0.3)  # What is on its way may be cut too; then it binds again.
    sim.stop()
    assert set(sim.faults()) == {"cut by FIN", "cut by RST"}
    assert len(sim.rows(decision="closed")) >= 3


@case
def doubled_and_late_receipts(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(60))
    esme.read_until(lambda: sum(sim_faults_seen(esme).values()) >= 60)
    sim.stop()
    assert set(sim.faults()) == {"twice", "late", "out of order", "lost"}
    sent = collections.Counter(row["smsc_message_id"] for row in sim.rows(decision="sent", kind="receipt"))
    assert max(sent.values()) >= 2
    lost = {row["smsc_message_id"] for row in sim.rows(decision="fault", fault="lost")}
    assert lost
    assert not lost & set(sent)


def sim_faults_seen(esme):
    return collections.Counter(parse_receipt(pdu.short_message).id for pdu in esme.receipts)


@case
def friendly(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(20))
    esme.read_until(lambda: len(esme.receipts) == 20)
    sim.stop()
    assert {row["state"] for row in sim.cdr()} == {"DELIVERED"}
    assert sim.faults() == {}


@case
def half_open(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(30))
    esme.arrived_at = time.monotonic()
    wait_for(lambda: esme.read() or time.monotonic() > esme.arrived_at + 0.4)
    got = len(esme.responses)
    assert got < 30
    esme.bind_again()
    esme.submit_all(numbers(30, "9199"))
    esme.read_until(lambda: len(esme.responses) == got + 30)
    esme.read_until(lambda: esme.receipts)
    sim.stop()
    assert sim.faults() == {"half-open": 1}
    [hit] = sim.rows(decision="fault")
    assert hit["bind"] == "b1"
    assert sim.rows(bind="b1", decision="swallowed")


@case
def handsets_away(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(60), registered_delivery=0x11)

    def final(pdu):
        return not pdu.esm_class & 0x20

    esme.read_until(lambda: sum(map(final, esme.receipts)) == 60)
    finals = collections.Counter(
        parse_receipt(pdu.short_message).stat for pdu in filter(final, esme.receipts)
    )
    sim.stop()
    assert set(finals) == {"DELIVRD", "EXPIRED", "UNDELIV"}
    assert sim.rows(kind="intermediate", decision="acknowledged")
    tried = collections.Counter(row["smsc_message_id"] for row in sim.rows(decision="not_reached"))
    assert max(tried.values()) >= 3
    states = {row["detail"].split()[2].rstrip(",") for row in sim.rows(decision="not_reached")}
    assert states == {"off", "absent", "memory_full"}


@case
def lost_responses(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(60))
    esme.read_until(lambda: len(esme.receipts) == 60)
    sim.stop()
    lost = {row["smsc_message_id"] for row in sim.rows(decision="fault")}
    assert lost
    assert len(esme.accepted_ids()) == 60 - len(lost)
    assert lost <= {parse_receipt(pdu.short_message).id for pdu in esme.receipts}


@case
def mo_survey(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(40))
    esme.read_until(lambda: len(esme.receipts) >= 30 and len(esme.heard) >= 15)
    esme.read_until(lambda: any(pdu.source_addr.startswith("9198000009") for pdu in esme.heard))
    sim.stop()
    said = {row["text"] for row in sim.rows(kind="mo_answer", decision="acknowledged")}
    assert {"1", "2"} <= said
    assert sim.rows(kind="mo_csv", decision="acknowledged")


@case
def receipts_before_responses(sim):
    esme = Esme(sim.port)
    order = []
    take = esme.take

    def noting(event):
        match event:
            case ResponseReceived(pdu=pdu):
                order.append(("response", pdu.message_id))
            case RequestReceived(pdu=DeliverSm() as pdu):
                order.append(("receipt", parse_receipt(pdu.short_message).id))
        take(event)

    esme.take = noting
    esme.submit_all(numbers(30))
    esme.read_until(lambda: len(esme.responses) == len(esme.receipts) == 30)
    sim.stop()
    hit = {row["smsc_message_id"] for row in sim.rows(decision="fault")}
    assert 3 <= len(hit) <= 20
    for identifier in set(esme.accepted_ids()):
        first = order.index(("receipt", identifier)) < order.index(("response", identifier))
        assert first == (identifier in hit)


@case
def slow_smsc(sim):
    esme = Esme(sim.port)
    began = time.monotonic()
    esme.submit_all(numbers(60))
    esme.read_until(lambda: len(esme.responses) == 60)
    assert time.monotonic() - began >= 0.06  # At least the median: nothing is faster than it is told to be.
    sequence = [pdu.sequence_number for pdu in esme.responses]
    esme.read_until(lambda: len(esme.receipts) == 60)
    sim.stop()
    assert sim.faults()["slow answers"] == 60
    assert sim.faults()["silence"] >= 1
    assert sequence != sorted(sequence)


@case
def stop_storm(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(60))
    esme.read_until(lambda: len(esme.receipts) == 60 and len(esme.heard) >= 10)
    esme.read_for(0.6)
    stopped = {pdu.source_addr for pdu in esme.heard}
    esme.submit_all([number for number in numbers(60) if number not in stopped])
    esme.read_until(lambda: len(esme.receipts) == 120 - len(stopped))
    sim.stop()
    stops = sim.rows(kind="mo_answer", text="STOP", decision="acknowledged")
    assert {row["source"] for row in stops} >= stopped
    assert "sent_after_stop == 0): was 0" in sim.output


@case
def throttling(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(15))
    esme.read_until(lambda: len(esme.responses) == 15)
    refused = [pdu for pdu in esme.responses if pdu.command_status]
    for number in numbers(len(refused), "9199"):  # Slowly now, as it should have been.
        time.sleep(0.06)
        esme.submit_all([number])
    esme.read_until(lambda: len(esme.responses) == 15 + len(refused))
    sim.stop()
    throttled = sim.rows(decision="refused", status="ESME_RTHROTTLED")
    assert 1 <= len(throttled) <= 6
    assert {pdu.command_status for pdu in refused} == {0x58}


@case
def two_smscs_with_limits(sim):
    ports = sim.ready["ports"]
    north, south = Esme(ports["north"]), Esme(ports["south"])
    for esme in (north, south):
        esme.submit_all(numbers(8))
        esme.read_until(lambda esme=esme: len(esme.responses) == 8)
    with socket.create_connection(("127.0.0.1", ports["south"]), timeout=PATIENCE_S) as second:
        session = SmppSession(SessionRole.ESME, SessionSettings(), time.monotonic())
        session.start_bind(BindTransceiver(system_id="shop", password="secret"), time.monotonic())
        second.sendall(session.take_output())
        assert second.recv(64)[8:12] == b"\0\0\0\x0d"  # ESME_RBINDFAIL
    south.read_until(lambda: len(south.receipts) >= 3)
    north.read_until(lambda: len(north.receipts) == 8)
    sim.stop()
    assert {pdu.command_status for pdu in north.responses} == {0}
    assert {row["status"] for row in sim.rows("south", decision="refused")} == {
        "ESME_RTHROTTLED",
        "ESME_RBINDFAIL",
    } or len(sim.rows("south", decision="refused")) == 1
    assert sim.rows("south", decision="refused", status="ESME_RBINDFAIL")
    assert {len(sim.cdr(name)) > 0 for name in ports} == {True}


@case
def vendor_receipts(sim):
    esme = Esme(sim.port)
    esme.submit_all([f"919{digit}{number:08d}" for digit in range(10) for number in range(20)])
    twice = 40  # tyntec's: two receipts for a message
    esme.read_until(lambda: len(esme.responses) == 200 and len(esme.receipts) == 200 + twice)
    sim.stop()
    assert set(sim.faults()) == {
        "LINK Mobility",
        "Vonage",
        "tyntec",
        "no TLVs, dates with seconds",
        "labels in another order",
        "text cut short",
    }
    texts = b"\n".join(pdu.short_message for pdu in esme.receipts)
    for mark in (b"sub:000 dlvrd:000", b"stat:FAILED", b"stat:BUFFRED", b"sub:001 id:"):
        assert mark in texts, mark


@case
def wrong_id_base(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(40))
    esme.read_until(lambda: len(esme.responses) == len(esme.receipts) == 40)
    sim.stop()
    told = esme.accepted_ids()
    reported = [parse_receipt(pdu.short_message).id for pdu in esme.receipts]
    assert not set(told) & set(reported)
    assert sorted(int(one, 16) for one in told) == sorted(int(one) for one in reported)
    assert any(one.startswith("000") for one in told)


# The same seed, twice.


def decisions(sim):
    """What was decided on each bind, without what only time decides: the order of what goes in and out."""
    rows = []
    for row in sim.rows():
        if row["decision"] in ("accepted", "refused", "fault", "sent") and row["command"] != "enquire_link":
            kept = {name: value for name, value in row.items() if name not in ("n", "t", "detail")}
            if row["direction"] == "out" and row["command"] in ("deliver_sm", "data_sm"):
                kept.pop("sequence_number", None)
            rows.append(json.dumps(kept, sort_keys=True))
    return sorted(rows)


SEEDS = {
    "lost-responses": (7, 7, 8),
    "vendor-receipts": (7, 7),
    "wrong-id-base": (7, 7),
    "stop-storm": (7, 7),
}


@pytest.mark.parametrize("name", SEEDS)
def test_the_same_seed_decides_the_same_and_another_one_does_not(name, simulator):
    told = []
    for seed in SEEDS[name]:
        sim = simulator(name, seed)
        esme = Esme(sim.port)
        esme.submit_all([f"919{number % 10}{number:08d}" for number in range(40)])
        esme.read_until(lambda esme=esme: len(esme.receipts) >= 40)
        esme.read_for(0.6)
        assert sim.stop() == 0, sim.output
        told.append(decisions(sim))
    assert told[0] == told[1]
    assert all(other != told[0] for other in told[2:])
