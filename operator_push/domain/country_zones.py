"""The time zones of a country, from the IANA database's zone.tab (in the pinned package tzdata)."""

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from operator_push.kernel.errors import OperatorError


def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name.

    Raises:
        OperatorError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise OperatorError(
            f"{name!r} is not a name of the IANA time zone database, such as Europe/London"
        ) from error


# Codes that number plans and networks use and zone.tab does not: Kosovo, Ascension, Tristan da Cunha.
_ELSEWHERE = {"XK": "RS", "AC": "SH", "TA": "SH"}


@cache
def zones_of_country(country: str) -> tuple[str, ...]:
    """IANA names of all zones of a country (ISO 3166-1 alpha-2), sorted; empty where the code is unknown."""
    code = country.upper()
    return tuple(sorted(_zone_table().get(_ELSEWHERE.get(code, code), ())))


@cache
def _zone_table() -> dict[str, list[str]]:
    zones: dict[str, list[str]] = {}
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            zones.setdefault(country, []).append(zone)
    return zones
