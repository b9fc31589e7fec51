"""operator-push config: looks at a configuration file without starting anything."""

import json
from pathlib import Path

import click

from operator_push.cli.printing import json_option, print_fields, print_json
from operator_push.config import Settings, load_settings
from operator_push.kernel.money import format_micros


@click.group()
def config() -> None:
    """Look at a configuration file."""


@config.command()
@click.option(
    "--config",
    "file",
    envvar="OPERATOR_PUSH_CONFIG",
    type=click.Path(path_type=Path),
    default=Path("operator-push.toml"),
    show_default=True,
    help="The file to check.",
)
@json_option
def check(file: Path, as_json: bool) -> None:
    """Check a configuration as `serve` would, secrets included, and say what it means.

    Every problem is printed with file, line, key, value and what is allowed; the exit status is then 2.
    Nothing is started, and no secret is printed.
    """
    settings = load_settings(file)
    if as_json:
        print_json(json.loads(settings.model_dump_json()))
        return
    click.echo(f"{file} is good.")
    print_fields(_summary(settings))


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
    quiet = settings.policy.quiet_hours
    rows.append(("quiet hours", f"{quiet.start} to {quiet.end} {quiet.zone}" if quiet.enabled else "off"))
    return rows


def _numbers(prefix: str) -> str:
    return f"{prefix}…" if prefix else "every number"
