"""operator-push reconcile: our messages × our ledger × the SMSC's own CDR files.

Reads the database at one moment, beside the running server; only --complete asks the server to act on what
was found. Exit status 1 where a segment does not match.
"""

import gc
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from sqlalchemy import Connection

from operator_push.bootstrap.daily_reconciliation import closed_files
from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.reconcile_day import day_period, open_cases
from operator_push.cli.reconcile_report import Disagreement, write_reports
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.smsc_cdr_files import mapping_of, smsc_records
from operator_push.cli.store_reading import read_store
from operator_push.config import Settings
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import parse_iso
from operator_push.kernel.money import format_micros
from operator_push.services.reconcile import (
    Example,
    Finding,
    Reconciliation,
    ReconciliationClass,
)
from operator_push.services.reconcile import reconcile as join_three_ways
from operator_push.services.smsc_csv_mapping import CsvMapping
from operator_push.store.link_rows import stored_links
from operator_push.store.plain_rows import PlainRows

FINDINGS_PER_CALL = 500
EXAMPLES_SHOWN = 3
DOES_NOT_HOLD = 1  # exit status, see `operator-push --help`

_WORDS = {
    ReconciliationClass.MATCHED: "the same on all three sides",
    ReconciliationClass.NOT_AT_SMSC: "waits, withdrawn or refused; rightly unknown to the SMSC",
    ReconciliationClass.CHARGED_NOT_SENT: "charged, and the SMSC has no row",
    ReconciliationClass.SENT_NOT_CHARGED: "delivered by the SMSC, and not charged",
    ReconciliationClass.SEGMENT_COUNT_DIFFERS: "the SMSC counts other segments than we charge",
    ReconciliationClass.OUTCOME_DIFFERS: "another end here than there",
    ReconciliationClass.PRICE_DIFFERS: "amounts of the ledger that are not the message's",
    ReconciliationClass.TWICE: "more than one row at the SMSC",
    ReconciliationClass.UNKNOWN: "open: the end has not been told to us",
    ReconciliationClass.NOT_OURS: "a row under our system_id that we know nothing of",
}


@click.command()
@click.option(
    "--cdr",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A closed CDR file of the SMSC (CSV, or records of TS 32.298), or a folder of such; repeat it.",
)
@click.option(
    "--mapping",
    "mapping_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="How CSV of another form reads: a TOML file, see docs/reconciliation.md.",
)
@click.option(
    "--complete",
    is_flag=True,
    help="The files hold everything that the SMSC took until the end of the period: settle what is unknown.",
)
@click.option(
    "--since", metavar="MOMENT", help="Begin of the files' period, where earlier ones are left out."
)
@click.option("--until", metavar="MOMENT", help="End of the files' period, where later ones are left out.")
@click.option("--day", metavar="DATE", help="One day (UTC), or yesterday: files of cdr_folder, see below.")
@click.option("--cases", is_flag=True, help="Open a case for whatever does not match; --day does so too.")
@click.option(
    "--out",
    "out_folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write report.json, report.csv, classes.csv and report.html into this folder.",
)
@json_option
@with_settings
def reconcile(
    settings: Settings,
    as_json: bool,
    files: tuple[Path, ...],
    mapping_file: Path | None,
    complete: bool,
    since: str | None,
    until: str | None,
    day: str | None,
    cases: bool,
    out_folder: Path | None,
) -> None:
    """Prove our messages and our ledger against the SMSC's CDR files.

    Every segment of ours and every row of the SMSC is put into one class. With --complete, segments that
    nobody answered for are settled by what the files say, through the running server; a segment that they do
    not know is sent again. Say --complete only where the SMSC has nothing of ours open any more: see
    docs/reconciliation.md.

    With --day the files are the closed ones of [reconciliation] cdr_folder that were written since the day
    began, the period is that day, and the reports go to report_folder/DAY. Run it from cron every day.
    """
    period = day_period(settings, day, files, (since, until), time.time_ns() // 1000) if day else None
    if period is not None:
        files, cases, out_folder = period.files, True, out_folder or period.report_folder
        mapping_file = mapping_file or settings.reconciliation.mapping_file
    files = tuple(_files_in(files))
    if not files:
        raise OperatorError("name the SMSC's files by --cdr, or a day by --day")
    disagreements: list[Disagreement] = []
    found = join_files(
        settings,
        files,
        closed=complete,
        since_us=period.since_us if period is not None else _moment(since, "--since"),
        until_us=period.until_us if period is not None else _moment(until, "--until"),
        mapping=mapping_of(mapping_file),
        days=period.days if period is not None else None,
        disagreements=disagreements,
    )
    resolved = _resolve(settings, found.findings) if complete and found.findings else {}
    opened = open_cases(settings, disagreements) if cases else 0
    if out_folder is not None:
        write_reports(out_folder, found, disagreements)
    if as_json:
        print_json({**found.as_json(), "resolved": resolved, "cases_opened": opened})
    else:
        _print(found, resolved, complete)
        if opened:
            click.echo(f"\n{opened:,} cases were opened: operator-push case list")
    if not found.is_clean:
        raise SystemExit(DOES_NOT_HOLD)


def _files_in(named: Sequence[Path]) -> Iterator[Path]:
    """The files that were named, and for a folder the closed ones in it."""
    for path in named:
        if not path.is_dir():
            yield path
            continue
        found = closed_files(path, 0)
        if not found:
            raise OperatorError("has no closed CDR file", file=str(path))
        yield from found


BY_TIME = "sender_recipient_time_part"


def join_files(
    settings: Settings,
    files: Sequence[Path],
    *,
    closed: bool,
    since_us: int | None,
    until_us: int | None,
    mapping: CsvMapping | None = None,
    days: range | None = None,
    disagreements: list[Disagreement] | None = None,
) -> Reconciliation:
    """Join the store of a configuration with CDR files; rows of the SMSC's other clients are left alone.

    Raises:
        OperatorError: a file is open or cannot be read; the message names file and line.
    """

    # Millions of values and not one cycle: walking them again and again would cost a third of the time.
    gc.disable()

    def work(connection: Connection) -> Reconciliation:
        links = stored_links(connection)
        by_time = {link.link_no for link in links if link.settings.get("correlation") == BY_TIME}
        return join_three_ways(
            PlainRows(connection, settings.shard, days),
            smsc_records(files, mapping),
            closed=closed,
            closed_until_us=until_us,
            since_us=since_us,
            until_us=until_us,
            system_ids={str(link.settings["system_id"]) for link in links}
            | {link.system_id for link in settings.smsc},
            links_by_time=by_time,
            on_disagreement=None if disagreements is None else lambda *each: disagreements.append(each),
        )

    try:
        return read_store(settings, work)
    finally:
        gc.enable()


def _resolve(settings: Settings, findings: list[Finding]) -> dict[str, int]:
    """Have the server act on findings; returns how many of each kind took effect."""
    resolved: dict[str, int] = {}
    with server_of(settings) as server:
        for first in range(0, len(findings), FINDINGS_PER_CALL):
            batch = [finding.as_json() for finding in findings[first : first + FINDINGS_PER_CALL]]
            for kind, count in server.call("reconcile.resolve", findings=batch).items():
                resolved[kind] = resolved.get(kind, 0) + int(count)
    return resolved


def _moment(text: str | None, option: str) -> int | None:
    if text is None:
        return None
    try:
        return parse_iso(text)
    except ValueError as error:
        raise OperatorError(
            f"{option} {text!r} is not a moment with its zone, such as 2026-11-01T00:00:00Z"
        ) from error


def _print(found: Reconciliation, resolved: dict[str, int], complete: bool) -> None:
    print_fields(
        [
            ("messages", f"{found.messages:,}"),
            ("segments in the ledger", f"{found.segments_ledger:,}"),
            ("segments at the SMSC", f"{found.segments_smsc:,}"),
            ("matched", f"{found.matched:,}"),
            ("mismatched", f"{found.mismatched:,}"),
        ]
    )
    rows = [
        (
            each.value.replace("_", " "),
            f"{total.segments:,}",
            format_micros(total.charged_micros),
            format_micros(total.due_micros),
            format_micros(total.at_risk_micros),
            _WORDS[each],
        )
        for each, total in found.classes.items()
        if total.segments
    ]
    rows += [
        (
            each.value.replace("_", " "),
            currency,
            format_micros(amounts.charged_micros),
            format_micros(amounts.due_micros),
            format_micros(amounts.at_risk_micros),
            "of these, in that currency",
        )
        for each, total in found.classes.items()
        for currency, amounts in sorted(total.other_currencies.items())
    ]
    if rows:
        click.echo()
        print_table(("CLASS", "SEGMENTS", "CHARGED", "DUE", "AT RISK", "MEANS"), rows)
    for each, examples in found.examples.items():
        for example in examples[:EXAMPLES_SHOWN]:
            click.echo(f"  {each.value.replace('_', ' ')}: {_in_words(example)}")
    for count, what in (
        (found.repeated_rows, "rows came twice in the files and count once"),
        (found.other_rows, "rows belong to other clients of the SMSC"),
        (found.outside, "segments ended outside the period and were not looked for"),
    ):
        if count:
            click.echo(f"({count:,} {what})", err=True)
    if found.disproved:
        click.echo(
            f"\n{found.disproved:,} segments would count as never arrived, but these files are not complete: "
            "they lack rows of segments that the SMSC had accepted. Nothing is sent again on their word.",
            err=True,
        )
    if resolved:
        words = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in resolved.items())
        click.echo(f"\nSettled through the server: {words}. Reconcile again once they have ended.")
    elif found.findings and not complete:
        click.echo(f"\n{len(found.findings):,} segments can be settled by these files: add --complete.")


def _in_words(example: Example) -> str:
    ids = f" (SMSC {', '.join(example.smsc_message_ids)})" if example.smsc_message_ids else ""
    part = f"segment {example.segment_no}" if example.segment_no else "as a whole"
    ours = f"message {example.message_id} {part} to {example.recipient}{ids}"
    if not example.message_id:
        return f"row to {example.recipient}{ids}, {example.theirs}, {example.note}"
    there = example.theirs or "no row"
    return f"{ours}: here {example.ours}, there {there}; {example.note}"
