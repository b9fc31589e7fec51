"""Command collect: files from their sources into the input folder, once or again and again."""

import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdr_ingest.run_commands import say_run
from cdr_ingest.stop_signal import StopSignal
from cdr_ingest.terminal import print_result, progress_shown
from operator_push.kernel.errors import ResourceError
from operator_push.kernel.instants import to_epoch_us

if TYPE_CHECKING:
    from cdr_ingest.collection.collector import Round
    from cdr_ingest.collection.config import CollectConfig, RunConfig


@click.command()
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    required=True,
    help="TOML file; docs/collection.md has its keys.",
)
@click.option("--watch", is_flag=True, help="Again and again, every `every_s`, until Ctrl-C or SIGTERM.")
@click.option("--once", is_flag=True, help="One round.  [default]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per round.")
def collect(config: Path, watch: bool, once: bool, as_json: bool) -> None:
    """Fetch what has arrived at the sources into the input folder, each file once.

    Sources are folders, SFTP, S3 and Kafka. With a [run] table every round that landed something is followed
    by a run. A source that fails does not keep the others from theirs; the next round tries again.
    """
    from cdr_ingest.collection.config import read_config

    if watch and once:
        raise click.UsageError("--watch or --once, not both")
    settings = read_config(config)
    stop = StopSignal()
    while True:
        rounds, report = _round(settings)
        shown = {"sources": [asdict(one) for one in rounds], "run": report}
        if as_json or not watch or any(one.landed or one.error or one.doubles for one in rounds):
            print_result(shown, as_json, lambda: _say(rounds, report, Path(settings.out)))  # noqa: B023
        if not watch:
            failed = [one for one in rounds if one.error]
            if failed:
                raise ResourceError(f"{len(failed)} of {len(rounds)} sources failed")
            return
        if stop.waited(settings.every_s):
            return


def _round(settings: "CollectConfig") -> "tuple[list[Round], dict[str, Any] | None]":
    from cdr_ingest.collection.collector import Collector, NamedSource
    from cdr_ingest.collection.sources import open_source
    from cdr_ingest.store.file_ledger import FileLedger

    out = Path(settings.out)
    out.mkdir(parents=True, exist_ok=True)
    sources: list[NamedSource] = []
    try:
        for one in settings.source:
            sources.append(NamedSource(one.name, open_source(one), one.into))
        with FileLedger(out / "ingest.db") as ledger:
            now_us = to_epoch_us(datetime.now(UTC))
            rounds = Collector(Path(settings.input), ledger, sources).collect(now_us)
    finally:
        for named in sources:
            named.source.close()
    if settings.run is None or not any(one.landed for one in rounds):
        return rounds, None
    return rounds, _run(settings, settings.run)


def _run(settings: "CollectConfig", run: "RunConfig") -> dict[str, Any]:
    from cdr_ingest.ingest.run import ingest
    from cdr_ingest.ingest.settings import IngestSettings

    asked = IngestSettings(
        Path(settings.input),
        Path(run.snapshot),
        Path(run.key_file),
        Path(settings.out),
        zone=run.zone,
        threads=run.threads,
        memory_limit=run.memory_limit,
    )
    with progress_shown() as progress:
        return ingest(asked, datetime.now(UTC), time.monotonic, progress)


def _say(rounds: "list[Round]", report: dict[str, Any] | None, out: Path) -> None:
    for one in rounds:
        click.echo(
            f"{one.source}: {len(one.landed)} files landed ({one.octets:,} octets)"
            + (f", {len(one.doubles)} were here before" if one.doubles else "")
            + (f"; failed: {one.error}" if one.error else "")
        )
        for note in one.notes:
            click.echo(f"{one.source}: {note}")
    if report is not None:
        say_run(report, out)
