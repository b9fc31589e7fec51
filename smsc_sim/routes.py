"""Routes: messages to some numbers go to another ESME instead of a handset."""

from collections.abc import Callable, Sequence
from functools import partial

from operator_push.smpp.constants import MessageState
from operator_push.smpp.pdu import DeliverSm
from smsc_sim.account import Account, Accounts
from smsc_sim.message import SimMessage
from smsc_sim.parcel import Parcel, as_data_sm
from smsc_sim.patterns import Patterns
from smsc_sim.scenario_handsets import Operation, Route
from smsc_sim.witness import address_part

_FEATURES = 0xC0  # esm_class bits 7-6: user data header and reply path go with the message.
Finish = Callable[
    [float, int, SimMessage, MessageState], None
]  # `Deliveries.finish`, or what stands before it


class EsmeRoutes:
    """The `[[mo.routes]]` of one virtual SMSC."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self.configure((), "deliver_sm")

    def configure(self, rows: Sequence[Route], operation: Operation) -> None:
        """These routes from now on."""
        self._patterns = Patterns([row.destination_like for row in rows]) if rows else None
        self._system_ids = [row.system_id for row in rows]
        self._by_data_sm = operation == "data_sm"

    def account_for(self, message: SimMessage) -> Account | None:
        """The account whose ESME gets this message, or None where it is for a handset."""
        if self._patterns is None:
            return None
        place = self._patterns.first(message.pdu.destination_addr)
        return None if place < 0 else self._accounts.account(self._system_ids[place])

    def hand_over(self, message: SimMessage, account: Account, finish: Finish) -> None:
        """Post the message to the other ESME; its answer is the final state, of which `finish` hears."""
        pdu = message.pdu
        deliver = DeliverSm(
            service_type=pdu.service_type,
            source_addr_ton=pdu.source_addr_ton,
            source_addr_npi=pdu.source_addr_npi,
            source_addr=pdu.source_addr,
            dest_addr_ton=pdu.dest_addr_ton,
            dest_addr_npi=pdu.dest_addr_npi,
            destination_addr=pdu.destination_addr,
            esm_class=pdu.esm_class & _FEATURES,
            protocol_id=pdu.protocol_id,
            priority_flag=pdu.priority_flag,
            data_coding=pdu.data_coding,
            short_message=pdu.short_message,
            tlvs=pdu.tlvs,
        )
        addresses = address_part(pdu.source_addr, pdu.destination_addr)
        parcel = Parcel(deliver, False, f'{addresses},"kind":"mo_esme"{message.witness_key}')
        parcel.on_done = partial(_taken, message, finish)
        if self._by_data_sm:
            as_data_sm(parcel)
        message.to_esme = True
        message.handed_over = (account.mailbox, parcel)
        account.mailbox.post(parcel)


def _taken(message: SimMessage, finish: Finish, now: float, t: int, acknowledged: bool) -> None:
    if message.handed_over is not None:
        message.handed_over = None
        state = MessageState.DELIVERED if acknowledged else MessageState.UNDELIVERABLE
        finish(now, t, message, state)
