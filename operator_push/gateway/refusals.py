"""Refusals: which command_status an ESME gets for which reason; a table, overridable per account.

On 3.4 a missing permission looks like a failed submit, since that version has no word for it; 5.0 has
ESME_RPROHIBITED. Peers that know TLVs get the reason in words in additional_status_info_text.
"""

from collections.abc import Mapping

from operator_push.domain.message import RefusalReason
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.tlv import TlvTag

VERSION_5_0 = 0x50
VENDOR_STATUSES = range(0x400, 0x500)  # SMPP v3.4 section 5.1.3: reserved for SMSC vendors

_S = CommandStatus
# reason: (status up to 3.4, status on 5.0, words)
REFUSALS: Mapping[RefusalReason, tuple[int, int, str]] = {
    RefusalReason.BAD_DESTINATION: (_S.ESME_RINVDSTADR, _S.ESME_RINVDSTADR, "destination is not a number"),
    RefusalReason.NO_ROUTE: (_S.ESME_RINVDSTADR, _S.ESME_RINVDSTADR, "no route or price to this destination"),
    RefusalReason.BAD_SOURCE: (_S.ESME_RINVSRCADR, _S.ESME_RINVSRCADR, "sender is not yours"),
    RefusalReason.NO_PERMISSION: (_S.ESME_RSUBMITFAIL, _S.ESME_RPROHIBITED, "recipient gave no permission"),
    RefusalReason.WITHDRAWN: (_S.ESME_RSUBMITFAIL, _S.ESME_RPROHIBITED, "recipient said stop"),
    RefusalReason.QUIET_HOURS: (_S.ESME_RSUBMITFAIL, _S.ESME_RPROHIBITED, "quiet hours of the recipient"),
    RefusalReason.FREQUENCY_CAP: (_S.ESME_RSUBMITFAIL, _S.ESME_RPROHIBITED, "recipient has had enough today"),
    RefusalReason.NO_CREDIT: (_S.ESME_RSUBMITFAIL, _S.ESME_RSUBMITFAIL, "no credit"),
    RefusalReason.OVER_CAP: (_S.ESME_RSUBMITFAIL, _S.ESME_RSUBMITFAIL, "the month's cap is spent"),
    RefusalReason.ACCOUNT_SUSPENDED: (_S.ESME_RSUBMITFAIL, _S.ESME_RSUBMITFAIL, "account is suspended"),
    RefusalReason.OVER_RATE: (_S.ESME_RTHROTTLED, _S.ESME_RTHROTTLED, "over the agreed rate"),
    RefusalReason.OVER_QUOTA: (_S.ESME_RTHROTTLED, _S.ESME_RTHROTTLED, "the quota of the day is used up"),
    RefusalReason.QUEUE_FULL: (_S.ESME_RMSGQFUL, _S.ESME_RMSGQFUL, "queue is full, try again"),
    RefusalReason.CLASS_NOT_ALLOWED: (
        _S.ESME_RSUBMITFAIL,
        _S.ESME_RSERTYPUNAUTH,
        "class of traffic is not yours",
    ),
    RefusalReason.BAD_MESSAGE: (
        _S.ESME_RINVMSGLEN,
        _S.ESME_RINVMSGLEN,
        "message cannot be cut into segments",
    ),
    RefusalReason.BAD_SCHEDULE: (_S.ESME_RINVSCHED, _S.ESME_RINVSCHED, "schedule_delivery_time is no time"),
    RefusalReason.BAD_VALIDITY: (
        _S.ESME_RINVEXPIRY,
        _S.ESME_RINVEXPIRY,
        "validity_period is no time, or over too soon",
    ),
    RefusalReason.DO_NOT_DISTURB: (
        _S.ESME_RSUBMITFAIL,
        _S.ESME_RPROHIBITED,
        "recipient is in the do-not-disturb register",
    ),
    RefusalReason.HOLDOUT: (_S.ESME_RSUBMITFAIL, _S.ESME_RPROHIBITED, "recipient is in the control group"),
    RefusalReason.CONTROL_GROUP: (
        _S.ESME_RSUBMITFAIL,
        _S.ESME_RPROHIBITED,
        "recipient is in the campaign's control group",
    ),
    RefusalReason.BAD_HEADER: (_S.ESME_RINVSRCADR, _S.ESME_RINVSRCADR, "sender is no registered header"),
    RefusalReason.BAD_TEMPLATE: (_S.ESME_RSUBMITFAIL, _S.ESME_RPROHIBITED, "text fits no template"),
    RefusalReason.NO_WAY_OUT: (
        _S.ESME_RSUBMITFAIL,
        _S.ESME_RPROHIBITED,
        "first message to an imported customer: say how to stop, or submit the text uncut",
    ),
    RefusalReason.DUPLICATE: (_S.ESME_RSUBMITFAIL, _S.ESME_RSUBMITFAIL, "sent already"),
}


def refusal_status(
    reason: RefusalReason, peer_version: int, overrides: Mapping[str, int] | None = None
) -> int:
    """The command_status for a reason; `overrides` maps reason names (lower case) to statuses."""
    if overrides:
        status = overrides.get(reason.name.lower())
        if status is not None:
            return status
    up_to_3_4, on_5_0, _ = REFUSALS[reason]
    return on_5_0 if peer_version >= VERSION_5_0 else up_to_3_4


def refusal_tlvs(reason: RefusalReason) -> tuple[tuple[int, bytes], ...]:
    """additional_status_info_text with the reason in words (SMPP v3.4 section 5.3.2.11)."""
    return ((int(TlvTag.additional_status_info_text), REFUSALS[reason][2].encode("ascii") + b"\0"),)
