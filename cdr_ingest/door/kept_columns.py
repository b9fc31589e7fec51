"""Kept columns: what of a row leaves the door, per kind, and by which key two rows are the same record.

Every kept row has `position` (file number × 2**32 + line), `subscriber_no` and `record_key`; two rows are
the same record where subscriber_no, record_key and the moment (where the kind has one) are equal. A
record_key is a keyed 64-bit digest of the record's own id, or of the whole contract for subscriber rows.
"""

from cdr_ingest.door.contacts import CONTACT_TEXT
from cdr_ingest.formats.contract_layout import DELTA, OWNER_CHANGES, SNAPSHOT
from cdr_ingest.formats.layouts import CALL_KINDS, SMS_KINDS, Layout, RowKind
from operator_push.kernel.contracts import DataPurpose

CONTACT = "contact"
"""The column whose text the door replaces by its pseudonym."""
_LOCATION = int(DataPurpose.LOCATION)
_RECORD = int(DataPurpose.SUBSCRIBER_RECORD)
_CONTRACT = (
    "activated_on, birth_year, language, plan, prepaid, device_os, account_code, customer_code, home_zone,"
    " age_band, coalesce(typed_device_tac, ''), plan_ends_on, coalesce(typed_status, '')"
)
# Of a delta the moment is part of what it says: a SIM that was swapped twice was swapped twice.
_DELTA_AT = f"CASE WHEN row_form = '{DELTA}' THEN changed_at ELSE '' END"
_STATEMENT_AT = "coalesce(typed_changed_at_us, typed_file_at_us, 0)"


def _digest(text: str) -> str:
    """md5_number_lower(text) at half its cost: the digest's last 8 octets, the lowest first.

    Turned round as a text they stand in their order, but each with its two digits exchanged.
    """
    turned = f"('0x' || left(reverse(md5({text})), 16))::UBIGINT"
    return f"((({turned} & {_LOW_DIGITS}) << 4) | (({turned} >> 4) & {_LOW_DIGITS}))"


_LOW_DIGITS = f"{0x0F0F0F0F0F0F0F0F}::UBIGINT"
_DIGEST_OF_ID = _digest("concat($salt, record_id)")
_TALK = str(CALL_KINDS + SMS_KINDS)

# Subscriber rows that are not kept and yet say something: a snapshot's row that was rejected is no proof that
# its person is gone, and who no longer has a number is told to the product whatever they permit.
NOTED = (
    "(NOT kept AND subscriber_no <> 0 AND ((verdict IS NOT NULL AND"
    f" row_form = '{SNAPSHOT}' AND purposes & {_RECORD} <> 0) OR"
    f" coalesce(verdict IS NULL AND typed_status IN {OWNER_CHANGES}, false)))"
)
NOTED_COLUMNS = {
    "form": "'noted'",
    "at_us": _STATEMENT_AT,
    "snapshot_at_us": f"CASE WHEN row_form = '{SNAPSHOT}' THEN typed_file_at_us END",
    "status": "CASE WHEN verdict IS NULL THEN typed_status END",
}


def _digest_of(code: str) -> str:
    digest = f"md5_number_lower(concat_ws('|', $salt, '{code}', {code}))"
    return f"CASE WHEN {code} <> '' THEN {digest} END"


# Per kind: (name, expression over raw columns, typed values, subscriber_no and purposes).
KEPT_COLUMNS: dict[RowKind, tuple[tuple[str, str], ...]] = {
    RowKind.SUBSCRIBER: (
        ("record_key", _digest(f"concat_ws('|', $salt, {_DELTA_AT}, {_CONTRACT})")),
        ("form", "row_form"),
        ("at_us", _STATEMENT_AT),
        ("snapshot_at_us", f"CASE WHEN row_form = '{SNAPSHOT}' THEN typed_file_at_us END"),
        ("activated_on", "typed_activated_on"),
        ("birth_year", "typed_birth_year"),
        ("language", "typed_language"),
        ("plan", "typed_plan"),
        ("prepaid", "typed_prepaid"),
        ("device_os", "typed_device_os"),
        # Codes of other systems name a person; whether two are the same is all that is needed.
        ("account_key", _digest_of("account_code")),
        ("customer_key", _digest_of("customer_code")),
        ("home_zone", "typed_home_zone"),
        ("age_band", "typed_age_band"),
        ("device_tac", "typed_device_tac"),
        ("plan_ends_on", "typed_plan_ends_on"),
        ("status", "typed_status"),
    ),
    RowKind.CDR: (
        ("record_key", _DIGEST_OF_ID),
        ("kind", "typed_kind"),
        ("started_at_us", "typed_started_at_us"),
        ("duration_s", "typed_duration_s"),
        ("octets", "coalesce(typed_octets_up, 0) + coalesce(typed_octets_down, 0)"),
        (CONTACT, f"CASE WHEN typed_kind IN {_TALK} THEN {CONTACT_TEXT} END"),
        # A place is kept only where its use is permitted as well.
        ("cell_id", f"CASE WHEN purposes & {_LOCATION} <> 0 THEN typed_cell_id END"),
        ("network", f"CASE WHEN purposes & {_LOCATION} <> 0 THEN typed_network END"),
    ),
    RowKind.TOP_UP: (
        ("record_key", _DIGEST_OF_ID),
        ("topped_up_at_us", "typed_topped_up_at_us"),
        ("amount_micros", "typed_amount_micros"),
        ("balance_micros", "typed_balance_micros"),
    ),
}


def identity_columns(layout: Layout) -> tuple[str, ...]:
    """The columns in which two rows of the same record agree."""
    identity = ("subscriber_no", "record_key")
    return identity if layout.moment is None else (*identity, layout.moment)
