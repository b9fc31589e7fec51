"""The quick session: an SmppSession that tells whether octets which its owner has written may leave.

Who writes them: `quick_octets`. Not here: what looks at PDUs that leave (`faults.session`).
"""

from operator_push.smpp.constants import VERSION_3_4
from operator_push.smpp.session import SessionRole, SessionSettings, SessionState, SmppSession

_CLOSED = SessionState.CLOSED


class QuickSession(SmppSession):
    """See the module. While `is_watched` somebody looks at every PDU that leaves."""

    def __init__(self, role: SessionRole, settings: SessionSettings, now: float) -> None:
        super().__init__(role, settings, now)
        self.is_watched = False

    @property
    def is_plain(self) -> bool:
        """Whether octets that the owner has written may leave as they are: unwatched, to a peer with TLVs."""
        return not self.is_watched and self.peer_version >= VERSION_3_4 and self.state is not _CLOSED

    def put(self, octets: bytes) -> None:
        """Write octets that nobody looks at any more."""
        self._output.append(octets)
