"""Sends the rows of a CSV file to the running server in batches, and accounts for every row.

read = applied + unchanged + rejected. A rejected row is named by file and line with its reason; numbers in
what is shown are masked, as everywhere.
"""

import csv
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.printing import print_json
from operator_push.kernel.errors import OperatorError

BATCH_ROWS_MAX = 1000
REJECTS_SHOWN_MAX = 10


@dataclass(slots=True)
class ImportCount:
    """What became of the rows; `rejects` holds (line, reason)."""

    read: int = 0
    applied: int = 0
    unchanged: int = 0
    rejects: list[tuple[int, str]] = field(default_factory=list)


def import_rows(
    server: ControlClient, do: str, file: Path, required: Sequence[str], columns: Sequence[str]
) -> ImportCount:
    """Send `columns` of every row, with its `line`, by calls of at most BATCH_ROWS_MAX rows.

    The server answers {"applied", "unchanged", "rejected": [{"line", "reason"}]} for each call.

    Raises:
        OperatorError: the file cannot be read or lacks a required column; nothing was sent then. A refused
            call ends the import; batches before it are in force, and importing the file again is harmless.
    """
    count = ImportCount()
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            _check_header(file, reader.fieldnames or (), required)
            for batch in _batches(_rows(reader, required, columns, count)):
                answer = server.call(do, file=file.name, rows=batch)
                count.applied += answer["applied"]
                count.unchanged += answer["unchanged"]
                count.rejects += [(reject["line"], reject["reason"]) for reject in answer["rejected"]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise OperatorError(f"cannot be read: {error}", file=str(file)) from error
    count.rejects.sort()
    return count


def print_count(count: ImportCount, file: Path, what: str, rejects_file: Path | None, as_json: bool) -> None:
    """Tell what became of the rows; all rejects go to `rejects_file`, the first few to the terminal."""
    if rejects_file is not None:
        with rejects_file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(("file", "line", "reason"))
            writer.writerows((file.name, line, reason) for line, reason in count.rejects)
    if as_json:
        print_json(
            {
                "read": count.read,
                "applied": count.applied,
                "unchanged": count.unchanged,
                "rejected": len(count.rejects),
                "rejects": [{"line": line, "reason": reason} for line, reason in count.rejects],
            }
        )
        return
    click.echo(
        f"{file}: {count.read} {what} read, {count.applied} applied, {count.unchanged} unchanged, "
        f"{len(count.rejects)} rejected"
    )
    for line, reason in count.rejects[:REJECTS_SHOWN_MAX]:
        click.echo(f"  {file}:{line}: {reason}", err=True)
    if len(count.rejects) > REJECTS_SHOWN_MAX:
        more = len(count.rejects) - REJECTS_SHOWN_MAX
        where = f"in {rejects_file}" if rejects_file else "shown by --rejects FILE or --json"
        click.echo(f"  and {more} more, {where}", err=True)


def _check_header(file: Path, header: Sequence[str], required: Sequence[str]) -> None:
    missing = [name for name in required if name not in header]
    if missing:
        raise OperatorError(
            f"the first line must name the columns {', '.join(required)}; missing: {', '.join(missing)}",
            file=f"{file}:1",
        )


def _rows(
    reader: "csv.DictReader[str]", required: Sequence[str], columns: Sequence[str], count: ImportCount
) -> Iterator[dict[str, Any]]:
    for row in reader:
        count.read += 1
        if None in row or any(row[name] is None for name in required):
            count.rejects.append((reader.line_num, "has another number of fields than the first line"))
            continue
        yield {"line": reader.line_num, **{name: row.get(name) or "" for name in columns}}


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(itertools.islice(rows, BATCH_ROWS_MAX)):
        yield batch
