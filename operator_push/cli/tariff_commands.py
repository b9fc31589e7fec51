"""operator-push tariff: what a segment costs, changed through the running server.

The configuration's [[tariff]] tables fill a new store once; from then on these commands count. A change
holds for the next message; what was accepted before keeps its price.
"""

from pathlib import Path
from typing import Any

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.moments import moment_of
from operator_push.cli.month_closing import close_month
from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.rating_file import document_text, is_rows, stored_document
from operator_push.cli.server_option import server_data_dir, server_options, through_server
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.tariff_documents import diff, print_document, show_document, simulate
from operator_push.cli.tariff_file import read_tariff_file
from operator_push.cli.who import who_asks
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import format_micros, parse_amount
from operator_push.services.manage_documents import ROWS

CLASSES = ("transactional", "service", "promotional", "any")


@click.group(cls=SubjectGroup)
def tariff() -> None:
    """Tariffs: show, import, use, diff and simulate documents; set and end prices of the simple rows.

    Of rows the longest prefix of a number wins, then the row for its class of traffic. The [[tariff]] tables
    of the configuration fill a new store; afterwards the store counts, and changes are made here, in force at
    once.
    """


@tariff.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--tariff", "name", help="A document that the server keeps [default: the one in force].")
@click.option("--version", type=click.IntRange(min=1), help="Which version of it [default: the highest].")
@json_option
@server_options
def show(
    file: Path | None,
    name: str | None,
    version: int | None,
    as_json: bool,
    config: Path | None,
    data_dir: Path | None,
) -> None:
    """Show what the server charges by: its tariff documents, and every price of its simple rows.

    With --tariff or --version what that document says; with FILE what a file says, without a server.
    """
    if file is not None:
        show_document(file, as_json)
        return
    with ControlClient(server_data_dir(config, data_dir)) as server:
        if name is not None or version is not None:
            print_document(stored_document(server, name, version), as_json)
            return
        shown = {**server.call("tariff.show"), "documents": server.call("tariff.documents")["documents"]}
    if as_json:
        print_json(shown)
        return
    by_rows = shown["in_force"] == ROWS
    click.echo(f"in force: {'the simple rows' if by_rows else shown['in_force']}")
    if shown["documents"]:
        print_table(("TARIFF", "VERSION", "FROM", "UNTIL", "IMPORTED", "BY"), map(_kept, shown["documents"]))
    click.echo(f"version {shown['version']} of the rows")
    header = ("PREFIX", "CLASS", "PRICE", "FROM", "UNTIL", "CHANGED", "BY")
    print_table(header, (_cells(row) for row in shown["rows"]))


@tariff.command()
@click.argument("name")
@json_option
@through_server
def use(server: ControlClient, as_json: bool, name: str) -> None:
    """Let every account whose terms name no tariff pay by the document NAME, or by "rows"."""
    result = server.call("tariff.use", tariff=name, by=who_asks())
    if as_json:
        print_json(result)
    else:
        click.echo(f"{result['in_force']} is in force{'' if result['changed'] else ', as before'}")


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
@click.option("--named-only", is_flag=True, help="Only accounts whose terms name the tariff pay by it.")
@json_option
@through_server
def import_file(server: ControlClient, as_json: bool, file: Path, dry_run: bool, named_only: bool) -> None:
    """Let the server charge by the tariff of FILE.

    A tariff document (docs/rating.md) is kept as a version; the first version of a tariff is also put in
    force for every account whose terms name none, unless --named-only says otherwise. A configuration with
    [[tariff]] tables (.toml), or a CSV whose first line names the columns prefix, traffic_class,
    price_per_segment, currency, valid_from, valid_until, replaces the simple rows as a whole and puts those
    in force.
    """
    if not is_rows(file):
        text = document_text(file)
        if dry_run:
            click.echo(f"{file} is good")
            return
        asked = {"text": text, "file": file.name, "named_only": named_only, "by": who_asks()}
        _print_import(server.call("tariff.import_document", **asked), as_json)
        return
    rows = read_tariff_file(file)
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
tariff.add_command(close_month)


def _print_import(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(result)
        return
    kept = result["document"]
    known = "kept" if result["new"] else "known already"
    in_force = "the simple rows" if result["in_force"] == ROWS else result["in_force"]
    click.echo(f"{kept['tariff']} version {kept['version']} is {known}; in force: {in_force}")
    if "warning" in result:
        click.echo(f"warning: {result['warning']}", err=True)


def _kept(document: dict[str, Any]) -> tuple[str, ...]:
    validity = (document["valid_from"] or "always", document["valid_until"] or "open")
    stored = (document["imported_at"], document["imported_by"])
    return (document["tariff"], str(document["version"]), *validity, *stored)


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
