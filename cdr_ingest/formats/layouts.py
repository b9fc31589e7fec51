"""Layouts: per kind of row its columns, the checks that reject it and the typed values that are kept."""

from cdr_ingest.formats.contract_layout import SUBSCRIBER_LAYOUT
from cdr_ingest.formats.layout import Check as Check
from cdr_ingest.formats.layout import Layout as Layout
from cdr_ingest.formats.layout import RowKind as RowKind
from cdr_ingest.formats.layout import (
    Value,
    bad_number,
    in_range,
    micros,
    missing,
    missing_for,
    moment,
    possible,
    whole,
)
from cdr_ingest.formats.reference_layouts import CELL_LAYOUT, DEVICE_LAYOUT, PLAN_LAYOUT
from cdr_ingest.formats.reject_reasons import RejectReason
from operator_push.kernel.contracts import DataPurpose

# A correspondent: E.164 digits, a short code, or the alphanumeric form of TS 23.040 (9.1.2.5), 11 septets.
CORRESPONDENT = r"(\+|00)?[1-9][0-9]{2,14}|[A-Za-z][A-Za-z0-9 ._&-]{0,10}"
CALL_KINDS = ("MO_CALL", "MT_CALL")
SMS_KINDS = ("MO_SMS", "MT_SMS")
DATA_KIND = "DATA_SESSION"
_TALK = str(CALL_KINDS + SMS_KINDS)
_PLMN = "^([0-9]{3})([0-9]{2,3})$"  # TS 23.003 section 2.2
_IMEI = "^([0-9]{8})[0-9]{0,8}$"  # the TAC, or an IMEI of which it is the begin: section 6.2

CDR_LAYOUT = Layout(
    kind=RowKind.CDR,
    columns=(
        "record_id", "kind", "msisdn", "correspondent", "started_at", "duration_s", "octets_up",
        "octets_down", "cell_id", "network", "device_tac", "balance_rupees",
    ),
    values=(
        Value("kind", "kind"),
        Value("started_at_us", moment("started_at")),
        Value("duration_s", f"try_cast({whole('duration_s')} AS INTEGER)"),
        Value("octets_up", whole("octets_up")),
        Value("octets_down", whole("octets_down")),
        Value("cell_id", "nullif(cell_id, '')"),
        # What else a record may tell is for triggers; where it is not of its form it tells nothing.
        Value("network", f"nullif(regexp_extract(replace(network, '-', ''), '{_PLMN}', 1)"
              f" || '-' || regexp_extract(replace(network, '-', ''), '{_PLMN}', 2), '-')"),
        Value("device_tac", f"nullif(regexp_extract(device_tac, '{_IMEI}', 1), '')"),
        Value("balance_micros", micros("balance_rupees")),
    ),
    checks=(
        *missing("record_id", "kind", "msisdn", "started_at"),
        bad_number("msisdn"),
        Check(RejectReason.UNKNOWN_KIND, "kind", f"kind NOT IN {(*CALL_KINDS, *SMS_KINDS, DATA_KIND)}"),
        possible("started_at", "typed_started_at_us"),
        Check(RejectReason.NEGATIVE_DURATION, "duration_s", "typed_duration_s < 0"),
        missing_for("correspondent", _TALK),
        missing_for("duration_s", str(CALL_KINDS)),
        missing_for("octets_down", f"('{DATA_KIND}')"),
        Check(
            RejectReason.BAD_NUMBER,
            "correspondent",
            f"correspondent <> '' AND NOT regexp_full_match(correspondent, '{CORRESPONDENT}')",
        ),
        in_range("duration_s", "typed_duration_s", 0, 7 * 86_400),
        in_range("octets_up", "typed_octets_up", 0, 10**15),
        in_range("octets_down", "typed_octets_down", 0, 10**15),
        Check(RejectReason.UNKNOWN_CELL, "cell_id", "cell_id <> '' AND NOT cell_known"),
    ),
    purpose=DataPurpose.CALL_DATA,
    number="msisdn",
    moment="started_at_us",
    optional=("network", "device_tac", "balance_rupees"),
)  # fmt: skip
TOP_UP_LAYOUT = Layout(
    kind=RowKind.TOP_UP,
    columns=("record_id", "msisdn", "topped_up_at", "amount_rupees", "channel", "balance_rupees"),
    values=(
        Value("topped_up_at_us", moment("topped_up_at")),
        Value("amount_micros", micros("amount_rupees")),
        Value("balance_micros", micros("balance_rupees")),
    ),
    checks=(
        *missing("record_id", "msisdn", "topped_up_at", "amount_rupees"),
        bad_number("msisdn"),
        possible("topped_up_at", "typed_topped_up_at_us"),
        Check(RejectReason.BAD_VALUE, "amount_rupees", "typed_amount_micros IS NULL"),
        Check(
            RejectReason.BAD_VALUE,
            "balance_rupees",
            "balance_rupees <> '' AND typed_balance_micros IS NULL",
        ),
    ),
    optional=("balance_rupees",),
    purpose=DataPurpose.TOP_UP,
    number="msisdn",
    moment="topped_up_at_us",
)

LAYOUTS = {
    layout.kind: layout
    for layout in (SUBSCRIBER_LAYOUT, CDR_LAYOUT, TOP_UP_LAYOUT, CELL_LAYOUT, DEVICE_LAYOUT, PLAN_LAYOUT)
}
REFERENCE_KINDS = (RowKind.CELL, RowKind.DEVICE, RowKind.PLAN)
