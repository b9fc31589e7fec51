"""ESME alerts: alert_notification of an SMSC (SMPP v3.4 section 4.12), passed to the ESME that waits for it.

An ESME asks with set_dpf in a submission (section 5.3.2.29); without that the one that wrote last from the
short code counts. An alert is of the moment: it goes to a bind that is up now, or nowhere.
"""

from collections import OrderedDict
from collections.abc import Callable

from operator_push.gateway.esme_deliveries import EsmeDeliveries
from operator_push.gateway.message_cutting import Wire
from operator_push.kernel.meters import Meters
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.open_messages import OpenMessage
from operator_push.smpp.constants import Npi, Ton
from operator_push.smpp.pdu import AlertNotification
from operator_push.smpp.tlv import TlvTag

WAITING_MAX = 100_000  # Ours: handsets that somebody waits for; beyond it the oldest is forgotten.
_SET_DPF = int(TlvTag.set_dpf)


class EsmeAlerts:
    """Who waits for which handset. `last_of(short_code, msisdn)` is the account that wrote last, or 0."""

    def __init__(
        self, deliveries: EsmeDeliveries, last_of: Callable[[str, str], int], meters: Meters
    ) -> None:
        self._deliveries = deliveries
        self._last_of = last_of
        self._meters = meters
        self._waiting: OrderedDict[str, int] = OrderedDict()

    def note(self, message: OpenMessage) -> None:
        """A message was admitted; its ESME may have asked to be told."""
        wire = message.wire
        if isinstance(wire, Wire) and wire.pdu.tlvs and wire.pdu.tlv(_SET_DPF) == b"\1":
            self._waiting[message.destination] = message.account_no
            self._waiting.move_to_end(message.destination)
            if len(self._waiting) > WAITING_MAX:
                self._waiting.popitem(last=False)

    def alerted(self, pdu: AlertNotification) -> bool:
        """An SMSC says that a handset is there again; True where an ESME heard of it."""
        msisdn = normalise_msisdn(pdu.source_addr) or pdu.source_addr
        account_no = self._waiting.pop(msisdn, 0) or self._last_of(pdu.esme_addr, msisdn)
        alert = AlertNotification(
            source_addr_ton=int(Ton.INTERNATIONAL),
            source_addr_npi=int(Npi.ISDN),
            source_addr=msisdn,
            esme_addr_ton=pdu.esme_addr_ton,
            esme_addr_npi=pdu.esme_addr_npi,
            esme_addr=pdu.esme_addr,
            tlvs=pdu.tlvs,
        )
        told = bool(account_no) and self._deliveries.alert(account_no, alert)
        self._meters.count("alert.told" if told else "alert.unheard")
        return told
