"""Faults of smsc-sim on real sockets: one program in which every account meets another fault."""

import csv
import json
import signal
import socket
import subprocess
import sys
import time

import pytest
import smpplib.client
import smpplib.consts

from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.framer import Framer
from operator_push.smpp.pdu import (
    BindTransceiver,
    BindTransceiverResp,
    EnquireLink,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)

PATIENCE_S = 60
SCENARIO = """
[[population.handsets]]
state = "on"
share = 1.0
delay_ms = 0
[[fault]]
kind = "cut"
account = "cut"
octets = 10
[[fault]]
kind = "cut"
name = "reset"
account = "reset"
how = "reset"
[[fault]]
kind = "half_open"
account = "half-open"
after = 1
[[fault]]
kind = "stall"
account = "stall"
for_ms = 1500
after = 1
count = 1
[[fault]]
kind = "dribble"
account = "dribble"
commands = ["submit_sm_resp"]
[[fault]]
kind = "bad_length"
account = "huge"
form = "huge"
[[fault]]
kind = "response_lost"
name = "no unbind_resp"
account = "unbind"
commands = ["unbind_resp"]
[[fault]]
kind = "response_lost"
account = "lossy"
after = 1
every = 2
[[fault]]
kind = "receipt_lost"
account = "lossy"
every = 5
[[fault]]
kind = "receipt_text"
account = "lossy"
vendor = "infobip"
final_after_ms = 50
every = 7
[[fault]]
kind = "refuse"
account = "lossy"
status = "ESME_RTHROTTLED"
every = 10
"""


def wait_for(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


class Simulator:
    """`smsc-sim run` as a process."""

    def __init__(self, folder):
        self.out = folder / "out"
        config = folder / "scenario.toml"
        config.write_text(SCENARIO, encoding="utf-8")
        ready = folder / "ready.json"
        command = [
            *(sys.executable, "-m", "smsc_sim", "run", "--config", str(config), "--port", "0"),
            *("--seed", "7", "--out", str(self.out), "--ready-file", str(ready)),
        ]
        with (folder / "log.txt").open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        wait_for(lambda: ready.exists() or self.process.poll() is not None)
        self.port = json.loads(ready.read_text())["port"]

    def status(self):
        try:
            return json.loads((self.out / "status.json").read_text())
        except FileNotFoundError:
            return {}

    def witness(self, **members):
        rows = [json.loads(line) for line in (self.out / "witness.jsonl").read_text().splitlines()]
        return [row for row in rows if all(row.get(name) == value for name, value in members.items())]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE_S) == 0


@pytest.fixture(scope="module")
def simulator(tmp_path_factory):
    sim = Simulator(tmp_path_factory.mktemp("faults"))
    yield sim
    if sim.process.poll() is None:
        sim.process.kill()
        sim.process.wait(PATIENCE_S)


class RawEsme:
    """A socket with PDUs in and out, and nothing that would forgive."""

    def __init__(self, port, system_id):
        self.stream = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.framer = Framer()
        self.number = 0
        self.pending = []
        self.send(BindTransceiver(system_id=system_id, password="x"))
        assert isinstance(self.read_pdu(), BindTransceiverResp)

    def send(self, pdu):
        self.number += 1
        pdu.sequence_number = self.number
        self.stream.sendall(encode_pdu(pdu))

    def submit(self, number, **fields):
        self.send(SubmitSm(source_addr="56070", destination_addr=number, short_message=b"hi", **fields))

    def read_pdu(self):
        while not self.pending:
            octets = self.stream.recv(65536)
            assert octets, "the stream has ended"
            self.pending += self.framer.feed(octets)
        return decode_pdu(self.pending.pop(0))

    def silent_for(self, seconds):
        self.stream.settimeout(seconds)
        try:
            self.stream.recv(65536)
        except TimeoutError:
            return True
        finally:
            self.stream.settimeout(PATIENCE_S)
        return False

    def rest(self):
        """Every octet until the stream ends."""
        octets = b""
        while piece := self.stream.recv(65536):
            octets += piece
        return octets


def test_a_connection_is_cut_in_mid_pdu(simulator):
    esme = RawEsme(simulator.port, "cut")
    esme.submit("919876543210")
    assert len(esme.rest()) == 10


def test_a_connection_is_reset_in_mid_pdu(simulator):
    esme = RawEsme(simulator.port, "reset")
    esme.submit("919876543210")
    with pytest.raises(ConnectionResetError):
        esme.rest()


def test_a_half_open_connection_stays_up_and_says_nothing(simulator):
    esme = RawEsme(simulator.port, "half-open")
    esme.submit("919876543210")
    assert isinstance(esme.read_pdu(), SubmitSmResp)
    esme.submit("919876543210")
    esme.send(EnquireLink())
    assert esme.silent_for(0.5)
    esme.send(EnquireLink())  # Nobody has closed the socket.


def test_a_stalled_server_goes_on_where_it_was(simulator):
    esme = RawEsme(simulator.port, "stall")
    for i in range(5):
        esme.submit(f"91987654321{i}")
    assert esme.read_pdu().sequence_number == 2
    assert esme.silent_for(0.2)
    esme.send(EnquireLink())
    numbers = [esme.read_pdu().sequence_number for _ in range(5)]
    assert numbers[0] == 3  # The answers to what was heard meanwhile come behind it.
    assert sorted(numbers) == [3, 4, 5, 6, 7]


def test_a_response_comes_octet_by_octet(simulator):
    esme = RawEsme(simulator.port, "dribble")
    esme.submit("919876543210")
    sizes = []
    while not esme.pending:
        octets = esme.stream.recv(65536)
        sizes.append(len(octets))
        esme.pending += esme.framer.feed(octets)
    assert isinstance(esme.read_pdu(), SubmitSmResp)
    assert len(sizes) >= 8  # TCP may join some of the 36 pieces; the SMSC wrote each by itself.


def test_a_length_that_nobody_can_wait_for(simulator):
    esme = RawEsme(simulator.port, "huge")
    esme.submit("919876543210")
    assert esme.stream.recv(4) == b"\x7f\xff\xff\xff"


def test_the_stream_is_closed_instead_of_unbind_resp(simulator):
    esme = RawEsme(simulator.port, "unbind")
    esme.send(Unbind())
    assert esme.rest() == b""


def test_the_library_of_others_lives_with_lost_and_odd_answers(simulator):
    client = smpplib.client.Client("127.0.0.1", simulator.port, timeout=0.2, allow_unknown_opt_params=True)
    delivered, ids, refused = [], [], []
    client.set_message_received_handler(lambda pdu: delivered.append(pdu) or smpplib.consts.SMPP_ESME_ROK)
    client.set_message_sent_handler(lambda pdu: ids.extend([pdu.message_id] if pdu.message_id else []))
    client.set_error_pdu_handler(lambda pdu: refused.append(pdu.status))
    client.connect()
    client.bind_transceiver(system_id="lossy", password="x")
    for i in range(100):
        client.send_message(
            source_addr="56070",
            destination_addr=f"9198765432{i:02d}",
            short_message=b"hello",
            registered_delivery=True,
        )
    # Of 100 requests every tenth is refused; the 3rd, 5th … response is lost, and every fifth receipt of 90;
    # every seventh of those that come is written in two.
    expected = 90 - 18 + 10
    end = time.monotonic() + PATIENCE_S
    while len(delivered) < expected or len(ids) + len(refused) < 51:
        assert time.monotonic() < end, (len(delivered), len(ids), len(refused))
        try:
            client.read_once()
        except (TimeoutError, smpplib.exceptions.ConnectionError) as error:
            if "timed out" not in str(error):
                raise
    client.unbind()
    client.disconnect()
    first = [pdu for pdu in delivered if b"stat:ENROUTE" in pdu.short_message]
    assert len(first) == expected - (90 - 18)
    assert len(refused) == 10
    assert set(refused) == {0x58}


def test_the_books_agree_when_all_is_over(simulator):
    """Last in the file: it ends the program and reads what it has written."""
    wait_for(lambda: simulator.status().get("receipts_lost") == 18)
    simulator.stop()
    status = simulator.status()
    rows = [row for path in (simulator.out / "cdr").glob("*.csv") for row in csv.DictReader(path.open())]
    accepted = simulator.witness(decision="accepted", command="submit_sm")
    assert status["submits_accepted"] == len(accepted) == len(rows) == status["finals"]
    assert status["submits_refused"] == len(simulator.witness(decision="refused")) == 10
    faults = simulator.witness(decision="fault")
    assert status["faults"] == len(faults)
    assert {row["fault"] for row in faults} == {
        *("cut", "reset", "half_open", "stall", "dribble", "bad_length", "no unbind_resp"),
        *("response_lost", "receipt_lost", "receipt_text", "refuse"),
    }
    assert len(simulator.witness(decision="fault", fault="response_lost")) == 49
    swallowed = {row["bind"] for row in simulator.witness(decision="swallowed")}
    of_streams = {row["bind"] for row in faults if row["fault"] in ("cut", "reset", "half_open")}
    assert swallowed <= of_streams
    assert {row["smsc_message_id"] for row in rows} == {row["smsc_message_id"] for row in accepted}
