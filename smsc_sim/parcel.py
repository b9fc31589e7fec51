"""The parcel: one deliver_sm, data_sm or alert_notification on its way to an ESME."""

from collections.abc import Callable

import msgspec

from operator_push.smpp.codec import decode_pdu
from operator_push.smpp.constants import SHORT_MESSAGE_OCTETS_MAX
from operator_push.smpp.pdu import AlertNotification, DataSm, DeliverSm
from operator_push.smpp.tlv import TlvTag
from smsc_sim.quick_octets import DELIVER_SM, pdu_of

_MESSAGE_PAYLOAD = int(TlvTag.message_payload)

# (now, t, acknowledged): the ESME has taken a parcel, or will never take it.
OnDone = Callable[[float, int, bool], None]


ParcelPdu = DeliverSm | DataSm | AlertNotification


class Parcel(msgspec.Struct, gc=False):
    """`witness_part` is what its witness rows say of it, as JSON members with leading commas, made once.

    `number` is given by the mailbox: ascending in the order of posting. `command` is the PDU's name. `body`
    holds the octets of a deliver_sm behind its header until somebody asks for the `pdu`, which usually nobody
    does; from then on `made` counts.
    """

    made: ParcelPdu | None
    is_receipt: bool
    witness_part: str
    body: bytes = b""
    number: int = 0
    tries: int = 0
    done: bool = False  # Acknowledged by a late response while it waited for another try.
    command: str = "deliver_sm"
    is_notification: bool = False  # An intermediate notification or an alert
    on_done: OnDone | None = None
    message_id: str = ""  # Of the message that a receipt is about

    @property
    def pdu(self) -> ParcelPdu:
        """What it holds; whoever changes that changes what leaves."""
        if self.made is None:
            pdu = decode_pdu(pdu_of(DELIVER_SM, 0, self.body))
            if not isinstance(pdu, DeliverSm):
                raise TypeError(f"a parcel of {type(pdu).__name__}")
            self.made, self.body = pdu, b""
        return self.made

    @pdu.setter
    def pdu(self, pdu: ParcelPdu) -> None:
        self.made, self.body = pdu, b""


def short_or_payload(octets: bytes) -> tuple[bytes, tuple[tuple[int, bytes], ...]]:
    """(short_message, TLVs) that carry these octets: more than 254 go into message_payload."""
    if len(octets) <= SHORT_MESSAGE_OCTETS_MAX:
        return octets, ()
    return b"", ((_MESSAGE_PAYLOAD, octets),)


def as_data_sm(parcel: Parcel) -> Parcel:
    """The same parcel as a data_sm: its text in message_payload (SMPP v3.4 section 4.7.1)."""
    pdu = parcel.pdu
    if not isinstance(pdu, DeliverSm):
        return parcel
    tlvs = pdu.tlvs
    if pdu.tlv(_MESSAGE_PAYLOAD) is None:
        tlvs = (*tlvs, (_MESSAGE_PAYLOAD, pdu.short_message))
    parcel.pdu = DataSm(
        service_type=pdu.service_type,
        source_addr_ton=pdu.source_addr_ton,
        source_addr_npi=pdu.source_addr_npi,
        source_addr=pdu.source_addr,
        dest_addr_ton=pdu.dest_addr_ton,
        dest_addr_npi=pdu.dest_addr_npi,
        destination_addr=pdu.destination_addr,
        esm_class=pdu.esm_class,
        registered_delivery=pdu.registered_delivery,
        data_coding=pdu.data_coding,
        tlvs=tlvs,
    )
    parcel.command = "data_sm"
    return parcel
