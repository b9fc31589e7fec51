"""Command triggers: what happens to people, told as it happens, until it is stopped."""

import sqlite3
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdr_ingest.stop_signal import StopSignal
from cdr_ingest.terminal import print_result
from operator_push.kernel.errors import ResourceError
from operator_push.kernel.instants import to_epoch_us

if TYPE_CHECKING:
    from cdr_ingest.triggers.watching import Look

QUIET_S = 30.0  # Ours: a source that stays away is told of so often, not at every look


@click.command()
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    required=True,
    help="TOML file; docs/triggers.md has its keys.",
)
@click.option("--once", is_flag=True, help="One look at every source, and no more.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object for each look that found something."
)
def triggers(config: Path, once: bool, as_json: bool) -> None:
    """Tell what happens to people as it happens, from records that come as a stream; until Ctrl-C.

    Files that grow (`tail`), Kafka and whatever else `collect` knows are sources. Arrivals in an area or
    abroad, top-ups, low balances, plans that end, new devices and missed calls become events in
    OUT/triggers, for `operator-push trigger run` to judge. Of people who do not permit the use of a record
    nothing is told or remembered. After a restart it goes on where it was.
    """
    from cdr_ingest.collection.config import SourceConfig
    from cdr_ingest.collection.sources import open_source
    from cdr_ingest.triggers.config import read_config
    from cdr_ingest.triggers.watching import StreamSource, Watching

    settings = read_config(config)
    stop = StopSignal()
    opened: list[StreamSource] = []

    def stream(one: SourceConfig) -> StreamSource:
        return StreamSource(one.name, open_source(one), one.into)

    try:
        for one in settings.source:
            opened.append(stream(one))
        watching = Watching(settings, opened, _now_us())
        try:
            click.echo(f"listening to {', '.join(each.name for each in opened)}", err=True)
            told_errors_s = float("-inf")
            while True:
                found = watching.look(_now_us())
                if found.errors and time.monotonic() - told_errors_s < QUIET_S and not once:
                    found.errors = []
                elif found.errors:
                    told_errors_s = time.monotonic()
                if once or found.arrivals or found.told or found.errors or found.notes or found.forgotten:
                    print_result(asdict(found), as_json, lambda: _say(found))  # noqa: B023
                if once:
                    if found.errors:
                        raise ResourceError(f"{len(found.errors)} of {len(opened)} sources failed")
                    return
                if stop.waited(settings.every_s):
                    return
        except sqlite3.Error as error:
            raise ResourceError(f"{settings.out}: what is remembered cannot be written ({error})") from None
        finally:
            watching.close()
    finally:
        for each in opened:
            each.source.close()


def _say(found: "Look") -> None:
    if found.rows:
        told = ", ".join(f"{name} {count}" for name, count in found.told.items()) or "nothing"
        click.echo(
            f"{found.rows:,} rows ({found.rejected:,} rejected, {found.not_permitted:,} not permitted):"
            f" {told}"
        )
    elif found.told:
        click.echo(", ".join(f"{name} {count}" for name, count in found.told.items()))
    if found.forgotten:
        click.echo(f"forgotten of people who have withdrawn: {found.forgotten:,} values")
    for line in (*found.notes, *found.errors):
        click.echo(line)


def _now_us() -> int:
    return to_epoch_us(datetime.now(UTC))
