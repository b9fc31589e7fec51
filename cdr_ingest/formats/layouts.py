"""Layouts: per kind of row its columns, the checks that reject it and the typed values that are kept.

Checks and values are DuckDB expressions. A raw column (text, never null) has the name of its column, a typed
value the name `typed_` and its own; `number_valid` and `cell_known` are what the door found in its look-ups;
`$earliest_us` and `$latest_us` bound what a moment may be. The first check that holds rejects the row.
A number column never stands among the values: the door replaces it.
"""

from dataclasses import dataclass
from enum import Enum

from cdr_ingest.formats.reject_reasons import RejectReason
from operator_push.kernel.contracts import DataPurpose

# What every text pattern here means is RE2's; a moment needs a zone, since a naive time is no moment.
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
_OFFSET = r"(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])"  # offsets in use reach from -12:00 to +14:00
_MOMENT = f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ]{_CLOCK}{_OFFSET}"
_WHOLE = "-?[0-9]{1,15}"
# A correspondent: E.164 digits, a short code, or the alphanumeric form of TS 23.040 (9.1.2.5), 11 septets.
CORRESPONDENT = r"(\+|00)?[1-9][0-9]{2,14}|[A-Za-z][A-Za-z0-9 ._&-]{0,10}"
_DIGITS_TOO_MANY = "([0-9][^0-9]*){7,}"  # an attribute that could hide a number

CALL_KINDS = ("MO_CALL", "MT_CALL")
SMS_KINDS = ("MO_SMS", "MT_SMS")
DATA_KIND = "DATA_SESSION"


class RowKind(Enum):
    """What a file holds; the value is the word of run.json."""

    SUBSCRIBER = "subscriber"
    CDR = "cdr"
    TOP_UP = "top_up"
    CELL = "cell"


@dataclass(frozen=True, slots=True)
class Check:
    """A row is rejected for `reason` where `bad_when` is true; `column` is named in the reject's detail."""

    reason: RejectReason
    column: str
    bad_when: str


@dataclass(frozen=True, slots=True)
class Value:
    """A typed value of a row: its name and its expression over the raw columns; null where there is none."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of row. `number` is the column of the subscriber's number, None for reference data.

    `purpose` is what the subscriber must permit for the row to be kept; `moment` is the value that tells
    when it happened (None: the row is a state, not an event).
    """

    kind: RowKind
    columns: tuple[str, ...]
    values: tuple[Value, ...]
    checks: tuple[Check, ...]
    purpose: DataPurpose = DataPurpose.NONE
    number: str | None = None
    moment: str | None = None


def _moment(column: str) -> str:
    moment = f"epoch_us(try_cast({column} AS TIMESTAMPTZ))"
    return f"CASE WHEN regexp_full_match({column}, '{_MOMENT}') THEN {moment} END"


def _whole(column: str) -> str:
    return f"CASE WHEN regexp_full_match({column}, '{_WHOLE}') THEN try_cast({column} AS BIGINT) END"


def _missing(*columns: str) -> tuple[Check, ...]:
    return tuple(Check(RejectReason.MISSING_FIELD, column, f"{column} = ''") for column in columns)


def _missing_for(column: str, kinds: str) -> Check:
    return Check(RejectReason.MISSING_FIELD, column, f"{column} = '' AND kind IN {kinds}")


def _range(column: str, value: str, low: int, high: int) -> Check:
    """The column, where it is not empty, must be a whole number in low..high."""
    bad = f"{column} <> '' AND ({value} IS NULL OR {value} NOT BETWEEN {low} AND {high})"
    return Check(RejectReason.BAD_VALUE, column, bad)


def _possible(column: str, value: str) -> Check:
    bad = f"{value} IS NULL OR {value} NOT BETWEEN $earliest_us AND $latest_us"
    return Check(RejectReason.IMPOSSIBLE_DATE, column, bad)


# The door sets number_valid from kernel.numbering, once per distinct number.
def _bad_number(column: str) -> Check:
    return Check(RejectReason.BAD_NUMBER, column, "NOT number_valid")


_TALK = str(CALL_KINDS + SMS_KINDS)

CDR_LAYOUT = Layout(
    kind=RowKind.CDR,
    columns=(
        "record_id", "kind", "msisdn", "correspondent", "started_at", "duration_s", "octets_up",
        "octets_down", "cell_id",
    ),
    values=(
        Value("kind", "kind"),
        Value("started_at_us", _moment("started_at")),
        Value("duration_s", f"try_cast({_whole('duration_s')} AS INTEGER)"),
        Value("octets_up", _whole("octets_up")),
        Value("octets_down", _whole("octets_down")),
        Value("cell_id", "nullif(cell_id, '')"),
    ),
    checks=(
        *_missing("record_id", "kind", "msisdn", "started_at"),
        _bad_number("msisdn"),
        Check(RejectReason.UNKNOWN_KIND, "kind", f"kind NOT IN {(*CALL_KINDS, *SMS_KINDS, DATA_KIND)}"),
        _possible("started_at", "typed_started_at_us"),
        Check(RejectReason.NEGATIVE_DURATION, "duration_s", "typed_duration_s < 0"),
        _missing_for("correspondent", _TALK),
        _missing_for("duration_s", str(CALL_KINDS)),
        _missing_for("octets_down", f"('{DATA_KIND}')"),
        Check(
            RejectReason.BAD_NUMBER,
            "correspondent",
            f"correspondent <> '' AND NOT regexp_full_match(correspondent, '{CORRESPONDENT}')",
        ),
        _range("duration_s", "typed_duration_s", 0, 7 * 86_400),
        _range("octets_up", "typed_octets_up", 0, 10**15),
        _range("octets_down", "typed_octets_down", 0, 10**15),
        Check(RejectReason.UNKNOWN_CELL, "cell_id", "cell_id <> '' AND NOT cell_known"),
    ),
    purpose=DataPurpose.CALL_DATA,
    number="msisdn",
    moment="started_at_us",
)  # fmt: skip
TOP_UP_LAYOUT = Layout(
    kind=RowKind.TOP_UP,
    columns=("record_id", "msisdn", "topped_up_at", "amount_rupees", "channel"),
    values=(
        Value("topped_up_at_us", _moment("topped_up_at")),
        Value(
            "amount_micros",
            r"CASE WHEN regexp_full_match(amount_rupees, '[0-9]{1,9}(\.[0-9]{1,6})?')"
            " THEN CAST(try_cast(amount_rupees AS DECIMAL(18, 6)) * 1000000 AS BIGINT) END",
        ),
    ),
    checks=(
        *_missing("record_id", "msisdn", "topped_up_at", "amount_rupees"),
        _bad_number("msisdn"),
        _possible("topped_up_at", "typed_topped_up_at_us"),
        Check(RejectReason.BAD_VALUE, "amount_rupees", "typed_amount_micros IS NULL"),
    ),
    purpose=DataPurpose.TOP_UP,
    number="msisdn",
    moment="topped_up_at_us",
)
SUBSCRIBER_LAYOUT = Layout(
    kind=RowKind.SUBSCRIBER,
    columns=("msisdn", "imsi", "activated_on", "birth_year", "language", "plan", "prepaid", "device_os"),
    values=(
        Value(
            "activated_on",
            "CASE WHEN regexp_full_match(activated_on, '[0-9]{4}-[0-9]{2}-[0-9]{2}')"
            " THEN try_cast(activated_on AS DATE) END",
        ),
        Value("birth_year", f"try_cast({_whole('birth_year')} AS INTEGER)"),
        Value("language", "nullif(language, '')"),
        Value("plan", "plan"),
        Value("prepaid", "CASE prepaid WHEN 'true' THEN true WHEN 'false' THEN false END"),
        Value("device_os", "nullif(device_os, '')"),
    ),
    checks=(
        *_missing("msisdn", "imsi", "activated_on", "plan", "prepaid"),
        _bad_number("msisdn"),
        Check(RejectReason.BAD_VALUE, "imsi", "NOT regexp_full_match(imsi, '[0-9]{14,15}')"),
        Check(
            RejectReason.IMPOSSIBLE_DATE,
            "activated_on",
            "typed_activated_on IS NULL OR typed_activated_on < DATE '1980-01-01'"
            " OR epoch_us(typed_activated_on) > $latest_us",
        ),
        Check(
            RejectReason.BAD_VALUE,
            "birth_year",
            "birth_year <> '' AND (typed_birth_year IS NULL OR typed_birth_year < 1900"
            " OR typed_birth_year > year(make_timestamp($latest_us)))",
        ),
        Check(RejectReason.BAD_VALUE, "language", "NOT regexp_full_match(language, '([a-z]{2})?')"),
        Check(
            RejectReason.BAD_VALUE, "plan", f"regexp_matches(plan, '{_DIGITS_TOO_MANY}') OR length(plan) > 80"
        ),
        Check(RejectReason.BAD_VALUE, "prepaid", "prepaid NOT IN ('true', 'false')"),
        Check(RejectReason.BAD_VALUE, "device_os", "device_os NOT IN ('', 'android', 'ios', 'feature')"),
    ),
    purpose=DataPurpose.SUBSCRIBER_RECORD,
    number="msisdn",
)
CELL_LAYOUT = Layout(
    kind=RowKind.CELL,
    columns=("cell_id", "city", "latitude", "longitude"),
    values=(
        Value("cell_id", "cell_id"),
        Value("city", "city"),
        Value("latitude", "try_cast(latitude AS DOUBLE)"),
        Value("longitude", "try_cast(longitude AS DOUBLE)"),
    ),
    checks=(
        *_missing("cell_id", "city", "latitude", "longitude"),
        Check(RejectReason.BAD_VALUE, "latitude", "NOT coalesce(typed_latitude BETWEEN -90 AND 90, false)"),
        Check(
            RejectReason.BAD_VALUE, "longitude", "NOT coalesce(typed_longitude BETWEEN -180 AND 180, false)"
        ),
    ),
)
LAYOUTS = {layout.kind: layout for layout in (SUBSCRIBER_LAYOUT, CDR_LAYOUT, TOP_UP_LAYOUT, CELL_LAYOUT)}
