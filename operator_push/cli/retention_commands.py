"""operator-push retention: what cdr-ingest has learnt of people who have withdrawn is erased, and proved.

The running server writes a permission snapshot of this moment; cdr-ingest, as a program of its own, erases by
it. The proofs name nobody: a line a run in DATA_DIR/feature-retention.jsonl.
"""

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from operator_push.bootstrap.feature_retention import PROOFS_FILE
from operator_push.bootstrap.program import PSEUDONYM_KEY_FILE
from operator_push.cli.child_programs import program
from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.subject_group import SubjectGroup
from operator_push.config import Settings
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.instants import iso, to_epoch_us

SNAPSHOT_FILE = "retention.parquet"


@click.group(cls=SubjectGroup)
def retention() -> None:
    """What was learnt of people who have withdrawn since, and records that are too old."""


@retention.command("run")
@json_option
@with_settings
def run_command(settings: Settings, as_json: bool) -> None:
    """Erase what is derived of people who have withdrawn, and records that are too old.

    Nothing of it is used since the moment of the withdrawal; this takes it out of the files. The server does
    it once a day by itself, where [retention] features_daily does not say otherwise.
    """
    out = settings.features_file.parent
    if not settings.features_file.exists():
        raise OperatorError("there are no features yet; `cdr-ingest run` writes them", file=str(out))
    snapshot = settings.data_dir.absolute() / SNAPSHOT_FILE
    with server_of(settings) as server:
        written = server.call("permission.snapshot", out=str(snapshot))
    try:
        erased = _erase(settings, out, snapshot)
    finally:
        snapshot.unlink(missing_ok=True)
    proof = {
        "at": iso(to_epoch_us(datetime.now(UTC))),
        "permission_sequence": written["sequence"],
        **erased,
    }
    _append(settings.data_dir / PROOFS_FILE, proof)
    if as_json:
        print_json(proof)
        return
    print_fields(_fields(proof))


@retention.command("list")
@json_option
@with_settings
def list_command(settings: Settings, as_json: bool) -> None:
    """List what was erased, a line a run: how many people and records, and nobody's name."""
    proofs = read_proofs(settings.data_dir / PROOFS_FILE)
    if as_json:
        print_json(proofs)
        return
    print_table(
        ("AT", "RUN", "WITHDRAWN", "RECORDS", "TOO OLD", "TRIGGER VALUES"),
        (
            (
                each["at"],
                each["run"],
                _withdrawn(each),
                each["records"],
                each["expired_records"],
                each["trigger_values"],
            )
            for each in proofs
        ),
    )


def read_proofs(path: Path) -> list[dict[str, Any]]:
    """Every proof, oldest first.

    Raises:
        OperatorError: the file holds something else.
    """
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise OperatorError(f"the proofs cannot be read ({type(error).__name__})", file=str(path)) from None


def _erase(settings: Settings, out: Path, snapshot: Path) -> dict[str, Any]:
    """Have cdr-ingest do it; what it tells."""
    command = [*program("cdr-ingest"), "retention", "--json", "--out", str(out), "--snapshot", str(snapshot)]
    command += ["--key-file", str(settings.data_dir / PSEUDONYM_KEY_FILE)]
    command += ["--keep-days", str(settings.retention.features_keep_days)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise ResourceError(f"nothing is proved to be erased: {said[-1] if said else 'cdr-ingest failed'}")
    erased: dict[str, Any] = json.loads(done.stdout)
    return erased


def _append(path: Path, proof: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(proof) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _fields(proof: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("withdrawn", _withdrawn(proof)),
        ("erased", f"{proof['records']:,} records of theirs, and what was made of them"),
        ("too old", f"{proof['expired_records']:,} records of {proof['expired_days']:,} days"),
        ("triggers", f"{proof['trigger_values']:,} remembered values"),
        ("proof", f"run {proof['run']}, {proof['at']}"),
    ]


def _withdrawn(proof: dict[str, Any]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in proof["withdrawn"].items()) or "nobody"
