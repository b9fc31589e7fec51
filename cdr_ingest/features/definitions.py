"""Definitions: feature name → expression over one source; the only place that says how a feature is made.

Names, types, units, purposes and meanings stand in `kernel.feature_catalogue`; a test holds the two
together. Expressions of grouped sources are aggregates per subscriber. `$as_of` is the last local day of the
window as days since 1970. `empty` is the value of somebody who permits it and has no such record.
"""

from dataclasses import dataclass
from enum import Enum

from cdr_ingest.formats.layouts import CALL_KINDS, DATA_KIND, SMS_KINDS

_CALL = f"kind IN {CALL_KINDS}"
_SMS = f"kind IN {SMS_KINDS}"
_TALK = f"kind IN {CALL_KINDS + SMS_KINDS}"
_DATA = f"kind = '{DATA_KIND}'"


class Source(Enum):
    """A relation of `sources`; the value is its name in SQL."""

    CONTRACT = "contract"  # one row per subscriber
    WINDOW_CDR = "window_cdr"  # calls, SMS and sessions of the 30 days
    NIGHT_CELL = "night_cell"  # one row per subscriber and cell used at night in the 30 days
    TOP_UP = "top_up_until"  # every top-up until the last day


@dataclass(frozen=True, slots=True)
class Definition:
    """How one feature is made."""

    source: Source
    sql: str
    empty: str = "NULL"


_IN_WINDOW = "local_day > $as_of - 30"

DEFINITIONS: dict[str, Definition] = {
    "age": Definition(Source.CONTRACT, "year(DATE '1970-01-01' + $as_of) - birth_year"),
    "language": Definition(Source.CONTRACT, "language"),
    "plan": Definition(Source.CONTRACT, "plan"),
    "prepaid": Definition(Source.CONTRACT, "prepaid"),
    # A contract that starts after the last day has no tenure yet.
    "tenure_days": Definition(
        Source.CONTRACT,
        "CASE WHEN activated_on <= DATE '1970-01-01' + $as_of"
        " THEN (DATE '1970-01-01' + $as_of)::DATE - activated_on END",
    ),
    "activated_on": Definition(Source.CONTRACT, "activated_on - DATE '1970-01-01'"),
    "device.os": Definition(Source.CONTRACT, "device_os"),
    "calls_30d": Definition(Source.WINDOW_CDR, f"count(*) FILTER (WHERE {_CALL})", "0"),
    "call_minutes_30d": Definition(
        Source.WINDOW_CDR, f"coalesce(sum(duration_s) FILTER (WHERE {_CALL}), 0) / 60.0::DOUBLE", "0"
    ),
    "sms_30d": Definition(Source.WINDOW_CDR, f"count(*) FILTER (WHERE {_SMS})", "0"),
    "data_mb_30d": Definition(
        Source.WINDOW_CDR, f"coalesce(sum(octets) FILTER (WHERE {_DATA}), 0) / 1000000.0::DOUBLE", "0"
    ),
    "contacts_30d": Definition(Source.WINDOW_CDR, f"count(DISTINCT contact) FILTER (WHERE {_TALK})", "0"),
    "active_days_30d": Definition(Source.WINDOW_CDR, "count(DISTINCT local_day)", "0"),
    "night_share_30d": Definition(
        Source.WINDOW_CDR,
        f"count(*) FILTER (WHERE {_TALK} AND night)::DOUBLE / nullif(count(*) FILTER (WHERE {_TALK}), 0)",
    ),
    # The most used cell decides, not the sum over a city's cells; the first seen wins a tie.
    "home.city": Definition(
        Source.NIGHT_CELL, "first(city ORDER BY records DESC, first_started_at_us, cell_id)"
    ),
    "home.lat": Definition(
        Source.NIGHT_CELL, "first(latitude ORDER BY records DESC, first_started_at_us, cell_id)"
    ),
    "home.lon": Definition(
        Source.NIGHT_CELL, "first(longitude ORDER BY records DESC, first_started_at_us, cell_id)"
    ),
    "spend_30d": Definition(
        Source.TOP_UP,
        f"coalesce(sum(amount_micros) FILTER (WHERE {_IN_WINDOW}), 0) / 1000000.0::DOUBLE",
        "0",
    ),
    "top_ups_30d": Definition(Source.TOP_UP, f"count(*) FILTER (WHERE {_IN_WINDOW})", "0"),
    "last_top_up_on": Definition(Source.TOP_UP, "max(local_day)"),
    "days_since_top_up": Definition(Source.TOP_UP, "$as_of - max(local_day)"),
}
