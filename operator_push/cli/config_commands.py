"""operator-push config: looks at a configuration file without starting anything."""

import json
from collections.abc import Iterator, Mapping
from enum import IntEnum
from pathlib import Path

import click

from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.store_reading import read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.config import Settings, load_settings
from operator_push.domain.delivery import DISPOSITION_BY_STATUS
from operator_push.domain.delivery_answers import DISPOSITION_BY_DELIVERY_STATUS
from operator_push.domain.rating.taxes import two_taxes
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.money import format_micros
from operator_push.smpp.constants import CommandStatus
from operator_push.store.document_rows import stored_documents


@click.group(cls=SubjectGroup)
def config() -> None:
    """Look at a configuration file."""


_file_option = click.option(
    "--config",
    "file",
    envvar="OPERATOR_PUSH_CONFIG",
    type=click.Path(path_type=Path),
    default=Path("operator-push.toml"),
    show_default=True,
    help="The file to look at.",
)


@config.command()
@_file_option
@json_option
def check(file: Path, as_json: bool) -> None:
    """Check a configuration as `serve` would, secrets included, and say what it means.

    Every problem is printed with file, line, key, value and what is allowed; the exit status is then 2.
    What is allowed and yet may not be meant is a warning on standard error: taxes both here and in a tariff
    that the store keeps. Nothing is started, and no secret is printed.
    """
    settings = load_settings(file)
    for warning in _warnings(settings):
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        print_json(json.loads(settings.model_dump_json()))
        return
    click.echo(f"{file} is good.")
    print_fields(_summary(settings))


@config.command()
@click.option("--link", help="An [[smsc]] link of the file, with the rows that it changes.")
@click.option("--deliveries", is_flag=True, help="What clients answer to their receipts and MO, instead.")
@_file_option
@json_option
def statuses(link: str | None, deliveries: bool, file: Path, as_json: bool) -> None:
    """Show what each command_status of submit_sm_resp means: sent, retry, slow, fail, stop_link.

    slow is a retry that also slows the link down. A status without a row means fail. `statuses` of an
    [[smsc]] table changes rows for that SMSC.

    With --deliveries what each command_status of a client's deliver_sm_resp means: retry, drop. A status
    without a row means retry; `delivery_statuses` of [smpp_server] changes rows.
    """
    table: Mapping[int, IntEnum] = DISPOSITION_BY_STATUS
    if deliveries:
        if link is not None:
            raise click.UsageError("--link and --deliveries are two tables; ask for one of them")
        given = load_settings(file).smpp_server.delivery_dispositions if file.exists() else None
        table = given or DISPOSITION_BY_DELIVERY_STATUS
    elif link is not None:
        links = {row.name: row for row in load_settings(file).smsc}
        if link not in links:
            raise OperatorError(f"{link!r} is no [[smsc]] link; there are {', '.join(links)}", file=str(file))
        table = links[link].dispositions
    names = {int(status): status.name for status in CommandStatus}
    rows = [
        (f"0x{status:08X}", names.get(status, ""), meaning.name.lower())
        for status, meaning in sorted(table.items())
    ]
    if as_json:
        print_json([{"command_status": number, "name": name, "means": means} for number, name, means in rows])
        return
    print_table(("command_status", "name", "means"), rows)


def _warnings(settings: Settings) -> Iterator[str]:
    """What may not be meant, told by the file and by the tariffs in the store, where there is one."""
    taxes = [tax.name for tax in settings.invoices.tax]
    if not taxes:
        return
    try:
        stored = read_store(settings, stored_documents)
    except (OperatorError, ResourceError):
        return  # no store yet, or none that can be read now: the file is judged by itself
    newest = {each.document.tariff: each.document for each in stored}
    yield from filter(None, (two_taxes(document, taxes) for document in newest.values()))


def _summary(settings: Settings) -> list[tuple[str, str]]:
    server = settings.smpp_server
    rows = [
        ("data", str(settings.data_dir)),
        ("database", "PostgreSQL" if settings.database_url.startswith("postgresql") else "SQLite"),
        ("ESMEs", f"{server.host}:{server.port} as {server.system_id}"),
    ]
    rows += [
        (
            f"SMSC {link.name}",
            f"{link.host}:{link.port} as {link.system_id}, {link.bind_type}, window {link.window}, "
            + ", ".join(map(_numbers, link.prefixes)),
        )
        for link in settings.smsc
    ]
    rows += [
        (
            f"price, {_numbers(row.prefix)}",
            f"{format_micros(row.price_micros)} {row.currency} per segment, {row.traffic_class}",
        )
        for row in settings.tariff
    ]
    rows += [(f"events {sink.name}", f"{sink.kind} to {sink.url}") for sink in settings.delivery_events]
    online = settings.online_charging
    if online.kind is not None:
        rows.append(
            (
                "online charging",
                f"{online.kind} to {online.destination_realm} by {', '.join(online.peers)}, slices of "
                f"{online.slice}, {online.failure_handling} while nobody answers",
            )
        )
    quiet = settings.policy.quiet_hours
    law = " and those of each country's law" if quiet.packs else ""
    hours = f"{quiet.start} to {quiet.end} on the subscriber's clock{law}"
    rows.append(("quiet hours", hours if quiet.enabled else "off"))
    return rows


def _numbers(prefix: str) -> str:
    return f"{prefix}…" if prefix else "every number"
