"""Sends the rows of a CSV file to the running server in batches, and accounts for every row.

read = applied + unchanged + rejected. A rejected row is named by file and line with its reason; numbers in
what is shown are masked, as everywhere.
"""

import csv
import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.import_progress import ImportProgress
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
    server: ControlClient,
    do: str,
    file: Path,
    required: Sequence[str],
    columns: Sequence[str],
    **more: str,
) -> ImportCount:
    """Send those of `columns` that the file has, with the `line`, by calls of at most BATCH_ROWS_MAX rows;
    `more` goes with each call.

    The server answers {"applied", "unchanged", "rejected": [{"line", "reason"}]} for each call.

    Raises:
        OperatorError: the file cannot be read or lacks a required column; nothing was sent then. A refused
            call ends the import; batches before it are in force, and importing the file again is harmless.
    """
    count = ImportCount()
    try:
        with (
            file.open(encoding="utf-8-sig", newline="") as lines,
            ThreadPoolExecutor(1) as sender,
            ImportProgress(file, lambda: _octets_read(lines)) as progress,
        ):
            reader = csv.reader(lines)
            header = next(reader, [])
            _check_header(file, header, required)
            sent = [name for name in columns if name in header]
            names = ["line", *sent]
            places = [header.index(name) for name in sent]
            waiting: Future[dict[str, Any]] | None = None
            # One call is with the server while the next is read: both ends work at the same time.
            for batch in _batches(_rows(reader, len(header), places, count)):
                if waiting is not None:
                    _account(count, waiting.result())
                waiting = sender.submit(server.call, do, file=file.name, columns=names, rows=batch, **more)
                progress.tell(count.read, len(count.rejects))
            if waiting is not None:
                _account(count, waiting.result())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise OperatorError(f"cannot be read: {error}", file=str(file)) from error
    count.rejects.sort()
    return count


def _account(count: ImportCount, answer: dict[str, Any]) -> None:
    count.applied += answer["applied"]
    count.unchanged += answer["unchanged"]
    count.rejects += [(reject["line"], reject["reason"]) for reject in answer["rejected"]]


def _octets_read(lines: TextIO) -> int:
    """How far the file was read: what csv was given is at most a buffer behind."""
    return lines.buffer.tell()


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


def _rows(reader: Any, width: int, places: Sequence[int], count: ImportCount) -> Iterator[list[Any]]:
    """[line, values at `places`] of every row that has as many fields as the first line."""
    for row in reader:
        if not row:
            continue  # an empty line is none
        count.read += 1
        if len(row) != width:
            count.rejects.append((reader.line_num, "has another number of fields than the first line"))
            continue
        yield [reader.line_num, *[row[place] for place in places]]


def _batches(rows: Iterator[list[Any]]) -> Iterator[list[list[Any]]]:
    while batch := list(itertools.islice(rows, BATCH_ROWS_MAX)):
        yield batch
