"""Feed: the messages of one bind in their order, with the moment at which each is due.

Pure but for the destinations' file. Laws: which messages a bind sends, to whom and when they are due depends
on plan, seed and the bind's ordinal only, never on what the SMSC does; a message's segments are all due with
it. In a closed loop everything is due at once until `stop`.
"""

from collections.abc import Callable, Iterator
from itertools import repeat
from math import inf
from pathlib import Path
from random import Random

from operator_push.kernel.errors import OperatorError
from operator_push.smpp.tlv import TlvTag
from smsc_sim.load.message_mix import KindPicker, PreparedKind
from smsc_sim.load.plan import LoadPlan, Numbers
from smsc_sim.load.schedule import Schedule, even_points, poisson_points, stages_of

_REFERENCE_HEADER = int(TlvTag.user_message_reference).to_bytes(2, "big") + b"\0\2"

Destination = Callable[[int], bytes]  # number of a message in the run → its destination_addr


class Feed:
    """`due_at` is when the next segment is due (monotonic seconds), inf where none is left.

    `messages` and `segments` count what was taken.
    """

    __slots__ = (
        "_destination", "_due_times", "_kind", "_kinds", "_left", "_limit", "_number", "_origin", "_picker",
        "_refer", "_scheduled", "_step", "due_at", "is_closed", "messages", "segments",
    )  # fmt: skip

    def __init__(
        self,
        due_times: Iterator[float],
        destination: Destination,
        kinds: tuple[PreparedKind, ...],
        picker: KindPicker,
        *,
        ordinal: int,
        step: int,
        count: int | None,
        is_closed: bool,
        refer: bool,
    ) -> None:
        self._due_times = due_times
        self._destination = destination
        self._kinds = kinds
        self._picker = picker
        self._number = ordinal
        self._step = step
        self._limit = inf if count is None else count
        self.is_closed = is_closed
        self._refer = refer
        self._left: list[bytes] = []
        self._kind = 0
        self._origin = 0.0
        self._scheduled = inf
        self.due_at = inf
        self.messages = 0
        self.segments = 0

    def start(self, origin: float) -> None:
        """Begin: moments count from `origin` (monotonic seconds)."""
        self._origin = origin
        self._advance()

    def stop(self) -> None:
        """Nothing more is due, what is left of a message included."""
        self._left = []
        self.due_at = inf

    def take(self, now: float) -> tuple[float, bytes, int]:
        """The next segment: when it was due, its body without header, the number of its kind.

        Only while `due_at` is not inf. In a closed loop a message is due when it is taken.
        """
        left = self._left
        if not left:
            self._scheduled = now if self.is_closed else self.due_at
            left = self._left = self._segments_of_next()
        body = left.pop()
        self.segments += 1
        scheduled = self._scheduled
        if not left:
            self._advance()
        return scheduled, body, self._kind

    def _segments_of_next(self) -> list[bytes]:
        """The bodies of the next message's segments, the first of them last."""
        number = self._number
        self._number = number + self._step
        self.messages += 1
        destination = self._destination(number)
        self._kind = self._picker.pick()
        segments = self._kinds[self._kind].segments
        tail = _REFERENCE_HEADER + (number & 0xFFFF).to_bytes(2, "big") if self._refer else b""
        if len(segments) == 1:
            only = segments[0]
            return [only.before + destination + only.after + tail]
        reference = bytes((number & 0xFF,))
        return [
            part.before + destination + part.after + reference + part.rest + tail
            for part in reversed(segments)
        ]

    def _advance(self) -> None:
        if self._number >= self._limit:
            self.due_at = inf
            return
        self.due_at = self._origin + next(self._due_times, inf)


def make_feeds(plan: LoadPlan, kinds: tuple[PreparedKind, ...]) -> list[Feed]:
    """A feed for each sending bind, in the order of the plan's binds.

    Raises:
        OperatorError: the file of destinations cannot be read or holds something else.
    """
    step = sum(group.count for group in plan.binds if group.sends)
    schedule = None if plan.loop.kind == "closed" else Schedule(stages_of(plan))
    listed = read_destinations(Path(plan.numbers.file)) if plan.numbers.file else []
    feeds = []
    for ordinal in range(step):
        if schedule is None:
            times: Iterator[float] = repeat(0.0)
        elif plan.loop.arrivals == "even":
            times = schedule.times(even_points(ordinal, step))
        else:
            times = schedule.times(poisson_points(Random(f"{plan.seed}:arrivals:{ordinal}"), step))
        feeds.append(
            Feed(
                times,
                _destinations(plan.numbers, listed, Random(f"{plan.seed}:destinations:{ordinal}")),
                kinds,
                KindPicker(kinds, Random(f"{plan.seed}:kinds:{ordinal}")),
                ordinal=ordinal,
                step=step,
                count=plan.loop.count,
                is_closed=schedule is None,
                refer=plan.user_message_reference,
            )
        )
    return feeds


def read_destinations(path: Path) -> list[bytes]:
    """The numbers of a file: one a line, the first field where commas stand.

    A heading, empty lines and those that begin with # are left out.

    Raises:
        OperatorError: it cannot be read, or a line is no number of 3 to 15 digits.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise OperatorError(f"cannot read the destinations: {reason}", file=str(path)) from error
    found: list[bytes] = []
    for place, line in enumerate(lines, start=1):
        field = line.split(",", 1)[0].strip().strip('"').removeprefix("+")
        if not field or field.startswith("#") or (place == 1 and not field[0].isdigit()):
            continue
        if not (field.isascii() and field.isdigit() and 3 <= len(field) <= 15):
            raise OperatorError(
                f"line {place} does not begin with a number of 3 to 15 digits", file=str(path)
            )
        found.append(field.encode("ascii"))
    if not found:
        raise OperatorError("it holds no number", file=str(path))
    return found


def _destinations(numbers: Numbers, listed: list[bytes], chance: Random) -> Destination:
    count = len(listed) or numbers.count
    if listed:
        if numbers.order == "turn":
            return lambda number: listed[number % count]
        return lambda _: listed[chance.randrange(count)]
    first, width = int(numbers.first), len(numbers.first)
    if numbers.order == "turn":
        return lambda number: b"%0*d" % (width, first + number % count)
    return lambda _: b"%0*d" % (width, first + chance.randrange(count))
