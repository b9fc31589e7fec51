"""Transactions: a data_sm in transaction mode is answered when its delivery has ended, and told how.

SMPP v3.4 section 2.10.3: tried once, never stored. A delivery that failed is ESME_RDELIVERYFAILURE with
delivery_failure_reason (section 5.3.2.33) and network_error_code (section 5.3.2.31). When the tries end
is said by `tries`.
"""

from operator_push.smpp.constants import ESM_CLASS_MODE_MASK, CommandStatus, EsmClass, MessageState
from operator_push.smpp.pdu import DataSmResp
from operator_push.smpp.tlv import TlvTag
from smsc_sim.message import SimMessage

_TRANSACTION = int(EsmClass.MODE_FORWARD)
_GSM = b"\3"  # network_type of network_error_code
_UNAVAILABLE, _INVALID_ADDRESS, _PERMANENT, _TEMPORARY = (bytes((reason,)) for reason in range(4))
_REASONS = {
    "off": _UNAVAILABLE,
    "absent": _UNAVAILABLE,
    "memory_full": _TEMPORARY,
    "ported": _INVALID_ADDRESS,
    "barred": _PERMANENT,
}


def is_transaction(esm_class: int) -> bool:
    """Whether a data_sm asks for its outcome in the response."""
    return esm_class & ESM_CLASS_MODE_MASK == _TRANSACTION


def outcome_response(sequence_number: int, message: SimMessage) -> DataSmResp:
    """The response to a transaction whose message has ended."""
    if message.state is MessageState.DELIVERED:
        return DataSmResp(sequence_number=sequence_number, message_id=message.smsc_message_id)
    reason = _REASONS.get(message.fate.handset_state, _PERMANENT)
    return DataSmResp(
        sequence_number=sequence_number,
        command_status=int(CommandStatus.ESME_RDELIVERYFAILURE),
        message_id=message.smsc_message_id,
        tlvs=(
            (int(TlvTag.delivery_failure_reason), reason),
            (int(TlvTag.network_error_code), _GSM + message.error_code.to_bytes(2, "big")),
        ),
    )
