"""The simulator as a program, met by an independent SMPP library (python-smpplib) and by raw octets."""

import csv
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections import Counter

import pytest
import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.smpp

from operator_push.cdr.file_32297 import read_file_header
from operator_push.cdr.reading import read_smsc_messages

ACCOUNT = '[[accounts]]\nsystem_id = "shop"\npassword = "secret"\n'
QUICK = '[[population.handsets]]\nstate = "on"\nshare = 1.0\ndelay_ms = 0\n'
PATIENCE_S = 60


class Simulator:
    """`smsc-sim run` as a process; its folder, its port, its end."""

    def __init__(self, folder, scenario, *options):
        self.out = folder / "out"
        ready = folder / "ready.json"
        config = folder / "scenario.toml"
        config.write_text(scenario, encoding="utf-8")
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "smsc_sim", "run", "--config", str(config), "--port", "0"),
                *("--seed", "7", "--out", str(self.out), "--ready-file", str(ready), *options),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wait_for(lambda: ready.exists() or self.process.poll() is not None)
        assert ready.exists(), self.process.communicate()[0]
        told = json.loads(ready.read_text())
        assert told["pid"] == self.process.pid
        self.port = told["port"]

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, output

    def witness(self, **members):
        rows = [json.loads(line) for line in (self.out / "witness.jsonl").read_text().splitlines()]
        return [row for row in rows if all(row.get(name) == value for name, value in members.items())]

    def cdr(self):
        rows = []
        for path in sorted((self.out / "cdr").glob("*.csv")):
            with path.open(newline="", encoding="utf-8") as file:
                rows += csv.DictReader(file)
        return rows

    def status(self):
        path = self.out / "status.json"
        return json.loads(path.read_text()) if path.exists() else {}


def wait_for(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def simulator(tmp_path):
    started = []

    def start(scenario="", *options):
        started.append(Simulator(tmp_path, scenario, *options))
        return started[-1]

    yield start
    for one in started:
        one.stop(signal.SIGKILL)


class LibraryEsme:
    """A bind by python-smpplib."""

    def __init__(self, port, system_id="shop", password="secret"):
        self.client = smpplib.client.Client("127.0.0.1", port, timeout=0.2, allow_unknown_opt_params=True)
        self.delivered = []
        self.message_ids = []
        self.client.set_message_received_handler(self._received)
        self.client.set_message_sent_handler(lambda pdu: self.message_ids.append(pdu.message_id.decode()))
        self.client.connect()
        self.client.bind_transceiver(system_id=system_id, password=password)

    def _received(self, pdu):
        self.delivered.append(pdu)
        return smpplib.consts.SMPP_ESME_ROK

    def submit(self, destination, text=b"hello", **fields):
        fields = {"registered_delivery": True, "source_addr": "56070"} | fields
        self.client.send_message(destination_addr=destination, short_message=text, **fields)

    def read_until(self, condition):
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, "it did not come in time"
            self.read()

    def read(self):
        try:
            self.client.read_once()
        except (TimeoutError, smpplib.exceptions.ConnectionError) as error:
            if "timed out" not in str(error):
                raise

    def close(self):
        self.client.unbind()
        self.client.disconnect()


def test_the_library_submits_and_gets_its_receipts(simulator):
    sim = simulator(ACCOUNT)
    esme = LibraryEsme(sim.port)
    for number in range(10):
        esme.submit(f"91987654321{number}", user_message_reference=number)
    esme.read_until(lambda: len(esme.delivered) == 10 and len(esme.message_ids) == 10)
    assert {pdu.receipted_message_id.decode() for pdu in esme.delivered} == set(esme.message_ids)
    assert all(b"stat:DELIVRD" in pdu.short_message for pdu in esme.delivered)
    assert sorted(pdu.user_message_reference for pdu in esme.delivered) == list(range(10))
    esme.close()
    wait_for(lambda: sim.status().get("settled") and sim.status()["receipts_acknowledged"] == 10)
    code, output = sim.stop()
    assert code == 0, output
    assert "CDR period closed" in output
    assert {row["smsc_message_id"] for row in sim.cdr()} == set(esme.message_ids)
    assert {row["state"] for row in sim.cdr()} == {"DELIVERED"}
    assert len(sim.witness(command="submit_sm", decision="accepted")) == 10
    assert len(sim.witness(command="deliver_sm_resp", decision="acknowledged")) == 10
    final = sim.status()
    assert (final["submits_accepted"], final["cdr_rows"], final["running"]) == (10, 10, False)


@pytest.mark.parametrize(
    ("system_id", "password", "status"),
    [("shop", "wrong", "ESME_RINVPASWD"), ("else", "secret", "ESME_RINVSYSID")],
)
def test_the_library_is_refused_with_a_wrong_password_or_name(simulator, system_id, password, status):
    sim = simulator(ACCOUNT)
    with pytest.raises(smpplib.exceptions.PDUError) as caught:
        LibraryEsme(sim.port, system_id, password)
    assert caught.value.args[1] == {"ESME_RINVPASWD": 0x0E, "ESME_RINVSYSID": 0x0F}[status]
    sim.stop()
    assert [row["status"] for row in sim.witness(decision="refused")] == [status]


def test_enquire_link_is_answered_both_ways(simulator):
    sim = simulator(ACCOUNT + "[listen]\nenquire_link_s = 0.2\nresponse_timeout_s = 5\n")
    esme = LibraryEsme(sim.port)
    asked = []
    answer_ours = esme.client._enquire_link_received
    esme.client._enquire_link_received = lambda pdu: (asked.append(pdu), answer_ours(pdu))
    esme.read_until(lambda: len(asked) >= 3)
    answered = []
    esme.client._enquire_link_received = answer_ours
    esme.client.send_pdu(smpplib.smpp.make_pdu("enquire_link", client=esme.client))
    while not answered:
        pdu = esme.client.read_pdu()
        if pdu.command == "enquire_link_resp":
            answered.append(pdu)
        elif pdu.command == "enquire_link":
            answer_ours(pdu)
    esme.close()
    sim.stop()
    assert sim.witness(decision="peer_silent") == []


def test_an_unknown_command_gets_generic_nack_and_the_bind_lives_on(simulator):
    sim = simulator()
    with socket.create_connection(("127.0.0.1", sim.port), timeout=PATIENCE_S) as stream:
        stream.sendall(struct.pack(">IIII", 16, 0x999, 0, 5))
        assert struct.unpack(">IIII", stream.recv(16)) == (16, 0x80000000, 3, 5)
        stream.sendall(struct.pack(">IIII", 16, 0x15, 0, 6))
        answer = struct.unpack(">IIII", stream.recv(16))
        # 3.4 knows enquire_link on an open, unbound session only from 5.0 on; either way it is answered.
        assert answer[3] == 6


def test_a_stream_that_does_not_bind_is_closed(simulator):
    sim = simulator("[listen]\nbind_timeout_s = 0.3\n")
    with socket.create_connection(("127.0.0.1", sim.port), timeout=PATIENCE_S) as stream:
        assert stream.recv(16) == b""


def test_stop_can_be_judged_from_the_witness_alone(simulator):
    sim = simulator(
        ACCOUNT
        + QUICK
        + '[[mo.answers]]\nshare = 1.0\ntext = "STOP"\nafter_ms = 50\nto_source_like = "560*"\n'
    )
    esme = LibraryEsme(sim.port)
    esme.submit("919876543210", registered_delivery=False)
    esme.read_until(lambda: len(esme.delivered) == 1)
    esme.submit("919876543210", registered_delivery=False)
    esme.submit("919876543211", registered_delivery=False)
    esme.read_until(lambda: len(esme.delivered) == 2 and len(esme.message_ids) == 3)
    esme.close()
    sim.stop()
    stops = sim.witness(command="deliver_sm", kind="mo_answer", text="STOP")
    answers = sim.witness(command="deliver_sm_resp", kind="mo_answer")
    assert [row["source"] for row in stops] == ["919876543210", "919876543211"]
    left, heard = stops[0]["t"], answers[0]["t"]
    assert left <= heard
    after = [row for row in sim.witness(command="submit_sm", destination="919876543210") if row["t"] > heard]
    assert len(after) == 1


def test_receipts_wait_while_the_account_is_away(simulator):
    sim = simulator(ACCOUNT + QUICK)
    first = LibraryEsme(sim.port)
    first.submit("919876543210")
    first.client.disconnect()
    wait_for(lambda: sim.status().get("finals") == 1)
    second = LibraryEsme(sim.port)
    second.read_until(lambda: len(second.delivered) == 1)
    second.close()
    wait_for(lambda: sim.status()["settled"])


def test_sigusr1_closes_a_cdr_period(simulator):
    sim = simulator(ACCOUNT + QUICK)
    esme = LibraryEsme(sim.port)
    esme.submit("919876543210")
    esme.read_until(lambda: len(esme.delivered) == 1)
    os.kill(sim.process.pid, signal.SIGUSR1)
    wait_for(lambda: len(list((sim.out / "cdr").glob("*.csv"))) == 1)
    [closed] = (sim.out / "cdr").glob("*.csv")
    assert len(sim.cdr()) == 1
    esme.submit("919876543211")
    esme.read_until(lambda: len(esme.delivered) == 2)
    assert len(sim.cdr()) == 1
    sim.stop()
    assert len(sim.cdr()) == 2
    assert closed.exists()
    assert list((sim.out / "cdr").glob("*.open")) == []


def test_periods_close_by_the_clock_where_the_scenario_says_so(simulator):
    sim = simulator("[cdr]\nperiod_s = 0.2\n")
    wait_for(lambda: len(list((sim.out / "cdr").glob("*.csv"))) >= 3)


def test_ctrl_c_ends_cleanly_and_open_messages_have_their_row(simulator):
    sim = simulator(ACCOUNT + '[[population.handsets]]\nstate = "absent"\nshare = 1.0\n')
    esme = LibraryEsme(sim.port)
    esme.submit("919876543210")
    esme.read_until(lambda: esme.message_ids)
    code, output = sim.stop(signal.SIGINT)
    assert code == 0, output
    assert [row["state"] for row in sim.cdr()] == ["UNKNOWN"]


def test_a_port_in_use_is_told_in_one_sentence(simulator):
    sim = simulator()
    command = [sys.executable, "-m", "smsc_sim", "run", "--port", str(sim.port)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert second.returncode == 2
    assert second.stderr == f"smsc-sim: cannot listen on 127.0.0.1:{sim.port}: Address already in use\n"


def test_a_folder_that_has_records_is_told(tmp_path):
    command = [sys.executable, "-m", "smsc_sim", "run", "--port", "0", "--out", str(tmp_path), "--for", "0.1"]
    told = "has the records of an earlier run"
    runs = []
    for _ in range(2):
        runs.append(subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=True))
        (tmp_path / "witness.jsonl").write_text("{}\n")
    assert [told in done.stdout for done in runs] == [False, True]


def test_without_out_nothing_is_left_behind(tmp_path):
    ready = tmp_path / "ready.json"
    folder = tmp_path / "cwd"
    folder.mkdir()
    command = [sys.executable, "-m", "smsc_sim", "run", "--port", "0", "--ready-file", str(ready)]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        wait_for(ready.exists)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "listens on 127.0.0.1:" in output
    assert list(folder.iterdir()) == []


def test_a_ready_file_that_cannot_be_written_is_told_in_one_sentence(tmp_path):
    nowhere = tmp_path / "nowhere" / "ready.json"
    command = [sys.executable, "-m", "smsc_sim", "run", "--port", "0", "--ready-file", str(nowhere)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 2
    assert f"cannot write {nowhere}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_simulator_that_cannot_keep_its_records_ends(simulator):
    sim = simulator(ACCOUNT)
    (sim.out / "status.json").unlink(missing_ok=True)
    (sim.out / "status.json").mkdir()
    (sim.out / "status.json" / "in the way").touch()
    wait_for(lambda: sim.process.poll() is not None)
    code, output = sim.stop()
    assert code == 2
    assert "cannot write the records" in output


RECORDS = """
[cdr]
format = "ts32297"

[[population.handsets]]
state = "on"
share = 0.7
delay_ms = 0

[[population.handsets]]
state = "barred"
share = 0.3
"""
RECORDED = 60


def test_the_records_are_what_the_witness_saw(simulator):
    sim = simulator(RECORDS + ACCOUNT)
    esme = LibraryEsme(sim.port)
    for number in range(RECORDED):
        esme.submit(f"9198765432{number:02d}", user_message_reference=number)
    esme.read_until(lambda: len(esme.delivered) == RECORDED and len(esme.message_ids) == RECORDED)
    esme.close()
    wait_for(lambda: sim.status().get("receipts_acknowledged") == RECORDED)
    code, output = sim.stop()
    assert code == 0, output
    accepted = sim.witness(command="submit_sm", decision="accepted")
    receipts = sim.witness(command="deliver_sm", kind="receipt", decision="sent")
    states = {row["smsc_message_id"]: row["state"] for row in receipts}
    assert set(states) == {row["smsc_message_id"] for row in accepted}
    assert len(Counter(states.values())) == 2

    (file,) = (sim.out / "cdr").iterdir()
    data = file.read_bytes()
    assert read_file_header(data).cdr_count == 2 * RECORDED
    records = list(read_smsc_messages(data))
    submissions = {each.smsc_message_id: each for each in records if not each.is_delivery}
    ends = {each.smsc_message_id: each for each in records if each.is_delivery}
    assert len(submissions) == len(ends) == RECORDED
    for row in accepted:
        identifier = row["smsc_message_id"]
        for record in (submissions[identifier], ends[identifier]):
            assert record.system_id == "shop"
            assert (record.source, record.destination) == (row["source"], row["destination"])
            assert record.user_message_reference == row["user_message_reference"]
            assert abs(record.submit_us - row["t"]) < 1_000_000
        assert ends[identifier].state == states[identifier]
