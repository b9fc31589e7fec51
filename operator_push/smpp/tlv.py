"""TLVs: the optional parameters of SMPP v3.4 section 5.3 and of 5.0 section 4.8: name, tag, legal lengths.

Laws: the table describes, it never rejects; `tlv_fault` says what a strict reader would answer. A tag that
is not here (vendors use 0x1400..0x3FFF) is legal at any length.
Not here: how TLVs lie in a PDU (codec.py).
"""

from typing import Final

import msgspec

from operator_push.smpp.constants import CommandStatus, TlvTag

__all__ = ["TLV_SPECS", "TlvSpec", "TlvTag", "c_octet_value", "tlv_fault", "tlv_name"]

_INT1: Final = frozenset((1,))
_INT2: Final = frozenset((2,))
_VALUE_OCTETS_MAX: Final = 0xFFFF  # the length field has two octets


class TlvSpec(msgspec.Struct, frozen=True):
    """What the specification says of one TLV.

    `lengths` are the legal lengths of the value in octets; `c_octet_string` values end with a NUL that the
    length counts. `values`, where given, are the legal values of a one-octet integer.
    """

    tag: TlvTag
    lengths: range | frozenset[int]
    c_octet_string: bool = False
    values: range | frozenset[int] | None = None


_T: Final = TlvTag
# Section numbers are of SMPP v3.4; rows without one are SMPP v5.0 section 4.8.4.
TLV_SPECS: Final[dict[int, TlvSpec]] = {
    int(spec.tag): spec
    for spec in (
        TlvSpec(_T.dest_addr_subunit, _INT1, values=range(5)),  # 5.3.2.1
        TlvSpec(_T.source_addr_subunit, _INT1, values=range(5)),  # 5.3.2.2
        TlvSpec(_T.dest_network_type, _INT1, values=range(9)),  # 5.3.2.3
        TlvSpec(_T.source_network_type, _INT1, values=range(9)),  # 5.3.2.4
        TlvSpec(_T.dest_bearer_type, _INT1, values=range(10)),  # 5.3.2.5; 9 (Flex/ReFLEX) by 5.0
        TlvSpec(_T.source_bearer_type, _INT1, values=range(10)),  # 5.3.2.6
        TlvSpec(_T.dest_telematics_id, _INT2),  # 5.3.2.7
        TlvSpec(_T.source_telematics_id, _INT1),  # 5.3.2.8
        TlvSpec(_T.qos_time_to_live, frozenset((4,))),  # 5.3.2.9
        TlvSpec(_T.payload_type, _INT1),  # 5.3.2.10; values from 2 on are reserved
        TlvSpec(_T.additional_status_info_text, range(1, 257), c_octet_string=True),  # 5.3.2.11
        TlvSpec(_T.receipted_message_id, range(1, 66), c_octet_string=True),  # 5.3.2.12
        TlvSpec(_T.ms_msg_wait_facilities, _INT1),  # 5.3.2.13
        TlvSpec(_T.privacy_indicator, _INT1, values=range(4)),  # 5.3.2.14
        TlvSpec(_T.source_subaddress, range(2, 24)),  # 5.3.2.15
        TlvSpec(_T.dest_subaddress, range(2, 24)),  # 5.3.2.16
        TlvSpec(_T.user_message_reference, _INT2),  # 5.3.2.17
        TlvSpec(_T.user_response_code, _INT1),  # 5.3.2.18
        TlvSpec(_T.language_indicator, _INT1),  # 5.3.2.19
        TlvSpec(_T.source_port, _INT2),  # 5.3.2.20
        TlvSpec(_T.destination_port, _INT2),  # 5.3.2.21
        TlvSpec(_T.sar_msg_ref_num, _INT2),  # 5.3.2.22
        TlvSpec(_T.sar_total_segments, _INT1, values=range(1, 256)),  # 5.3.2.23
        TlvSpec(_T.sar_segment_seqnum, _INT1, values=range(1, 256)),  # 5.3.2.24
        TlvSpec(_T.sc_interface_version, _INT1),  # 5.3.2.25
        TlvSpec(_T.display_time, _INT1, values=range(3)),  # 5.3.2.26
        TlvSpec(_T.ms_validity, frozenset((1, 4))),  # 5.3.2.27; 4 octets by 5.0
        TlvSpec(_T.dpf_result, _INT1, values=range(2)),  # 5.3.2.28
        TlvSpec(_T.set_dpf, _INT1, values=range(2)),  # 5.3.2.29
        TlvSpec(_T.ms_availability_status, _INT1, values=range(3)),  # 5.3.2.30
        TlvSpec(_T.network_error_code, frozenset((3,))),  # 5.3.2.31
        TlvSpec(_T.message_payload, range(_VALUE_OCTETS_MAX + 1)),  # 5.3.2.32
        TlvSpec(_T.delivery_failure_reason, _INT1, values=range(4)),  # 5.3.2.33
        TlvSpec(_T.more_messages_to_send, _INT1, values=range(2)),  # 5.3.2.34
        TlvSpec(_T.message_state, _INT1, values=range(10)),  # 5.3.2.35
        TlvSpec(_T.callback_num, range(4, 20)),  # 5.3.2.36
        TlvSpec(_T.callback_num_pres_ind, _INT1),  # 5.3.2.37
        TlvSpec(_T.callback_num_atag, range(66)),  # 5.3.2.38
        TlvSpec(_T.number_of_messages, _INT1, values=range(100)),  # 5.3.2.39
        TlvSpec(_T.sms_signal, _INT2),  # 5.3.2.40
        TlvSpec(_T.alert_on_message_delivery, range(2)),  # 5.3.2.41; one octet by 5.0
        TlvSpec(_T.its_reply_type, _INT1, values=range(9)),  # 5.3.2.42
        TlvSpec(_T.its_session_info, _INT2),  # 5.3.2.43
        TlvSpec(_T.ussd_service_op, _INT1),  # 5.3.2.44
        TlvSpec(_T.congestion_state, _INT1, values=range(101)),
        TlvSpec(_T.billing_identification, range(1025)),
        TlvSpec(_T.broadcast_area_identifier, range(1, _VALUE_OCTETS_MAX + 1)),
        TlvSpec(_T.broadcast_area_success, _INT1),
        TlvSpec(_T.broadcast_content_type_info, range(256)),
        TlvSpec(_T.broadcast_channel_indicator, _INT1, values=range(2)),
        TlvSpec(_T.broadcast_content_type, frozenset((3,))),
        TlvSpec(_T.broadcast_end_time, frozenset((16, 17))),  # with and without its NUL
        TlvSpec(_T.broadcast_error_status, frozenset((4,))),
        TlvSpec(_T.broadcast_frequency_interval, frozenset((3,))),
        TlvSpec(_T.broadcast_message_class, _INT1, values=range(4)),
        TlvSpec(_T.broadcast_rep_num, _INT2),
        TlvSpec(_T.broadcast_service_group, range(1, 256)),
        TlvSpec(_T.source_network_id, range(7, 67), c_octet_string=True),
        TlvSpec(_T.dest_network_id, range(7, 67), c_octet_string=True),
        TlvSpec(_T.source_node_id, frozenset((6,))),
        TlvSpec(_T.dest_node_id, frozenset((6,))),
        TlvSpec(_T.dest_addr_np_resolution, _INT1, values=range(3)),
        TlvSpec(_T.dest_addr_np_information, range(11)),
        TlvSpec(_T.dest_addr_np_country, range(1, 6)),
    )
}


def tlv_name(tag: int) -> str | None:
    """The specification's name of a tag, or None for a vendor's or reserved one."""
    spec = TLV_SPECS.get(tag)
    return spec.tag.name if spec is not None else None


def tlv_fault(tag: int, value: bytes) -> CommandStatus | None:
    """What a strict receiver answers to this TLV, or None where it is legal.

    ESME_RINVPARLEN for a length that section 5.3.2 does not allow, ESME_RINVOPTPARAMVAL for a value outside
    its table or a C-Octet String without its NUL.
    """
    spec = TLV_SPECS.get(tag)
    if spec is None:
        return None
    if len(value) not in spec.lengths:
        return CommandStatus.ESME_RINVPARLEN
    if spec.values is not None and value[0] not in spec.values:
        return CommandStatus.ESME_RINVOPTPARAMVAL
    if spec.c_octet_string and value.find(0) != len(value) - 1:
        return CommandStatus.ESME_RINVOPTPARAMVAL
    return None


def c_octet_value(value: bytes) -> str:
    """The text of a C-Octet String TLV (receipted_message_id and its like): up to the first NUL, latin-1."""
    return value.partition(b"\0")[0].decode("latin-1")
