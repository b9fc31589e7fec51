"""Layouts of reference data: cells, devices by their TAC, tariff plans.

A row may say from which day it holds (`valid_from`; without it: from ever). Of the rows of one key that one
counts on a day which has the latest `valid_from` until then; what was known earlier stays known.
"""

from cdr_ingest.formats.layout import Check, Layout, RowKind, Value, date, in_range, micros, missing, whole
from cdr_ingest.formats.reject_reasons import RejectReason

# A row without its own is of the date in its file's name.
_GIVEN = {"file_on": "''"}
_VALID_FROM = Value("valid_from", f"coalesce({date('valid_from')}, {date('file_on')})")
_BAD_VALID_FROM = Check(
    RejectReason.IMPOSSIBLE_DATE, "valid_from", f"valid_from <> '' AND {date('valid_from')} IS NULL"
)
_TEXT_MAX = 80  # Ours: a name, not a novel
# The words by which catalogues call an operating system; any other is none of ours and is left out.
_SYSTEMS = (
    ("android", "android"),
    ("ios|iphone ?os", "ios"),
    ("kaios|feature.*|proprietary|rtos", "feature"),
)


def _system(column: str) -> str:
    whens = " ".join(
        f"WHEN regexp_full_match(lower(trim({column})), '({words}).*') THEN '{system}'"
        for words, system in _SYSTEMS
    )
    return f"CASE {whens} END"


def _short(column: str) -> Check:
    return Check(RejectReason.BAD_VALUE, column, f"length({column}) > {_TEXT_MAX}")


CELL_LAYOUT = Layout(
    kind=RowKind.CELL,
    columns=("cell_id", "city", "latitude", "longitude", "valid_from", "file_on"),
    values=(
        Value("cell_id", "cell_id"),
        Value("city", "city"),
        Value("latitude", "try_cast(latitude AS DOUBLE)"),
        Value("longitude", "try_cast(longitude AS DOUBLE)"),
        _VALID_FROM,
    ),
    checks=(
        *missing("cell_id", "city", "latitude", "longitude"),
        Check(RejectReason.BAD_VALUE, "latitude", "NOT coalesce(typed_latitude BETWEEN -90 AND 90, false)"),
        Check(
            RejectReason.BAD_VALUE, "longitude", "NOT coalesce(typed_longitude BETWEEN -180 AND 180, false)"
        ),
        _BAD_VALID_FROM,
    ),
    optional=("valid_from",),
    given=_GIVEN,
)
DEVICE_LAYOUT = Layout(
    kind=RowKind.DEVICE,
    columns=("tac", "brand", "model", "os", "release_year", "valid_from", "file_on"),
    values=(
        Value("tac", "tac"),
        Value("brand", "brand"),
        Value("model", "model"),
        Value("os", _system("os")),
        Value("release_year", f"try_cast({whole('release_year')} AS INTEGER)"),
        _VALID_FROM,
    ),
    checks=(
        *missing("tac", "brand", "model"),
        # Type Allocation Code: the first eight digits of an IMEI (TS 23.003 section 6.2.1).
        Check(RejectReason.BAD_VALUE, "tac", "NOT regexp_full_match(tac, '[0-9]{8}')"),
        _short("brand"),
        _short("model"),
        in_range("release_year", "typed_release_year", 1980, 2100),
        _BAD_VALID_FROM,
    ),
    optional=("os", "release_year", "valid_from"),
    given=_GIVEN,
)
PLAN_LAYOUT = Layout(
    kind=RowKind.PLAN,
    columns=("plan_code", "name", "price", "period_days", "ends_on", "valid_from", "file_on"),
    values=(
        Value("plan_code", "plan_code"),
        Value("name", "name"),
        Value("price_micros", micros("price")),
        Value("period_days", f"try_cast({whole('period_days')} AS INTEGER)"),
        Value("ends_on", date("ends_on")),
        _VALID_FROM,
    ),
    checks=(
        *missing("plan_code", "name"),
        _short("plan_code"),
        _short("name"),
        Check(RejectReason.BAD_VALUE, "price", "price <> '' AND typed_price_micros IS NULL"),
        in_range("period_days", "typed_period_days", 1, 3_660),
        Check(RejectReason.IMPOSSIBLE_DATE, "ends_on", "ends_on <> '' AND typed_ends_on IS NULL"),
        _BAD_VALID_FROM,
    ),
    optional=("price", "period_days", "ends_on", "valid_from"),
    given=_GIVEN,
)
