"""SMSC message: what an SMSC says about one message, whichever record or file it stood in.

Also what TS 32.298 has no field for: the private extension that carries our correlation key, or a charge,
under an object identifier of our own, which others pass over.
"""

import msgspec

from operator_push.cdr.ber import UNIVERSAL, context, object_identifier_octets, primitive

# 2.25 is the arc of UUIDs, which nobody has to register (ITU-T X.667).
EXTENSION_IDENTIFIER = "2.25.122186496317857176505603872257012832221"
SC_SMO_TAG, SC_SMT_TAG = context(93), context(94)
NO_REFERENCE = -1

# TS 23.040 section 9.2.3.15, TP-Status; what is written for a state, and read as it.
STATUS_OF_STATE = {
    "DELIVERED": 0x00,
    "ACCEPTED": 0x01,  # forwarded, and nobody can confirm that it arrived
    "UNKNOWN": 0x20,  # the service centre still tries
    "REJECTED": 0x42,
    "UNDELIVERABLE": 0x43,
    "EXPIRED": 0x46,
    "DELETED": 0x48,
}
_STATE_OF_STATUS = {0x00: "DELIVERED", 0x01: "ACCEPTED", 0x02: "DELETED", 0x42: "REJECTED", 0x46: "EXPIRED"}
_STATE_OF_STATUS |= {0x47: "DELETED", 0x48: "DELETED"}
_STILL_TRYING = range(0x20, 0x40)


class Charge(msgspec.Struct, frozen=True):
    """What a segment or message was charged, for the operator's own billing."""

    account: str
    currency: str
    amount_micros: int
    tariff_version: int
    submission_id: int
    segment_no: int
    segments: int


class SmscMessage(msgspec.Struct, gc=False):
    """One message at the SMSC. Moments are microseconds since 1970, 0 where the record has none.

    `state` by its name in SMPP, "" in an SC-SMO record; `concat` (reference, total, part), None for a single
    segment, (0, total, 0) for a text that came whole and is so many segments on the air;
    `user_message_reference` -1 where there is none; `is_delivery` False for SC-SMO.
    """

    smsc_message_id: str
    system_id: str
    source: str
    destination: str
    user_message_reference: int
    submit_us: int
    final_us: int
    state: str
    error_code: int
    data_coding: int
    octets: int
    concat: tuple[int, int, int] | None = None
    charge: Charge | None = None
    is_delivery: bool = True


def state_of_status(status: int) -> str:
    """The state by its name in SMPP that a TP-Status octet stands for; reserved ones count as failed."""
    name = _STATE_OF_STATUS.get(status)
    if name is None:
        name = "UNKNOWN" if status in _STILL_TRYING or status < 0x20 else "UNDELIVERABLE"
    return name


# The extension's identifier as a record holds it.
EXTENSION_IDENTIFIER_ELEMENT = primitive(UNIVERSAL | 6, object_identifier_octets(EXTENSION_IDENTIFIER))
