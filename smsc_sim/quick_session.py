"""The quick session: an SmppSession that also takes octets which its owner has written itself.

Who writes them: `quick_octets`. Not here: what looks at PDUs that leave (`faults.session`).
"""

from operator_push.smpp.constants import VERSION_3_4
from operator_push.smpp.session import SessionRole, SessionSettings, SessionState, SmppSession
from smsc_sim.quick_octets import pdu_of


class QuickSession(SmppSession):
    """See the module. While `is_watched` somebody looks at every PDU that leaves."""

    def __init__(self, role: SessionRole, settings: SessionSettings, now: float) -> None:
        super().__init__(role, settings, now)
        self.is_watched = False

    @property
    def is_plain(self) -> bool:
        """Whether octets that the owner has written may leave as they are: unwatched, to a peer with TLVs."""
        return (
            not self.is_watched and self.peer_version >= VERSION_3_4 and self.state is not SessionState.CLOSED
        )

    def put(self, octets: bytes) -> None:
        """Write octets that nobody looks at any more."""
        self._output.append(octets)

    def send_body(self, command_id: int, body: bytes, now: float, context: object) -> int:
        """As `send_request`, for a request with a response whose body is written already; see `is_plain`.

        Raises:
            RuntimeError: the request is not legal for us in this state.
        """
        if command_id not in self.we_may_send:
            raise RuntimeError(f"0x{command_id:08x} may not be sent in state {self.state.value}")
        window = self._window
        number = window.next_number()
        self._output.append(pdu_of(command_id, number, body))
        window.open(number, command_id, now, context)
        return number
