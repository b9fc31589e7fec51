"""The trigger run: one person tops up, and gets the message of the campaign that waits for it.

The stream is one file, into which one line is written while the main run is in full swing; between the line
and the decision are the real programs, `cdr-ingest triggers` and `operator-push trigger run`. Asked are only
people to whom the campaigns of the main run do not write, so that no cap keeps the message back.
"""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyroaring import BitMap

from operator_push.cli.audience_counting import count_audience, encode_subscribers, permitting
from operator_push.cli.child_programs import program
from operator_push.cli.control_client import ControlClient
from operator_push.cli.demo.enterprises import CHAI_POINT, OPERATOR_APPROVER
from operator_push.cli.demo.link_click import HOST, TARGET
from operator_push.cli.demo.pair import Pair
from operator_push.cli.demo.product_input import KEY_FILE, SNAPSHOT_FILE
from operator_push.cli.demo.programs import Program, Programs
from operator_push.cli.demo.results import Sale
from operator_push.cli.demo.workspace import Workspace
from operator_push.domain.audience.counting import COUNT_FLOOR
from operator_push.kernel.instants import parse_iso
from operator_push.kernel.money import MICROS_PER_UNIT

CAMPAIGN = "Chai Point: thank you"
RULE, WHEN = "age >= 18", "event.amount >= 100.0"
TEXT = (
    "Chai Point: thank you for topping up your {{ plan | default('prepaid') }} plan! A chai is on us: "
    "{{ link }} No more of these? Answer STOP."
)
LISTENING = "listening"  # what both programs say once they are ready
READY_S = 60.0
DECIDED_S = 60.0
HEADER = "record_id,msisdn,topped_up_at,amount_rupees,channel\n"
CONFIG = """\
# Written by operator-push demo. Start it again with: cdr-ingest triggers --config THIS_FILE
snapshot = {snapshot}
key_file = {key_file}
out = {out}
triggers = ["top_up"]

[[source]]
name = "recharges"
kind = "tail"
into = "topups"
options = {{ path = {stream} }}
"""


class TriggerRun:
    """`start` before the main run, `top_up` in its midst, `end` once all is delivered."""

    def __init__(self, programs: Programs, workspace: Workspace, pair: Pair) -> None:
        self._programs = programs
        self._workspace = workspace
        self._pair = pair
        self._started: list[Program] = []
        self._number = ""

    def start(self, sales: list[Sale]) -> str:
        """Sell the campaign and start both programs; tells so in words.

        Raises:
            ResourceError: a program ended, or was not ready in time.
        """
        control, product = self._pair.control, self._workspace.main.product
        people = _people(control, self._workspace, sales)
        if len(people) < COUNT_FLOOR:
            return "too few people are left for a campaign of its own"
        _sell(control, people)
        self._number = _number_of_one(control, self._workspace, people)
        self._stream.parent.mkdir()
        config = product / "triggers.toml"
        config.write_text(_config(self._workspace, self._stream.parent), encoding="utf-8")
        told = ["trigger", "run", "--json", "--config", str(self._workspace.main.product_config)]
        self._started = [
            self._programs.start("triggers", [*program("cdr-ingest"), "triggers", "--config", str(config)]),
            self._programs.start("trigger-run", [*program("operator-push"), *told]),
        ]
        for child in self._started:
            self._pair.wait_until(lambda: LISTENING in child.log_file.read_text(), READY_S, "listening")  # noqa: B023
        return f"{CAMPAIGN} waits for top-ups; cdr-ingest triggers and operator-push trigger run listen"

    def top_up(self) -> None:
        """One of the people tops up: a line is written."""
        if self._started:
            at = datetime.now(UTC).isoformat()
            self._stream.write_text(f"{HEADER}demo-1,{self._number},{at},150,app\n", encoding="utf-8")

    def end(self) -> str:
        """What became of it, in words; everything is settled when this returns.

        Raises:
            ResourceError: nothing was decided in time.
        """
        if not self._started:
            return ""
        log = self._started[1].log_file
        self._pair.wait_until(lambda: bool(_judged(log.read_text())), DECIDED_S, "done with the top-up")
        self._pair.wait_until_settled(DECIDED_S)
        for child in reversed(self._started):
            child.stop()
            self._programs.forget(child)
        self._pair.control.call("campaign.finish", name=CAMPAIGN)
        (line,) = _judged(log.read_text())
        decided_us = parse_iso(line["decided_at"]) - parse_iso(line["at"])
        outcome = str(line["outcomes"][CAMPAIGN]).lower().replace("_", " ")
        return f"a top-up: {outcome} by {CAMPAIGN}, {decided_us / 1_000_000:.2f} s after its line was written"

    @property
    def _stream(self) -> Path:
        """The file to which the line is written."""
        return self._workspace.main.product / "recharges" / "now.csv"


def _people(control: ControlClient, workspace: Workspace, sales: list[Sale]) -> BitMap:
    """Whom the rule finds, who lets us learn from top-ups, and to whom no campaign writes."""
    features = workspace.features / "features.json"
    found = count_audience(features, control, RULE, CHAI_POINT.account, CHAI_POINT.category).subscribers
    for sale in sales:
        found -= BitMap(sale.recipients)
    return found & permitting(control, "use_top_up")


def _sell(control: ControlClient, people: BitMap) -> None:
    audience = encode_subscribers(people)
    terms = {"trigger": "top_up", "when": WHEN, "link": TARGET}
    asked: dict[str, Any] = {
        "account": CHAI_POINT.account,
        "category": CHAI_POINT.category,
        "rule": RULE,
        "source": CHAI_POINT.source,
        "text": TEXT,
        "audience": audience,
        "terms": terms,
    }
    control.call("account.set", name=CHAI_POINT.account, link_host=HOST)
    quoted = int(control.call("campaign.quote", **asked)["quoted_micros"])
    paid = quoted + MICROS_PER_UNIT
    control.call("account.top_up", name=CHAI_POINT.account, amount_micros=paid, reference="chaipoint-2")
    control.call("campaign.order", name=CAMPAIGN, ordered_by=CHAI_POINT.buyer, **asked)
    control.call("campaign.approve", name=CAMPAIGN, approver=CHAI_POINT.checker, side="client")
    control.call("campaign.approve", name=CAMPAIGN, approver=OPERATOR_APPROVER)
    control.call("campaign.launch", name=CAMPAIGN, audience=audience)


def _number_of_one(control: ControlClient, workspace: Workspace, people: BitMap) -> str:
    """The number of one of them; they are many, so that few have to be looked up."""
    with (workspace.input / "subscribers.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if not row["msisdn"].isdecimal():
                continue
            found = control.call("permission.look_up", number=row["msisdn"], brand="*", by="demo")
            if found["subscriber_no"] in people:
                return row["msisdn"]
    raise LookupError("the input names nobody of the audience")


def _config(workspace: Workspace, stream: Path) -> str:
    product = workspace.main.product
    paths = {
        "snapshot": product / SNAPSHOT_FILE,
        "key_file": product / KEY_FILE,
        "out": workspace.features,
        "stream": stream,
    }
    return CONFIG.format(**{name: json.dumps(str(path)) for name, path in paths.items()})


def _judged(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]
