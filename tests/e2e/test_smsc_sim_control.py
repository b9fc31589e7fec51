"""The simulator's control as QA meets it: a program, its HTTP API, metrics and page, and tshark's verdict."""

import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from peers import require_program
from raw_esme import RawEsme

from operator_push.smpp.constants import EsmClass
from operator_push.smpp.pdu import AlertNotification, DeliverSm, DeliverSmResp, SubmitSm, SubmitSmResp

PATIENCE_S = 60
MESSAGES = 1_200
WINDOW = 100
SCENARIO = """
[[accounts]]
system_id = "shop"
password = "pw"
[[population.handsets]]
state = "on"
share = 1.0
delay_ms = 0
[[fault]]
name = "busy"
kind = "refuse"
status = "ESME_RSYSERR"
on = false
[control]
port = 0
"""


class Simulator:
    """`smsc-sim run` as a process, and its API."""

    def __init__(self, folder, scenario, *options):
        self.out = folder / "out"
        self.config = folder / "scenario.toml"
        self.config.write_text(scenario, encoding="utf-8")
        ready = folder / "ready.json"
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "smsc_sim", "run", "--config", str(self.config), "--port", "0"),
                *("--seed", "7", "--out", str(self.out), "--ready-file", str(ready), *options),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wait_for(lambda: ready.exists() or self.process.poll() is not None)
        assert ready.exists(), self.process.communicate()[0]
        told = json.loads(ready.read_text())
        self.port, self.control_port = told["port"], told.get("control_port")

    def ask(self, path, method="GET", body=None, **headers):
        """(status, content) of a call; content is read as JSON where it is."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.control_port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                status, content, kind = answer.status, answer.read(), answer.headers["Content-Type"]
        except urllib.error.HTTPError as error:
            status, content, kind = error.code, error.read(), error.headers["Content-Type"]
        return status, json.loads(content) if kind == "application/json" else content

    def counters(self):
        return self.ask("/api/counters")[1]["counters"]

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, output


def wait_for(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def simulator(tmp_path):
    started = []

    def start(scenario=SCENARIO, *options):
        started.append(Simulator(tmp_path, scenario, *options))
        return started[-1]

    yield start
    for one in started:
        one.stop(signal.SIGKILL)


def submit(esme, destination, text=b"hello"):
    esme.send(
        SubmitSm(source_addr="56070", destination_addr=destination, registered_delivery=1, short_message=text)
    )


def read(esme, responses=0, deliveries=0):
    """Read and answer until so many have come."""
    answered, delivered = [], []
    while len(answered) < responses or len(delivered) < deliveries:
        pdu = esme.read()
        if isinstance(pdu, SubmitSmResp):
            answered.append(pdu)
        elif isinstance(pdu, DeliverSm):
            delivered.append(pdu)
            esme.answer(DeliverSmResp(sequence_number=pdu.sequence_number))
    return answered, delivered


def test_tshark_finds_all_pdus_of_a_run_in_its_capture_and_nothing_malformed(simulator, tmp_path):
    sim = simulator()
    with RawEsme(sim.port) as esme:
        esme.bind()
        for first in range(0, MESSAGES, WINDOW):
            for number in range(first, first + WINDOW):
                submit(esme, f"9198765{number:05d}", b"hello " * (number % 25))
            read(esme, responses=WINDOW, deliveries=WINDOW)
        wait_for(lambda: sim.counters()["receipts_acknowledged"] == MESSAGES)
        status, octets = sim.ask("/api/capture.pcap")
    assert status == 200
    path = tmp_path / "run.pcap"
    path.write_bytes(octets)
    tshark = [
        require_program("tshark", package="tshark"),
        "-r",
        str(path),
        "-d",
        f"tcp.port=={sim.port},smpp",
    ]
    fields = subprocess.run(
        [*tshark, "-T", "fields", "-e", "smpp.command_id"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    found = [int(number, 16) for number in fields.replace(",", " ").split()]
    assert [found.count(number) for number in (4, 0x80000004, 5, 0x80000005)] == [MESSAGES] * 4
    assert found.count(9) == found.count(0x80000009) == 1
    wrong = subprocess.run(
        [*tshark, "-Y", "_ws.malformed || tcp.analysis.flags"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert wrong == ""


def test_a_person_watches_and_changes_a_run(simulator):
    sim = simulator()
    with RawEsme(sim.port) as esme:
        esme.bind()
        submit(esme, "919876543210")
        [response], [_] = read(esme, responses=1, deliveries=1)

        # What happened: the bind, the message by its number, the last PDUs.
        [bind] = sim.ask("/api/binds")[1]["binds"]
        assert (bind["bind"], bind["system_id"], bind["type"]) == ("b1", "shop", "transceiver")
        wait_for(lambda: sim.counters()["receipts_acknowledged"] == 1)
        [message] = sim.ask("/api/messages?number=919876543210")[1]["messages"]
        assert (message["smsc_message_id"], message["state"]) == (response.message_id, "DELIVERED")
        assert [row["decision"] for row in message["rows"]] == [
            "accepted",
            "answered",
            "sent",
            "acknowledged",
        ]
        newest = sim.ask("/api/pdus?limit=1&command=submit_sm")[1]["pdus"]
        assert newest[0]["fields"]["destination_addr"] == "919876543210"
        assert newest[0]["text"]["text"] == "hello"

        # A message from a handset.
        mo = {"system_id": "shop", "source": "919876543210", "destination": "56070", "text": "STOP"}
        assert sim.ask("/api/mo", "POST", mo) == (202, {"segments": 1})
        _, [stop] = read(esme, deliveries=1)
        assert (stop.source_addr, stop.short_message, stop.esm_class) == ("919876543210", b"STOP", 0)

        # An alert that a handset is available, which the ESME does not answer.
        alert = {"system_id": "shop", "source": "919876543210", "destination": "56070"}
        assert sim.ask("/api/alerts", "POST", alert)[0] == 202
        heard = esme.read()
        assert (type(heard), heard.source_addr, heard.esme_addr) == (
            AlertNotification,
            "919876543210",
            "56070",
        )

        # A handset that is switched off, and on again: its message waits for that.
        path = "/api/handsets/919876543210"
        assert sim.ask(path)[1] == {"smsc": "", "number": "919876543210", "state": "on", "set_by_hand": False}
        assert sim.ask(path, "PUT", {"state": "absent"})[1]["state"] == "absent"
        submit(esme, "919876543210")
        read(esme, responses=1)
        assert sim.ask("/api/state")[1]["counters"]["open_messages"] == 1
        assert sim.ask(path, "DELETE")[1]["set_by_hand"] is False
        _, [receipt] = read(esme, deliveries=1)
        assert b"stat:DELIVRD" in receipt.short_message
        assert receipt.esm_class == int(EsmClass.SMSC_DELIVERY_RECEIPT)

        # A fault, on and off.
        assert sim.ask("/api/faults/busy", "PUT", {"on": True})[1]["on"] is True
        submit(esme, "919876543211")
        [refused], _ = read(esme, responses=1)
        assert refused.command_status == 8
        assert sim.ask("/api/faults")[1]["faults"][0]["hits"] == 1
        sim.ask("/api/faults/busy", "PUT", {"on": False})
        submit(esme, "919876543212")
        [accepted], [_] = read(esme, responses=1, deliveries=1)
        assert accepted.command_status == 0

    # The CDR period, the scenario again, the end.
    wait_for(lambda: sim.counters()["open_messages"] == 0)
    status, closed = sim.ask("/api/cdr/close", "POST")
    assert status == 200
    assert len(Path(closed["closed"][0]).read_text(encoding="utf-8").splitlines()) == 4
    sim.config.write_text(SCENARIO.replace('"on"', '"barred"'), encoding="utf-8")
    told = sim.ask("/api/reload", "POST")[1]["told"]
    assert told.endswith("read again: changed are population")  # Not --port: it is as it was.
    assert sim.ask(path)[1]["state"] == "barred"
    sim.config.write_text("nonsense = 1", encoding="utf-8")
    status, wrong = sim.ask("/api/reload", "POST")
    assert (status, "unknown key" in wrong["error"]) == (400, True)
    assert sim.ask("/api/stop", "POST")[0] == 202
    assert sim.process.wait(PATIENCE_S) == 0
    assert json.loads((sim.out / "status.json").read_text())["running"] is False


def test_metrics_agree_with_the_counters(simulator):
    sim = simulator()
    with RawEsme(sim.port) as esme:
        esme.bind()
        for number in range(5):
            submit(esme, f"91987654321{number}")
        read(esme, responses=5, deliveries=5)
        wait_for(lambda: sim.counters()["receipts_acknowledged"] == 5)
        text = sim.ask("/metrics")[1].decode()
        counters = sim.counters()
    for name, value in counters.items():
        metric = name if name == "open_messages" else f"{name}_total"
        assert f'smsc_sim_{metric}{{smsc=""}} {value}\n' in text
    assert 'smsc_sim_binds{smsc="",system_id="shop",type="transceiver"} 1\n' in text
    assert 'smsc_sim_fault_on{fault="busy",smsc=""} 0\n' in text


def test_without_control_no_port_is_open(simulator):
    sim = simulator(SCENARIO.replace("[control]\nport = 0\n", ""))
    assert sim.control_port is None
    _, output = sim.stop()
    assert "live page" not in output


def test_an_option_opens_the_control_where_the_scenario_has_none(simulator):
    sim = simulator("", "--control-port", "0")
    assert sim.ask("/api/state")[0] == 200
    _, output = sim.stop()
    assert f"http://127.0.0.1:{sim.control_port}/" in output


def test_the_options_outlive_a_reload(simulator, tmp_path):
    must = tmp_path / "must.toml"
    must.write_text('[[assert]]\nwhat = "submits_accepted"\nvalue = 0\n')
    sim = simulator("", "--control-port", "0", "--assertions", str(must))
    assert sim.ask("/api/reload", "POST")[1]["told"].endswith("read again: nothing changed")
    must.write_text("nonsense = 1\n")
    assert "must.toml:1: nonsense" in sim.ask("/api/reload", "POST")[1]["error"]
    assert "holds   submits_accepted" in sim.stop()[1]


def test_a_token_is_asked_of_every_call_but_the_page_itself(simulator):
    sim = simulator(SCENARIO + 'token = "a-long-secret"\n')
    for path in ("/api", "/api/state", "/api/capture.pcap", "/metrics"):
        status, wrong = sim.ask(path)
        assert (status, "token" in wrong["error"]) == (401, True)
        assert sim.ask(path, Authorization="Bearer a-long-secreT")[0] == 401
        assert sim.ask(path, Authorization="Bearer a-long-secret")[0] == 200
    assert sim.ask("/api/stop", "POST")[0] == 401
    assert sim.process.poll() is None
    assert sim.ask("/")[0] == 200


def test_everything_that_the_page_loads_comes_from_the_simulator(simulator):
    sim = simulator()
    status, page = sim.ask("/")
    assert status == 200
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', page.decode())
    assert {"live.css", "live.js", "icon.svg"} <= set(loaded)
    for script in ("live.js", "pdus.js", "panels.js"):
        loaded += re.findall(r'from "\./([^"]+)"', sim.ask(f"/{script}")[1].decode())
    for name in set(loaded):
        assert "//" not in name
        assert sim.ask(f"/{name}")[0] == 200, name


def test_a_browser_draws_the_page_without_an_error(simulator, tmp_path):
    sim = simulator()
    with RawEsme(sim.port) as esme:
        esme.bind()
        submit(esme, "919876543210", b"<b>hello</b>")
        read(esme, responses=1, deliveries=1)
        wait_for(lambda: len(sim.ask("/api/state")[1]["rates"]["samples"]) >= 4)  # A line needs three rates.
        browser = subprocess.run(
            [
                require_program("chromium", package="chromium"),
                *("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"),
                *("--enable-logging=stderr", "--virtual-time-budget=3500", "--dump-dom"),
                f"http://127.0.0.1:{sim.control_port}/",
            ],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert "CONSOLE" not in browser.stderr, browser.stderr
    page = browser.stdout
    assert re.search(r'id="pill-text">settled<', page)
    assert re.search(r"<td class=\"mono\">b1</td><td[^>]*>shop</td>", page)
    assert '<path class="l1" d="M' in page
    assert re.search(r'role="switch" aria-label="Fault busy" aria-checked="false"', page)
    assert page.count('<tr class="row">') == 6  # the bind, the message and its receipt, each with its answer
    assert "&lt;b&gt;hello&lt;/b&gt;" in page
    assert "<b>hello</b>" not in page


def test_a_control_port_in_use_is_told_in_one_sentence(simulator):
    sim = simulator()
    command = [sys.executable, "-m", "smsc_sim", "run", "--port", "0"]
    command += ["--control-port", str(sim.control_port)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert second.returncode == 2
    assert f"cannot listen on 127.0.0.1:{sim.control_port}" in second.stderr
    assert "Traceback" not in second.stderr


def test_two_virtual_smscs_are_told_apart(simulator):
    two = "".join(f'[[smsc]]\nname = "{name}"\n[smsc.listen]\nport = 0\n' for name in ("north", "south"))
    sim = simulator("[control]\nport = 0\n" + two)
    ports = sim.ask("/api/state")[1]["ports"]
    with RawEsme(ports["north"]) as north, RawEsme(ports["south"]) as south:
        north.bind("shop")
        south.bind("bank")
        submit(south, "919876543210")
        read(south, responses=1)
        binds = sim.ask("/api/binds")[1]["binds"]
        assert [(bind["bind"], bind["smsc"], bind["system_id"]) for bind in binds] == [
            ("north.b1", "north", "shop"),
            ("south.b1", "south", "bank"),
        ]
        by_smsc = sim.ask("/api/counters")[1]["by_smsc"]
        assert [by_smsc[name]["submits_accepted"] for name in ("north", "south")] == [0, 1]
        [message] = sim.ask("/api/messages?number=919876543210")[1]["messages"]
        assert message["smsc"] == "south"
        mo = {"system_id": "shop", "source": "91987", "destination": "1", "text": "hi"}
        status, wrong = sim.ask("/api/mo", "POST", mo)
        assert (status, "north, south" in wrong["error"]) == (400, True)
        assert sim.ask("/api/mo", "POST", mo | {"smsc": "north"})[0] == 202
        _, [hi] = read(north, deliveries=1)
        assert hi.short_message == b"hi"
