"""Reading: a tariff document from TOML or JSON text; an error names file, line and key.

Law: amounts and percentages never pass through a float, so 0.1 in a file is a tenth exactly.
"""

import json
import re
import tomllib
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from operator_push.domain.rating import document as document_types
from operator_push.domain.rating.checks import DIGITS_MAX, is_out_of_proportion, problem_of
from operator_push.domain.rating.contract import ChargeOn, Contract, RoundingAt
from operator_push.domain.rating.document import Micros, Ppm, TariffDocument
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import Rounding, parse_amount
from operator_push.text.data_coding import Encoding

PPM_MAX: Final = 1_000_000
_PPM_PER_PERCENT: Final = 10_000
_WHERE = re.compile(r" - at `\$(?P<path>.*)`$", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>[^`]*)`")
_MISSING = re.compile(r"Object missing required field `(?P<key>[^`]*)`")
_STEP = re.compile(r"\.?(?P<name>[^.\[\]]+)|\[(?P<index>\d+|\.\.\.)\]")
_TABLES: Final[dict[str, type[msgspec.Struct]]] = {
    "": TariffDocument,
    "price": document_types.Price,
    "tiers": document_types.Tier,
    "bundle": document_types.Bundle,
    "contact": document_types.ContactPrice,
    "surcharge": document_types.Surcharge,
    "discount": document_types.Discount,
    "credit": document_types.Credit,
    "tax": document_types.Tax,
    "number_range": document_types.NumberRange,
    "exchange_rate": document_types.ExchangeRate,
    "accounts": document_types.AccountPart,
    "contract": Contract,
}

_ALLOWED: Final = {
    **{
        key: ", ".join(str(member.value) for member in values)
        for key, values in (
            ("traffic_class", document_types.ClassName),
            ("encoding", Encoding),
            ("sender_kind", document_types.SenderKind),
            ("weekdays", document_types.Weekday),
            ("volume", document_types.Volume),
            ("charge_on", ChargeOn),
            ("rounding", Rounding),
            ("rounding_at", RoundingAt),
        )
    },
    "hours": 'local times such as "09:00-21:00" or, over midnight, "21:00-09:00"',
    "network": 'MCC-MNC such as "404-45"',
    "country": 'an ISO 3166 code such as "IN"',
    "currency": 'an ISO 4217 code such as "INR"',
    "to": 'an ISO 4217 code such as "USD"',
    "prefix": 'leading digits such as "91", "" for every number',
    "valid_from": "a moment with its zone such as 2026-04-01T00:00:00+05:30",
    "valid_until": "a moment with its zone such as 2026-04-01T00:00:00+05:30",
}

Path = tuple[str | int, ...]


def read_tariff(text: str, file: str) -> TariffDocument:
    """The checked document of a file's text; JSON where the name ends in .json, else TOML.

    Raises:
        OperatorError: with the file, the line (TOML only) and the key of the first thing that is wrong.
    """
    as_json = file.lower().endswith(".json")
    try:
        raw = json.loads(text, parse_float=Decimal) if as_json else tomllib.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise OperatorError(f"is not JSON: {error.msg}", file=file, line=error.lineno) from error
    except ValueError as error:  # TOML's own error, or a whole number of thousands of digits in either
        raise OperatorError(f"is not {'JSON' if as_json else 'TOML'}: {error}", file=file) from error
    lines = [] if as_json else text.splitlines()
    try:
        document = msgspec.convert(raw, TariffDocument, dec_hook=_decode)
    except msgspec.ValidationError as error:
        sentence, path = _explained(str(error))
        raise _wrong(sentence, path, file, lines) from error
    problem = problem_of(document)
    if problem is not None:
        raise _wrong(problem.sentence, problem.path, file, lines)
    return document


def line_of(lines: list[str], path: Path) -> int | None:
    """The line (from 1) on which a key of a TOML text stands, or that of the table it belongs to.

    None where the text has no such table, as in JSON. Keys inside inline tables have their table's line.
    """
    start, found, rest = 0, None, list(path)
    if len(rest) >= 2 and isinstance(rest[1], int):
        header, wanted = re.compile(rf"^\s*\[\[\s*{re.escape(str(rest[0]))}\s*\]\]"), rest[1]
        starts = [number for number, line in enumerate(lines) if header.match(line)]
        if wanted < len(starts):
            start, found, rest = starts[wanted] + 1, starts[wanted] + 1, rest[2:]
    else:
        names = [str(step) for step in rest]
        for length in range(len(names), 0, -1):
            header = re.compile(rf"^\s*\[\s*{re.escape('.'.join(names[:length]))}\s*\]")
            match = next((number for number, line in enumerate(lines) if header.match(line)), None)
            if match is not None:
                start, found, rest = match + 1, match + 1, rest[length:]
                break
    if rest:
        key = re.compile(rf"^\s*\"?{re.escape(str(rest[0]))}\"?\s*=")
        for number in range(start, len(lines)):
            if re.match(r"^\s*\[", lines[number]):
                break
            if key.match(lines[number]):
                return number + 1
    return found


def _decode(kind: type, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError(f"{value!r} is not a decimal number such as 0.10")
    if _is_endless(value):
        raise ValueError(f"{str(value)[:20]!r} is out of all proportion; at most {DIGITS_MAX} digits")
    if kind is Micros:
        try:
            micros = parse_amount(str(value))
        except OperatorError as error:
            raise ValueError(str(error)) from error
        if micros < 0:
            raise ValueError(f"{value} is negative; what makes a price less is a discount or a credit")
        return Micros(micros)
    if kind is Ppm:
        try:
            ppm = Decimal(value) * _PPM_PER_PERCENT
            whole = int(ppm)
        except (InvalidOperation, ValueError, OverflowError) as error:
            raise ValueError(f"{value!r} is not a percentage such as 18 or 12.5") from error
        if ppm != whole or not 0 <= whole <= PPM_MAX:
            raise ValueError(f"{value} is not a percentage in 0..100 with at most four decimals")
        return Ppm(whole)
    raise TypeError(f"no document has a {kind.__name__}")


def _is_endless(value: str | int | Decimal) -> bool:
    """Whether a number in a file would fill the memory once written out, such as 1e999999999."""
    try:
        number = Decimal(value)
    except (InvalidOperation, ValueError):
        return False  # no number at all, which is told in other words
    return is_out_of_proportion(number)


def _explained(message: str) -> tuple[str, Path]:
    where = _WHERE.search(message)
    sentence = message[: where.start()] if where else message
    path = _path(where["path"]) if where else ()
    for pattern, words in ((_UNKNOWN, "is not a key here"), (_MISSING, "is missing")):
        found = pattern.search(sentence)
        if found:
            table = next((str(step) for step in reversed(path) if step in _TABLES), "")
            keys = ", ".join(_TABLES[table].__struct_fields__)
            return f"{words}; the keys are {keys}", (*path, found["key"])
    named = next((str(step) for step in reversed(path) if step in _ALLOWED), "")
    return f"{sentence}; allowed: {_ALLOWED[named]}" if named else sentence, path


def _path(text: str) -> Path:
    steps: list[str | int] = []
    for step in _STEP.finditer(text):
        if step["name"]:
            steps.append(step["name"])
        elif step["index"] != "...":
            steps.append(int(step["index"]))
    return tuple(steps)


def _wrong(sentence: str, path: Path, file: str, lines: list[str]) -> OperatorError:
    key = ""
    for step in path:
        key += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if key else step
    return OperatorError(sentence, file=file, line=line_of(lines, path), key=key or None)
