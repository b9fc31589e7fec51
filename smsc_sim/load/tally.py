"""Tally: everything that a run counts, in total and by slice of time.

Laws: `sent` = accepted + refused + timed_out + bind_lost + still open, always; the latency of a message
without an answer is the time it was waited for, and `censored` counts it as well, so that lost answers never
make a percentile better. Slices are merged in pairs when there are too many: a long run costs no more memory.
"""

from collections import Counter

from smsc_sim.load.histogram import Histogram, coarse_bounds_us

SLICE_S = 0.1
SLICES_MAX = 480
LATENCIES = ("response", "service", "receipt", "lateness")

_MICROS = 1_000_000


class Slice:
    """What happened in one stretch of time. `heat` counts response latencies by coarse cell."""

    __slots__ = (
        "accepted",
        "failed",
        "heat",
        "max_us",
        "p50_us",
        "p99_us",
        "receipts",
        "sent",
    )

    def __init__(self) -> None:
        self.sent = 0
        self.accepted = 0
        self.failed = 0  # refused, timed out or lost with its bind
        self.receipts = 0
        self.heat: dict[int, int] = {}
        self.p50_us = 0
        self.p99_us = 0
        self.max_us = 0

    def merge(self, later: "Slice") -> None:
        """Become the stretch that covers both."""
        self.sent += later.sent
        self.accepted += later.accepted
        self.failed += later.failed
        self.receipts += later.receipts
        for cell, count in later.heat.items():
            self.heat[cell] = self.heat.get(cell, 0) + count
        self.max_us = max(self.max_us, later.max_us)


class KindTally:
    """What became of the segments of one kind of message."""

    __slots__ = ("accepted", "refused", "sent")

    def __init__(self) -> None:
        self.sent = 0
        self.accepted = 0
        self.refused = 0


class Tally:
    """Counters and latencies of a run. The hot path adds to them directly."""

    def __init__(self, kinds: int) -> None:
        self.origin = 0.0  # when sending began, monotonic seconds
        self.sent = 0
        self.accepted = 0
        self.refused = 0
        self.timed_out = 0
        self.bind_lost = 0
        self.not_sent = 0
        self.late_responses = 0
        self.late_accepted = 0
        self.censored = 0
        self.refusals: Counter[int] = Counter()  # by command_status
        self.receipts = 0
        self.receipts_doubled = 0
        self.receipts_orphaned = 0
        self.receipt_states: Counter[str] = Counter()
        self.intermediate = 0
        self.mo = 0
        self.enquiries_answered = 0
        self.violations: Counter[str] = Counter()
        self.octets_out = 0
        self.octets_in = 0
        self.binds_made = 0
        self.binds_lost = 0
        self.kinds = [KindTally() for _ in range(kinds)]
        self.response = Histogram()  # due → submit_sm_resp
        self.service = Histogram()  # sent → submit_sm_resp
        self.receipt = Histogram()  # due → receipt
        self.lateness = Histogram()  # due → sent
        self.own_lag = Histogram()  # due → sent where the window had room: the generator's own fault
        self.refusal = Histogram()  # sent → submit_sm_resp with an error
        self.slice_s = SLICE_S
        self.slices: list[Slice] = []
        self.here = Slice()
        self.here_response = Histogram()
        self._slice_end = float("inf")

    def begin(self, now: float) -> None:
        """Sending starts now."""
        self.origin = now
        self._slice_end = now + self.slice_s

    def at(self, now: float) -> None:
        """Close the slices that have ended; called before anything of a chunk is counted."""
        while now >= self._slice_end:
            self._close_slice()

    def finish(self) -> None:
        """Close what is open; nothing may be counted after it."""
        self._close_slice()
        self._slice_end = float("inf")

    def answered(self, scheduled: float, sent: float, now: float, kind: int) -> None:
        """A submit_sm was accepted."""
        self.accepted += 1
        self.kinds[kind].accepted += 1
        self.here.accepted += 1
        self.here_response.record(int((now - scheduled) * _MICROS))
        self.service.record(int((now - sent) * _MICROS))

    def refuse(self, sent: float, now: float, kind: int, command_status: int) -> None:
        """A submit_sm was answered with an error. Refusals are quick; they do not flatter the latencies."""
        self.refused += 1
        self.kinds[kind].refused += 1
        self.here.failed += 1
        self.refusals[command_status] += 1
        self.refusal.record(int((now - sent) * _MICROS))

    def give_up(self, scheduled: float, sent: float | None, now: float) -> None:
        """A submit_sm has no answer (`sent` None: was never sent): it was waited for until now."""
        self.censored += 1
        self.here.failed += 1
        self.here_response.record(int((now - scheduled) * _MICROS))
        if sent is not None:
            self.service.record(int((now - sent) * _MICROS))

    def receipted(self, scheduled: float, now: float) -> None:
        """The receipt of an accepted segment came."""
        self.receipts += 1
        self.here.receipts += 1
        self.receipt.record(int((now - scheduled) * _MICROS))

    def _close_slice(self) -> None:
        here, response = self.here, self.here_response
        if response.total:
            (_, here.p50_us), (_, here.p99_us) = response.percentiles_us((50.0, 99.0))
            here.max_us = response.max_us
            here.heat = response.coarse()
            self.response.add(response)
            self.here_response = Histogram()
        self.slices.append(here)
        self.here = Slice()
        if len(self.slices) >= SLICES_MAX:
            self._halve()
        self._slice_end = self.origin + (len(self.slices) + 1) * self.slice_s

    def _halve(self) -> None:
        merged = []
        for first, second in zip(self.slices[::2], self.slices[1::2], strict=False):
            first.merge(second)
            first.p50_us, first.p99_us = _percentiles_of_heat(first)
            merged.append(first)
        self.slices = merged
        self.slice_s *= 2


def _percentiles_of_heat(merged: Slice) -> tuple[int, int]:
    """Median and 99th percentile from coarse cells: right to 7 percent, enough for a drawn line."""
    total = sum(merged.heat.values())
    found = []
    for share in (0.5, 0.99):
        reached = 0
        for cell in sorted(merged.heat):
            reached += merged.heat[cell]
            if reached >= share * total:
                found.append(min(coarse_bounds_us(cell)[1], merged.max_us))
                break
        else:
            found.append(0)
    return found[0], found[1]
