"""Offer encoding: the alphabet in which an offered text leaves, for the tariffs that ask."""

from operator_push.gateway.message_cutting import Wire
from operator_push.services.accept_submissions import Offered
from operator_push.smpp.constants import HEADER_OCTETS
from operator_push.text.data_coding import Encoding, encoding_of


def encoding_of_offer(offer: Offered) -> Encoding:
    """The alphabet on the air; what leaves as it was stored tells it by the data_coding of its octets."""
    wire = offer.wire
    if isinstance(wire, Wire):
        return encoding_of(wire.data_coding)
    return encoding_of(data_coding_in(offer.body))


def data_coding_in(octets: bytes) -> int:
    """The data_coding of an encoded submit_sm (SMPP v3.4 section 4.4.1), without decoding the rest.

    Raises:
        ValueError: the octets end before it.
    """
    at = octets.index(0, HEADER_OCTETS) + 1  # service_type
    at = octets.index(0, at + 2) + 1  # source TON, NPI and address
    at = octets.index(0, at + 2) + 1  # destination TON, NPI and address
    at = octets.index(0, at + 3) + 1  # esm_class, protocol_id, priority_flag, schedule_delivery_time
    at = octets.index(0, at) + 1  # validity_period
    if at + 2 >= len(octets):
        raise ValueError("a submit_sm ends before its data_coding")
    return octets[at + 2]  # after registered_delivery and replace_if_present_flag
