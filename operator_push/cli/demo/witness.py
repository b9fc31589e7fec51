"""The witness, read: what the simulator saw of the product, row by row. See smsc_sim's own page for the rows.

Everything here is arithmetic over that file and trusts nothing that the product says.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

_NEVER = 2**63
_ROW_OCTETS_MAX = 64 * 1024  # Ours: a row has some hundreds


class WitnessRow(msgspec.Struct, gc=False):
    """One row; `n` ascends by one, `t` is microseconds since 1970."""

    n: int
    t: int
    bind: str
    direction: str
    command: str
    decision: str
    sequence_number: int = 0
    source: str = ""
    destination: str = ""
    user_message_reference: int = -1
    smsc_message_id: str = ""
    kind: str = ""

    @property
    def is_accepted_submit(self) -> bool:
        """A submit_sm that the SMSC took."""
        return self.command == "submit_sm" and self.decision == "accepted"


def read_witness(path: Path, from_octet: int = 0) -> Iterator[WitnessRow]:
    """All whole rows of the file from the row on that begins at `from_octet`."""
    decoder = msgspec.json.Decoder(WitnessRow)
    with path.open("rb") as lines:
        lines.seek(from_octet)
        for line in lines:
            if line.endswith(b"\n"):
                yield decoder.decode(line)


class Stop(msgspec.Struct):
    """One STOP of one handset. Moments are microseconds; `acknowledged_n` orders it against submit_sm."""

    number: str
    sent_us: int
    acknowledged_us: int = 0
    acknowledged_n: int = _NEVER
    later_submits: int = 0
    last_submit_us: int = 0
    submits_after_acknowledgement: int = 0

    @property
    def latency_ms(self) -> int:
        """From the STOP's leaving to the last thing that it did not stop, or to its acknowledgement."""
        return -(-(max(self.last_submit_us, self.acknowledged_us) - self.sent_us) // 1000)


class StopProof(msgspec.Struct):
    """What the witness says about all of them."""

    stops: list[Stop]

    @property
    def acknowledged(self) -> list[Stop]:
        """Those whose deliver_sm_resp came."""
        return [stop for stop in self.stops if stop.acknowledged_us]

    @property
    def received(self) -> int:
        """How many STOPs the product acknowledged."""
        return len(self.acknowledged)

    @property
    def sent_after_stop(self) -> int:
        """submit_sm to a number that came after the product had acknowledged that number's STOP."""
        return sum(stop.submits_after_acknowledgement for stop in self.stops)

    @property
    def slowest_ms(self) -> int:
        """The longest latency."""
        return max((stop.latency_ms for stop in self.acknowledged), default=0)


def prove_stops(rows: Iterable[WitnessRow]) -> StopProof:
    """Follow every STOP: when it left, when it was acknowledged, and every submit_sm to its number since."""
    stops: list[Stop] = []
    by_number: dict[str, list[Stop]] = {}
    unanswered: dict[tuple[str, int], Stop] = {}
    for row in rows:
        if row.command == "submit_sm":
            for stop in by_number.get(row.destination, ()):
                stop.later_submits += 1
                stop.last_submit_us = row.t
                if row.n > stop.acknowledged_n:
                    stop.submits_after_acknowledgement += 1
        elif row.kind == "mo_answer" and row.command == "deliver_sm":
            stop = _same_again(row, by_number) or Stop(row.source, row.t)
            if row.decision == "sent":
                stops.append(stop)
                by_number.setdefault(row.source, []).append(stop)
            unanswered[(row.bind, row.sequence_number)] = stop
        elif row.kind == "mo_answer" and row.decision == "acknowledged":
            answered = unanswered.pop((row.bind, row.sequence_number), None)
            if answered is not None:
                answered.acknowledged_us, answered.acknowledged_n = row.t, row.n
    return StopProof(stops)


def _same_again(row: WitnessRow, by_number: dict[str, list[Stop]]) -> Stop | None:
    """The STOP that is sent again because nobody acknowledged it."""
    if row.decision != "sent_again":
        return None
    return next((stop for stop in by_number.get(row.source, ()) if not stop.acknowledged_us), None)


def submits_by_key(rows: Iterable[WitnessRow]) -> Counter[tuple[str, int]]:
    """How often the SMSC took a submit_sm under (destination, user_message_reference)."""
    return Counter((row.destination, row.user_message_reference) for row in rows if row.is_accepted_submit)


def submits_by_destination(rows: Iterable[WitnessRow]) -> Counter[str]:
    """How often the SMSC took a submit_sm to a number."""
    return Counter(row.destination for row in rows if row.is_accepted_submit)


def unanswered_at(rows: Iterable[WitnessRow], at_us: int) -> int:
    """submit_sm taken by `at_us` whose submit_sm_resp had not left by then."""
    open_ids: set[str] = set()
    for row in rows:
        if row.t > at_us:
            break
        if row.is_accepted_submit:
            open_ids.add(row.smsc_message_id)
        elif row.command == "submit_sm_resp":
            open_ids.discard(row.smsc_message_id)
    return len(open_ids)


def end_of(path: Path) -> int:
    """Where the next row begins that the simulator will write whole."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _ROW_OCTETS_MAX))
        last = file.read()
    return size - len(last) + last.rfind(b"\n") + 1


class WitnessTail:
    """Follows the file while the simulator writes it: how many submit_sm wait for their answer now.

    `from_octet`: where a row begins; of those before, none is counted. A long run follows from `end_of` on,
    or every response that a fault swallowed hours ago would count as one that is still to come.
    """

    def __init__(self, path: Path, from_octet: int = 0) -> None:
        self._path = path
        self._offset = from_octet
        self._decoder = msgspec.json.Decoder(WitnessRow)
        self.unanswered = 0

    def read(self) -> int:
        """Read what is new and return `unanswered`; at most a tenth of a second old."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            octets = file.read()
        whole = octets[: octets.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            row = self._decoder.decode(line)
            if row.is_accepted_submit:
                self.unanswered += 1
            elif row.command == "submit_sm_resp" and row.decision == "answered":
                self.unanswered -= 1  # a fault that strikes the response has a row of its own
        return self.unanswered
