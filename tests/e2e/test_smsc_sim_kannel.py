"""Kannel's bearerbox and smsbox as a client of the simulator: messages, receipts, messages from a handset."""

import json
import shutil
import signal
import subprocess
import sys
import urllib.request

import pytest
from kannel import DELIVERED, FAILED, kannel
from peers import require_program
from product import until

PATIENCE_S = 30
SCENARIO = """
[[accounts]]
system_id = "kannel"
password = "secret"
[[population.handsets]]
state = "on"
share = 1.0
delay_ms = [0, 50]
[[population.numbers]]
like = "91999*"
state = "barred"
delay_ms = 0
[[assert]]
what = "violations"
value = 0
[[assert]]
what = "receipts_acknowledged"
value = 12
[[assert]]
what = "messages:DELIVERED"
value = 13
[[assert]]
what = "messages:UNDELIVERABLE"
value = 1
[[assert]]
what = "mo_acknowledged"
value = 2
[control]
port = 0
"""


@pytest.fixture
def started():
    processes = []

    def start(*command, **options):
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
        )
        processes.append(process)
        return process

    yield start
    for process in reversed(processes):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def talk(peer, control_port):
    """Messages out, receipts back, messages from handsets."""
    # Ten that arrive, one that is barred, one of three segments (Kannel wants a receipt for one of them).
    for number in range(10):
        peer.send(f"91987654321{number}", f"message {number} with € and [brackets]")
    peer.send("919990000001", "nobody reads this")
    peer.send("919876543220", "long " * 80)
    until(lambda: len(peer.ear.at("/dlr")) >= 12, "the receipts")
    final = {one["number"]: one["what"] for one in peer.ear.at("/dlr")}
    assert final.pop("919990000001") == FAILED
    assert len(final) == 11
    assert set(final.values()) == {DELIVERED}

    # Two messages from handsets, one of them not in the GSM alphabet.
    for text in ("STOP please", "नमस्ते"):
        body = {"system_id": "kannel", "source": "919876543211", "destination": "56070", "text": text}
        request = urllib.request.Request(
            f"http://127.0.0.1:{control_port}/api/mo", data=json.dumps(body).encode(), method="POST"
        )
        urllib.request.urlopen(request, timeout=30).close()
    until(lambda: len(peer.ear.at("/mo")) == 2, "the messages from handsets")
    stop, hello = sorted(peer.ear.at("/mo"), key=lambda one: one["coding"])
    # Kannel writes an international number with its plus.
    assert (stop["from"], stop["to"], stop["text"]) == ("+919876543211", "56070", "STOP please")
    assert (hello["coding"], hello["text"]) == ("2", "नमस्ते")


def test_kannel_sends_and_gets_receipts_and_messages_from_handsets(tmp_path, started):
    require_program("bearerbox", package="kannel")
    config, ready, out = tmp_path / "scenario.toml", tmp_path / "ready.json", tmp_path / "out"
    config.write_text(SCENARIO)
    simulator = started(
        *(sys.executable, "-m", "smsc_sim", "run", "--config", str(config), "--port", "0", "--seed", "7"),
        *("--ready-file", str(ready), "--out", str(out), "--junit", str(tmp_path / "junit.xml")),
    )
    until(ready.exists, "the simulator's start")
    told = json.loads(ready.read_text())
    folder = tmp_path / "kannel"
    with kannel(folder, port=told["port"], system_id="kannel", password="secret") as peer:
        talk(peer, told["control_port"])
        status = out / "status.json"
        until(lambda: json.loads(status.read_text())["mo_acknowledged"] == 2, "the answers")
        simulator.send_signal(signal.SIGTERM)
        assert simulator.wait(PATIENCE_S) == 0, (tmp_path / "junit.xml").read_text()

    rows = [json.loads(line) for line in (out / "witness.jsonl").read_text().splitlines()]
    assert len([row for row in rows if row["command"] == "submit_sm" and row["decision"] == "accepted"]) == 14
    assert [
        row["text"] for row in rows if row.get("kind") == "mo_injected" and row["decision"] == "sent"
    ] == [
        "STOP please",
        "नमस्ते",
    ]
    shutil.rmtree(folder)
