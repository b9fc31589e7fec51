"""The layout of subscriber records: a contract and what became of it.

Rows come in three forms, which the file's place or its mapping says (`row_form`): a whole row names every
attribute, a snapshot is a file of whole rows that names everybody, a delta names what has changed. A row
holds from `changed_at` on, else from the date in its file's name (`file_at`), else since `activated_on`.
"""

from cdr_ingest.formats.layout import (
    DIGITS_TOO_MANY,
    Check,
    Layout,
    RowKind,
    Value,
    bad_number,
    date,
    missing,
    moment,
    whole,
)
from cdr_ingest.formats.reject_reasons import RejectReason
from operator_push.kernel.contracts import DataPurpose

WHOLE, SNAPSHOT, DELTA = "whole", "snapshot", "delta"
FORMS = (WHOLE, SNAPSHOT, DELTA)
# What a status says → the words of operators' systems for it, in lower case with _ between.
STATUS_WORDS: dict[str, tuple[str, ...]] = {
    "activated": ("activated", "active", "reactivated", "resumed", "in_service"),
    "suspended": ("suspended", "suspend", "barred", "blocked"),
    "ported_in": ("ported_in", "portedin", "port_in"),
    "ported_out": ("ported_out", "portedout", "port_out"),
    "sim_swapped": ("sim_swapped", "sim_swap", "simswapped", "simswap", "sim_changed"),
    "recycled": ("recycled", "number_recycled", "reassigned"),
    "new_owner": ("new_owner", "change_of_owner", "owner_changed"),
    "ended": ("ended", "terminated", "deactivated", "cancelled", "closed", "deceased", "delete"),
}
# Which of them end what is known of a person, and which are told to the product as a change of owner.
ENDINGS = ("ported_out", "recycled", "new_owner", "ended")
OWNER_CHANGES = ("recycled", "new_owner", "ported_out")
# Of Party and Customer (TMF632, TMF629): where a record stands in its own life, not a number in its.
# Of LDIF (RFC 2849): what a change record does.
SILENT_STATUS = ("initialized", "validated", "approved", "created", "add", "modify", "moddn", "modrdn", "")
_STATUS_WORD = "regexp_replace(lower(trim(status)), '[ -]', '_', 'g')"


def _status() -> str:
    whens = " ".join(
        f"WHEN {_STATUS_WORD} IN {words} THEN '{status}'" for status, words in STATUS_WORDS.items()
    )
    return f"CASE {whens} END"


def _whole_needs(*columns: str) -> tuple[Check, ...]:
    return tuple(
        Check(RejectReason.MISSING_FIELD, column, f"{column} = '' AND row_form <> '{DELTA}'")
        for column in columns
    )


def _unless(column: str, good: str) -> Check:
    """The column, where it is not empty, must be good."""
    return Check(RejectReason.BAD_VALUE, column, f"{column} <> '' AND NOT coalesce({good}, false)")


NEEDED = ("msisdn", "imsi", "activated_on", "plan", "prepaid")
"""What a whole row must say."""
DELTA_NEEDED = ("msisdn",)
"""A delta must say whose it is."""
SUBSCRIBER_LAYOUT = Layout(
    kind=RowKind.SUBSCRIBER,
    columns=(
        "msisdn", "imsi", "activated_on", "birth_year", "language", "plan", "prepaid", "device_os",
        "account_code", "customer_code", "home_zone", "age_band", "device_tac", "plan_ends_on", "status",
        "changed_at", "row_form", "file_at",
    ),
    values=(
        Value("activated_on", date("activated_on")),
        Value("birth_year", f"try_cast({whole('birth_year')} AS INTEGER)"),
        Value("language", "nullif(language, '')"),
        Value("plan", "nullif(plan, '')"),
        Value("prepaid", "CASE prepaid WHEN 'true' THEN true WHEN 'false' THEN false END"),
        Value("device_os", "nullif(device_os, '')"),
        Value("home_zone", "nullif(home_zone, '')"),
        Value("age_band", "nullif(age_band, '')"),
        # Of an IMEI only its type is taken: TS 23.003 section 6.2.
        Value("device_tac", "nullif(substr(device_tac, 1, 8), '')"),
        Value("plan_ends_on", date("plan_ends_on")),
        Value("status", _status()),
        Value("changed_at_us", moment("changed_at")),
        Value("file_at_us", moment("file_at")),
    ),
    checks=(
        *missing("msisdn"),
        *_whole_needs(*NEEDED[1:]),
        bad_number("msisdn"),
        Check(RejectReason.BAD_VALUE, "imsi", "imsi <> '' AND NOT regexp_full_match(imsi, '[0-9]{14,15}')"),
        Check(
            RejectReason.IMPOSSIBLE_DATE,
            "activated_on",
            "activated_on <> '' AND (typed_activated_on IS NULL OR typed_activated_on < DATE '1980-01-01'"
            " OR epoch_us(typed_activated_on) > $latest_us)",
        ),
        Check(
            RejectReason.BAD_VALUE,
            "birth_year",
            "birth_year <> '' AND (typed_birth_year IS NULL OR typed_birth_year < 1900"
            " OR typed_birth_year > year(make_timestamp($latest_us)))",
        ),
        Check(RejectReason.BAD_VALUE, "language", "NOT regexp_full_match(language, '([a-z]{2})?')"),
        Check(
            RejectReason.BAD_VALUE, "plan", f"regexp_matches(plan, '{DIGITS_TOO_MANY}') OR length(plan) > 80"
        ),
        Check(RejectReason.BAD_VALUE, "prepaid", "prepaid NOT IN ('', 'true', 'false')"),
        Check(RejectReason.BAD_VALUE, "device_os", "device_os NOT IN ('', 'android', 'ios', 'feature')"),
        _unless("account_code", "length(account_code) <= 80"),
        _unless("customer_code", "length(customer_code) <= 80"),
        _unless("home_zone", "home_zone IN $zones"),
        _unless("age_band", r"regexp_full_match(age_band, '[0-9]{1,2}(-[0-9]{1,2}|\+)')"),
        _unless("device_tac", "regexp_full_match(device_tac, '[0-9]{8}([0-9]{6,8})?')"),
        Check(
            RejectReason.IMPOSSIBLE_DATE,
            "plan_ends_on",
            "plan_ends_on <> '' AND typed_plan_ends_on IS NULL",
        ),
        Check(
            RejectReason.BAD_VALUE,
            "status",
            f"typed_status IS NULL AND {_STATUS_WORD} NOT IN {SILENT_STATUS}",
        ),
        Check(
            RejectReason.IMPOSSIBLE_DATE,
            "changed_at",
            "changed_at <> '' AND coalesce(typed_changed_at_us NOT BETWEEN 0 AND $latest_us, true)",
        ),
        Check(
            RejectReason.MISSING_FIELD,
            "changed_at",
            "changed_at = '' AND typed_file_at_us IS NULL AND"
            f" (row_form = '{DELTA}' OR coalesce(typed_status IN {ENDINGS}, false))",
        ),
        Check(
            RejectReason.MISSING_FIELD,
            "file_at",  # a snapshot is of the day that its file's name tells
            f"row_form = '{SNAPSHOT}' AND typed_file_at_us IS NULL",
        ),
    ),
    purpose=DataPurpose.SUBSCRIBER_RECORD,
    number="msisdn",
    optional=(
        "account_code", "customer_code", "home_zone", "age_band", "device_tac", "plan_ends_on", "status",
        "changed_at",
    ),
    given={"row_form": f"'{WHOLE}'", "file_at": "''"},
)  # fmt: skip
