"""operator-push policy: what the rules would say, without a server."""

import click

from operator_push.cli.moments import moment_of
from operator_push.cli.printing import json_option, print_json
from operator_push.cli.subject_group import SubjectGroup
from operator_push.domain.country_zones import zone_named, zones_of_country
from operator_push.domain.quiet_windows import next_allowed, parse_window
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import from_epoch_us, to_epoch_us


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
