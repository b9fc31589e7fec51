"""The outlet: the outgoing side of one bind, as mailboxes and responses see it."""

from collections.abc import Callable

from operator_push.smpp.session import SessionState, SmppSession
from smsc_sim.quick_session import QuickSession


class Outlet:
    """A session and the way to make its output leave.

    Whoever writes into the session marks the outlet dirty; the engine flushes every dirty outlet once, at
    the end of a chunk or a tick, so that everything for one bind leaves in one write.
    """

    __slots__ = ("_dirty_outlets", "_is_dirty", "_quick", "alive", "flush", "name", "session")

    def __init__(
        self, name: str, session: SmppSession, flush: Callable[[], None], dirty_outlets: list["Outlet"]
    ) -> None:
        self.name = name  # "b1": the `bind` of witness rows
        self.session = session
        self._quick = session if isinstance(session, QuickSession) else None
        self.flush = flush
        self.alive = True
        self._is_dirty = False
        self._dirty_outlets = dirty_outlets

    def room(self) -> int:
        """How many more requests may be sent now."""
        session = self.session
        return 0 if session.state is SessionState.CLOSED else session.window_free()

    @property
    def quick(self) -> QuickSession | None:
        """The session where it takes octets that are written already (`quick_octets`), else None."""
        quick = self._quick
        return quick if quick is not None and quick.is_plain else None

    def mark_dirty(self) -> None:
        """Something was written into the session."""
        if not self._is_dirty:
            self._is_dirty = True
            self._dirty_outlets.append(self)

    def flush_now(self) -> None:
        """Hand the session's output to the transport; called by the engine only."""
        self._is_dirty = False
        if self.alive:
            self.flush()
