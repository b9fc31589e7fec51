"""Kept columns: what of a row leaves the door, per kind, and by which key two rows are the same record.

Every kept row has `position` (file number × 2**32 + line), `subscriber_no` and `record_key`; two rows are
the same record where subscriber_no, record_key and the moment (where the kind has one) are equal. A
record_key is a keyed 64-bit digest of the record's own id, or of the whole contract for subscriber rows.
"""

from cdr_ingest.formats.layouts import CALL_KINDS, SMS_KINDS, Layout, RowKind
from operator_push.kernel.contracts import DataPurpose

_LOCATION = int(DataPurpose.LOCATION)
_DIGEST_OF_ID = "md5_number_lower(concat($salt, record_id))"
_CONTRACT = "activated_on, birth_year, language, plan, prepaid, device_os"
# kernel.pseudonym.contact_pseudonym in SQL: HMAC-SHA256 by its definition (RFC 2104), cut to 63 bits.
_CONTACT_TEXT = (
    "concat('contact:', subscriber_no, ':', regexp_replace(correspondent, '^(\\+|00)([0-9])', '\\2'))"
)
CONTACT_PSEUDONYM = (
    f"('0x' || substr(sha256($outer_pad || unhex(sha256($inner_pad || {_CONTACT_TEXT}::BLOB))), 1, 16))"
    "::UBIGINT >> 1"
)
_TALK = str(CALL_KINDS + SMS_KINDS)

# Per kind: (name, expression over raw columns, typed values, subscriber_no and purposes).
KEPT_COLUMNS: dict[RowKind, tuple[tuple[str, str], ...]] = {
    RowKind.SUBSCRIBER: (
        ("record_key", f"md5_number_lower(concat($salt, concat_ws('|', {_CONTRACT})))"),
        ("activated_on", "typed_activated_on"),
        ("birth_year", "typed_birth_year"),
        ("language", "typed_language"),
        ("plan", "typed_plan"),
        ("prepaid", "typed_prepaid"),
        ("device_os", "typed_device_os"),
    ),
    RowKind.CDR: (
        ("record_key", _DIGEST_OF_ID),
        ("kind", "typed_kind"),
        ("started_at_us", "typed_started_at_us"),
        ("duration_s", "typed_duration_s"),
        ("octets", "coalesce(typed_octets_up, 0) + coalesce(typed_octets_down, 0)"),
        ("contact", f"CASE WHEN typed_kind IN {_TALK} THEN {CONTACT_PSEUDONYM} END"),
        # A place is kept only where its use is permitted as well.
        ("cell_id", f"CASE WHEN purposes & {_LOCATION} <> 0 THEN typed_cell_id END"),
    ),
    RowKind.TOP_UP: (
        ("record_key", _DIGEST_OF_ID),
        ("topped_up_at_us", "typed_topped_up_at_us"),
        ("amount_micros", "typed_amount_micros"),
    ),
}


def identity_columns(layout: Layout) -> tuple[str, ...]:
    """The columns in which two rows of the same record agree."""
    identity = ("subscriber_no", "record_key")
    return identity if layout.moment is None else (*identity, layout.moment)
