"""smsc-sim load as a program against smsc-sim run: its figures agree with the SMSC and hide nothing."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import pytest

PATIENCE_S = 30
ACCOUNT = '[[accounts]]\nsystem_id = "shop"\npassword = "secret"\n'
QUICK = '[[population.handsets]]\nstate = "on"\nshare = 1.0\ndelay_ms = 0\n'


def wait_for(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


class World:
    """A simulator as a process, and load runs against it."""

    def __init__(self, folder, scenario):
        self.folder = folder
        self.out = folder / "smsc"
        ready, config = folder / "ready.json", folder / "scenario.toml"
        config.write_text(ACCOUNT + scenario, encoding="utf-8")
        self.smsc = subprocess.Popen(
            [
                *(
                    sys.executable,
                    "-m",
                    "smsc_sim",
                    "run",
                    "--config",
                    str(config),
                    "--port",
                    "0",
                    "--seed",
                    "7",
                ),
                *("--out", str(self.out), "--ready-file", str(ready)),
            ],
            stdout=subprocess.DEVNULL,
        )
        wait_for(ready.exists)
        self.port = json.loads(ready.read_text())["port"]

    def start(self, *options, name="load"):
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "smsc_sim", "load", "--port", str(self.port), "--system-id", "shop"),
                *("--password", "secret", "--out", str(self.folder / name), *options),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def load(self, *options, name="load", code=0):
        process = self.start(*options, name=name)
        self.output, self.errors = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == code, self.output + self.errors
        return self.report(name)

    def report(self, name="load"):
        path = self.folder / name / "load.json"
        return json.loads(path.read_text()) if path.exists() else None

    def stop(self):
        if self.smsc.poll() is None:
            self.smsc.send_signal(signal.SIGTERM)
            self.smsc.wait(timeout=PATIENCE_S)

    def witness(self, **members):
        rows = [json.loads(line) for line in (self.out / "witness.jsonl").read_text().splitlines()]
        return [row for row in rows if all(row.get(key) == value for key, value in members.items())]

    def cdr(self):
        rows = []
        for path in sorted((self.out / "cdr").glob("*.csv")):
            with path.open(newline="", encoding="utf-8") as file:
                rows += csv.DictReader(file)
        return rows


@pytest.fixture
def world(tmp_path):
    made = []

    def make(scenario=QUICK):
        made.append(World(tmp_path, scenario))
        return made[-1]

    yield make
    for one in made:
        one.smsc.kill()
        one.smsc.wait()


def test_the_report_agrees_with_the_smsc(world):
    sim = world()
    report = sim.load(
        *("--rate", "400", "--count", "600", "--bind", "trx:2", "--mix", "everyday", "--arrivals", "poisson"),
        *("--expect", "failed_share == 0", "--expect", "receipts_missing == 0", "--title", "Agreement"),
    )
    sim.stop()
    assert report["outcome"] == "passed"
    assert sum(row["messages"] for row in report["binds"]) == 600
    accepted = sim.witness(command="submit_sm", decision="accepted")
    assert report["figures"]["sent"] == report["figures"]["accepted"] == len(accepted) == len(sim.cdr()) > 600
    assert report["receipts"]["matched"] == len(
        sim.witness(command="deliver_sm_resp", decision="acknowledged")
    )
    assert "pass  failed_share == 0" in sim.output
    assert "load.html" in sim.output
    assert {path.name for path in (sim.folder / "load").iterdir()} == {"load.html", "load.json", "junit.xml"}


def test_concatenated_messages_arrive_whole(world):
    sim = world()
    report = sim.load("--closed", "--count", "100", "--mix", "long", "--window", "20", "--no-receipts")
    sim.stop()
    rows = sim.cdr()
    assert len(rows) == report["figures"]["accepted"]
    parts = {}
    for row in rows:
        key = (row["destination_addr"], row["concat_reference"], row["concat_total"])
        parts.setdefault(key, []).append(int(row["concat_part"]))
    assert len(parts) == 100
    for (_, _, total), found in parts.items():
        assert sorted(found) == list(range(1, int(total) + 1))
    assert report["receipts"]["expected"] == 0


def test_a_stalled_server_is_not_hidden(world):
    sim = world()
    process = sim.start(
        "--rate", "200", "--duration", "4", "--window", "10", "--expect", "response_p90_ms <= 200"
    )
    wait_for(lambda: len(sim.witness(command="submit_sm")) > 100)
    os.kill(sim.smsc.pid, signal.SIGSTOP)
    try:
        time.sleep(1.5)
    finally:
        os.kill(sim.smsc.pid, signal.SIGCONT)
    output, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1, output + errors
    latency = sim.report()["latency_ms"]
    # 1.5 s of 4 s: three of eight messages were due while nothing was answered. Only ten of them were sent.
    assert latency["response"]["count"] == 800
    assert latency["response"]["p90"] > 700
    assert latency["service"]["p90"] < 700
    assert latency["response"]["max"] > 1300


def test_refusals_are_told_by_their_name(world):
    sim = world(QUICK + "[limits]\nopen_messages_max = 5\n[latency]\nsubmit_sm_resp_ms = 20\n")
    report = sim.load("--rate", "500", "--count", "300", "--no-receipts", "--expect", "refused == 0", code=1)
    refused = report["figures"]["refused"]
    assert refused > 0
    assert sum(row["count"] for row in report["refusals"]) == refused
    assert {row["name"] for row in report["refusals"]} <= {"ESME_RMSGQFUL", "ESME_RTHROTTLED"}
    assert report["figures"]["accepted"] + refused == 300


def test_a_transmitter_sends_and_a_receiver_gets_the_receipts(world):
    sim = world()
    report = sim.load("--rate", "200", "--count", "100", "--bind", "tx:2", "--bind", "rx")
    assert [row["delivered"] > 0 for row in report["binds"]] == [False, False, True]
    assert report["receipts"]["matched"] == 100


def test_the_same_seed_sends_the_same_on_each_bind(world):
    sim = world()
    sent = []
    for name in ("one", "two"):
        before = {row["bind"] for row in sim.witness() if "bind" in row}
        sim.load(
            "--closed", "--count", "90", "--bind", "trx:3", "--mix", "everyday", "--seed", "5", name=name
        )
        rows = [row for row in sim.witness(command="submit_sm") if row["bind"] not in before]
        by_bind = {}
        for row in rows:
            by_bind.setdefault(row["bind"], []).append(row["destination"])
        sent.append(sorted(by_bind.values()))
    assert sent[0] == sent[1]
    assert len(sent[0]) == 3


def test_a_bind_that_is_refused_is_exit_status_3(world):
    sim = world()
    sim.load("--password", "wrong", "--count", "5", "--expect", "sent >= 5", code=3)
    assert "ESME_RINVPASWD" in sim.output
    assert sim.report()["outcome"] == "not done"


def test_ctrl_c_ends_in_order_with_a_report(world):
    sim = world()
    process = sim.start("--rate", "50", "--duration", "10m")
    wait_for(lambda: len(sim.witness(command="submit_sm")) > 20)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 3, output + errors
    assert "interrupted" in output
    assert sim.report()["figures"]["sent"] > 20
    wait_for(lambda: sim.witness(command="unbind") or sim.witness(decision="unbound"))


def test_a_plan_in_a_file(world):
    sim = world()
    plan = sim.folder / "plan.toml"
    plan.write_text(
        "[[stages]]\nduration_s = 1\nrate = [0, 100]\n[[stages]]\nduration_s = 1\nrate = 100\n"
        '[[messages]]\ntext = "नमस्ते"\n[[binds]]\nsystem_id = "shop"\npassword = "secret"\n',
        encoding="utf-8",
    )
    report = sim.load("--config", str(plan), "--quiet")
    assert report["figures"]["accepted"] == 150
    assert sim.errors == ""
    assert report["kinds"][0]["encoding"] == "ucs2"
