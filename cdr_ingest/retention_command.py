"""cdr-ingest retention: what may not be kept any longer is erased, and a proof of it stays."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from cdr_ingest.terminal import print_result, progress_shown
from operator_push.kernel.errors import OperatorError


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="The out folder of `cdr-ingest run`.",
)
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path),
    required=True,
    help="Permission snapshot (Parquet), written just before.",
)
@click.option(
    "--key-file", type=click.Path(path_type=Path), required=True, help="Pseudonym key, hexadecimal text."
)
@click.option(
    "--keep-days",
    type=click.IntRange(min=92),
    default=100,
    show_default=True,
    help="Days (UTC) of records that are kept; features look 90 days back.",
)
@click.option(
    "--memory-limit",
    default="1GB",
    show_default=True,
    help="Memory of the run; beyond it records spill to disk.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was erased as one JSON object.")
def retention(
    out: Path, snapshot: Path, key_file: Path, keep_days: int, memory_limit: str, as_json: bool
) -> None:
    """Erase what is derived of people who have withdrawn, and records that are too old.

    To be run once a day, after `operator-push permission snapshot`, as `operator-push retention run` and the
    server do: then nothing outlives a withdrawal by more than a day. What triggers remember goes as well. It
    is a run without input; its proof is `erased` in run.json, which names nobody.
    """
    from cdr_ingest.door.snapshot import read_key, read_snapshot
    from cdr_ingest.ingest.run import ingest
    from cdr_ingest.ingest.settings import IngestSettings
    from cdr_ingest.store.file_ledger import FileLedger
    from cdr_ingest.triggers.forgetting import forget_withdrawn

    path = out / "ingest.db"
    if not path.exists():
        raise OperatorError("no run has ended there yet", key=f"--out {out}")
    with FileLedger(path) as ledger:
        former = ledger.last_run()
    if former is None:
        raise OperatorError("no run has ended there yet", key=f"--out {out}")
    settings = IngestSettings(
        None,
        snapshot,
        key_file,
        out,
        zone=former.zone,
        memory_limit=memory_limit,
        keep_records_days=keep_days,
    )
    now = datetime.now(UTC)
    with progress_shown() as progress:
        report = ingest(settings, now, time.monotonic, progress)
    erased = {"run": report["run"], "profiles": report["profiles"], **report["erased"]}
    erased["trigger_values"] = forget_withdrawn(out, read_snapshot(snapshot, read_key(key_file)), now)
    print_result(erased, as_json, lambda: _say(erased))


def _say(erased: dict[str, Any]) -> None:
    withdrawn = erased["withdrawn"]
    people = ", ".join(f"{name} {count:,}" for name, count in withdrawn.items()) or "nobody"
    click.echo(f"run {erased['run']}: withdrawn since the run before: {people}")
    click.echo(
        f"erased: {erased['records']:,} records of theirs, {erased['expired_records']:,} that were too old,"
        f" {erased['trigger_values']:,} values that triggers remembered"
    )
