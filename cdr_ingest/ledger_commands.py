"""Commands about the ledger of an out folder: runs, rejects, quarantine."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdr_ingest.terminal import print_result
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso, to_epoch_us

if TYPE_CHECKING:
    from cdr_ingest.store.file_ledger import FileLedger
    from cdr_ingest.store.ledger_rows import FileRow

_OUT = click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The out folder of `cdr-ingest run`."
)
_HASH_SHOWN = 12


@click.command()
@_OUT
@click.option("--files", "only_files", is_flag=True, help="The ledger of files instead of the runs.")
@click.option("--gaps", "only_gaps", is_flag=True, help="Sequence numbers that are missing or came twice.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def runs(out: Path, only_files: bool, only_gaps: bool, as_json: bool) -> None:
    """List the runs of an out folder, oldest first, and the files that no run has finished.

    A file is waiting, reading (at so many per cent), read, done, failed, quarantined or dropped; --files
    lists all of them. With --json each run has its files.
    """
    from cdr_ingest.store.ledger_rows import FileState
    from cdr_ingest.store.sequences import find_gaps

    with _ledger(out) as ledger:
        rows, files = ledger.runs(), [*ledger.files().values()]
    if only_gaps:
        gaps = [asdict(gap) for gap in find_gaps(files)]
        print_result(gaps, as_json, lambda: _say_gaps(gaps))
    elif only_files:
        print_result([_file(row) for row in files], as_json, lambda: _say_files(files))
    elif as_json:
        by_run = [
            asdict(row) | {"files": [_file(file) for file in files if file.run_no == row.run_no]}
            for row in rows
        ]
        click.echo(json.dumps(by_run, indent=2))
    else:
        click.echo("run  as of       read        accepted    rejected   duplicates  not permitted  profiles")
        for row in rows:
            click.echo(
                f"{row.run_no:>3}  {row.as_of}  {row.read:<10}  {row.accepted:<10}  {row.rejected:<9}  "
                f"{row.duplicates:<10}  {row.not_permitted:<13}  {row.profiles:<8}"
                f"{'  replay' if row.is_replay else ''}".rstrip()
            )
        if unfinished := [row for row in files if row.state is not FileState.DONE]:
            click.echo()
            _say_files(unfinished)


@click.command()
@_OUT
@click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    required=True,
    help="The pseudonym key, by which the rejects are sealed.",
)
@click.option("--file", "names", multiple=True, metavar="NAME", help="Only of this file; again for more.")
@click.option("--reason", "reasons", multiple=True, metavar="REASON", help="Only these; again for more.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many to show.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines, octets in base64.")
def rejects(
    out: Path,
    key_file: Path,
    names: tuple[str, ...],
    reasons: tuple[str, ...],
    limit: int,
    as_json: bool,
) -> None:
    """Show rejected records as they came, numbers and all: only for who has the key.

    The list without numbers is OUT/rejects.csv. `cdr-ingest replay` reads these records again.
    """
    from cdr_ingest.door.snapshot import read_key
    from cdr_ingest.rejects.sealed_file import seal_key
    from cdr_ingest.rejects.sealed_folder import SealedFolder

    with _ledger(out) as ledger:
        numbers = [row.run_no for row in ledger.sealed()]
    found = (
        one
        for one in SealedFolder(out, seal_key(read_key(key_file))).read(numbers)
        if (not names or one.name in names) and (not reasons or one.reason in reasons)
    )
    for one in islice(found, limit):
        if as_json:
            record = {
                "file": one.name,
                "line": one.line_no,
                "reason": one.reason,
                "detail": one.detail,
                "octets": base64.b64encode(one.octets).decode(),
            }
            click.echo(json.dumps(record))
        else:
            shown = one.octets.decode(errors="backslashreplace") if one.is_text else one.octets.hex()
            click.echo(f"{one.name}:{one.line_no}  {one.reason}  {one.detail}\n    {shown}")


@click.group()
def quarantine() -> None:
    """See and decide about files that were set aside because they were mostly wrong."""


@quarantine.command("list")
@_OUT
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_quarantined(out: Path, as_json: bool) -> None:
    """List the files in quarantine; runs/NNNNNN/quarantined-rejects.csv holds their rejects."""
    from cdr_ingest.store.ledger_rows import FileState

    with _ledger(out) as ledger:
        files = [row for row in ledger.files().values() if row.state is FileState.QUARANTINED]
    print_result([_file(row) for row in files], as_json, lambda: _say_files(files))


@quarantine.command()
@_OUT
@click.argument("file")
def release(out: Path, file: str) -> None:
    """Let the next run read FILE (a name or the begin of a content hash), however much of it is wrong."""
    from cdr_ingest.store.ledger_rows import FileState

    row = _decide(out, file, FileState.WAITING)
    click.echo(f"{row.name} is released; the next run reads it")


@quarantine.command()
@_OUT
@click.argument("file")
def drop(out: Path, file: str) -> None:
    """Never read FILE (a name or the begin of a content hash); the file itself stays where it is."""
    from cdr_ingest.store.ledger_rows import FileState

    row = _decide(out, file, FileState.DROPPED)
    click.echo(f"{row.name} is dropped; no run will read it")


def _decide(out: Path, file: str, state: Any) -> "FileRow":
    from cdr_ingest.ingest.out_folder import OutFolder
    from cdr_ingest.store.ledger_rows import FileState

    with OutFolder(out).locked(), _ledger(out) as ledger:
        found = [
            row
            for row in ledger.files().values()
            if row.state is FileState.QUARANTINED
            and (row.name == file or row.content_sha256.startswith(file))
        ]
        if len(found) != 1:
            number = "no file" if not found else f"{len(found)} files"
            raise OperatorError(
                f"{number} of this name or hash in quarantine; `cdr-ingest quarantine list` shows them",
                key=file,
            )
        return ledger.decide(found[0], state, to_epoch_us(datetime.now(UTC)))


@contextmanager
def _ledger(out: Path) -> "Iterator[FileLedger]":
    from cdr_ingest.store.file_ledger import FileLedger

    path = out / "ingest.db"
    if not path.exists():
        raise OperatorError("no run has ended there yet", key=f"--out {out}")
    with FileLedger(path) as ledger:
        yield ledger


def _file(row: "FileRow") -> dict[str, Any]:
    values = asdict(row) | {"state": row.state.value, "reasons": dict(row.reasons)}
    values["changed_at"] = iso(values.pop("changed_at_us"))
    values["percent_read"] = _percent(row)
    return values


def _percent(row: "FileRow") -> int:
    return 100 if not row.octets else min(100, 100 * row.octets_read // row.octets)


def _say_files(files: "list[FileRow]") -> None:
    if not files:
        click.echo("no files")
        return
    click.echo("content       state         run  read        rejected   file")
    for row in files:
        state = f"reading {_percent(row)} %" if row.state.value == "reading" else row.state.value
        run_no = "" if row.run_no is None else row.run_no
        click.echo(
            f"{row.content_sha256[:_HASH_SHOWN]}  {state:<12}  {run_no:>3}  {row.read:<10}  {row.rejected:<9}"
            f"  {row.name}{': ' + row.detail if row.detail else ''}"
        )


def _say_gaps(gaps: list[dict[str, Any]]) -> None:
    if not gaps:
        click.echo("no sequence number is missing, none came twice")
    for gap in gaps:
        numbers = gap["first"] if gap["first"] == gap["last"] else f"{gap['first']} to {gap['last']}"
        click.echo(f"node {gap['node']}: {gap['what']} {numbers}{' ' + ', '.join(gap['files'])}".rstrip())
