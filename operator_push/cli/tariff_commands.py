"""operator-push tariff: what a segment costs, changed through the running server.

The configuration's [[tariff]] tables fill a new store once; from then on these commands count. A change
holds for the next message; what was accepted before keeps its price.
"""

from pathlib import Path
from typing import Any

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.moments import moment_of
from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.rating_file import rows_to_import
from operator_push.cli.server_option import server_data_dir, server_options, through_server
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.tariff_documents import diff, show_document, simulate
from operator_push.cli.who import who_asks
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import format_micros, parse_amount

CLASSES = ("transactional", "service", "promotional", "any")


@click.group(cls=SubjectGroup)
def tariff() -> None:
    """Prices per segment: show, import, set, end; diff and simulate tariffs.

    The longest prefix of a number wins, then the row for its class of traffic. The [[tariff]] tables of the
    configuration fill a new store; afterwards the store counts, and changes are made here, in force at once.
    """


@tariff.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@json_option
@server_options
def show(file: Path | None, as_json: bool, config: Path | None, data_dir: Path | None) -> None:
    """Show every price, those planned for later included; with FILE what that tariff document says."""
    if file is not None:
        show_document(file, as_json)
        return
    with ControlClient(server_data_dir(config, data_dir)) as server:
        shown = server.call("tariff.show")
    if as_json:
        print_json(shown)
        return
    click.echo(f"version {shown['version']}")
    header = ("PREFIX", "CLASS", "PRICE", "FROM", "UNTIL", "CHANGED", "BY")
    print_table(header, (_cells(row) for row in shown["rows"]))


@tariff.command()
@click.argument("number")
@click.option("--class", "traffic_class", type=click.Choice(CLASSES[:3]), default="promotional")
@click.option("--at", metavar="MOMENT", help="Another moment than now, such as 2026-04-01T00:00:00Z.")
@json_option
@through_server
def price(server: ControlClient, as_json: bool, number: str, traffic_class: str, at: str | None) -> None:
    """Tell what one segment to NUMBER costs, and which row says so."""
    row = server.call("tariff.price", destination=number, traffic_class=traffic_class, at=_moment(at))["row"]
    if as_json:
        print_json(row)
    elif row is None:
        raise OperatorError("no row prices this; a message there is refused with NO_ROUTE")
    else:
        validity = f"{row['valid_from'] or 'always'} to {row['valid_until'] or 'further notice'}"
        prefix = row["prefix"] or "every number"
        click.echo(f"{_price(row)} by the row for {prefix}, {row['traffic_class']}, {validity}")


@tariff.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Only read and check the file.")
@json_option
@through_server
def import_file(server: ControlClient, as_json: bool, file: Path, dry_run: bool) -> None:
    """Put the tariff of FILE in force, as a whole; prices that are not in it end.

    FILE is a configuration with [[tariff]] tables (.toml), or CSV whose first line names the columns prefix,
    traffic_class, price_per_segment, currency, valid_from, valid_until; only price_per_segment and currency
    are required. A tariff document (docs/rating.md) is taken where it says no more than such rows can, and
    refused otherwise.
    """
    rows = rows_to_import(file)
    if dry_run:
        click.echo(f"{file} is good: {len(rows)} rows")
        return
    _print_change(server.call("tariff.import", rows=rows, by=who_asks()), as_json)


@tariff.command("set")
@click.argument("prefix")
@click.argument("amount", metavar="PRICE")
@click.option("--class", "traffic_class", type=click.Choice(CLASSES), default="any", show_default=True)
@click.option("--from", "valid_from", metavar="MOMENT", help="When it begins [default: now].")
@click.option("--until", "valid_until", metavar="MOMENT", help="When it ends [default: with the next row].")
@json_option
@through_server
def set_price(
    server: ControlClient,
    as_json: bool,
    prefix: str,
    amount: str,
    traffic_class: str,
    valid_from: str | None,
    valid_until: str | None,
) -> None:
    """Let a segment to numbers that begin with PREFIX cost PRICE, such as 0.10; "" is every number.

    The row of this prefix and class that applied until then ends where this one begins.
    """
    result = server.call(
        "tariff.set",
        prefix=prefix,
        price_micros=parse_amount(amount),
        traffic_class=traffic_class,
        valid_from=_moment(valid_from),
        valid_until=_moment(valid_until),
        by=who_asks(),
    )
    _print_change(result, as_json)


@tariff.command()
@click.argument("prefix")
@click.option("--class", "traffic_class", type=click.Choice(CLASSES), default="any", show_default=True)
@click.option("--from", "ends_at", metavar="MOMENT", help="When it ends [default: now].")
@json_option
@through_server
def end(server: ControlClient, as_json: bool, prefix: str, traffic_class: str, ends_at: str | None) -> None:
    """Let the price of this very PREFIX and class end; shorter prefixes apply from then on."""
    args = {"prefix": prefix, "traffic_class": traffic_class, "from": _moment(ends_at), "by": who_asks()}
    _print_change(server.call("tariff.end", **args), as_json)


tariff.add_command(diff)
tariff.add_command(simulate)


def _print_change(change: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(change)
    elif change["added"] or change["ended"]:
        click.echo(
            f"version {change['version']} is in force: {change['added']} rows begun, "
            f"{change['ended']} ended, {change['unchanged']} as before"
        )
    else:
        click.echo(f"nothing to change: version {change['version']} says just this")


def _moment(text: str | None) -> str | None:
    return moment_of(text).isoformat() if text is not None else None


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["prefix"] or '""',
        row["traffic_class"],
        _price(row),
        row["valid_from"] or "always",
        row["valid_until"] or "open",
        row["changed_at"],
        row["changed_by"],
    )


def _price(row: dict[str, Any]) -> str:
    return f"{format_micros(row['price_micros'])} {row['currency']}"
