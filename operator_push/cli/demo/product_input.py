"""The product's input: generated files, their import through the control socket, the ingest to features."""

import csv
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operator_push.cli.audience_counting import permitting
from operator_push.cli.child_programs import program
from operator_push.cli.consent_commands import COLUMNS as CONSENT_COLUMNS
from operator_push.cli.control_client import ControlClient
from operator_push.cli.demo.enterprises import CAMPAIGN_BUYERS, NAGAR_BANK
from operator_push.cli.demo.programs import Programs
from operator_push.cli.demo.workspace import Workspace
from operator_push.cli.row_import import ImportCount, import_rows
from operator_push.kernel.numbering import is_msisdn

GENERATE_LIMIT_S = 1_200.0
INGEST_LIMIT_S = 1_800.0
SNAPSHOT_FILE = "permission-snapshot.parquet"
KEY_FILE = "secrets/pseudonym.key"


def generate(programs: Programs, workspace: Workspace, subscribers: int, seed: int) -> None:
    """`cdr-ingest generate` into DIR/input."""
    command = [*program("cdr-ingest"), "generate", "--out", str(workspace.input)]
    command += ["--subscribers", str(subscribers), "--seed", str(seed), "--days", "30"]
    child = programs.start("generate", command)
    child.require_success(GENERATE_LIMIT_S)
    programs.forget(child)


@dataclass(frozen=True, slots=True)
class InputSize:
    """What the folder holds, counted in the files: data lines without headers."""

    files: int
    subscriber_rows: int
    consent_rows: int
    cdr_rows: int
    top_up_rows: int


def measure(folder: Path) -> InputSize:
    """Count the generated files and their lines."""
    cdr_files = sorted((folder / "cdr").glob("*.csv"))
    top_up_files = sorted((folder / "topups").glob("*.csv"))
    return InputSize(
        files=len(cdr_files) + len(top_up_files) + 2,
        subscriber_rows=_lines(folder / "subscribers.csv"),
        consent_rows=_lines(folder / "consents.csv"),
        cdr_rows=sum(map(_lines, cdr_files)),
        top_up_rows=sum(map(_lines, top_up_files)),
    )


def import_people(control: ControlClient, folder: Path) -> tuple[ImportCount, ImportCount]:
    """Subscribers, then consents, as `operator-push subscriber import` and `consent import` do."""
    subscribers = import_rows(
        control, "subscriber.import", folder / "subscribers.csv", ("msisdn",), ("msisdn",)
    )
    consents = import_rows(
        control, "consent.import", folder / "consents.csv", ("msisdn", "purpose", "action"), CONSENT_COLUMNS
    )
    return subscribers, consents


def first_people(folder: Path, out: Path, subscribers: int) -> None:
    """Write the first `subscribers` of an input folder, with their consents, to another folder."""
    out.mkdir(parents=True, exist_ok=True)
    chosen: set[str] = set()
    with (folder / "subscribers.csv").open(encoding="utf-8", newline="") as source:
        lines = list(itertools.islice(source, subscribers + 1))
    (out / "subscribers.csv").write_text("".join(lines), encoding="utf-8")
    chosen.update(line.partition(",")[0] for line in lines[1:])
    with (
        (folder / "consents.csv").open(encoding="utf-8", newline="") as source,
        (out / "consents.csv").open("w", encoding="utf-8", newline="") as target,
    ):
        target.write(next(source))
        target.writelines(line for line in source if line.partition(",")[0] in chosen)


PURPOSES_IN_WORDS = (
    ("use_subscriber_record", "learning from the subscriber record"),
    ("use_call_data", "learning from calls, SMS and data"),
    ("use_location", "learning from location"),
    ("use_top_up", "learning from top-ups"),
)


def count_permissions(control: ControlClient) -> dict[str, int]:
    """How many subscribers permit what, in words."""
    counts = {words: len(permitting(control, purpose)) for purpose, words in PURPOSES_IN_WORDS}
    for buyer in CAMPAIGN_BUYERS:
        people = permitting(control, "marketing", buyer.brand, buyer.category)
        counts[f"messages of {buyer.brand}"] = len(people)
    people = permitting(control, "marketing", NAGAR_BANK.brand, NAGAR_BANK.category)
    counts[f"messages of {NAGAR_BANK.brand}"] = len(people)
    return counts


def permission_snapshot(control: ControlClient, workspace: Workspace) -> None:
    """`operator-push permission snapshot` into DIR/product."""
    control.call("permission.snapshot", out=str(workspace.main.product / SNAPSHOT_FILE))


def ingest(programs: Programs, workspace: Workspace) -> dict[str, Any]:
    """`cdr-ingest run`; returns its run.json."""
    product = workspace.main.product
    command = [*program("cdr-ingest"), "run", "--input", str(workspace.input)]
    command += ["--snapshot", str(product / SNAPSHOT_FILE), "--key-file", str(product / KEY_FILE)]
    child = programs.start("ingest", [*command, "--out", str(workspace.features)])
    child.require_success(INGEST_LIMIT_S)
    programs.forget(child)
    report: dict[str, Any] = json.loads((workspace.features / "run.json").read_text(encoding="utf-8"))
    return report


@dataclass(frozen=True, slots=True)
class Customers:
    """A brand's own view of people: numbers that agreed to its messages, and numbers that did not."""

    permitted: list[str]
    not_permitted: list[str]


def customers_of(folder: Path, brand: str) -> Customers:
    """Read a brand's customers from the consents that were handed to the product: the last act counts."""
    last: dict[str, bool] = {}
    for row in _rows(folder / "consents.csv"):
        if row["brand"] == brand and row["purpose"] == "marketing":
            last[row["msisdn"]] = row["action"] == "grant"
    everybody = dict.fromkeys(
        row["msisdn"] for row in _rows(folder / "subscribers.csv") if is_msisdn(row["msisdn"])
    )
    return Customers(
        [msisdn for msisdn in everybody if last.get(msisdn)],
        [msisdn for msisdn in everybody if not last.get(msisdn)],
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _lines(path: Path) -> int:
    with path.open("rb") as lines:
        return max(0, sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(1 << 20), b"")) - 1)
