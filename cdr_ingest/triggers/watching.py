"""Watching: sources looked at again and again; what arrived goes through the door, and what happened is told.

Of one arrival everything moves in one transaction of the memory. Rows of a person are taken in the order of
their moments; one that is older than what is known of the person already changes nothing, and one that is
older than `max_age_s` is learned from and not told.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import msgspec

from cdr_ingest.collection.port import Arrival, Source
from cdr_ingest.triggers.config import TriggersConfig
from cdr_ingest.triggers.detecting import DETECTORS, PLAN, Detector, Surroundings, Told, plan_told, plans_of
from cdr_ingest.triggers.happenings import Happening
from cdr_ingest.triggers.journal import Journal, remove_before
from cdr_ingest.triggers.memory import Known, Memory, ToldRow
from cdr_ingest.triggers.stream_door import LineCall, StreamDoor
from operator_push.kernel.contracts import TRIGGER_MEMORY, TRIGGERS_FOLDER, TriggerEvent
from operator_push.kernel.errors import ResourceError
from operator_push.kernel.instants import MICROS_PER_DAY, MICROS_PER_SECOND

ARRIVAL_OCTETS_MAX = 64 * 1024 * 1024  # Ours: bounds memory; a larger file is for `cdr-ingest run`
ARRIVALS_REMEMBERED = 100_000  # Ours: some 20 MiB; of more the memory is asked each time
_ROWS_AT_ONCE = 5_000
_PLANS_AT_ONCE = 1_000
_UPKEEP_US = 3_600 * MICROS_PER_SECOND
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class StreamSource:
    """A source, its name, and the folder below an input folder in which its files would lie."""

    name: str
    source: Source
    into: str


@dataclass(slots=True)
class Look:
    """What one look found; `errors`: why a source gave no more, `notes`: what people should hear."""

    arrivals: int = 0
    rows: int = 0
    rejected: int = 0
    not_permitted: int = 0
    told: dict[str, int] = field(default_factory=dict)
    forgotten: int = 0
    notes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Watching:
    """One out folder's triggers; of one thread. Close it."""

    def __init__(self, config: TriggersConfig, sources: Sequence[StreamSource], now_us: int) -> None:
        """Open the memory and the journal.

        Raises:
            OperatorError: the snapshot, the key, the cells or the memory are wrong.
            ResourceError: a file cannot be read.
        """
        self._config = config
        self._sources = sources
        folder = self._folder = Path(config.out) / TRIGGERS_FOLDER
        self._memory = Memory(folder / TRIGGER_MEMORY)
        self._journal = Journal(folder)
        self._door = StreamDoor(config, now_us)
        self._detectors = [each for each in DETECTORS if each.trigger in config.triggers]
        self._upkept_us = 0
        self._read_before: set[tuple[str, str, str]] = set()

    def close(self) -> None:
        """Let go of everything but the sources."""
        self._door.close()
        self._memory.close()

    def look(self, now_us: int) -> Look:
        """One look at the permission snapshot, at every source, and at the calendar.

        Raises:
            OperatorError: the snapshot was replaced by one that cannot be used.
        """
        found = Look()
        # What a crash kept from the journal comes first; nothing waits behind it.
        self._journal.append(self._memory)
        if self._door.renew(now_us) or not self._upkept_us:
            with self._memory:
                found.forgotten = self._memory.keep_only(self._door.purposes)
        for each in self._sources:
            try:
                self._read(each, now_us, found)
            except ResourceError as error:
                found.errors.append(f"{each.name}: {error}")
        self._tell_plans(now_us, found)
        self._journal.append(self._memory)
        if now_us - self._upkept_us >= _UPKEEP_US:
            self._upkeep(now_us)
        return found

    # -- records -----------------------------------------------------------------------------------------

    def _read(self, each: StreamSource, now_us: int, found: Look) -> None:
        for arrival in each.source.arrivals(self._memory.cursor(each.name), now_us):
            if not arrival.cursor and self._was_read(each.name, arrival):
                continue
            octets = self._fetched(each, arrival, found)
            with self._memory:
                self._take(each, arrival, octets, now_us, found)
                self._memory.note(each.name, arrival.name, arrival.version, arrival.cursor)
            self._journal.append(self._memory)
            found.arrivals += 1
            if arrival.note:
                found.notes.append(f"{each.name}: {arrival.note}")

    def _was_read(self, source: str, arrival: Arrival) -> bool:
        """Whether a source without positions names what was read; mostly it does, at every look."""
        key = source, arrival.name, arrival.version
        if key not in self._read_before:
            if not self._memory.has(*key):
                return False
            if len(self._read_before) < ARRIVALS_REMEMBERED:
                self._read_before.add(key)
        return True

    def _fetched(self, each: StreamSource, arrival: Arrival, found: Look) -> bytes:
        target = _Bounded()
        each.source.fetch(arrival, target)
        if target.is_full:
            size = ARRIVAL_OCTETS_MAX // (1024 * 1024)
            found.notes.append(
                f"{each.name}: {arrival.name} has more than {size} MiB and is passed over; what is dropped in"
                " large files is for `cdr-ingest run`"
            )
            return b""
        return target.getvalue()

    def _take(self, each: StreamSource, arrival: Arrival, octets: bytes, now_us: int, found: Look) -> None:
        for block in self._door.blocks(octets, each.into, arrival.name, now_us):
            found.rows += block.read
            found.rejected += block.rejected
            found.not_permitted += block.not_permitted
            self._tell_calls(block.line_calls, now_us, found)
            rows = iter(block.happenings)
            while some := list(islice(rows, _ROWS_AT_ONCE)):
                self._detect(some, now_us, found)

    def _detect(self, rows: Sequence[Happening], now_us: int, found: Look) -> None:
        """Take rows in their order: what is new of a person is told and learned."""
        memory, around = self._memory, self._door.surroundings
        people = {row.subscriber_no for row in rows}
        known, rests = memory.known(people), _Rests(self._config, memory.told(people))
        learned: dict[tuple[int, str], Known] = {}
        events: list[tuple[Happening, Told]] = []
        for row in rows:
            for each in self._detectors:
                value = each.read(row, around)
                if value is None:
                    continue
                before = None
                if each.what:
                    place = (row.subscriber_no, each.what)
                    former = known.get(place)
                    if former is not None and former.at_us > row.at_us:
                        continue  # a late record: more is known already
                    before = None if former is None else former.value
                    known[place] = learned[place] = Known(*place, value, row.at_us, each.purposes)
                if now_us - row.at_us <= self._config.max_age_s * MICROS_PER_SECOND:
                    events += self._new(each, before, value, row, around, rests)
        memory.learn(list(learned.values()), rests.changed)
        self._write(events, now_us, found)

    def _new(
        self,
        each: Detector,
        before: str | None,
        value: str,
        row: Happening,
        around: Surroundings,
        rests: "_Rests",
    ) -> Iterator[tuple[Happening, Told]]:
        for key, attributes in each.tell(before, value, row, around):
            if rests.is_over(row, each.trigger, key, each.purposes) and (
                not row.record_key
                or self._memory.saw(row.subscriber_no, row.record_key, each.trigger, row.at_us)
            ):
                rests.begin(row, each.trigger, key, each.purposes)
                yield row, Told(each.trigger, key, attributes)

    def _tell_calls(self, calls: Iterable[LineCall], now_us: int, found: Look) -> None:
        """Calls to a line, told by the line's own records: these are the brand's, whoever calls."""
        if "opt_in_call" not in self._config.triggers:
            return
        fresh = [call for call in calls if now_us - call.at_us <= self._config.max_age_s * MICROS_PER_SECOND]
        rests = _Rests(self._config, self._memory.told({call.subscriber_no for call in fresh}))
        events = []
        for call in fresh:
            row = Happening(call.subscriber_no, call.at_us, 0)
            if rests.is_over(row, "opt_in_call", call.line, 0):
                rests.begin(row, "opt_in_call", call.line, 0)
                events.append((row, Told("opt_in_call", call.line, {"line": call.line})))
        self._memory.learn([], rests.changed)
        self._write(events, now_us, found)

    # -- the calendar ------------------------------------------------------------------------------------

    def _tell_plans(self, now_us: int, found: Look) -> None:
        """Once a local day, from an hour on: whose plan ends soon."""
        config, today = self._config, plans_of(now_us, self._config)
        if today is None or PLAN not in {each.what for each in self._detectors}:
            return
        if self._memory.said("plans_of") == f"{today}":
            return
        after = int(self._memory.said("plans_after") or 0)
        while ending := self._memory.plans_ending(today, today + config.plan_days, _PLANS_AT_ONCE, after):
            rests = _Rests(config, self._memory.told({each.subscriber_no for each in ending}))
            events = []
            with self._memory:
                for each in ending:
                    told = plan_told(each.value, today, config)
                    row = Happening(each.subscriber_no, now_us, 0)
                    if told is not None and rests.is_over(row, told.trigger, told.key, each.purposes):
                        rests.begin(row, told.trigger, told.key, each.purposes)
                        events.append((row, told))
                self._memory.learn([], rests.changed)
                self._write(events, now_us, found)
                after = ending[-1].subscriber_no
                self._memory.say("plans_after", f"{after}")
        with self._memory:
            self._memory.say("plans_of", f"{today}")
            self._memory.say("plans_after", "0")

    def _write(self, events: Sequence[tuple[Happening, Told]], now_us: int, found: Look) -> None:
        if not events:
            return
        sequence = self._memory.last_sequence()
        rows = []
        for number, (row, told) in enumerate(events, sequence + 1):
            event = TriggerEvent(
                sequence=number,
                trigger=told.trigger,
                subscriber_no=row.subscriber_no,
                at_us=row.at_us,
                read_us=now_us,
                attributes=told.attributes,
            )
            rows.append((number, now_us, _ENCODER.encode(event) + b"\n"))
            found.told[told.trigger] = found.told.get(told.trigger, 0) + 1
        self._memory.add_events(rows)

    def _upkeep(self, now_us: int) -> None:
        config = self._config
        longest_us = max(config.cooldown_us(each) for each in config.triggers) if config.triggers else 0
        with self._memory:
            self._memory.forget_old(
                now_us - config.max_age_s * MICROS_PER_SECOND,
                now_us - max(longest_us, MICROS_PER_DAY),
            )
        remove_before(self._folder, now_us - config.keep_days * MICROS_PER_DAY)
        self._upkept_us = now_us


class _Rests:
    """When the same may be told of a person again."""

    def __init__(self, config: TriggersConfig, told: dict[tuple[int, str, str], int]) -> None:
        self._config = config
        self._told = told
        self.changed: list[ToldRow] = []

    def is_over(self, row: Happening, trigger: str, key: str, purposes: int) -> bool:
        last_us = self._told.get((row.subscriber_no, trigger, key))
        return last_us is None or row.at_us - last_us >= self._config.cooldown_us(trigger)

    def begin(self, row: Happening, trigger: str, key: str, purposes: int) -> None:
        if self._config.cooldown_us(trigger):
            self._told[row.subscriber_no, trigger, key] = row.at_us
            self.changed.append(ToldRow(row.subscriber_no, trigger, key, row.at_us, purposes))


class _Bounded(io.BytesIO):
    """Takes so many octets and forgets the rest."""

    is_full = False

    def write(self, octets: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        if self.tell() + len(octets) > ARRIVAL_OCTETS_MAX:
            self.is_full = True
            return len(octets)
        return super().write(octets)
