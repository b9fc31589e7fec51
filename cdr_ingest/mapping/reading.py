"""Reading a mapping file: typed, complete, and with an error that names file, line and key."""

import codecs
import re
import zoneinfo
from collections.abc import Callable
from pathlib import Path

import duckdb

from cdr_ingest.formats.contract_layout import DELTA, DELTA_NEEDED, NEEDED, WHOLE
from cdr_ingest.formats.layouts import LAYOUTS, Layout, RowKind
from cdr_ingest.formats.reject_reasons import RejectReason
from cdr_ingest.mapping.expressions import EPOCHS, ISO, SPECIAL, field_expression
from cdr_ingest.mapping.mapping import FieldSource, FileMapping
from cdr_ingest.mapping.units import UNITS
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.toml_lines import key_lines, line_of
from operator_push.kernel.typed_toml import dotted, read_toml

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_OFFSET = re.compile(r"[+-]\d\d:?\d\d")
_CONDITIONAL = " AND "
RECORD_ID = "record_id"
Wrong = Callable[..., OperatorError]


def required_columns(layout: Layout, form: str = WHOLE) -> list[str]:
    """The columns without which no row of the kind is accepted; `form` is that of subscriber records."""
    if layout.kind is RowKind.SUBSCRIBER:
        return [*(DELTA_NEEDED if form == DELTA else NEEDED)]
    return [
        check.column
        for check in layout.checks
        if check.reason is RejectReason.MISSING_FIELD and _CONDITIONAL not in check.bad_when
    ]


def read_mapping_file(path: Path) -> FileMapping:
    """A mapping of the operator's own.

    Raises:
        OperatorError: the file cannot be read, or as `read_mapping`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(
            f"the mapping cannot be read as UTF-8 text ({type(error).__name__})", file=str(path)
        ) from None
    return read_mapping(text, str(path))


def read_mapping(text: str, file: str) -> FileMapping:
    """A mapping from its TOML.

    Raises:
        OperatorError: not TOML, an unknown or missing key, or a value that cannot be; names file, line, key.
    """
    mapping = read_toml(text, file, FileMapping)
    lines = key_lines(text)

    def wrong(message: str, *path: str | int) -> OperatorError:
        return OperatorError(message, file=file, key=dotted(path), line=line_of(lines, path))

    if not _NAME.fullmatch(mapping.name):
        raise wrong(f"{mapping.name!r}: a mapping's name is lower-case letters, digits, - and _", "name")
    _check_text(mapping, wrong)
    layout = LAYOUTS[mapping.row_kind]
    for name, source in mapping.fields.items():
        if name not in layout.own_columns:
            columns = ", ".join(layout.own_columns)
            raise wrong(f"a {mapping.kind} has no field {name}; it has {columns}", "fields", name)
        _check_field(mapping, name, source, wrong)
    _check_form(mapping, layout, wrong)
    given = {RECORD_ID} if mapping.same_record else set()
    missing = [
        name
        for name in required_columns(layout, mapping.rows)
        if name not in mapping.fields and name not in given
    ]
    if missing:
        raise wrong(f"lacks {', '.join(missing)}, which every {mapping.kind} needs", "fields")
    return mapping


def _check_form(mapping: FileMapping, layout: Layout, wrong: Wrong) -> None:
    if mapping.rows and layout.kind is not RowKind.SUBSCRIBER:
        raise wrong('rows = "whole", "snapshot" or "delta" is of subscriber records', "rows")
    if not mapping.same_record:
        return
    if RECORD_ID not in layout.columns:
        raise wrong(
            f"a {mapping.kind} is known by what it says; same_record is of cdr and top_up", "same_record"
        )
    if RECORD_ID in mapping.fields:
        raise wrong("same_record stands in place of fields.record_id; give one of them", "same_record")
    for name in mapping.same_record:
        if name not in mapping.fields:
            named = ", ".join(mapping.fields)
            raise wrong(f"{name} is none of this mapping's fields: {named}", "same_record")


def _check_text(mapping: FileMapping, wrong: Wrong) -> None:
    text = mapping.text
    try:
        codecs.lookup(text.encoding)
    except LookupError:
        raise wrong(
            f"there is no encoding {text.encoding!r}; usual are utf-8, latin-1, cp1252, utf-16",
            "text", "encoding",
        ) from None  # fmt: skip
    for key, value in (("delimiter", text.delimiter), ("quote", text.quote)):
        if len(value.encode()) != 1 and not (key == "quote" and value == ""):
            raise wrong(f"{value!r} is not one character of ASCII", "text", key)
    if text.zone is not None:
        _check_zone(text.zone, wrong, "text", "zone")
    if text.form == "fixed":
        if not text.positions:
            raise wrong("fixed width needs [text.positions], name = [first character, how many]", "text")
        for name, (first, width) in text.positions.items():
            if first < 1 or width < 1:
                raise wrong("the first character is 1, a width at least 1", "text", "positions", name)
    elif text.positions:
        raise wrong('positions belong to form = "fixed"', "text", "positions")
    if text.form == "csv" and text.header is not True and not text.columns:
        raise wrong("without a header the names of the columns are needed", "text", "columns")
    if text.form == "csv" and text.header is True and text.columns:
        raise wrong(
            'the header gives the names; use header = false or "auto" with columns', "text", "columns"
        )
    if text.skip_lines < 0 or not 0 <= text.optional_columns <= max(len(text.columns) - 1, 0):
        raise wrong("skip_lines is 0 or more, optional_columns leave at least one column", "text")


def _check_field(mapping: FileMapping, name: str, source: FieldSource, wrong: Wrong) -> None:
    at = ("fields", name)
    if (source.value is None) == (source.source is None):
        raise wrong('needs either from = "COLUMN" or value = "CONSTANT"', *at)
    for column in source.sources:
        known = known_columns(mapping)
        if known is not None and column not in (*known, *SPECIAL):
            raise wrong(f"there is no column {column}; there are {', '.join(known)}", *at, "from")
    if source.match is not None and _groups(source.match) != 1:
        raise wrong(f"{source.match!r} is not a regular expression with one group", *at, "match")
    if source.unit is not None and source.unit not in UNITS:
        raise wrong(f"{source.unit!r} is none of {', '.join(UNITS)}", *at, "unit")
    if sum(one is not None for one in (source.date, source.unit, source.number)) > 1:
        raise wrong("is a date, a quantity or a number, one of them", *at)
    if source.otherwise is not None and source.lookup is None:
        raise wrong("otherwise belongs to a lookup", *at, "otherwise")
    if source.zone is not None:
        _check_zone(source.zone, wrong, *at, "zone")
    for form in source.dates:
        if form not in (ISO, *EPOCHS) and "%" not in form:
            raise wrong(f'{form!r} is neither "iso", {", ".join(EPOCHS)} nor a form as %d.%m.%Y', *at, "date")
    plan = source.number
    if plan is not None and not plan.country_code and (plan.national_prefix or plan.national_digits):
        raise wrong("national numbers need the country_code", *at, "number")
    _try(mapping, name, source, wrong)


def _try(mapping: FileMapping, name: str, source: FieldSource, wrong: Wrong) -> None:
    """Ask the engine whether it can compute the field."""
    expression = field_expression(name, source, lambda _: "c0", mapping, "UTC")
    try:
        duckdb.execute(f"SELECT {expression} FROM (SELECT '' AS c0)").fetchall()
    except duckdb.Error as error:
        first = str(error).partition("\n")[0]
        raise wrong(f"cannot be computed: {first}", "fields", name) from None


def known_columns(mapping: FileMapping) -> list[str] | None:
    """The names of a file's columns, None where only the file tells them."""
    if mapping.text.form == "fixed":
        return list(mapping.text.positions)
    if mapping.text.form == "csv" and mapping.text.header is not True:
        return mapping.text.columns
    return None


def _groups(pattern: str) -> int:
    try:
        return re.compile(pattern).groups
    except re.error:
        return 0


def _check_zone(zone: str, wrong: Wrong, *at: str) -> None:
    if _OFFSET.fullmatch(zone):
        return
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise wrong(
            f"{zone!r} is neither a zone such as Asia/Kolkata nor an offset such as +05:30", *at
        ) from None
