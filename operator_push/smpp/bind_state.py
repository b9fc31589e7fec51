"""Bind state: where a bind stands, what the peer has told of itself, and so what it may send now."""

from operator_push.smpp.codec import response_to
from operator_push.smpp.constants import VERSION_3_4, CommandId
from operator_push.smpp.operation_matrix import BINDING_STATES, BOUND, SENDABLE, SessionRole, SessionState
from operator_push.smpp.pdu import BindPdu, BindRespPdu, Pdu
from operator_push.smpp.tlv import TlvTag
from operator_push.smpp.versions import known_version

_BINDINGS = {
    SessionState.BOUND_TX: "transmitter",
    SessionState.BOUND_RX: "receiver",
    SessionState.BOUND_TRX: "transceiver",
}
BIND_IDS = frozenset(int(command_id) for command_id in BINDING_STATES)
_PEER_MAY_SEND_WHILE_BINDING = frozenset((int(CommandId.enquire_link),))


class BindState:
    """The state of one bind; its changes are methods, its values are read.

    `is_closed` is True once nothing more is read or written;
    `peer_version` is 0x33, 0x34 or 0x50; `binding` is "transmitter", "receiver" or "transceiver" once bound;
    `bind_is_pending` is True while the owner looks a bind request over; `we_may_send` and `peer_may_send`
    hold the command_ids of requests.
    """

    def __init__(self, role: SessionRole) -> None:
        self.role = role
        self.binding: str | None = None
        self.peer_version = VERSION_3_4  # until the bind tells
        self.peer_system_id = ""
        self.bind_is_pending = False
        self.enter(SessionState.OPEN)

    @property
    def has_bind(self) -> bool:
        """True where another bind request would be one too many."""
        return self.state in BOUND or self.bind_is_pending

    def enter(self, state: SessionState) -> None:
        """Change the state, and with it what either end may send."""
        self.state: SessionState = state
        self.is_closed = state is SessionState.CLOSED  # asked with every PDU, so not a property
        self.we_may_send: frozenset[int] = SENDABLE[self.role, state]
        self.peer_may_send: frozenset[int] = SENDABLE[self.role.other, state]

    def bind_arrived(self) -> None:
        """SMSC role: a bind request waits for the owner; until then no other request is legal."""
        self.bind_is_pending = True
        self.peer_may_send = _PEER_MAY_SEND_WHILE_BINDING

    def bind_refused(self) -> None:
        """SMSC role: the owner said no; the peer may try again."""
        self.bind_is_pending = False
        self.enter(SessionState.OPEN)

    def bind_accepted(self, bind_pdu: BindPdu, system_id: str, interface_version: int) -> Pdu:
        """SMSC role: the owner said yes; the response to send.

        It carries sc_interface_version where the peer knows TLVs (SMPP v3.4 section 4.1.2): ours, or 5.0 to a
        peer of 5.0, because such a peer hears the statuses of 5.0 from us.
        """
        self.peer_version = known_version(bind_pdu.interface_version)
        self.peer_system_id = bind_pdu.system_id
        self.bind_is_pending = False
        self._enter_bound(bind_pdu.command_id)
        answer = response_to(bind_pdu)
        if isinstance(answer, BindRespPdu):
            answer.system_id = system_id
        if self.peer_version >= VERSION_3_4:
            told = max(interface_version, self.peer_version)
            answer.tlvs = ((TlvTag.sc_interface_version, bytes((told,))),)
        return answer

    def bind_answered(self, answer: BindRespPdu, bind_id: int, version_if_silent: int) -> None:
        """ESME role: the SMSC said yes."""
        told = answer.tlv(TlvTag.sc_interface_version)
        self.peer_version = known_version(told[0] if told else version_if_silent)
        self.peer_system_id = answer.system_id
        self._enter_bound(bind_id)

    def _enter_bound(self, bind_id: int) -> None:
        self.enter(BINDING_STATES[CommandId(bind_id)])
        self.binding = _BINDINGS[self.state]
