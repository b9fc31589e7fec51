"""A line is appended to a file, and the person it is about gets the message: with the real programs."""

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from feature_files import write_features
from product import Programs, running, until
from pyroaring import BitMap
from trigger_stream import TriggerStream

from operator_push.cli.child_programs import ChildProgram, program
from operator_push.gateway.clock import now_us as now_us_of_clock

DEADLINE_S = 10.0  # a machine that is busy may need it; benchmarks/trigger_latency.py has the figure
PEOPLE = 100
MORE = """
[policy.quiet_hours]
enabled = false
[profiles]
features_file = "out/features.json"
[answers]
account = "house"
[[opt_in]]
name = "spring"
brand = "Chai"
short_code = "56070"
keyword = "CHAI"
missed_call = "918045000000"
"""
LINES = '[[line]]\nname = "spring"\nnumbers = ["918045000000"]\n'


def number(person: int) -> str:
    return f"9198100{person:05}"


class House:
    """The product, the two programs of triggers, and a stream of records."""

    def __init__(self, folder: Path, programs: Programs, stack: ExitStack) -> None:
        self.folder, self.programs = folder, programs
        self._stack = stack
        write_features(folder / "out" / "features.json", {each: {"age": 30} for each in range(1, PEOPLE + 1)})
        self.stream = TriggerStream(folder, tables=LINES)
        self.ingest: ChildProgram | None = None

    def enrol(self) -> None:
        call = self.programs.call
        self.programs.add_account("house")
        self.programs.add_account("chai", kind="enterprise", brand="Chai", category=8, senders=["56070"])
        rows = [[each, number(each)] for each in range(1, PEOPLE + 3)]
        call("subscriber.import", columns=["line", "msisdn"], rows=rows)
        for purpose in ("marketing", "use_top_up", "use_subscriber_record"):
            self.consent(purpose, "grant", range(1, PEOPLE + 1))
        self.snapshot()

    def consent(self, purpose: str, action: str, people: Any) -> None:
        said = {"brand": "*", "category": "*", "purpose": purpose, "channel": "*", "action": action}
        said |= {
            "at": f"2026-01-0{1 if action == 'grant' else 2}T00:00:00Z",
            "method": "web",
            "evidence": "x",
        }
        rows = [{"line": each, "msisdn": number(each), **said} for each in people]
        answer = self.programs.call("consent.import", rows=rows)
        assert answer["rejected"] == [], answer

    def snapshot(self) -> None:
        key = self.folder / "secrets" / "pseudonym.key"
        (self.folder / "key").write_bytes(key.read_bytes())
        self.programs.call("permission.snapshot", out=str(self.folder / "permission.parquet"))

    def sell(self, name: str, **terms: Any) -> None:
        everybody = base64.b64encode(BitMap(range(1, PEOPLE + 1)).serialize()).decode()
        asked = {"account": "chai", "source": "56070", "text": "Chai?", "rule": "age >= 18", "category": 8}
        call = self.programs.call
        call("campaign.order", name=name, ordered_by="asha", audience=everybody, terms=terms, **asked)
        for side, who in (("client", "ravi"), ("operator", "desk")):
            call("campaign.approve", name=name, side=side, approver=who)
        call("campaign.launch", name=name, audience=everybody)

    def start(self, *command: str) -> ChildProgram:
        child = ChildProgram(
            [*program(command[0]), *command[1:]], self.folder / f"{command[0]}-{command[1]}.log"
        )
        self._stack.callback(child.stop)
        return child

    def start_both(self) -> None:
        self.ingest = self.start("cdr-ingest", "triggers", "--config", str(self.stream.config_file))
        config = str(self.folder / "operator-push.toml")
        self.start("operator-push", "trigger", "run", "--json", "--config", config)

    def judged(self) -> list[dict[str, Any]]:
        log = self.folder / "operator-push-trigger.log"
        lines = log.read_text().splitlines() if log.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{")]

    def top_up(self, person: int, rupees: str) -> None:
        self.stream.now_us = now_us_of_clock()
        self.stream.top_up(number(person), rupees)

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        until(lambda: len(self.judged()) >= count, f"{count} judged events", DEADLINE_S)
        return self.judged()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with ExitStack() as stack:
        programs = stack.enter_context(running(tmp_path, more=MORE))
        made = House(tmp_path, programs, stack)
        made.enrol()
        yield made


def test_from_a_line_in_a_file_to_the_message(house: House) -> None:
    house.sell("Spring", trigger="top_up", when="event.amount >= 100.0 && age >= 18")
    house.start_both()
    house.top_up(1, "150")
    first = house.wait_for(1)
    assert first[0]["outcomes"] == {"Spring": "accepted"}
    print(f"decided {first[0]['delay_ms']} ms after the record was read")

    house.top_up(2, "50")  # too little
    house.top_up(1, "200")  # once a campaign
    outcomes = [each["outcomes"]["Spring"] for each in house.wait_for(3)]
    assert outcomes == ["accepted", "does not fit", "repeated"]

    # A withdrawal holds at the next event, before any snapshot tells cdr-ingest of it.
    house.consent("use_top_up", "withdraw", [3])
    house.top_up(3, "150")
    assert house.wait_for(4)[3]["outcomes"] == {"Spring": "not permitted"}
    house.snapshot()

    # Killed and started again: what came meanwhile is told once, what was told is not repeated.
    assert house.ingest is not None
    house.ingest.kill()
    house.top_up(4, "150")
    house.top_up(3, "150")
    house.ingest = house.start("cdr-ingest", "triggers", "--config", str(house.stream.config_file))
    assert house.wait_for(5)[4]["outcomes"] == {"Spring": "accepted"}

    # The brand's own line was called by somebody who permits nothing: they are asked whether they opt in.
    house.stream.now_us = now_us_of_clock()
    caller = number(PEOPLE + 1)
    house.stream.cdr("918045000000", kind="MT_CALL", duration_s="0", correspondent=caller)
    last = house.wait_for(6)[5]
    assert (last["trigger"], last["outcomes"]) == ("opt_in_call", {"spring": "challenged"})

    def reached() -> list[str]:
        rows = [row for row in house.programs.witness() if row.get("command") == "submit_sm"]
        return [row["destination"] for row in rows if row.get("decision") == "accepted"]

    until(lambda: len(reached()) == 3, "the messages at the SMSC", DEADLINE_S)
    assert sorted(reached()) == [number(1), number(4), caller]
    check_copy(house)
    assert [event.sequence for event in house.stream.events()] == [1, 2, 3, 4, 5, 6]


def check_copy(house: House) -> None:
    """The person's own copy has the event, the message that it set off, and what permitted both."""
    config = str(house.folder / "operator-push.toml")
    command = [*program("operator-push"), "person", "export", "--msisdn", number(1), "--config", config]
    subprocess.run([*command, "--out", str(house.folder / "copy")], check=True, capture_output=True)
    copied = house.folder / "copy" / "my-data.json"
    assert copied.stat().st_mode & 0o077 == 0
    told = json.loads(copied.read_text())
    assert [(each["trigger"], each["amount"]) for each in told["events"]] == [
        ("top_up", 150),
        ("top_up", 200),
    ]
    assert [each["campaign"] for each in told["messages"]] == ["Spring"]
    assert {each["purpose"] for each in told["consents"]} == {
        "marketing",
        "use_top_up",
        "use_subscriber_record",
    }
    learnt = {each["name"]: (each["value"], each["source"]) for each in told["learnt"]}
    assert learnt["age"] == ("30", "subscriber record")
    assert number(4) not in copied.read_text()
