"""A tariff from a file: the [[tariff]] tables of a configuration, or the rows of a CSV.

Both are judged by the same settings type as a configuration, so a price that would not start a server is
refused here too, with its line or table named. Nothing is sent where anything is wrong.
"""

import csv
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from operator_push.config import TariffSettings
from operator_push.config.problems import key_text, problems_of
from operator_push.domain.tariff import Tariff
from operator_push.kernel.errors import OperatorError

COLUMNS = tuple(TariffSettings.model_fields)
PROBLEMS_SHOWN_MAX = 10


def read_tariff_file(file: Path) -> list[dict[str, Any]]:
    """The rows of a file as the call tariff.import takes them.

    Raises:
        OperatorError: the file cannot be read, has no row, or rows are wrong or contradict each other.
    """
    try:
        found = _toml(file) if file.suffix.lower() == ".toml" else _csv(file)
    except OSError as error:
        raise OperatorError(f"cannot be read: {error.strerror}", file=str(file)) from error
    except UnicodeDecodeError as error:
        raise OperatorError(f"is not UTF-8: {error}", file=str(file)) from error
    if not found:
        raise OperatorError("has no row of a tariff", file=str(file))
    settings, problems = [], []
    for where, row in found:
        try:
            settings.append(TariffSettings(**row))
        except ValidationError as error:
            problems += [
                f"{where}: {key_text(problem.path, {})}: {problem.sentence}"
                for problem in problems_of(error, TariffSettings, {})
            ]
    if problems:
        shown = problems[:PROBLEMS_SHOWN_MAX]
        more = [f"and {len(problems) - len(shown)} more"] if len(problems) > len(shown) else []
        raise OperatorError("\n".join([*shown, *more]), file=str(file))
    try:
        Tariff(row.as_row() for row in settings)
    except OperatorError as error:
        raise OperatorError(str(error), file=str(file)) from error
    return [_asked(row) for row in settings]


def _asked(row: TariffSettings) -> dict[str, Any]:
    return {
        "prefix": row.prefix,
        "traffic_class": row.traffic_class,
        "price_micros": row.price_micros,
        "currency": row.currency,
        "valid_from": row.valid_from.isoformat() if row.valid_from else None,
        "valid_until": row.valid_until.isoformat() if row.valid_until else None,
    }


def _toml(file: Path) -> list[tuple[str, dict[str, Any]]]:
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8")).get("tariff", [])
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(f"is not TOML: {error}", file=str(file)) from error
    if not (isinstance(tables, list) and all(isinstance(table, dict) for table in tables)):
        raise OperatorError("tariff must be [[tariff]] tables", file=str(file))
    return [(f"[[tariff]] {number}", table) for number, table in enumerate(tables, start=1)]


def _csv(file: Path) -> list[tuple[str, dict[str, Any]]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        unknown = [name for name in reader.fieldnames or () if name not in COLUMNS]
        if unknown or not reader.fieldnames:
            named = f"; it names {', '.join(unknown)}" if unknown else ""
            raise OperatorError(
                f"the first line must name columns, of {', '.join(COLUMNS)}{named}", file=f"{file}:1"
            )
        rows = []
        for row in reader:
            if None in row:
                raise OperatorError("has more fields than the first line", file=f"{file}:{reader.line_num}")
            # An empty field is a key left out, save the prefix, where "" is every number.
            given = {key: value for key, value in row.items() if value or key == "prefix"}
            rows.append((f"line {reader.line_num}", given))
        return rows
