"""operator-push trigger: what may set a campaign off, and the program that judges it as it happens."""

import json
import os
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.rule_commands import purpose_names
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.snapshot_keeping import SnapshotKeeping
from operator_push.cli.store_reading import open_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.trigger_judging import EVENTS_AT_ONCE, TriggerJudging
from operator_push.config import Settings
from operator_push.kernel.contracts import TRIGGERS_FOLDER, TriggerEvent
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.instants import MICROS_PER_SECOND, iso, to_epoch_us
from operator_push.kernel.trigger_catalogue import TRIGGERS, Trigger
from operator_push.profiles.open_profiles import OpenProfiles
from operator_push.profiles.trigger_events import TriggerEvents

POSITION_FILE = "trigger-position"
LOOK_EVERY_S = 0.02  # Ours: the end of one file, fifty times a second
RETRY_S = 1.0


@click.group(cls=SubjectGroup)
def trigger() -> None:
    """Campaigns for one person at the moment when something happens to them.

    \b
    cdr-ingest triggers              tells what happens, from call records and top-ups as they come
    operator-push campaign create    … --on top_up --when 'event.amount >= 200.0'
    operator-push trigger run        judges every event, and hands in whom it is for
    """


@trigger.command("list")
@json_option
def list_triggers(as_json: bool) -> None:
    """List the triggers: what each means and needs of a person, and what a rule may ask of it."""
    if as_json:
        print_json([trigger_json(each) for each in TRIGGERS])
        return
    print_table(
        ("TRIGGER", "NEEDS", "ATTRIBUTES", "MEANING"),
        (
            (
                each.name,
                " and ".join(purpose_names(each.purposes)) or "nothing",
                ", ".join(f"{told.name} ({told.type.value})" for told in each.attributes),
                each.meaning,
            )
            for each in TRIGGERS
        ),
    )


@trigger.command()
@click.option(
    "--events",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where `cdr-ingest triggers` writes [default: triggers beside the features].",
)
@click.option("--once", is_flag=True, help="Judge what is there, and no more.")
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the permission snapshot that `cdr-ingest triggers` goes by, here, again and again.",
)
@click.option(
    "--snapshot-every",
    "snapshot_s",
    type=click.IntRange(10, 86_400),
    default=900,
    show_default=True,
    metavar="SECONDS",
)
@json_option
@with_settings
def run(
    settings: Settings,
    as_json: bool,
    folder: Path | None,
    once: bool,
    snapshot: Path | None,
    snapshot_s: int,
) -> None:
    """Judge events as they come, and hand in whom a campaign is for; until Ctrl-C.

    Runs beside `serve`. Prints a line for each event that a campaign or a touchpoint waits for. It remembers
    in DATA_DIR which event it saw last, so that it goes on there after a restart.
    """
    folder = folder or settings.features_file.parent / TRIGGERS_FOLDER
    position = settings.data_dir / POSITION_FILE
    events = TriggerEvents(folder, read_position(position))
    profiles = settings.profiles
    limit = f"{profiles.memory_limit_mb}MB"
    with (
        open_store(settings) as store,
        server_of(settings) as server,
        OpenProfiles(settings.features_file, memory_limit=limit, threads=profiles.threads) as opened,
        ExitStack() as kept,
    ):
        if snapshot is not None:
            kept.enter_context(SnapshotKeeping(lambda: server_of(settings), snapshot, snapshot_s))
        judging = TriggerJudging(settings, server, store, opened)
        click.echo(f"listening to {folder}, behind event {events.after}", err=True)
        while True:
            found = events.read()
            for first in range(0, len(found), EVENTS_AT_ONCE):
                some = found[first : first + EVENTS_AT_ONCE]
                _judge(judging, some, as_json, patient=not once)
                write_position(position, some[-1].sequence)
            if found:
                continue
            if once:
                return
            time.sleep(LOOK_EVERY_S)


def trigger_json(row: Trigger) -> dict[str, Any]:
    """A row of the catalogue."""
    return {
        "name": row.name,
        "meaning": row.meaning,
        "needs": purpose_names(row.purposes),
        "records": row.needs,
        "cooldown_h": row.cooldown_h,
        "attributes": [
            {"name": told.name, "type": told.type.value, "unit": told.unit, "meaning": told.meaning}
            for told in row.attributes
        ],
    }


def read_position(path: Path) -> int:
    """The event that was seen last; 0 before the first.

    Raises:
        OperatorError: the file holds something else.
    """
    try:
        return int(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0
    except (OSError, ValueError) as error:
        raise OperatorError(
            f"is not what trigger run writes ({type(error).__name__})", file=str(path)
        ) from None


def write_position(path: Path, sequence: int) -> None:
    """Remember it; what a crash takes back is judged again, which changes nothing."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_text(str(sequence), encoding="ascii")
    os.replace(beside, path)


def _judge(judging: TriggerJudging, events: Sequence[TriggerEvent], as_json: bool, patient: bool) -> None:
    """Judge events; while the server is away they wait, so that none is passed over."""
    while True:
        now_us = to_epoch_us(datetime.now(UTC))
        try:
            told = judging.judge(events, now_us)
            break
        except ResourceError as error:
            if not patient:
                raise
            click.echo(f"waiting: {error}", err=True)
            time.sleep(RETRY_S)
    decided_us = to_epoch_us(datetime.now(UTC))
    for event, outcomes in zip(events, told, strict=True):
        if outcomes:
            _say(event, outcomes, decided_us, as_json)


def _say(event: TriggerEvent, outcomes: dict[str, str], decided_us: int, as_json: bool) -> None:
    delay_us = decided_us - event.read_us
    if as_json:
        line = {"sequence": event.sequence, "trigger": event.trigger, "outcomes": outcomes}
        line |= {"at": iso(event.at_us), "decided_at": iso(decided_us), "delay_ms": delay_us // 1_000}
        click.echo(json.dumps(line))
        return
    words = ", ".join(f"{name} {word.lower().replace('_', ' ')}" for name, word in outcomes.items())
    click.echo(f"{event.sequence} {event.trigger}: {words} ({delay_us / MICROS_PER_SECOND:.2f} s)")
