"""Alerts: alert_notification to an ESME that set the delivery pending flag, when the handset is back.

SMPP v3.4 sections 4.12.1 and 5.3.2.29 (set_dpf). One alert per handset and account; it is posted like a
receipt, on whatever receiving bind of the account has room, and has no response.
"""

from collections.abc import Callable

from operator_push.smpp.pdu import AlertNotification, SubmitSm
from operator_push.smpp.tlv import TlvTag
from smsc_sim.account import Account
from smsc_sim.message import SimMessage
from smsc_sim.parcel import Parcel
from smsc_sim.patterns import Patterns
from smsc_sim.witness import address_part

_SET_DPF = int(TlvTag.set_dpf)
_AVAILABLE = ((int(TlvTag.ms_availability_status), b"\0"),)  # SMPP v3.4 section 5.3.2.30


def sets_pending_flag(pdu: SubmitSm) -> bool:
    """Whether a message asks to hear when its unreachable handset is back."""
    value = pdu.tlv(_SET_DPF) if pdu.tlvs else None
    return value == b"\1"


class Alerts:
    """Who waits for which handset. `on_watch` is told when somebody begins to."""

    def __init__(self, on_watch: Callable[[], None]) -> None:
        self._on_watch = on_watch
        self._watched: dict[str, dict[str, SimMessage]] = {}  # number, system_id: the message that asked

    def watch(self, message: SimMessage) -> None:
        """The message's handset could not be reached."""
        self._on_watch()
        waiting = self._watched.setdefault(message.pdu.destination_addr, {})
        waiting.setdefault(message.account.system_id, message)

    def handset_is_back(self, number: str) -> None:
        """A message reached this handset, or it was switched on."""
        for message in self._watched.pop(number, {}).values():
            pdu = message.pdu
            post_alert(message.account, pdu.destination_addr, pdu.source_addr)

    def handsets_are_back(self, like: str) -> None:
        """The handsets like a pattern can be reached."""
        numbers = Patterns((like,))
        for number in [number for number in self._watched if numbers.fits(number)]:
            self.handset_is_back(number)

    @property
    def is_watching(self) -> bool:
        """Whether anybody waits for a handset."""
        return bool(self._watched)


def post_alert(account: Account, number: str, esme_addr: str) -> None:
    """Tell an account that a handset is available."""
    alert = AlertNotification(
        source_addr_ton=1, source_addr_npi=1, source_addr=number, esme_addr=esme_addr, tlvs=_AVAILABLE
    )
    part = f'{address_part(number, esme_addr)},"kind":"alert"'
    account.mailbox.post(Parcel(alert, False, part, command="alert_notification", is_notification=True))
