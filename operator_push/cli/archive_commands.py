"""operator-push archive: days that have left the store for a file of their own.

Works on the store beside a running server, which does the same once a day by itself (see [retention]).
"""

import time
from datetime import date, timedelta

import click

from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.config import Settings
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import format_micros
from operator_push.store import migrate
from operator_push.store.archive import Archiving, resting, run_archive
from operator_push.store.archive_reading import archived_days
from operator_push.store.database import Database

REST_SHARE = 0.5  # of the time, left to a server that shares the disk


@click.group(cls=SubjectGroup)
def archive() -> None:
    """Closed days in files of their own."""


@archive.command("run")
@json_option
@with_settings
def run_command(settings: Settings, as_json: bool) -> None:
    """Archive every closed day that is older than the hot days of [retention].

    A day is closed when no message of it is open, no delivery of it is owed, its campaigns have ended and
    every sink of delivery events has been told. Each copy is compared with its rows before they are deleted.
    Run it again after whatever happened: it goes on where it was.
    """
    hot_days = settings.retention.hot_days
    if not hot_days:
        raise OperatorError("is 0, so nothing is archived; say how many days stay", key="retention.hot_days")
    migrate.check(settings.database_url)
    database = Database.open(settings.database_url)
    try:
        archiving = Archiving(settings.shard, settings.archive_dir, hot_days, resting(REST_SHARE))
        outcome = run_archive(database, archiving, time.time_ns() // 1000)
    finally:
        database.close()
    waiting = {_date(day): reason for day, reason in outcome.waiting.items()}
    archived = [_date(day) for day in outcome.archived]
    if as_json:
        print_json({"archived": archived, "cleared_rows": outcome.cleared_rows, "waiting": waiting})
        return
    print_fields(
        [
            ("archived", ", ".join(archived) or "nothing"),
            ("cleared", f"{outcome.cleared_rows:,} rows"),
            *((f"{day} waits", reason) for day, reason in waiting.items()),
        ]
    )


@archive.command("list")
@json_option
@with_settings
def list_command(settings: Settings, as_json: bool) -> None:
    """List the archived days with their messages, money and files."""
    days = read_store(settings, lambda connection: archived_days(connection, settings.shard))
    rows = [
        {
            "day": _date(day.day),
            "messages": day.messages,
            "rows": day.row_count,
            "settled_micros": day.settled_micros,
            "released_micros": day.released_micros,
            "file": str(day.path),
            "here": day.path.is_file(),
            "cleared": bool(day.cleared_us),
        }
        for day in days
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ("day", "messages", "settled", "file"),
        [
            (
                row["day"],
                f"{row['messages']:,}",
                format_micros(int(str(row["settled_micros"]))),
                str(row["file"]) if row["here"] else f"{row['file']} (missing)",
            )
            for row in rows
        ],
    )


def _date(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()
