"""Link watch: tells the choice of links which of them are up.

A link that loses its bind is given some seconds to come back before its messages go another way, because a
message that moved has lost time and a reconnect often takes less; a link whose account the SMSC refuses, or
that was stopped by command, is down at once.
"""

import logging
from collections.abc import Callable

from operator_push.services.choose_link import ChooseLink

log = logging.getLogger(__name__)


class LinkWatch:
    """The state of one link as `ChooseLink` knows it. Not bound at first: the patience begins at once."""

    def __init__(
        self,
        name: str,
        choose: ChooseLink,
        failover_after_s: float,
        call_later: Callable[[float, Callable[[], None]], object],
    ) -> None:
        self._name = name
        self._choose = choose
        self._failover_after_s = failover_after_s
        self._call_later = call_later
        self._lost = 0
        self._bound = False
        self._refused = False
        self._retired = False
        self.stopped = False
        self.lost()

    def bound(self) -> None:
        """submit_sm can go out through this link."""
        self._bound = True
        self._lost += 1
        self._tell()

    def lost(self) -> None:
        """The bind is gone; the link is down unless it is back in time."""
        self._bound = False
        self._lost += 1
        this_time = self._lost

        def give_up() -> None:
            if self._lost == this_time:
                self._tell()

        self._call_later(self._failover_after_s, give_up)

    def refused(self, refused: bool) -> None:
        """The SMSC does not take messages of this account for now, or is to be tried again."""
        self._refused = refused
        self._tell()

    def stop(self, stopped: bool) -> None:
        """Stopped or started by command."""
        self.stopped = stopped
        self._tell()

    def retire(self) -> None:
        """The link is gone; another one of its name may come, which this one must not speak for."""
        self._retired = True

    def _tell(self) -> None:
        if self._retired:
            return
        if self._bound and not self._refused and not self.stopped:
            self._choose.came_up(self._name)
        elif self._choose.went_down(self._name):
            log.warning("link %s is out of service; what can go another way does", self._name)
