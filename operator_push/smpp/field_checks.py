"""Field checks: what a strict receiver refuses although it can be read.

Laws: the status is the one that the specification has for the field (SMPP v3.4 section 5.1.3); what is not
listed here is carried: TON and NPI (routing judges the digits), protocol_id, data_coding, unknown TLVs,
repeated TLVs. 5.0 knows two values that are reserved in 3.4, so the peer's version is an argument.
Not here: broken octets (codec.py), business refusals (domain).
"""

from typing import Final

import msgspec

from operator_push.smpp.constants import (
    ESM_CLASS_TYPE_MASK,
    SHORT_MESSAGE_OCTETS_MAX,
    VERSION_3_4,
    VERSION_5_0,
    CommandStatus,
    EsmClass,
)
from operator_push.smpp.field_specs import FIELD_SPECS, SME_DESTINATION_SPECS, FieldKind, FieldSpec
from operator_push.smpp.pdu import DistributionList, MessagePdu, Pdu, SmeDestination, SubmitMulti
from operator_push.smpp.smpp_time import parse_smpp_time
from operator_push.smpp.tlv import TLV_SPECS, TlvTag, tlv_fault, tlv_name


class FieldFault(msgspec.Struct, frozen=True, gc=False):
    """A legal encoding of an illegal value, and the command_status that refuses it."""

    field: str
    status: CommandStatus
    detail: str


MESSAGE_TYPES: Final = frozenset(
    int(kind)
    for kind in (
        0,
        EsmClass.SMSC_DELIVERY_RECEIPT,
        EsmClass.DELIVERY_ACKNOWLEDGEMENT,
        EsmClass.MANUAL_ACKNOWLEDGEMENT,
        EsmClass.CONVERSATION_ABORT,
        EsmClass.INTERMEDIATE_NOTIFICATION,
    )
)
_PRIORITY_MAX: Final = {VERSION_3_4: 3, VERSION_5_0: 4}
_DL_NAME_CHARACTERS_MAX: Final = 20
_DESTINATIONS_MAX: Final = 254  # SMPP v3.4 section 5.2.24
_ADDRESS_CHARACTERS_MAX: Final = SME_DESTINATION_SPECS[2].octets_max - 1
_PAYLOAD: Final = int(TlvTag.message_payload)


def field_fault(pdu: Pdu, version: int = VERSION_3_4) -> FieldFault | None:
    """The first thing in a request that a strict receiver refuses, or None.

    Mandatory fields come before TLVs. `version` is the peer's interface_version.
    """
    if not (isinstance(pdu, MessagePdu) and _is_plain(pdu)):
        fault = _mandatory_fault(pdu, version)
        if fault is not None:
            return fault
    return _tlvs_fault(pdu) if pdu.tlvs else None


def integer_fault(name: str, value: int, version: int = VERSION_3_4) -> CommandStatus | None:
    """The status that refuses this value of a one-octet field, or None where it is legal."""
    match name:
        case "esm_class" if value & ESM_CLASS_TYPE_MASK not in MESSAGE_TYPES:
            return CommandStatus.ESME_RINVESMCLASS
        case "registered_delivery" if value & 3 == 3 and version < VERSION_5_0:
            return CommandStatus.ESME_RINVREGDLVFLG
        case "priority_flag" if value > _PRIORITY_MAX[VERSION_5_0 if version >= VERSION_5_0 else VERSION_3_4]:
            return CommandStatus.ESME_RINVPRTFLG
        case "replace_if_present_flag" if value > 1:
            return CommandStatus.ESME_RINVREPFLAG
    return None


def string_fault(spec: FieldSpec, text: str) -> CommandStatus | None:
    """The status that refuses this C-Octet String, or None: too long, or no SMPP time where one belongs."""
    if spec.fixed_octets is not None:
        if not text:
            return None
        try:
            parse_smpp_time(text)
        except ValueError:
            return spec.answer
        return None
    return spec.answer if len(text) >= spec.octets_max else None


def _is_plain(pdu: MessagePdu) -> bool:
    """True for the fields that nearly every message has, in one expression because it runs per message."""
    return (
        len(pdu.source_addr) <= 20
        and len(pdu.destination_addr) <= 20
        and len(pdu.service_type) <= 5
        and pdu.registered_delivery & 3 != 3
        and pdu.esm_class & ESM_CLASS_TYPE_MASK in MESSAGE_TYPES
        and pdu.priority_flag <= 3
        and pdu.replace_if_present_flag <= 1
        and not pdu.schedule_delivery_time
        and not pdu.validity_period
        and len(pdu.short_message) <= SHORT_MESSAGE_OCTETS_MAX
    )


def _mandatory_fault(pdu: Pdu, version: int) -> FieldFault | None:
    for spec in FIELD_SPECS.get(pdu.command_id, ()):
        value = getattr(pdu, spec.name)
        status: CommandStatus | None = None
        match spec.kind:
            case FieldKind.INTEGER_1:
                status = integer_fault(spec.name, value, version)
            case FieldKind.C_OCTET_STRING:
                status = string_fault(spec, value)
            case FieldKind.SHORT_MESSAGE if len(value) > SHORT_MESSAGE_OCTETS_MAX:
                status = spec.answer
            case FieldKind.DEST_ADDRESSES if isinstance(pdu, SubmitMulti):
                status = _destinations_fault(pdu.dest_address)
        if status is not None:
            return FieldFault(spec.name, status, f"illegal value ({_describe(value)})")
    return None


def _destinations_fault(destinations: tuple[SmeDestination | DistributionList, ...]) -> CommandStatus | None:
    if not 1 <= len(destinations) <= _DESTINATIONS_MAX:
        return CommandStatus.ESME_RINVNUMDESTS
    for destination in destinations:
        if isinstance(destination, DistributionList):
            if len(destination.dl_name) > _DL_NAME_CHARACTERS_MAX:
                return CommandStatus.ESME_RINVDLNAME
        elif len(destination.destination_addr) > _ADDRESS_CHARACTERS_MAX:
            return CommandStatus.ESME_RINVDSTADR
    return None


def _tlvs_fault(pdu: Pdu) -> FieldFault | None:
    for tag, value in pdu.tlvs:
        if tag in TLV_SPECS:
            status = tlv_fault(tag, value)
            if status is not None:
                return FieldFault(tlv_name(tag) or "", status, f"{len(value)} octets")
            if tag == _PAYLOAD and isinstance(pdu, MessagePdu | SubmitMulti) and pdu.short_message:
                # SMPP v3.4 section 3.2.3: the text is in one of the two; billing must not have to guess.
                detail = "message_payload beside a short_message"
                return FieldFault("message_payload", CommandStatus.ESME_RINVOPTPARSTREAM, detail)
    return None


def _describe(value: object) -> str:
    """What may be shown of a value: never an address or a text."""
    return (
        str(value) if isinstance(value, int) else f"length {len(value)}" if hasattr(value, "__len__") else ""
    )
