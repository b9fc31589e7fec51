"""Kannel's bearerbox and smsbox as a client of the simulator: messages, receipts, messages from a handset.

All on loopback: smsbox's sendsms door takes the messages, dlr-url and get-url lead to an HTTP server of the
test.
"""

import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from peers import require_program

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
KANNEL = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = bar
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
box-deny-ip = *.*.*.*
dlr-storage = internal
log-file = {folder}/bearerbox.log
log-level = 0

group = smsc
smsc = smpp
smsc-id = sim
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = kannel
smsc-password = secret
system-type = ""
msg-id-type = 0x00
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
log-file = {folder}/smsbox.log
log-level = 0

group = sendsms-user
username = tester
password = foobar
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://127.0.0.1:{http}/mo?from=%p&to=%P&text=%a&coding=%c"
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_for(condition, what="it"):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen in time"
        time.sleep(0.05)


class HttpEar:
    """An HTTP server that keeps (path, parameters) of every GET."""

    def __init__(self):
        heard = self.heard = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urllib.parse.urlsplit(self.path)
                heard.append((parts.path, dict(urllib.parse.parse_qsl(parts.query))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def at(self, path):
        return [parameters for where, parameters in self.heard if where == path]


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


@pytest.fixture
def ear():
    one = HttpEar()
    yield one
    one.server.shutdown()
    one.server.server_close()


def get(url, **parameters):
    """(status, text) of a GET."""
    try:
        with urllib.request.urlopen(f"{url}?{urllib.parse.urlencode(parameters)}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except (OSError, urllib.error.URLError):
        return 0, ""


class Kannel:
    """bearerbox and smsbox with a configuration of their own."""

    def __init__(self, folder, start, smsc_port, http_port):
        bearerbox = require_program("bearerbox", package="kannel")
        smsbox = require_program("smsbox", package="kannel")
        self.admin, self.sendsms = free_port(), free_port()
        self.ear_port = http_port
        config = folder / "kannel.conf"
        text = KANNEL.format(
            admin=self.admin,
            box=free_port(),
            smsc=smsc_port,
            sendsms=self.sendsms,
            http=http_port,
            folder=folder,
        )
        config.write_text(text)
        start(bearerbox, str(config), cwd=folder)
        self.wait("online", "bearerbox's bind to the simulator")
        start(smsbox, str(config), cwd=folder)
        wait_for(lambda: get(f"http://127.0.0.1:{self.sendsms}/")[0], "smsbox's start")

    def wait(self, word, what):
        url = f"http://127.0.0.1:{self.admin}/status.txt"
        wait_for(lambda: f"({word}" in get(url, password="bar")[1], what)

    def send(self, number, text, **parameters):
        dlr = f"http://127.0.0.1:{self.ear_port}/dlr?number={number}&what=%d&answer=%A"
        status, told = get(
            f"http://127.0.0.1:{self.sendsms}/cgi-bin/sendsms",
            username="tester",
            password="foobar",
            **{"from": "56070", "to": number, "text": text, "dlr-mask": 3, "dlr-url": dlr},
            **parameters,
        )
        assert status == 202, told


def test_kannel_sends_and_gets_receipts_and_messages_from_handsets(tmp_path, started, ear):
    require_program("bearerbox", package="kannel")
    config, ready, out = tmp_path / "scenario.toml", tmp_path / "ready.json", tmp_path / "out"
    config.write_text(SCENARIO)
    simulator = started(
        *(sys.executable, "-m", "smsc_sim", "run", "--config", str(config), "--port", "0", "--seed", "7"),
        *("--ready-file", str(ready), "--out", str(out), "--junit", str(tmp_path / "junit.xml")),
    )
    wait_for(ready.exists, "the simulator's start")
    told = json.loads(ready.read_text())
    folder = tmp_path / "kannel"
    folder.mkdir()
    kannel = Kannel(folder, started, told["port"], ear.port)

    # Ten that arrive, one that is barred, one of three segments (Kannel wants a receipt for one of them).
    for number in range(10):
        kannel.send(f"91987654321{number}", f"message {number} with € and [brackets]")
    kannel.send("919990000001", "nobody reads this")
    kannel.send("919876543220", "long " * 80)
    wait_for(lambda: len(ear.at("/dlr")) >= 12, "the receipts")
    final = {one["number"]: one["what"] for one in ear.at("/dlr")}
    assert final.pop("919990000001") == "2"  # Kannel's mask: 1 delivered, 2 failed
    assert len(final) == 11
    assert set(final.values()) == {"1"}

    # Two messages from handsets, one of them not in the GSM alphabet.
    for text in ("STOP please", "नमस्ते"):
        body = {"system_id": "kannel", "source": "919876543211", "destination": "56070", "text": text}
        request = urllib.request.Request(
            f"http://127.0.0.1:{told['control_port']}/api/mo", data=json.dumps(body).encode(), method="POST"
        )
        urllib.request.urlopen(request, timeout=5).close()
    wait_for(lambda: len(ear.at("/mo")) == 2, "the messages from handsets")
    stop, hello = sorted(ear.at("/mo"), key=lambda one: one["coding"])
    # Kannel writes an international number with its plus.
    assert (stop["from"], stop["to"], stop["text"]) == ("+919876543211", "56070", "STOP please")
    assert hello["coding"] == "2"
    wait_for(lambda: json.loads((out / "status.json").read_text())["mo_acknowledged"] == 2, "the answers")
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
