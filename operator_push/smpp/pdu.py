"""PDUs: one Struct per operation of SMPP v3.4, and of 5.0's broadcast family, with the specification's names.

Laws: a C-Octet String is `str` (latin-1, so every octet survives), an Octet String `bytes`, an integer `int`;
reserved and vendor values are carried as they are. sm_length, number_of_dests and no_unsuccess are counts
and exist on the wire only. TLVs are (tag, value) pairs in the order of the wire, repeats included.
Structs are mutable because the session writes the sequence_number; nobody else changes one.
Not here: octets (codec.py), legal lengths and values (field_specs.py, field_checks.py).
"""

from typing import ClassVar

import msgspec

from operator_push.smpp.constants import RESPONSE_BIT, CommandId

Tlvs = tuple[tuple[int, bytes], ...]


class Pdu(msgspec.Struct, gc=False):
    """What every PDU has: the header without command_length and command_id, and the TLVs."""

    command_id: ClassVar[int] = 0

    sequence_number: int = 0
    command_status: int = 0
    tlvs: Tlvs = ()

    def tlv(self, tag: int) -> bytes | None:
        """The value of the first TLV with this tag, or None (repeats stay in `tlvs`)."""
        for known, value in self.tlvs:
            if known == tag:
                return value
        return None

    @property
    def is_response(self) -> bool:
        """True where the command_id has its highest bit set."""
        return self.command_id >= RESPONSE_BIT


class ResponsePdu(Pdu):
    """A response. `raw_body` is None where the fields say everything.

    It is the body as it stood on the wire where they cannot: b"" for a body left out (SMPP v3.4 sections
    4.1.2, 4.4.2 and others: "not returned if the command_status field contains a non-zero value"), or the
    octets of an unreadable body under a non-zero status. While it is set, encode writes it and no field.
    """

    raw_body: bytes | None = None


class UnknownPdu(Pdu):
    """A PDU whose command_id is in no table: carried whole, `body` is all after the header."""

    command_id: int = 0  # type: ignore[misc]  # here the number is a value, not the class's own
    body: bytes = b""


class GenericNack(ResponsePdu):
    """generic_nack (section 4.3.1)."""

    command_id: ClassVar[int] = CommandId.generic_nack


class BindPdu(Pdu):
    """Fields of the three bind requests (sections 4.1.1, 4.1.3, 4.1.5)."""

    system_id: str = ""
    password: str = ""
    system_type: str = ""
    interface_version: int = 0x34
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""


class BindReceiver(BindPdu):
    command_id: ClassVar[int] = CommandId.bind_receiver


class BindTransmitter(BindPdu):
    command_id: ClassVar[int] = CommandId.bind_transmitter


class BindTransceiver(BindPdu):
    command_id: ClassVar[int] = CommandId.bind_transceiver


class BindRespPdu(ResponsePdu):
    """Fields of the three bind responses (sections 4.1.2, 4.1.4, 4.1.6)."""

    system_id: str = ""


class BindReceiverResp(BindRespPdu):
    command_id: ClassVar[int] = CommandId.bind_receiver_resp


class BindTransmitterResp(BindRespPdu):
    command_id: ClassVar[int] = CommandId.bind_transmitter_resp


class BindTransceiverResp(BindRespPdu):
    command_id: ClassVar[int] = CommandId.bind_transceiver_resp


class Outbind(Pdu):
    """outbind (section 4.1.7.1): has no response."""

    command_id: ClassVar[int] = CommandId.outbind

    system_id: str = ""
    password: str = ""


class Unbind(Pdu):
    command_id: ClassVar[int] = CommandId.unbind


class UnbindResp(ResponsePdu):
    command_id: ClassVar[int] = CommandId.unbind_resp


class EnquireLink(Pdu):
    command_id: ClassVar[int] = CommandId.enquire_link


class EnquireLinkResp(ResponsePdu):
    command_id: ClassVar[int] = CommandId.enquire_link_resp


class MessagePdu(Pdu):
    """Fields that submit_sm and deliver_sm share, in their order (sections 4.4.1 and 4.6.1)."""

    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""


class SubmitSm(MessagePdu):
    command_id: ClassVar[int] = CommandId.submit_sm


class DeliverSm(MessagePdu):
    command_id: ClassVar[int] = CommandId.deliver_sm


class MessageIdRespPdu(ResponsePdu):
    """A response whose body is a message_id."""

    message_id: str = ""


class SubmitSmResp(MessageIdRespPdu):
    command_id: ClassVar[int] = CommandId.submit_sm_resp


class DeliverSmResp(MessageIdRespPdu):
    """deliver_sm_resp (section 4.6.2): message_id is unused and stays empty."""

    command_id: ClassVar[int] = CommandId.deliver_sm_resp


class DataSm(Pdu):
    """data_sm (section 4.7.1): the text is in the TLV message_payload."""

    command_id: ClassVar[int] = CommandId.data_sm

    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    esm_class: int = 0
    registered_delivery: int = 0
    data_coding: int = 0


class DataSmResp(MessageIdRespPdu):
    command_id: ClassVar[int] = CommandId.data_sm_resp


class SmeDestination(msgspec.Struct, frozen=True, gc=False):
    """A dest_address with dest_flag 1 (section 4.5.1.1)."""

    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""


class DistributionList(msgspec.Struct, frozen=True, gc=False):
    """A dest_address with dest_flag 2 (section 4.5.1.2)."""

    dl_name: str = ""


class SubmitMulti(Pdu):
    """submit_multi (section 4.5.1): number_of_dests is the length of `dest_address`."""

    command_id: ClassVar[int] = CommandId.submit_multi

    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_address: tuple[SmeDestination | DistributionList, ...] = ()
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""


class UnsuccessSme(msgspec.Struct, frozen=True, gc=False):
    """One entry of unsuccess_sme (section 4.5.2.1). `error_status_code` is a command_status."""

    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    error_status_code: int = 0


class SubmitMultiResp(MessageIdRespPdu):
    """submit_multi_resp (section 4.5.2): no_unsuccess is the length of `unsuccess_sme`."""

    command_id: ClassVar[int] = CommandId.submit_multi_resp

    unsuccess_sme: tuple[UnsuccessSme, ...] = ()


class QuerySm(Pdu):
    command_id: ClassVar[int] = CommandId.query_sm

    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""


class QuerySmResp(MessageIdRespPdu):
    command_id: ClassVar[int] = CommandId.query_sm_resp

    final_date: str = ""
    message_state: int = 0
    error_code: int = 0


class CancelSm(Pdu):
    command_id: ClassVar[int] = CommandId.cancel_sm

    service_type: str = ""
    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""


class CancelSmResp(ResponsePdu):
    command_id: ClassVar[int] = CommandId.cancel_sm_resp


class ReplaceSm(Pdu):
    command_id: ClassVar[int] = CommandId.replace_sm

    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""


class ReplaceSmResp(ResponsePdu):
    command_id: ClassVar[int] = CommandId.replace_sm_resp


class AlertNotification(Pdu):
    """alert_notification (section 4.12.1): has no response."""

    command_id: ClassVar[int] = CommandId.alert_notification

    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    esme_addr_ton: int = 0
    esme_addr_npi: int = 0
    esme_addr: str = ""


class BroadcastSm(Pdu):
    """broadcast_sm (SMPP v5.0 section 4.4.1): area, content type and repetition are TLVs."""

    command_id: ClassVar[int] = CommandId.broadcast_sm

    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    message_id: str = ""
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0


class BroadcastSmResp(MessageIdRespPdu):
    command_id: ClassVar[int] = CommandId.broadcast_sm_resp


class QueryBroadcastSm(Pdu):
    """query_broadcast_sm (SMPP v5.0 section 4.6.1)."""

    command_id: ClassVar[int] = CommandId.query_broadcast_sm

    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""


class QueryBroadcastSmResp(MessageIdRespPdu):
    command_id: ClassVar[int] = CommandId.query_broadcast_sm_resp


class CancelBroadcastSm(Pdu):
    """cancel_broadcast_sm (SMPP v5.0 section 4.6.2)."""

    command_id: ClassVar[int] = CommandId.cancel_broadcast_sm

    service_type: str = ""
    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""


class CancelBroadcastSmResp(ResponsePdu):
    command_id: ClassVar[int] = CommandId.cancel_broadcast_sm_resp


def _concrete(root: type[Pdu]) -> dict[int, type[Pdu]]:
    found = {int(root.command_id): root} if "command_id" in vars(root) and root is not UnknownPdu else {}
    for narrower in root.__subclasses__():
        found |= _concrete(narrower)
    return found


PDU_TYPES: dict[int, type[Pdu]] = _concrete(Pdu)
del PDU_TYPES[0]
