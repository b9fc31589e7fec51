"""operator-push usage: what was charged, for the operator's own billing system.

A file holds numbers of people whole, because a bill needs them: it is made readable for its owner only.
"""

import csv
import io
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import click

from operator_push.cdr.file_32297 import CLOSED_NORMALLY, FileHeader, Release, header_time, write_file
from operator_push.cdr.smsc_message import Charge, SmscMessage
from operator_push.cdr.smsc_writing import sc_smt
from operator_push.cli.printing import json_option, print_json
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.config import Settings
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import MICROS_PER_DAY, MICROS_PER_SECOND, day_of, iso
from operator_push.kernel.money import format_micros
from operator_push.store.rated_usage import Fee, fees_of_day, usage_of_day

RELEASE = Release(16, 0)
NODE_ADDRESS = "0"  # no service centre wrote these records
_EPOCH = date(1970, 1, 1)
COLUMNS = (
    "submission_id",
    "segment_no",
    "segments",
    "account",
    "sender",
    "recipient",
    "smsc_message_id",
    "accepted_at",
    "charged_at",
    "state",
    "amount_micros",
    "currency",
    "tariff_version",
)


@click.group(cls=SubjectGroup)
def usage() -> None:
    """Rated usage for the operator's own billing."""


@usage.command()
@click.option("--day", required=True, metavar="DATE", help="A UTC day that has ended.")
@click.option("--format", "form", type=click.Choice(("csv", "ber")), default="csv", show_default=True)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file to make."
)
@json_option
@with_settings
def export(settings: Settings, as_json: bool, day: str, form: str, out: Path) -> None:
    """Write every segment that was charged on a day, with amount, currency, account and tariff version.

    csv is RFC 4180 with a header; ber is SC-SMT records of 3GPP TS 32.298 in a file of TS 32.297, the charge
    in a private extension (docs/cdr-records.md). A charge is in the file of the day of its posting and in no
    other. The file's sequence number is that of the day, so days in a row have no gap, and a day that is
    exported again is the same file with the same number.

    What an account was charged without a message (a fee, a monthly price) has a line of state FEE in csv, its
    posting as submission_id. An SC-SMT record is of a message: ber leaves fees out, and the command names
    their sum.
    """
    try:
        number = (date.fromisoformat(day) - _EPOCH).days
    except ValueError as error:
        raise OperatorError(f"--day {day!r} is not a date such as 2026-11-01") from error
    if number >= day_of(time.time_ns() // 1000):
        raise OperatorError(f"--day {day} has not ended yet (days are UTC)")
    lookback = settings.reconciliation.lookback_days
    records, fees = read_store(
        settings,
        lambda connection: (
            list(usage_of_day(connection, settings.shard, number, lookback)),
            fees_of_day(connection, settings.shard, number, lookback),
        ),
    )
    _write(out, csv_octets(records, fees) if form == "csv" else ber_octets(records, number))
    amounts = _sums((each.charge.currency, each.charge.amount_micros) for each in records if each.charge)
    of_fees = _sums((fee.currency, fee.amount_micros) for fee in fees)
    if as_json:
        told = {"records": len(records), "amounts_micros": amounts, "sequence_number": number}
        print_json({**told, "fees": len(fees), "fees_micros": of_fees, "fees_in_file": form == "csv"})
        return
    click.echo(f"{out}: {len(records):,} records, {_in_words(amounts) or 'nothing charged'}")
    if fees:
        where = "in the file too" if form == "csv" else "not in this file, which holds messages only"
        click.echo(f"fees without a message: {len(fees):,}, {_in_words(of_fees)}; {where}")


def _sums(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """currency → micros."""
    sums: dict[str, int] = {}
    for currency, amount in amounts:
        sums[currency] = sums.get(currency, 0) + amount
    return sums


def _in_words(amounts: Mapping[str, int]) -> str:
    return ", ".join(f"{format_micros(amount)} {currency}" for currency, amount in amounts.items())


def csv_octets(records: Sequence[SmscMessage], fees: Sequence[Fee] = ()) -> bytes:
    """The records as CSV, then the fees."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for record in records:
        charge = record.charge
        if charge is not None:
            writer.writerow(_row(record, charge))
    for fee in fees:
        at = iso(fee.charged_us)
        money = (fee.amount_micros, fee.currency, 0)
        writer.writerow((fee.reference, 0, 0, fee.account, "", "", "", at, at, "FEE", *money))
    return out.getvalue().encode()


def ber_octets(records: Sequence[SmscMessage], day: int) -> bytes:
    """The records as a file of TS 32.297 whose sequence number is the day's."""
    last_us = max((record.final_us for record in records), default=day * MICROS_PER_DAY)
    header = FileHeader(
        high=RELEASE,
        low=RELEASE,
        opened=_time(day * MICROS_PER_DAY),
        appended=_time(last_us),
        cdr_count=len(records),
        sequence_number=day,
        closure_reason=CLOSED_NORMALLY,
    )
    return write_file(
        header, [sc_smt(record, NODE_ADDRESS, place) for place, record in enumerate(records, start=1)]
    )


def _row(record: SmscMessage, charge: Charge) -> tuple[object, ...]:
    return (
        charge.submission_id,
        charge.segment_no,
        charge.segments,
        charge.account,
        record.source,
        record.destination,
        record.smsc_message_id,
        iso(record.submit_us),
        iso(record.final_us),
        record.state,
        charge.amount_micros,
        charge.currency,
        charge.tariff_version,
    )


def _time(moment_us: int) -> int:
    moment = datetime.fromtimestamp(moment_us / MICROS_PER_SECOND, UTC)
    return header_time(moment.month, moment.day, moment.hour, moment.minute)


def _write(path: Path, octets: bytes) -> None:
    part = path.with_name(path.name + ".part")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as out:
            out.write(octets)
        part.replace(path)
    except OSError as error:
        raise OperatorError(f"cannot be written: {error.strerror}", file=str(path)) from error
