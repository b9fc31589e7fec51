"""Runs of the simulator's library (`run --scenario NAME`), their records, and an ESME that behaves well."""

import collections
import csv
import json
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

from operator_push.smpp.pdu import BindTransceiver, DataSm, DataSmResp, DeliverSm, DeliverSmResp, SubmitSm
from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.smpp.session_events import (
    BoundEvent,
    LateResponse,
    ProtocolViolation,
    RequestReceived,
    ResponseReceived,
)
from operator_push.smpp.tlv import TlvTag

PATIENCE_S = 60


@contextmanager
def library_runs(folder):
    """A function that starts a run (name, seed); all of them end with the block."""
    started = []

    def start(name, seed=7):
        started.append(Simulator(folder / str(len(started)), name, seed))
        return started[-1]

    try:
        yield start
    finally:
        for one in started:
            one.stop(signal.SIGKILL)


def numbers(count, prefix="9198"):
    return [f"{prefix}{number:08d}" for number in range(count)]


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
