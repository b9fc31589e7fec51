"""operator-push policy: what the rules would say, without a server."""

import json

import click

from operator_push.cli.moments import moment_of
from operator_push.cli.printing import json_option, print_fields, print_json
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.config import Settings
from operator_push.domain.country_zones import zone_named, zones_of_country
from operator_push.domain.quiet_windows import next_allowed, parse_window
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import from_epoch_us, iso, to_epoch_us
from operator_push.store.rule_set_rows import rule_sets


@click.group(cls=SubjectGroup)
def policy() -> None:
    """What the rules of sending say."""


@policy.command("next-allowed")
@click.option("--zone", "zones", multiple=True, metavar="ZONE", help="An IANA zone, such as Europe/London.")
@click.option(
    "--country",
    metavar="CC",
    help="In place of --zone, where the zone is not known: the moment must be allowed in every zone of it.",
)
@click.option(
    "--quiet", "windows", multiple=True, required=True, metavar="HH:MM-HH:MM", help="Quiet hours; repeatable."
)
@click.option("--at", required=True, metavar="MOMENT", help="When sending is wanted, with its zone or Z.")
@json_option
def next_allowed_command(
    as_json: bool, zones: tuple[str, ...], country: str | None, windows: tuple[str, ...], at: str
) -> None:
    """Print the first moment at or after --at at which sending is allowed, in UTC.

    Quiet hours are half-open: at their start silence has begun, at their end sending is allowed. An end that
    the local clock shows twice ends them at its later occurrence; one that it never shows, at the first
    instant after the gap.
    """
    names = _zone_names(zones, country)
    at_us = to_epoch_us(moment_of(at))
    allowed_us = next_allowed(map(zone_named, names), [parse_window(window) for window in windows], at_us)
    allowed = _utc(allowed_us)
    if as_json:
        print_json({"at": _utc(at_us), "next_allowed": allowed, "quiet": allowed_us != at_us, "zones": names})
    else:
        click.echo(allowed)


@policy.command("rule-set")
@click.argument("number", type=click.IntRange(min=1))
@json_option
@with_settings
def rule_set_command(settings: Settings, as_json: bool, number: int) -> None:
    """Show what decisions were made by whose trail names rule set NUMBER.

    Versions of the rules and of the jurisdiction packs, quiet hours, caps, the control group, and the minute
    of the national register's newest row.
    """
    found = {each[0]: each for each in read_store(settings, lambda store: rule_sets(store, settings.shard))}
    if number not in found:
        newest = f"; the newest is {max(found)}" if found else ""
        raise OperatorError(f"there is no rule set {number}{newest}")
    told = {
        "rule_set": number,
        "first_used_at": iso(found[number][2]),
        **json.loads(found[number][1]),
    }
    if as_json:
        print_json(told)
    else:
        print_fields([(name.replace("_", " "), _shown(value)) for name, value in told.items()])


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _zone_names(zones: tuple[str, ...], country: str | None) -> list[str]:
    if bool(zones) == bool(country):
        raise OperatorError("give --zone, or --country where the zone is not known")
    if country is None:
        return list(zones)
    names = zones_of_country(country)
    if not names:
        raise OperatorError(f"--country {country!r} is not a code of ISO 3166-1 with time zones, such as IN")
    return list(names)


def _utc(at_us: int) -> str:
    """ISO 8601 in UTC; with a fraction only where there is one."""
    return from_epoch_us(at_us).isoformat().replace("+00:00", "Z")
