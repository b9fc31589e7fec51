"""Read a pack from TOML: typed, complete, and with an error that names file, line and key.

Files of the installation are read through importlib.resources, so that a zipped installation has them too.
"""

import re
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from operator_push.domain.packs.pack import Pack, Row
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.toml_lines import key_lines, line_of
from operator_push.kernel.typed_toml import dotted, read_toml

_COUNTRY = re.compile(r"[A-Z]{2}")
_DAY = re.compile(r"\d\d-\d\d")
_NAME = re.compile(r"[a-z][a-z0-9_-]*")


def pack_files() -> dict[str, str]:
    """The shipped packs: file name → text."""
    folder = resources.files("operator_push.domain.packs")
    found = (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return {entry.name: entry.read_text(encoding="utf-8") for entry in sorted(found, key=lambda e: e.name)}


def read_pack_file(path: Path) -> Pack:
    """A pack of the operator's own.

    Raises:
        OperatorError: the file cannot be read, or as `read_pack`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"cannot be read as UTF-8 text: {error}", file=str(path)) from error
    return read_pack(text, str(path))


def read_pack(text: str, file: str) -> Pack:
    """A pack from its TOML.

    Raises:
        OperatorError: not TOML, an unknown or missing key, a value of another kind, or one that no day,
            window, country or period can have; names file, line and key.
    """
    pack = read_toml(text, file, Pack)
    lines = key_lines(text)

    def wrong(message: str, *path: str | int) -> OperatorError:
        return OperatorError(message, file=file, key=dotted(path), line=line_of(lines, path))

    if not _NAME.fullmatch(pack.pack):
        raise wrong(f"{pack.pack!r}: a pack's name is lower-case letters, digits, - and _", "pack")
    for country in pack.countries:
        if not _COUNTRY.fullmatch(country):
            raise wrong(f"{country!r} is not a country of ISO 3166-1, such as FR", "countries")
    if not pack.languages:
        raise wrong("a pack hears at least one language", "languages")
    if pack.valid_until is not None and pack.valid_until <= pack.valid_from:
        raise wrong("ends before it begins", "valid_until")
    for table, rows in pack.tables():
        for number, row in enumerate(rows):
            _check_row(row, lambda message, key, at=(table, number): wrong(message, *at, key))
    for number, holiday in enumerate(pack.holiday):
        if holiday.country not in pack.countries:
            raise wrong(f"{holiday.country} is not one of the pack's countries", "holiday", number, "country")
        for text in holiday.fixed:
            if not _is_day(text):
                raise wrong(f"{text!r} is not a day such as 12-25", "holiday", number, "fixed")
    for number, quiet in enumerate(pack.quiet_hours_rows):
        at = ("quiet_hours", number)
        if quiet.country != "*" and quiet.country not in pack.countries:
            raise wrong(f"{quiet.country} is not one of the pack's countries", *at, "country")
        if quiet.region and not quiet.region.startswith(f"{quiet.country}-"):
            raise wrong(f"{quiet.region!r} is not a region such as {quiet.country}-XX", *at, "region")
        try:
            list(quiet.local_windows())
        except ValueError as error:
            raise wrong(str(error), *at, "windows") from error
    return pack


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(f"2024-{text}")  # a leap year
    except ValueError:
        return False
    return _DAY.fullmatch(text) is not None


def _check_row(row: Row, wrong: Any) -> None:
    if not row.source.strip():
        raise wrong("a row names its source", "source")
    if row.date < date(2000, 1, 1):
        raise wrong("the day on which the source was read is not before 2000", "date")
    if row.valid_from and row.valid_until and row.valid_until <= row.valid_from:
        raise wrong("ends before it begins", "valid_until")
