"""Expressions: a field of a mapping as an expression of DuckDB over the text columns of a block.

Law: a value that cannot be understood stays as it came, so that the layout's checks name it.
"""

from collections.abc import Callable

from cdr_ingest.mapping.mapping import FieldSource, FileMapping, NumberPlan
from cdr_ingest.mapping.units import AMOUNTS, CLOCK, FACTORS

LINE, ROW, FILE = "@line", "@row", "@file"
SPECIAL = (LINE, ROW, FILE)
"""Sources that every file has: the number of the line, all columns, the file's name without its endings."""
EPOCHS = {"epoch_s": "1000000", "epoch_ms": "1000", "epoch_us": "1"}
ISO = "iso"
_MOMENT_SUFFIX, _DATE_SUFFIX = "_at", "_on"
# A number as it is written, without what people put between its digits.
_MARKS = r"""[ ().\-/="]"""  # the last two: a spreadsheet's ="919800000001", which keeps it from rounding
_ZONE_AT_END = r"(Z|[+-]\d\d(:?\d\d)?)$"
_ZEROS_AT_END = r"[.]?0+$"


def text(value: str) -> str:
    """A constant; no dollar stands in it, for those of a query are parameters."""
    quoted = "'" + value.replace("'", "''") + "'"
    return quoted.replace("$", "' || chr(36) || '") if "$" in quoted else quoted


def field_expression(
    name: str, source: FieldSource, column: Callable[[str], str], mapping: FileMapping, run_zone: str
) -> str:
    """The expression of a column of the layout; `column` gives that of a source."""
    if source.value is not None:
        return text(source.value)
    out = raw_expression(source, column)
    if source.dates:
        out = _moment(name, out, source, source.zone or mapping.text.zone or run_zone)
    elif source.unit is not None:
        out = _quantity(out, source.unit, mapping.text.decimal == ",")
    elif source.number is not None:
        out = _number(out, source.number)
    if source.default is not None:
        out = f"coalesce(nullif({out}, ''), {text(source.default)})"
    return out


def moment_expression(
    source: FieldSource, column: Callable[[str], str], mapping: FileMapping, run_zone: str
) -> str:
    """A field that is a moment as microseconds since 1970, null where it is none."""
    zone = source.zone or mapping.text.zone or run_zone
    return f"epoch_us({_first_moment(raw_expression(source, column), source, zone)})"


def raw_expression(source: FieldSource, column: Callable[[str], str]) -> str:
    """What a field takes from its sources, before it is read as a date, a quantity or a number."""
    parts = [column(one) for one in source.sources]
    out = parts[0]
    if len(parts) > 1 and source.join is not None:
        out = f"concat_ws({text(source.join)}, {', '.join(parts)})"
    elif len(parts) > 1:
        filled = ", ".join(f"nullif({part}, '')" for part in parts)
        out = f"coalesce({filled}, '')"
    if source.match is not None:
        out = f"regexp_extract({out}, {text(source.match)}, 1)"
    if source.lookup is not None:
        out = _lookup(out, source)
    return out


def _lookup(value: str, source: FieldSource) -> str:
    cases = " ".join(f"WHEN {text(key)} THEN {text(to)}" for key, to in (source.lookup or {}).items())
    otherwise = value if source.otherwise is None else text(source.otherwise)
    return f"CASE {value} {cases} ELSE {otherwise} END"


def _moment(name: str, value: str, source: FieldSource, zone: str) -> str:
    moment = _first_moment(value, source, zone)
    if name.endswith(_DATE_SUFFIX):
        # A day is one of the zone's, not of UTC.
        return f"coalesce(strftime({_local(moment, zone)}, '%Y-%m-%d'), {value})"
    return f"coalesce(strftime({moment}, '%Y-%m-%dT%H:%M:%S.%fZ'), {value})"


def _first_moment(value: str, source: FieldSource, zone: str) -> str:
    forms = [_parsed(value, form, zone) for form in source.dates]
    return f"coalesce({', '.join(forms)})" if len(forms) > 1 else forms[0]


def _parsed(value: str, form: str, zone: str) -> str:
    """A moment of UTC without a zone, or null."""
    if form in EPOCHS:
        micros = f"CAST(try_cast({value} AS DECIMAL(24, 6)) * {EPOCHS[form]} AS BIGINT)"
        return f"make_timestamp({micros})"
    if form == ISO:
        # With a zone of its own, or as that of the file.
        naive = _utc(f"try_cast({value} AS TIMESTAMP)", zone)
        own = f"try_cast({value} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'"
        has_zone = f"length({value}) > 11 AND regexp_matches({value}, {text(_ZONE_AT_END)})"
        return f"CASE WHEN {has_zone} THEN {own} ELSE {naive} END"
    parsed = f"try_strptime({value}, {text(form)})"
    if "%z" in form:
        return f"CAST({parsed} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'"
    return _utc(f"CAST({parsed} AS TIMESTAMP)", zone)


def _utc(local: str, zone: str) -> str:
    if zone == "UTC":
        return local
    if zone[0] in "+-":
        return f"({local} - INTERVAL '{_offset_minutes(zone)} minutes')"
    return f"timezone('UTC', timezone({text(zone)}, {local}))"


def _local(utc: str, zone: str) -> str:
    if zone == "UTC":
        return utc
    if zone[0] in "+-":
        return f"({utc} + INTERVAL '{_offset_minutes(zone)} minutes')"
    return f"timezone({text(zone)}, timezone('UTC', {utc}))"


def _offset_minutes(zone: str) -> int:
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if zone[0] == "-" else minutes


def _quantity(value: str, unit: str, decimal_comma: bool) -> str:
    if unit == CLOCK:
        clock = rf"regexp_full_match({value}, '(\d+:)?\d+:[0-5]?\d')"
        parts = f"string_split({value}, ':')"
        hours = f"CASE WHEN len({parts}) = 3 THEN CAST({parts}[1] AS BIGINT) * 3600 ELSE 0 END"
        seconds = f"{hours} + CAST({parts}[-2] AS BIGINT) * 60 + CAST({parts}[-1] AS BIGINT)"
        return f"CASE WHEN {clock} THEN CAST({seconds} AS VARCHAR) ELSE {value} END"
    plain = f"replace(replace({value}, '.', ''), ',', '.')" if decimal_comma else f"replace({value}, ',', '')"
    number = f"try_cast({plain} AS DECIMAL(24, 6))"
    if unit in AMOUNTS:
        scaled = f"CAST({number} * {FACTORS[unit]} AS DECIMAL(24, 6))"
        return f"coalesce(regexp_replace(CAST({scaled} AS VARCHAR), {text(_ZEROS_AT_END)}, ''), {value})"
    return f"coalesce(CAST(CAST(round({number} * {FACTORS[unit]}, 0) AS BIGINT) AS VARCHAR), {value})"


def _number(value: str, plan: NumberPlan) -> str:
    digits = f"regexp_replace({value}, '{_MARKS}', '', 'g')"
    cases = [("'+'", f"substr({digits}, 2)")]
    if plan.international_prefix:
        cases.append(
            (text(plan.international_prefix), f"substr({digits}, {len(plan.international_prefix) + 1})")
        )
    if plan.national_prefix:
        national = f"substr({digits}, {len(plan.national_prefix) + 1})"
        cases.append((text(plan.national_prefix), f"{text(plan.country_code)} || {national}"))
    whens = " ".join(f"WHEN starts_with({digits}, {prefix}) THEN {then}" for prefix, then in cases)
    if plan.national_digits:
        whens += (
            f" WHEN length({digits}) = {plan.national_digits} AND regexp_full_match({digits}, '[0-9]+')"
            f" THEN {text(plan.country_code)} || {digits}"
        )
    # A name (a bank's, a shop's) is no number and stays as it is.
    return rf"CASE WHEN regexp_matches({value}, '[A-Za-z@]') THEN {value} {whens} ELSE {digits} END"
