"""Sender mapping: the kind of address that a sender is, where its ESME did not say it right."""

from operator_push.smpp.constants import Npi, Ton
from operator_push.smpp.pdu import SubmitSm


def normalise_source(pdu: SubmitSm) -> None:
    """Letters are an alphanumeric address, + and digits an international one (SMPP v3.4 section 5.2.5).

    An empty address asks for the SMSC's default and stays as it is; so do digits, whose kind only their owner
    knows.
    """
    address = pdu.source_addr
    if not address or address.isdigit():
        return
    digits = sender_meant(address)
    if digits != address:
        pdu.source_addr = digits
        pdu.source_addr_ton, pdu.source_addr_npi = int(Ton.INTERNATIONAL), int(Npi.ISDN)
    else:
        pdu.source_addr_ton, pdu.source_addr_npi = int(Ton.ALPHANUMERIC), int(Npi.UNKNOWN)


def sender_meant(address: str) -> str:
    """The sender as messages keep it, for an ESME that asks about one: `+` and digits are those digits."""
    return address[1:] if address[:1] == "+" and address[1:].isdigit() else address
