"""The message: one accepted message on its way to its final state.

It comes from a submit_sm, or as one from a data_sm or for one recipient of a submit_multi; `pdu` is then the
submit_sm that says the same.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from operator_push.smpp.constants import MessageState
from operator_push.smpp.pdu import SubmitSm
from operator_push.smpp.tlv import TlvTag
from smsc_sim.account import Account
from smsc_sim.bind import SimBind
from smsc_sim.mailbox import Mailbox
from smsc_sim.parcel import Parcel
from smsc_sim.population import Fate

_MESSAGE_PAYLOAD = int(TlvTag.message_payload)
_USER_MESSAGE_REFERENCE = int(TlvTag.user_message_reference)


OnEnd = Callable[[float, int, "SimMessage"], None]  # (now, t, message)


class SimMessage(msgspec.Struct, gc=False):
    """What the simulator must know until the CDR row and the receipt are written; one segment, one message.

    `bind` is where the submit_sm_resp goes, `account` where receipts and answers go, on whatever bind.
    Neither points to a message for longer than it is open, so no cycle outlives it.
    """

    smsc_message_id: str
    account: Account
    bind: SimBind
    pdu: SubmitSm
    user_message_reference: int | None
    submit_us: int
    fate: Fate
    witness_key: str  # `witness.key_part` of this message
    receipt_delay_s: float
    receipt_again_s: float | None  # After the first receipt; None where it comes once.
    key: str = ""  # In the book: the id, with the place of the recipient for a submit_multi.
    state: MessageState = MessageState.ENROUTE
    first_try: float = 0.0  # Monotonic seconds, as `expires`
    expires: float = 0.0
    final_us: int = 0
    error_code: int = 0
    tries: int = 0
    turn: int = 0  # What was planned for an earlier turn is no longer to happen.
    wants_alert: bool = False  # set_dpf: tell the ESME when an unreachable handset is back
    to_esme: bool = False  # Its recipient is another ESME
    handed_over: tuple[Mailbox, Parcel] | None = None  # On its way there
    on_end: OnEnd | None = None  # A transaction: what tells its outcome

    @property
    def source_addr(self) -> str:
        """Who sent it."""
        return self.pdu.source_addr


class EndedMessage(msgspec.Struct, frozen=True, gc=False):
    """What query_sm may still ask of a message in its final state.

    A record of its own: 20,000 whole messages that wait to be forgotten are out of the processor's caches,
    and to free them cost up to 4 µs a message.
    """

    smsc_message_id: str
    account: Account
    source_addr: str
    user_message_reference: int | None
    state: MessageState
    error_code: int
    tries: int
    submit_us: int
    final_us: int


ENROUTE: Final = MessageState.ENROUTE
USSD_SERVICE: Final = "USSD"  # service_type, SMPP v3.4 section 5.2.11


def user_data(pdu: SubmitSm) -> bytes:
    """The octets of the message: short_message, or message_payload where that one is empty."""
    if pdu.short_message or not pdu.tlvs:
        return pdu.short_message
    return pdu.tlv(_MESSAGE_PAYLOAD) or b""


def message_reference(pdu: SubmitSm) -> int | None:
    """user_message_reference (SMPP v3.4 section 5.3.2.17), or None where it is absent or not two octets."""
    if not pdu.tlvs:
        return None
    value = pdu.tlv(_USER_MESSAGE_REFERENCE)
    return value[0] << 8 | value[1] if value is not None and len(value) == 2 else None
