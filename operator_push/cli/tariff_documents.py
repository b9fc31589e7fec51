"""operator-push tariff diff and simulate: two tariffs beside each other, and what messages cost by one.

Both work on files; diff compares with the running server's tariff where only one file is given.
"""

from pathlib import Path
from typing import Any

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.message_list import read_messages
from operator_push.cli.ported_file import read_ported
from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.rating_file import documents_of, read_document, server_document
from operator_push.cli.server_option import server_data_dir, server_options
from operator_push.domain.rating.versions import differences, leaves
from operator_push.kernel.money import format_micros
from operator_push.services.simulate_tariff import Simulation, simulate_tariff

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="[BEFORE] AFTER")
@json_option
@server_options
def diff(files: tuple[Path, ...], as_json: bool, config: Path | None, data_dir: Path | None) -> None:
    """Tell what AFTER says differently from BEFORE, or from the running server's tariff; exit 1 if anything.

    Rules are the same rule where their kind and name are; amounts are in micros, percentages in millionths.
    """
    if len(files) > 2:
        raise click.UsageError("give one file or two")
    after = read_document(files[-1])
    if len(files) == 2:
        before = read_document(files[0])
    else:
        with ControlClient(server_data_dir(config, data_dir)) as server:
            before = server_document(server)
    found = differences(before, after)
    if as_json:
        print_json([{"key": each.key, "before": each.before, "after": each.after} for each in found])
    else:
        rows = [(each.key, _shown(each.before), _shown(each.after)) for each in found]
        print_table(("KEY", "BEFORE", "AFTER"), rows)
    if found:
        raise SystemExit(1)


@click.command()
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="TARIFF...")
@click.option("--messages", required=True, type=_FILE, help="CSV: account,to,at,text or segments, …")
@click.option("--against", multiple=True, type=_FILE, help="Another tariff to compare with; repeatable.")
@click.option("--ported", type=_FILE, help="CSV of ported numbers: msisdn,network.")
@json_option
def simulate(
    files: tuple[Path, ...], messages: Path, against: tuple[Path, ...], ported: Path | None, as_json: bool
) -> None:
    """Tell what the messages of a CSV file would cost by a tariff, months closed.

    Several TARIFF files are versions of one tariff: each message is priced by the version in force at its
    moment. Volume tiers, bundles, contacts and credit count from nothing at the first message.
    """
    asked = read_messages(messages, read_ported(ported) if ported else None)
    results = {"tariff": simulate_tariff(documents_of(files), asked)}
    if against:
        results["against"] = simulate_tariff(documents_of(against), asked)
    if as_json:
        print_json({name: _json(result) for name, result in results.items()})
        return
    for name, result in results.items():
        files_named = ", ".join(str(file) for file in (files if name == "tariff" else against))
        print_fields(
            [
                (name, files_named),
                (
                    "messages",
                    f"{result.messages} of {result.segments} segments, {result.unpriced} unpriced",
                ),
                ("messages cost", _amounts(result.messages_micros)),
                ("closing months", _amounts(result.closing_micros)),
                ("total", _amounts(result.total_micros())),
            ]
        )


def show_document(file: Path, as_json: bool) -> None:
    """Print what a tariff document says: key by key, or as one JSON document."""
    said = leaves(read_document(file))
    if as_json:
        print_json(dict(said))
    else:
        print_table(("KEY", "SAYS"), [(key, _shown(value)) for key, value in said])


def _json(result: Simulation) -> dict[str, Any]:
    return {
        "messages": result.messages,
        "segments": result.segments,
        "unpriced": result.unpriced,
        "messages_micros": result.messages_micros,
        "closing_micros": result.closing_micros,
        "total_micros": result.total_micros(),
    }


def _amounts(by_currency: dict[str, int]) -> str:
    return ", ".join(f"{format_micros(micros)} {name}" for name, micros in by_currency.items()) or "nothing"


def _shown(value: object) -> str:
    return "-" if value is None else str(value)
