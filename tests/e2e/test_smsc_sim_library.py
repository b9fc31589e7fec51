"""Ready scenarios of handsets, limits and time: each runs, and what it promises happens, by witness and CDRs.

A case is a function with the scenario's name: it talks to the simulator as a well-behaved ESME does, ends the
run, and reads the records. The scenario's own assertions must hold for such an ESME.
"""

import collections
import re
import socket
import time
from pathlib import Path

import pytest
from library_runs import PATIENCE_S, Esme, library_runs, numbers

from operator_push.smpp.pdu import BindTransceiver
from operator_push.smpp.receipt_text import parse_receipt
from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from smsc_sim.library import headline, scenario_names, scenario_path

DOCS = Path(__file__).parents[2] / "docs" / "scenarios"
CASES = {}


def case(function):
    CASES[function.__name__.replace("_", "-")] = function
    return function


@pytest.fixture
def simulator(tmp_path):
    with library_runs(tmp_path) as start:
        yield start


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
def friendly(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(20))
    esme.read_until(lambda: len(esme.receipts) == 20)
    sim.stop()
    assert {row["state"] for row in sim.cdr()} == {"DELIVERED"}
    assert sim.faults() == {}


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
def mo_survey(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(40))
    esme.read_until(lambda: len(esme.receipts) == 39 and len(esme.heard) == 25)  # all that this seed brings
    esme.read_until(lambda: any(pdu.source_addr.startswith("9198000009") for pdu in esme.heard))
    sim.stop()
    said = {row["text"] for row in sim.rows(kind="mo_answer", decision="acknowledged")}
    assert {"1", "2"} <= said
    assert sim.rows(kind="mo_csv", decision="acknowledged")


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


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_scenario_does_what_it_says_and_a_good_esme_passes_its_assertions(name, simulator):
    sim = simulator(name)
    CASES[name](sim)
    assert sim.process.returncode == 0, sim.output
    assert "FAILED" not in sim.output
    assert "holds " in sim.output


def test_every_scenario_has_a_case_and_a_page_and_a_headline():
    files = [
        path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_smsc_sim_library*.py")
    ]
    cases = re.findall(r"^@case\ndef (\w+)\(", "\n".join(files), re.MULTILINE)
    assert sorted(name.replace("_", "-") for name in cases) == sorted(scenario_names())
    assert {path.stem for path in DOCS.glob("*.md")} == set(scenario_names())
    for name in scenario_names():
        assert headline(name).endswith((".", "!")), name
        page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
        assert page.startswith(f"# {name}\n"), name
        assert f"smsc-sim run --scenario {name}" in page
        told = [line for line in page.splitlines() if line.startswith("## ")]
        assert told == ["## What it shows", "## Run it", "## Look at", "## A good gateway"], name
        assert "[[assert]]" in scenario_path(name).read_text(encoding="utf-8")
