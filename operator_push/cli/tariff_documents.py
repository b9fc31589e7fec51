"""operator-push tariff diff and simulate: two tariffs beside each other, and what messages cost by one.

Each TARIFF is a file, or NAME@VERSION for a version that the running server keeps; only then it is asked.
"""

from pathlib import Path
from typing import Any, Self

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.message_list import read_messages
from operator_push.cli.ported_file import read_ported
from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.rating_file import read_document, read_tariffs, server_document
from operator_push.cli.server_option import server_data_dir, server_options
from operator_push.domain.rating.document import TariffDocument
from operator_push.domain.rating.versions import differences, leaves
from operator_push.kernel.money import format_micros
from operator_push.services.simulate_tariff import Simulation, simulate_tariff

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("tariffs", nargs=-1, required=True, metavar="[BEFORE] AFTER")
@json_option
@server_options
def diff(tariffs: tuple[str, ...], as_json: bool, config: Path | None, data_dir: Path | None) -> None:
    """Tell what AFTER says differently from BEFORE, or from the running server's tariff; exit 1 if anything.

    Each is a file, or NAME@VERSION for a version that the server keeps. Rules are the same rule where their
    kind and name are; amounts are in micros, percentages in millionths.
    """
    if len(tariffs) > 2:
        raise click.UsageError("give one tariff or two")
    with _Server(config, data_dir) as server:
        given = read_tariffs(tariffs, server.client)
        before, after = given if len(given) == 2 else (server_document(server.client()), given[0])
    found = differences(before, after)
    if as_json:
        print_json([{"key": each.key, "before": each.before, "after": each.after} for each in found])
    else:
        rows = [(each.key, _shown(each.before), _shown(each.after)) for each in found]
        print_table(("KEY", "BEFORE", "AFTER"), rows)
    if found:
        raise SystemExit(1)


@click.command()
@click.argument("tariffs", nargs=-1, required=True, metavar="TARIFF...")
@click.option("--messages", required=True, type=_FILE, help="CSV: account,to,at,text or segments, …")
@click.option("--against", multiple=True, metavar="TARIFF", help="Another to compare with; repeatable.")
@click.option("--ported", type=_FILE, help="CSV of ported numbers: msisdn,network.")
@json_option
@server_options
def simulate(
    tariffs: tuple[str, ...],
    messages: Path,
    against: tuple[str, ...],
    ported: Path | None,
    as_json: bool,
    config: Path | None,
    data_dir: Path | None,
) -> None:
    """Tell what the messages of a CSV file would cost by a tariff, months closed.

    A TARIFF is a file, or NAME@VERSION for a version that the server keeps. Several are versions of one
    tariff: each message is priced by the version in force at its moment. Volume tiers, bundles, contacts and
    credit count from nothing at the first message.
    """
    asked = read_messages(messages, read_ported(ported) if ported else None)
    with _Server(config, data_dir) as server:
        results = {"tariff": simulate_tariff(read_tariffs(tariffs, server.client), asked)}
        if against:
            results["against"] = simulate_tariff(read_tariffs(against, server.client), asked)
    if as_json:
        print_json({name: _json(result) for name, result in results.items()})
        return
    for name, result in results.items():
        print_fields(
            [
                (name, ", ".join(tariffs if name == "tariff" else against)),
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
    """Print what the tariff document of a file says."""
    print_document(read_document(file), as_json)


def print_document(document: TariffDocument, as_json: bool) -> None:
    """Print what a tariff says: key by key, or as one JSON document."""
    said = leaves(document)
    if as_json:
        print_json(dict(said))
    else:
        print_table(("KEY", "SAYS"), [(key, _shown(value)) for key, value in said])


class _Server:
    """The running server, found only where somebody asks it."""

    def __init__(self, config: Path | None, data_dir: Path | None) -> None:
        self._named = (config, data_dir)
        self._client: ControlClient | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._client is not None:
            self._client.close()

    def client(self) -> ControlClient:
        """The connection to it."""
        if self._client is None:
            self._client = ControlClient(server_data_dir(*self._named))
        return self._client


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
