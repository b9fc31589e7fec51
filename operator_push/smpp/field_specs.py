"""Field specs: the mandatory parameters of every PDU as one table, which decoder and encoder both walk.

Laws: order is the order on the wire; names are those of the Structs in pdu.py (a test holds them together);
`answer` is the status that the specification has for a fault in this field, ESME_RINVCMDLEN where it has
none. `octets_max` counts the terminating NUL, as the specification's "Size octets" does; the codec carries
longer strings, and field_checks.py is where they are faults.
Not here: TLVs (tlv.py), how octets are read (codec_source.py, body_walk.py).
"""

from enum import Enum
from typing import Final

import msgspec

from operator_push.smpp.constants import CommandId, CommandStatus


class FieldKind(Enum):
    """How a field lies on the wire (SMPP v3.4 section 3.1)."""

    INTEGER_1 = "integer of one octet"
    C_OCTET_STRING = "C-Octet String"
    SHORT_MESSAGE = "sm_length, then that many octets"
    DEST_ADDRESSES = "number_of_dests, then dest_address(es)"
    UNSUCCESS_SMES = "no_unsuccess, then unsuccess_sme(s)"


class FieldSpec(msgspec.Struct, frozen=True):
    """One mandatory parameter. Where `fixed_octets` is set, it and 1 (only a NUL) are the legal lengths."""

    name: str
    kind: FieldKind
    answer: CommandStatus
    octets_max: int = 1
    fixed_octets: int | None = None


_S = CommandStatus


def _integer(name: str, answer: CommandStatus = _S.ESME_RINVCMDLEN) -> FieldSpec:
    return FieldSpec(name, FieldKind.INTEGER_1, answer)


def _string(name: str, octets_max: int, answer: CommandStatus = _S.ESME_RINVCMDLEN) -> FieldSpec:
    return FieldSpec(name, FieldKind.C_OCTET_STRING, answer, octets_max)


def _time(name: str, answer: CommandStatus) -> FieldSpec:
    return FieldSpec(name, FieldKind.C_OCTET_STRING, answer, 17, fixed_octets=17)


def _source(octets_max: int = 21) -> tuple[FieldSpec, ...]:
    return (
        _integer("source_addr_ton", _S.ESME_RINVSRCTON),
        _integer("source_addr_npi", _S.ESME_RINVSRCNPI),
        _string("source_addr", octets_max, _S.ESME_RINVSRCADR),
    )


def _destination(octets_max: int = 21) -> tuple[FieldSpec, ...]:
    return (
        _integer("dest_addr_ton", _S.ESME_RINVDSTTON),
        _integer("dest_addr_npi", _S.ESME_RINVDSTNPI),
        _string("destination_addr", octets_max, _S.ESME_RINVDSTADR),
    )


_SERVICE_TYPE = _string("service_type", 6, _S.ESME_RINVSERTYP)
_MESSAGE_ID = _string("message_id", 65, _S.ESME_RINVMSGID)
_ESM_CLASS = _integer("esm_class", _S.ESME_RINVESMCLASS)
_PRIORITY = _integer("priority_flag", _S.ESME_RINVPRTFLG)
_SCHEDULE = _time("schedule_delivery_time", _S.ESME_RINVSCHED)
_VALIDITY = _time("validity_period", _S.ESME_RINVEXPIRY)
_REGISTERED = _integer("registered_delivery", _S.ESME_RINVREGDLVFLG)
_REPLACE = _integer("replace_if_present_flag", _S.ESME_RINVREPFLAG)
_DATA_CODING = _integer("data_coding")
_DEFAULT_MESSAGE = _integer("sm_default_msg_id", _S.ESME_RINVDFTMSGID)
_SHORT_MESSAGE = FieldSpec("short_message", FieldKind.SHORT_MESSAGE, _S.ESME_RINVMSGLEN, 254)
_AFTER_ADDRESSES = (
    _ESM_CLASS,
    _integer("protocol_id"),
    _PRIORITY,
    _SCHEDULE,
    _VALIDITY,
    _REGISTERED,
    _REPLACE,
    _DATA_CODING,
    _DEFAULT_MESSAGE,
    _SHORT_MESSAGE,
)
_MESSAGE = (_SERVICE_TYPE, *_source(), *_destination(), *_AFTER_ADDRESSES)
_SYSTEM_ID = _string("system_id", 16, _S.ESME_RINVSYSID)
_PASSWORD = _string("password", 9, _S.ESME_RINVPASWD)
_BIND = (
    _SYSTEM_ID,
    _PASSWORD,
    _string("system_type", 13, _S.ESME_RINVSYSTYP),
    _integer("interface_version"),
    _integer("addr_ton"),
    _integer("addr_npi"),
    _string("address_range", 41),
)

# Section numbers are of SMPP v3.4; the broadcast operations are 5.0 sections 4.4 and 4.6.
FIELD_SPECS: Final[dict[int, tuple[FieldSpec, ...]]] = {
    CommandId.bind_transmitter: _BIND,  # 4.1.1
    CommandId.bind_transmitter_resp: (_SYSTEM_ID,),  # 4.1.2
    CommandId.bind_receiver: _BIND,  # 4.1.3
    CommandId.bind_receiver_resp: (_SYSTEM_ID,),  # 4.1.4
    CommandId.bind_transceiver: _BIND,  # 4.1.5
    CommandId.bind_transceiver_resp: (_SYSTEM_ID,),  # 4.1.6
    CommandId.outbind: (_SYSTEM_ID, _PASSWORD),  # 4.1.7.1
    CommandId.unbind: (),  # 4.2.1
    CommandId.unbind_resp: (),  # 4.2.2
    CommandId.generic_nack: (),  # 4.3.1
    CommandId.submit_sm: _MESSAGE,  # 4.4.1
    CommandId.submit_sm_resp: (_MESSAGE_ID,),  # 4.4.2
    CommandId.submit_multi: (  # 4.5.1
        _SERVICE_TYPE,
        *_source(),
        FieldSpec("dest_address", FieldKind.DEST_ADDRESSES, _S.ESME_RINVNUMDESTS, 254),
        *_AFTER_ADDRESSES,
    ),
    CommandId.submit_multi_resp: (  # 4.5.2
        _MESSAGE_ID,
        FieldSpec("unsuccess_sme", FieldKind.UNSUCCESS_SMES, _S.ESME_RINVNUMDESTS, 255),
    ),
    CommandId.deliver_sm: _MESSAGE,  # 4.6.1
    CommandId.deliver_sm_resp: (_MESSAGE_ID,),  # 4.6.2
    CommandId.data_sm: (  # 4.7.1
        _SERVICE_TYPE,
        *_source(65),
        *_destination(65),
        _ESM_CLASS,
        _REGISTERED,
        _DATA_CODING,
    ),
    CommandId.data_sm_resp: (_MESSAGE_ID,),  # 4.7.2
    CommandId.query_sm: (_MESSAGE_ID, *_source()),  # 4.8.1
    CommandId.query_sm_resp: (  # 4.8.2
        _MESSAGE_ID,
        _time("final_date", _S.ESME_RQUERYFAIL),
        _integer("message_state"),
        _integer("error_code"),
    ),
    CommandId.cancel_sm: (_SERVICE_TYPE, _MESSAGE_ID, *_source(), *_destination()),  # 4.9.1
    CommandId.cancel_sm_resp: (),  # 4.9.2
    CommandId.replace_sm: (  # 4.10.1
        _MESSAGE_ID,
        *_source(),
        _SCHEDULE,
        _VALIDITY,
        _REGISTERED,
        _DEFAULT_MESSAGE,
        _SHORT_MESSAGE,
    ),
    CommandId.replace_sm_resp: (),  # 4.10.2
    CommandId.enquire_link: (),  # 4.11.1
    CommandId.enquire_link_resp: (),  # 4.11.2
    CommandId.alert_notification: (  # 4.12.1
        *_source(65),
        _integer("esme_addr_ton"),
        _integer("esme_addr_npi"),
        _string("esme_addr", 65),
    ),
    CommandId.broadcast_sm: (
        _SERVICE_TYPE,
        *_source(),
        _MESSAGE_ID,
        _PRIORITY,
        _SCHEDULE,
        _VALIDITY,
        _REPLACE,
        _DATA_CODING,
        _DEFAULT_MESSAGE,
    ),
    CommandId.broadcast_sm_resp: (_MESSAGE_ID,),
    CommandId.query_broadcast_sm: (_MESSAGE_ID, *_source()),
    CommandId.query_broadcast_sm_resp: (_MESSAGE_ID,),
    CommandId.cancel_broadcast_sm: (_SERVICE_TYPE, _MESSAGE_ID, *_source()),
    CommandId.cancel_broadcast_sm_resp: (),
}

# The entries of the two lists.
SME_DESTINATION_SPECS: Final = _destination()
DL_NAME_SPEC: Final = _string("dl_name", 21, _S.ESME_RINVDLNAME)
