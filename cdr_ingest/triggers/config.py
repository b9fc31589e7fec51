"""The configuration of triggers: a TOML file."""

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from cdr_ingest.collection.config import INTO, SourceConfig, read_config_file
from cdr_ingest.triggers.journal import KEEP_DAYS_MAX
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.trigger_catalogue import TRIGGERS_BY_NAME


class LineConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[[line]]: a number that people call and hang up; `numbers` are all forms in which records write it,
    without + and 00 in front. `name` is that of the [[opt_in]] whose missed_call it is, where it is one."""

    name: str
    numbers: list[str]


class AreaConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[[area]]: cells within `radius_km` of a place."""

    name: str
    latitude: float
    longitude: float
    radius_km: float


class TriggersConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file; docs/triggers.md explains every key."""

    snapshot: str
    key_file: str
    out: str
    source: list[SourceConfig]
    cells: str | None = None
    mappings: list[str] = []
    triggers: tuple[str, ...] = tuple(TRIGGERS_BY_NAME)
    zone: str = "Asia/Kolkata"
    every_s: float = 0.05
    max_age_s: int = 900
    keep_days: int = 2
    home_country_codes: tuple[str, ...] = ("404", "405")
    balance_below_rupees: int = 20
    plan_days: int = 3
    plan_hour: int = 9
    cooldown_h: dict[str, float] = {}
    line: list[LineConfig] = []
    area: list[AreaConfig] = []
    threads: int = 1
    memory_limit: str = "512MB"

    def cooldown_us(self, trigger: str) -> int:
        """How long a trigger rests for one person after it was told."""
        hours = self.cooldown_h.get(trigger, TRIGGERS_BY_NAME[trigger].cooldown_h)
        return int(hours * 3_600_000_000)


def read_config(path: Path) -> TriggersConfig:
    """The configuration in a file.

    Raises:
        OperatorError: it cannot be read, or a value cannot be; names file and key.
    """
    config = read_config_file(path, TriggersConfig)
    for key, sentence in _faults(config):
        raise OperatorError(sentence, file=str(path), key=key)
    return config


def _faults(config: TriggersConfig) -> list[tuple[str, str]]:
    found = []
    names = [each.name for each in config.source]
    if not names or len(set(names)) < len(names):
        found.append(("source", "needs [[source]] tables, each with a name of its own"))
    for source in config.source:
        if source.into not in INTO:
            found.append(("source.into", f"{source.into!r} is not one of {', '.join(map(repr, INTO))}"))
    for key, given in (("triggers", config.triggers), ("cooldown_h", config.cooldown_h)):
        unknown = sorted(set(given) - set(TRIGGERS_BY_NAME))
        if unknown:
            found.append((key, f"there is no {unknown[0]!r}; the triggers are {', '.join(TRIGGERS_BY_NAME)}"))
    try:
        ZoneInfo(config.zone)
    except (ZoneInfoNotFoundError, ValueError):
        found.append(("zone", f"{config.zone!r} is no IANA time zone, such as Asia/Kolkata"))
    bounds = (
        ("every_s", config.every_s, 0.01, 60),
        ("max_age_s", config.max_age_s, 1, 86_400),
        ("keep_days", config.keep_days, 1, KEEP_DAYS_MAX),
        ("plan_days", config.plan_days, 0, 30),
        ("plan_hour", config.plan_hour, 0, 23),
        ("balance_below_rupees", config.balance_below_rupees, 1, 1_000_000),
        ("threads", config.threads, 1, 256),
        *(("cooldown_h", hours, 0, 8_760) for hours in config.cooldown_h.values()),
        *(("area.radius_km", area.radius_km, 0.1, 500) for area in config.area),
    )
    found += [
        (key, f"{value:g} is not in {low:g}..{high:g}")
        for key, value, low, high in bounds
        if not low <= value <= high
    ]
    for line in config.line:
        if not line.numbers or not all(number.isdecimal() for number in line.numbers):
            found.append(("line.numbers", f"line {line.name!r}: numbers are digits, without + or 00"))
    return found
