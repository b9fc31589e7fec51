"""The daily reconciliation: which files and messages belong to a day, and the cases that it leaves."""

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from operator_push.bootstrap.daily_reconciliation import closed_files
from operator_push.cli.reconcile_report import Disagreement
from operator_push.cli.store_reading import open_store
from operator_push.config import Settings
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import MICROS_PER_DAY, MICROS_PER_SECOND, day_of
from operator_push.services.reconcile import ReconciliationClass
from operator_push.store.case_rows import add_cases

_EPOCH = date(1970, 1, 1)


class DayPeriod(msgspec.Struct, frozen=True):
    """One UTC day: its bounds, the files that may tell of it, the days whose messages may end in it."""

    since_us: int
    until_us: int
    files: tuple[Path, ...]
    days: range
    report_folder: Path


def day_period(
    settings: Settings,
    asked: str,
    files: Sequence[Path],
    bounds: tuple[str | None, str | None],
    now_us: int,
) -> DayPeriod:
    """The period of a day: `asked` is a date, or "yesterday".

    A file that was last written before the day began cannot tell of it and is left out.

    Raises:
        OperatorError: no such day, it has not ended, files or bounds are named too, no folder is set.
    """
    if files or any(bounds):
        raise OperatorError("--day brings its own files and period; leave out --cdr, --since and --until")
    folder = settings.reconciliation.cdr_folder
    if folder is None:
        raise OperatorError("is not set: say where the SMSC's files come", key="reconciliation.cdr_folder")
    today = day_of(now_us)
    try:
        day = today - 1 if asked == "yesterday" else (date.fromisoformat(asked) - _EPOCH).days
    except ValueError as error:
        raise OperatorError(f"--day {asked!r} is not a date such as 2026-11-01, or yesterday") from error
    if day >= today:
        raise OperatorError(f"--day {asked} has not ended yet (days are UTC)")
    since_us = day * MICROS_PER_DAY
    try:
        found = closed_files(folder, since_us)
    except OSError as error:
        raise OperatorError(f"cannot be read: {error}", file=str(folder)) from error
    if not found:
        raise OperatorError(f"has no closed CDR file since {asked}", file=str(folder))
    named = datetime.fromtimestamp(since_us / MICROS_PER_SECOND, UTC).date().isoformat()
    lookback = settings.reconciliation.lookback_days
    return DayPeriod(
        since_us,
        since_us + MICROS_PER_DAY - 1,
        tuple(found),
        range(day - lookback, day + 1),
        settings.reconciliation_folder / named,
    )


def open_cases(settings: Settings, disagreements: Sequence[Disagreement]) -> int:
    """Open a case for each disagreement of ours that has none; returns how many.

    What is only open (UNKNOWN) becomes one when the SMSC's files settle nothing: the server opens those.
    """
    found = [
        (
            name.value,
            each.message_id,
            each.segment_no,
            f"here {each.ours or 'nothing'}, there {each.theirs or 'nothing'}"
            + (f" (SMSC {', '.join(each.smsc_message_ids)})" if each.smsc_message_ids else "")
            + f": {each.note}",
            each.charged_micros,
            each.due_micros,
        )
        for name, each in disagreements
        if name not in (ReconciliationClass.UNKNOWN, ReconciliationClass.NOT_OURS)
    ]
    if not found:
        return 0
    with open_store(settings) as database:
        now_us = time.time_ns() // 1000
        return database.run(lambda connection: add_cases(connection, settings.shard, found, now_us))
