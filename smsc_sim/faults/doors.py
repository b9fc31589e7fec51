"""The doors of the fault desk: what a bind's faults and the receipt desk may ask of it."""

from collections.abc import Callable, Iterable, MutableMapping
from typing import Any, Protocol

from operator_push.smpp.session_events import Event
from smsc_sim.bind import SimBind
from smsc_sim.counters import Counters
from smsc_sim.faults.armed import ArmedFault
from smsc_sim.faults.outgoing import Hit

Feed = Callable[[SimBind, Iterable[Event], float], None]


class DeskDoors(Protocol):
    """`now` is the moment of the chunk or tick; `late_responses` tells when the response of an id leaves."""

    now: float
    id_base: str
    scheduled: int
    late_responses: dict[str, float]
    counters: Counters
    feed: Feed

    def hits(
        self,
        candidates: Iterable[ArmedFault],
        marks: MutableMapping[str, int],
        account: str,
        number: str,
        key: str,
    ) -> list[Hit]:
        """Those of these faults that strike."""
        ...

    def pdu_hits(
        self, command_id: int, marks: MutableMapping[str, int], account: str, number: str, key: str
    ) -> list[Hit]:
        """The faults that strike a PDU of the SMSC's own that leaves now."""
        ...

    def marks_of(self, account: str) -> MutableMapping[str, int]:
        """What counted faults have counted for an account."""
        ...

    def later(self, seconds: float, work: Callable[..., None], *what: Any) -> None:
        """Call work(*what) after these seconds; it counts as unfinished until then."""
        ...

    def at_latest(self, seconds: float, work: Callable[..., None], *what: Any) -> None:
        """Call work(*what) after these seconds, in case that what is waited for does not come."""
        ...

    def hold_for_receipt(
        self, message_id: str, release: Callable[[], None], after_s: float, max_s: float
    ) -> None:
        """Call `release` once the receipt of this message has left and `after_s` have passed."""
        ...

    def receipt_left(self, message_id: str) -> None:
        """A receipt has left: its response may follow."""
        ...

    def note(
        self, fault: ArmedFault, bind: str, direction: str, command: str, number: int | None, members: str
    ) -> None:
        """Count a hit and write its witness row; `members` are JSON members with leading commas."""
        ...

    def note_swallowed(self, bind: str, octets: int) -> None:
        """A stream that was cut or half-open has ended."""
        ...

    def detach(self, bind: str) -> None:
        """The stream of this bind is gone."""
        ...
