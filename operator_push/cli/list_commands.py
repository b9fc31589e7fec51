"""operator-push list: the people whom a client brings itself, for submit_multi, rules and texts."""

import csv
from pathlib import Path
from typing import Any

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.printing import json_option, print_json
from operator_push.cli.row_import import import_rows, print_count
from operator_push.cli.server_option import through_server
from operator_push.cli.subject_group import SubjectGroup
from operator_push.domain.personal.own_columns import parse_column
from operator_push.kernel.errors import OperatorError

MSISDN, CUSTOMER_CODE = "msisdn", "customer_code"

account_option = click.option("--account", required=True, help="The client whose list it is.")
code_option = click.option(
    "--customer-code",
    "codes",
    multiple=True,
    metavar="CODE",
    help="Somebody by the client's own code, linked by proof (docs/linking.md). Repeat.",
)


@click.group("list", cls=SubjectGroup)
def distribution_list() -> None:
    """People whom clients bring: for submit_multi, in_list("NAME") in rules, own.COLUMN in texts."""


@distribution_list.command()
@click.argument("name")
@click.argument("msisdn", nargs=-1)
@code_option
@account_option
@json_option
@through_server
def add(
    server: ControlClient,
    as_json: bool,
    name: str,
    msisdn: tuple[str, ...],
    codes: tuple[str, ...],
    account: str,
) -> None:
    """Put each MSISDN and customer code on the list NAME, which is made where it is not there."""
    if not msisdn and not codes:
        raise click.UsageError("give a MSISDN or a --customer-code")
    people = {"msisdns": list(msisdn), "customer_codes": list(codes)}
    _print(server.call("list.add", account=account, name=name, **people), "added", as_json)


@distribution_list.command("import")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@account_option
@click.option("--rejects", type=click.Path(path_type=Path, dir_okay=False), help="Write every reject here.")
@json_option
@through_server
def import_command(
    server: ControlClient, as_json: bool, name: str, file: Path, account: str, rejects: Path | None
) -> None:
    """Put the people of a CSV file on the list NAME, with columns of the client's own.

    \b
    The first line names the columns:
    msisdn          international number, or
    customer_code   the client's own, linked by proof (docs/linking.md); or both, the number where known
    and up to 20 of your own, each with its type:
    name            a text, as name:text
    points:number   such as 1200 or 12.50
    due:date        such as 2026-12-31
    vip:flag        yes or no

    In a text to people of the list they are {{ own.name }}, {{ own.due | date }} (docs/personalisation.md).
    Whoever is on the list already is given the values of the file in the place of all others.
    """
    columns = _columns(file)
    count = import_rows(server, "list.import", file, (), columns, account=account, name=name)
    print_count(count, file, "people", rejects, as_json)


def _columns(file: Path) -> list[str]:
    """The heads of the columns.

    Raises:
        OperatorError: none says whose a row is, or one is no column.
    """
    with file.open(encoding="utf-8-sig", newline="") as lines:
        heads = next(csv.reader(lines), [])
    if not {MSISDN, CUSTOMER_CODE} & set(heads):
        raise OperatorError(f"the first line must name {MSISDN} or {CUSTOMER_CODE}", file=f"{file}:1")
    for head in heads:
        if head not in (MSISDN, CUSTOMER_CODE):
            parse_column(head)
    return heads


@distribution_list.command()
@click.argument("name")
@account_option
@json_option
@through_server
def show(server: ControlClient, as_json: bool, name: str, account: str) -> None:
    """Show who is on the list NAME, a thousand at most; the vault records that it was asked.

    Whoever was brought by customer code is shown by it, and not by number.
    """
    result = server.call("list.show", account=account, name=name)
    if as_json:
        print_json(result)
        return
    for each in (*result["msisdns"], *result["customer_codes"]):
        click.echo(each)
    shown = len(result["msisdns"]) + len(result["customer_codes"])
    if shown < result["members"]:
        click.echo(f"and {result['members'] - shown} more", err=True)
    if result["columns"]:
        told = ", ".join(f"{column} ({kind})" for column, kind in result["columns"].items())
        click.echo(f"columns: {told}", err=True)


@distribution_list.command()
@click.argument("name")
@click.argument("msisdn", nargs=-1)
@code_option
@account_option
@json_option
@through_server
def remove(
    server: ControlClient,
    as_json: bool,
    name: str,
    msisdn: tuple[str, ...],
    codes: tuple[str, ...],
    account: str,
) -> None:
    """Take people off the list NAME, and erase what was said of them; without any the whole list goes."""
    people = {"msisdns": list(msisdn), "customer_codes": list(codes)}
    result = server.call("list.remove", account=account, name=name, **people)
    while result["members"] and not msisdn and not codes:  # a whole list goes piece by piece
        more = server.call("list.remove", account=account, name=name)
        result = {**more, "changed": result["changed"] + more["changed"]}
    _print(result, "removed", as_json)


def _print(result: dict[str, Any], done: str, as_json: bool) -> None:
    if as_json:
        print_json(result)
    else:
        click.echo(f"{result['changed']} {done}; the list has {result['members']} now.")
