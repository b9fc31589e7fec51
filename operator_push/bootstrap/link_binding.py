"""Link binding: one running link with what keeps its bind up, and how it is let go in order.

Laws: a link that is let go takes nothing new at once; what is on its way gets some seconds for its answer
before the bind ends; a later command makes an earlier one's waiting void.
"""

import logging
from collections.abc import Callable
from typing import Any, Protocol

from operator_push.config import SmscSettings
from operator_push.gateway.smsc_link import SmscLink

log = logging.getLogger(__name__)

POLL_S = 0.05
DRAIN_S = 5.0  # Ours: how long a link that stops waits for the answers of what is on its way.
UNBIND_S = 2.0  # Ours: how long the SMSC has to answer our unbind before the stream is closed.


class Connector(Protocol):
    """What is asked of smpp_twisted.connector.ReconnectingLink."""

    protocol: Any

    def start(self) -> None: ...
    def retire(self) -> None: ...
    def stop(self, reason: str = "stopped") -> None: ...


Connect = Callable[[SmscSettings, SmscLink], Connector]


class LinkBinding:
    """`settings` are those of now; `stale` where the link was made with others and must be made anew."""

    def __init__(
        self,
        settings: SmscSettings,
        link: SmscLink,
        call_later: Callable[[float, Callable[[], None]], object],
        monotonic: Callable[[], float],
    ) -> None:
        self.settings = settings
        self.link = link
        self.stale = False
        self._call_later = call_later
        self._monotonic = monotonic
        self._connector: Connector | None = None
        self._turns = 0

    @property
    def is_connecting(self) -> bool:
        """True from `bind` until the link has been let go."""
        return self._connector is not None

    def bind(self, connect: Connect | None) -> None:
        """Send and bind, also again after each loss; `connect` None: later, when the program is ready."""
        self.link.sending = True
        if connect is None:
            return
        if self.settings.password is None:
            log.error(
                "link %s has no password: it is neither in the store nor in the configuration nor in the "
                "environment; give one with: operator-push link set %s --password-file FILE",
                self.settings.name,
                self.settings.name,
            )
            return
        self._connector = connect(self.settings, self.link)
        self._connector.start()

    def unbind(self) -> None:
        """Ask the SMSC to end the bind, and connect no more."""
        self._turns += 1
        if self._connector is not None:
            self._connector.retire()
            _unbind(self._connector, self._monotonic())

    def close(self, reason: str) -> None:
        """Close the stream that is still open."""
        if self._connector is not None:
            self._connector.stop(reason)
            self._connector = None

    def let_go(self, then: Callable[[], object]) -> None:
        """Take nothing new, wait for what is on its way, unbind, and go on with `then`."""
        self.link.sending = False
        self._turns += 1
        turn = self._turns

        def wait(until: Callable[[], bool], deadline: float, go_on: Callable[[], object]) -> None:
            if self._turns != turn:
                return  # another command has taken over
            if until() or self._monotonic() >= deadline:
                go_on()
            else:
                self._call_later(POLL_S, lambda: wait(until, deadline, go_on))

        def drained() -> None:
            connector = self._connector
            if connector is None:
                then()
                return
            connector.retire()
            _unbind(connector, self._monotonic())
            wait(lambda: connector.protocol is None, self._monotonic() + UNBIND_S, ended)

        def ended() -> None:
            self.close("changed by a command")
            then()

        wait(lambda: not self.link.in_flight, self._monotonic() + DRAIN_S, drained)


def _unbind(connector: Connector, now: float) -> None:
    protocol = connector.protocol
    if protocol is not None:
        protocol.session.unbind(now)
        protocol.flush()
