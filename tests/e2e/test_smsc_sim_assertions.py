"""Runs that end by themselves and are judged: exit status, verdicts, JUnit file."""

import json
import subprocess
import sys
import time
from xml.etree import ElementTree

import pytest
from raw_esme import RawEsme

from operator_push.smpp.pdu import DeliverSm, DeliverSmResp, SubmitSm, SubmitSmResp

PATIENCE_S = 60
QUICK = '[[population.handsets]]\nstate = "on"\nshare = 1.0\ndelay_ms = 0\n'
STOP = QUICK + '[[mo.answers]]\nshare = 1.0\ntext = "STOP"\nafter_ms = 0\n'


def must(what, operator, value):
    return f'[[assert]]\nwhat = "{what}"\noperator = "{operator}"\nvalue = {json.dumps(value)}\n'


class Run:
    def __init__(self, folder, scenario, *options):
        self.junit = folder / "results" / "junit.xml"
        config, ready = folder / "scenario.toml", folder / "ready.json"
        config.write_text(scenario, encoding="utf-8")
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "smsc_sim", "run", "--config", str(config), "--port", "0"),
                *("--seed", "7", "--ready-file", str(ready), "--junit", str(self.junit), *options),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        end = time.monotonic() + PATIENCE_S
        while not ready.exists() and self.process.poll() is None:
            assert time.monotonic() < end
            time.sleep(0.02)
        self.port = json.loads(ready.read_text())["port"] if ready.exists() else 0

    def ended(self):
        output, _ = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, output

    def cases(self):
        """(name, failure) of each case of the JUnit file."""
        root = ElementTree.parse(self.junit).getroot()
        return [
            (case.get("name"), None if (found := case.find("failure")) is None else found.get("message"))
            for case in root
        ]


@pytest.fixture
def run(tmp_path):
    started = []

    def start(scenario, *options):
        started.append(Run(tmp_path, scenario, *options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


def talk(esme, count, deliveries):
    """Submit to one number and answer what comes."""
    for _ in range(count):
        esme.send(
            SubmitSm(
                source_addr="56070", destination_addr="91987", registered_delivery=1, short_message=b"hello"
            )
        )
    responses = 0
    while responses < count or deliveries:
        pdu = esme.read()
        if isinstance(pdu, SubmitSmResp):
            responses += 1
        elif isinstance(pdu, DeliverSm):
            deliveries -= 1
            esme.answer(DeliverSmResp(sequence_number=pdu.sequence_number))


def test_a_settled_run_ends_by_itself_and_everything_holds(run):
    scenario = QUICK + must("receipts:DELIVERED", "==", "submits_accepted") + must("unfinished", "==", 0)
    one = run(scenario, "--until", "settled", "--settled-for", "0.2", "--for", "15")
    with RawEsme(one.port) as esme:
        esme.bind()
        talk(esme, 3, 3)
        status, output = one.ended()
    assert status == 0, output
    assert one.cases() == [
        ("receipts:DELIVERED == submits_accepted", None),
        ("unfinished == 0", None),
        ("settled within 15 s", None),
    ]


def test_an_assertion_that_does_not_hold_is_exit_status_one(run):
    scenario = STOP + must("sent_after_stop", "==", 0) + must("esme_response_max_ms", "<", 20_000)
    one = run(scenario, "--until", "settled", "--settled-for", "0.2")
    with RawEsme(one.port) as esme:
        esme.bind()
        talk(esme, 1, 2)
        talk(esme, 2, 2)  # To somebody who has said STOP.
        status, output = one.ended()
    assert status == 1, output
    assert one.cases() == [("sent_after_stop == 0", "was 2"), ("esme_response_max_ms < 20000", None)]
    assert "FAILED  sent_after_stop == 0: was 2" in output


def test_what_did_not_settle_in_time_has_failed(run):
    one = run(QUICK, "--until", "settled", "--for", "0.6")
    with RawEsme(one.port) as esme:
        esme.bind()
        esme.send(
            SubmitSm(
                source_addr="56070", destination_addr="91987", registered_delivery=1, short_message=b"hi"
            )
        )
        status, output = one.ended()  # The receipt is never answered.
    assert status == 1, output
    assert one.cases() == [("settled within 0.6 s", "1 were still on their way")]


def test_a_run_without_a_word_never_settles_and_ends_in_time(run):
    one = run(QUICK + must("binds_made", "==", 0), "--for", "0.3s")
    assert one.ended()[0] == 0


def test_verdicts_of_an_interrupted_run_count_too(run):
    one = run(QUICK + must("submits_accepted", ">=", 1))
    one.process.terminate()
    status, output = one.ended()
    assert status == 1
    assert "FAILED  submits_accepted >= 1: was 0" in output


def test_nothing_asserted_is_a_wrong_command_line(run):
    one = run(QUICK)
    status, output = one.ended()
    assert status == 2
    assert "nothing is asserted" in output
    assert "Traceback" not in output
