"""operator-push campaign customers: results by the client's own customer codes, for its own books.

Only of campaigns that choose people, and their moments, by nothing but the client's own lists: a customer who
was found by an attribute, an event or an hour of the own day would tell the client of it.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from operator_push.cli.campaign_lookup import find_campaign
from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import read_store
from operator_push.config import Settings
from operator_push.domain.pacing import Pace
from operator_push.kernel.errors import OperatorError
from operator_push.services.campaign_texts import not_brought
from operator_push.store.customer_results import CustomerResult, customer_results

# Terms by which a campaign chooses among the people of its rule, and how they are ordered.
_CHOOSING: Final = {"trigger": "--on", "when": "--when", "after": "--after", "prefer": "--prefer"}


@click.command()
@click.argument("name")
@click.option(
    "--csv", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write a table here instead."
)
@json_option
@with_settings
def customers(settings: Settings, as_json: bool, name: str, file: Path | None) -> None:
    """Tell what became of the campaign NAME by the client's own customer codes, without any number.

    Of customers whose code is linked by proof (operator-push person link), and of campaigns whose rule names
    lists of the client's alone: somebody who was found by an attribute would tell that attribute, and so
    would one who was chosen by --on, --after, --prefer or --pace own. `not sent` has no reason: that is
    between the person and the operator.
    """
    with server_of(settings) as server:
        found = find_campaign(server, name)
    require_own_lists(name, found["rule"], found.get("terms", {}))
    asked = settings.shard, found["account_no"], found["campaign_no"]
    rows = read_store(settings, lambda connection: customer_results(connection, *asked))
    if file is not None:
        _write(file, rows)
    if as_json:
        print_json([each._asdict() for each in rows])
    elif file is None and not rows:
        click.echo("None of its people has a customer code that is linked by proof (docs/linking.md).")
    elif file is None:
        print_table(
            ("CUSTOMER", "OUTCOME", "REPLIED", "CLICKED", "CONVERTED"),
            ([each[0], each[1], *("yes" if did else "" for did in each[2:])] for each in rows),
        )
    else:
        click.echo(f"{file} is written: {len(rows)} customers.")


def require_own_lists(name: str, rule: str, terms: Mapping[str, Any]) -> None:
    """
    Raises:
        OperatorError: the rule reads something that the client did not bring, or the terms do.
    """
    chosen = [option for term, option in _CHOOSING.items() if terms.get(term)]
    chosen += ["--pace own"] if terms.get("pace") == Pace.OWN.value else []
    if chosen:
        raise OperatorError(
            f"campaign {name!r} chose people or their hours by {', '.join(chosen)}: results by customer "
            "would tell that of each. `campaign report` has the sums"
        )
    if read := not_brought(rule):
        raise OperatorError(
            f"campaign {name!r} was for people whom its rule finds by {', '.join(read)}: results by "
            "customer would tell that of each; they are told where a rule names lists alone, such as "
            'in_list("customers"). `campaign report` has the sums'
        )


def _write(file: Path, rows: Sequence[CustomerResult]) -> None:
    with file.open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table)
        writer.writerow(CustomerResult._fields)
        for each in rows:
            writer.writerow([_plain(each[0]), each[1], *(str(did).lower() for did in each[2:])])


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
