"""A layout: what a kind of row is made of, and the expressions that every kind is written with.

Checks and values are DuckDB expressions. A raw column (text, never null) has the name of its column, a typed
value the name `typed_` and its own; `number_valid` and `cell_known` are what the door found in its look-ups;
`$earliest_us` and `$latest_us` bound what a moment may be, `$zones` are the IANA zones (`bound` knows them).
The first check that holds rejects the row. A number column never stands among the values: the door puts
something else in its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from zoneinfo import available_timezones

from cdr_ingest.formats.reject_reasons import RejectReason
from operator_push.kernel.contracts import DataPurpose

# What every text pattern here means is RE2's; a moment needs a zone, since a naive time is no moment.
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
_OFFSET = r"(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])"  # offsets in use reach from -12:00 to +14:00
_MOMENT = f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ]{_CLOCK}{_OFFSET}"
_WHOLE = "-?[0-9]{1,15}"
_AMOUNT = r"[0-9]{1,9}(\.[0-9]{1,6})?"
DIGITS_TOO_MANY = "([0-9][^0-9]*){7,}"  # an attribute that could hide a number


class RowKind(Enum):
    """What a file holds; the value is the word of run.json."""

    SUBSCRIBER = "subscriber"
    CDR = "cdr"
    TOP_UP = "top_up"
    CELL = "cell"
    DEVICE = "device"
    PLAN = "plan"


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
    when it happened (None: the row is a state, not an event). Of `columns` a file of ours may lack those that
    are `optional`; those that are `given` are no columns of files: what reads them says what they are (here:
    where it says nothing).
    """

    kind: RowKind
    columns: tuple[str, ...]
    values: tuple[Value, ...]
    checks: tuple[Check, ...]
    purpose: DataPurpose = DataPurpose.NONE
    number: str | None = None
    moment: str | None = None
    optional: tuple[str, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def own_columns(self) -> tuple[str, ...]:
        """The columns that a file may have."""
        return tuple(name for name in self.columns if name not in self.given)


def bound(sql: str, earliest_us: int, latest_us: int) -> str:
    """Expressions of layouts with what they leave open."""
    sql = sql.replace("$earliest_us", str(earliest_us)).replace("$latest_us", str(latest_us))
    return sql.replace("$zones", _zones()) if "$zones" in sql else sql


@cache
def _zones() -> str:
    return "(" + ", ".join(f"'{zone}'" for zone in sorted(available_timezones())) + ")"


def moment(column: str) -> str:
    """A moment with its zone, as microseconds since 1970."""
    moment = f"epoch_us(try_cast({column} AS TIMESTAMPTZ))"
    return f"CASE WHEN regexp_full_match({column}, '{_MOMENT}') THEN {moment} END"


def whole(column: str) -> str:
    """A whole number."""
    return f"CASE WHEN regexp_full_match({column}, '{_WHOLE}') THEN try_cast({column} AS BIGINT) END"


def missing(*columns: str) -> tuple[Check, ...]:
    """None of the columns may be empty."""
    return tuple(Check(RejectReason.MISSING_FIELD, column, f"{column} = ''") for column in columns)


def missing_for(column: str, kinds: str) -> Check:
    """The column may not be empty in rows of these kinds."""
    return Check(RejectReason.MISSING_FIELD, column, f"{column} = '' AND kind IN {kinds}")


def in_range(column: str, value: str, low: int, high: int) -> Check:
    """The column, where it is not empty, must be a whole number in low..high."""
    bad = f"{column} <> '' AND ({value} IS NULL OR {value} NOT BETWEEN {low} AND {high})"
    return Check(RejectReason.BAD_VALUE, column, bad)


def possible(column: str, value: str) -> Check:
    """The moment exists and is one that a run takes."""
    bad = f"{value} IS NULL OR {value} NOT BETWEEN $earliest_us AND $latest_us"
    return Check(RejectReason.IMPOSSIBLE_DATE, column, bad)


def date(column: str) -> str:
    """A day, YYYY-MM-DD."""
    pattern = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    return f"CASE WHEN regexp_full_match({column}, '{pattern}') THEN try_cast({column} AS DATE) END"


def micros(column: str) -> str:
    """An amount of money with a point, as micros."""
    amount = f"CAST(try_cast({column} AS DECIMAL(18, 6)) * 1000000 AS BIGINT)"
    return f"CASE WHEN regexp_full_match({column}, '{_AMOUNT}') THEN {amount} END"


def bad_number(column: str) -> Check:
    """The number is one; the door says so, once for each distinct number."""
    return Check(RejectReason.BAD_NUMBER, column, "NOT number_valid")
