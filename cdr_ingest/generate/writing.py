"""Writing a generated set: node by node into the files of a mediation's drop folder.

Layout: subscribers.csv, consents.csv, cells.csv, README.md, cdr/mscNNN_YYYYMMDD.csv (one per node and day),
topups/topupsNNN_YYYYMMDD.csv (one per node and ten days, named by its first day).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import TextIO

from cdr_ingest.generate import distributions as d
from cdr_ingest.generate.consents import CONSENT_COLUMNS, consent_rows
from cdr_ingest.generate.dirt import (
    CDR_FAULTS,
    SUBSCRIBER_FAULTS,
    TOP_UP_FAULTS,
    Fault,
    repeats,
    spoil,
)
from cdr_ingest.generate.population import Cell, Subscriber, make_cells, make_subscribers
from cdr_ingest.generate.readme import readme_text
from cdr_ingest.generate.records import CDR_COLUMNS, TOP_UP_COLUMNS, DayLines, RecordMaker
from cdr_ingest.generate.settings import GenerateSettings
from operator_push.kernel.errors import OperatorError

SUBSCRIBER_COLUMNS = (
    "msisdn", "imsi", "activated_on", "birth_year", "language", "plan", "prepaid", "device_os",
)  # fmt: skip
CELL_COLUMNS = ("cell_id", "city", "latitude", "longitude")
_TOP_UP_DAYS_PER_FILE = 10


@dataclass(slots=True)
class GenerateSummary:
    """What was written: rows per kind (faults and repeats counted in), rows spoiled, rows repeated."""

    rows: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    files: int = 0

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON; keys in a fixed order."""
        return {
            "files": self.files,
            "rows": dict(sorted(self.rows.items())),
            "faults": dict(sorted(self.faults.items())),
            "repeated": dict(sorted(self.repeated.items())),
        }


def generate(
    settings: GenerateSettings, progress: Callable[[int, int], None] = lambda subscribers, rows: None
) -> GenerateSummary:
    """Write the whole set to `settings.out`; `progress` hears (subscribers, rows) of each node.

    Raises:
        OperatorError: the folder has other files in it.
    """
    out = settings.out
    if out.exists() and any(out.iterdir()):
        raise OperatorError("the folder is not empty; name a new one or empty it first", key=f"--out {out}")
    (out / "cdr").mkdir(parents=True)
    (out / "topups").mkdir()
    summary = GenerateSummary()
    cells = make_cells(settings.seed)
    _write_cells(out / "cells.csv", cells, summary)
    with _open(out / "subscribers.csv") as subscriber_file, _open(out / "consents.csv") as consent_file:
        subscriber_file.write(",".join(SUBSCRIBER_COLUMNS) + "\n")
        consent_file.write(",".join(CONSENT_COLUMNS) + "\n")
        summary.files += 2
        for node in range(settings.node_count):
            rows_before = summary.rows.total()
            subscribers = make_subscribers(settings, node, cells)
            _write_subscribers(subscriber_file, settings, node, subscribers, summary)
            consents = list(consent_rows(settings, node, subscribers))
            consent_file.write("".join(row + "\n" for row in consents))
            summary.rows["consents"] += len(consents)
            _write_node(settings, node, subscribers, cells, summary)
            progress(len(subscribers), summary.rows.total() - rows_before)
    (out / "README.md").write_text(readme_text(settings, summary.as_dict()), encoding="utf-8", newline="\n")
    summary.files += 1
    return summary


def _write_cells(path: Path, cells: Sequence[Cell], summary: GenerateSummary) -> None:
    lines = [",".join(CELL_COLUMNS)]
    lines += [f"{cell.cell_id},{cell.city},{cell.latitude:.6f},{cell.longitude:.6f}" for cell in cells]
    with _open(path) as file:
        file.write("\n".join(lines) + "\n")
    summary.rows["cells"] += len(cells)
    summary.files += 1


def _write_subscribers(
    file: TextIO,
    settings: GenerateSettings,
    node: int,
    subscribers: list[Subscriber],
    summary: GenerateSummary,
) -> None:
    rng = Random(f"{settings.seed}:subscriber-faults:{node}")
    for person in subscribers:
        line = (
            f"{person.msisdn},{person.imsi},{person.activated_on.isoformat()},{person.birth_year},"
            f"{person.language},{person.plan},{'true' if person.prepaid else 'false'},{person.device_os}"
        )
        file.write(line + "\n")
        summary.rows["subscribers"] += 1
        draw = rng.random()
        if draw < d.DIRTY_SUBSCRIBER_SHARE:
            name, fault = SUBSCRIBER_FAULTS[int(rng.random() * len(SUBSCRIBER_FAULTS))]
            file.write(fault(rng, line.split(",")) + "\n")
            summary.faults[name] += 1
            summary.rows["subscribers"] += 1
        elif draw < d.DIRTY_SUBSCRIBER_SHARE + d.REPEATED_SAME_FILE_SHARE:
            file.write(line + "\n")
            summary.repeated["subscribers"] += 1
            summary.rows["subscribers"] += 1


def _write_node(
    settings: GenerateSettings,
    node: int,
    subscribers: list[Subscriber],
    cells: Sequence[Cell],
    summary: GenerateSummary,
) -> None:
    maker = RecordMaker(settings, node, [cell.cell_id for cell in cells])
    cdr_files = _FileSeries(settings, node, "cdr/msc", CDR_COLUMNS, CDR_FAULTS, 1, summary)
    cdr_files.write(maker.cdr_lines(subscribers))
    top_up_files = _FileSeries(
        settings, node, "topups/topups", TOP_UP_COLUMNS, TOP_UP_FAULTS, _TOP_UP_DAYS_PER_FILE, summary
    )
    top_up_files.write(maker.top_up_lines(subscribers))


@dataclass(frozen=True, slots=True)
class _FileSeries:
    """The files of one node and kind; repeated rows wander from a file into the next one."""

    settings: GenerateSettings
    node: int
    stem: str
    columns: tuple[str, ...]
    faults: Sequence[tuple[str, Fault]]
    days_per_file: int
    summary: GenerateSummary

    def write(self, days: DayLines) -> None:
        kind = self.stem.split("/")[0]
        rng = Random(f"{self.settings.seed}:{kind}-faults:{self.node}")
        carried: list[str] = []
        for first in range(0, len(days), self.days_per_file):
            lines = self._numbered(days[first : first + self.days_per_file], first)
            spoiled = spoil(rng, lines, self.faults, self.summary.faults)
            again = repeats(rng, lines, spoiled, d.REPEATED_SAME_FILE_SHARE)
            next_carried = repeats(rng, lines, spoiled, d.REPEATED_NEXT_FILE_SHARE)
            lines += again
            lines += carried
            self.summary.repeated[kind] += len(again) + len(carried)
            carried = next_carried
            self.summary.rows[kind] += len(lines)
            self.summary.files += 1
            with _open(self.settings.out / f"{self._name(first)}.csv") as file:
                file.write(",".join(self.columns) + "\n")
                file.write("\n".join(lines) + ("\n" if lines else ""))

    def _numbered(self, days: DayLines, first: int) -> list[str]:
        prefix = f"{self.stem[-3:].upper()}{self.node + 1:03d}-{self._day(first)}-"
        lines: list[str] = []
        for day in days:
            day.sort(key=itemgetter(0))
            lines += [f"{prefix}{number},{rest}" for number, (_, rest) in enumerate(day, len(lines) + 1)]
            day.clear()
        return lines

    def _name(self, first: int) -> str:
        return f"{self.stem}{self.node + 1:03d}_{self._day(first)}"

    def _day(self, first: int) -> str:
        return self.settings.day_list[first].strftime("%Y%m%d")


def _open(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", newline="\n")
