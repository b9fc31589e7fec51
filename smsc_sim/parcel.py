"""The parcel: one deliver_sm on its way to an ESME, a receipt or a message from a handset."""

import msgspec

from operator_push.smpp.pdu import DeliverSm


class Parcel(msgspec.Struct, gc=False):
    """`witness_part` is what its witness rows say of it, as JSON members with leading commas, made once.

    `number` is given by the mailbox: ascending in the order of posting.
    """

    pdu: DeliverSm
    is_receipt: bool
    witness_part: str
    number: int = 0
    tries: int = 0
    done: bool = False  # Acknowledged by a late response while it waited for another try.
