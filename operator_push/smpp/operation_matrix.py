"""Operation matrix: which request may be sent by whom in which state (SMPP v3.4 section 2.3, table 2-1).

Laws: a table of (command_id, sender) to states; responses and generic_nack are legal wherever their request
was and are not listed. 5.0's additions (section 2.4, table 2-1 there): enquire_link in every state and the
broadcast operations.
Not here: what the answer to an illegal request is (session.py).
"""

from enum import Enum
from typing import Final

from operator_push.smpp.constants import CommandId


class SessionRole(Enum):
    """Which end of the bind sends or is meant."""

    ESME = "esme"
    SMSC = "smsc"

    @property
    def other(self) -> "SessionRole":
        return SessionRole.SMSC if self is SessionRole.ESME else SessionRole.ESME


class SessionState(Enum):
    """SMPP v3.4 section 2.2; UNBINDING is ours: our unbind waits for its response."""

    OPEN = "open"
    BOUND_TX = "bound_tx"
    BOUND_RX = "bound_rx"
    BOUND_TRX = "bound_trx"
    UNBINDING = "unbinding"
    CLOSED = "closed"


BINDING_STATES: Final = {
    CommandId.bind_transmitter: SessionState.BOUND_TX,
    CommandId.bind_receiver: SessionState.BOUND_RX,
    CommandId.bind_transceiver: SessionState.BOUND_TRX,
}

_OPEN = frozenset((SessionState.OPEN,))
_TX = frozenset((SessionState.BOUND_TX, SessionState.BOUND_TRX))
_RX = frozenset((SessionState.BOUND_RX, SessionState.BOUND_TRX))
BOUND: Final = _TX | _RX
_UNBIND = BOUND | {SessionState.UNBINDING}  # both ends may ask at the same time
_ALIVE = _UNBIND | {SessionState.OPEN}
_NOBODY: frozenset[SessionState] = frozenset()

# command_id: (states in which an ESME may send it, states in which an SMSC may send it)
_ROWS: Final[dict[CommandId, tuple[frozenset[SessionState], frozenset[SessionState]]]] = {
    CommandId.bind_transmitter: (_OPEN, _NOBODY),
    CommandId.bind_receiver: (_OPEN, _NOBODY),
    CommandId.bind_transceiver: (_OPEN, _NOBODY),
    CommandId.outbind: (_NOBODY, _OPEN),
    CommandId.unbind: (_UNBIND, _UNBIND),
    CommandId.submit_sm: (_TX, _NOBODY),
    CommandId.submit_multi: (_TX, _NOBODY),
    CommandId.data_sm: (_TX, _RX),
    CommandId.deliver_sm: (_NOBODY, _RX),
    CommandId.query_sm: (_TX, _NOBODY),
    CommandId.cancel_sm: (_TX, _NOBODY),
    CommandId.replace_sm: (_TX, _NOBODY),
    CommandId.enquire_link: (_ALIVE, _ALIVE),
    CommandId.alert_notification: (_NOBODY, _RX),
    CommandId.broadcast_sm: (_TX, _NOBODY),
    CommandId.query_broadcast_sm: (_TX, _NOBODY),
    CommandId.cancel_broadcast_sm: (_TX, _NOBODY),
}


def sendable(sender: SessionRole, state: SessionState) -> frozenset[int]:
    """The command_ids of the requests that `sender` may send in `state`."""
    column = 0 if sender is SessionRole.ESME else 1
    return frozenset(int(command_id) for command_id, row in _ROWS.items() if state in row[column])


SENDABLE: Final[dict[tuple[SessionRole, SessionState], frozenset[int]]] = {
    (sender, state): sendable(sender, state) for sender in SessionRole for state in SessionState
}
