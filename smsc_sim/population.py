"""The population: what becomes of a message to a number, by a keyed hash of (seed, number) and the time.

Pure. The order of arrival, the bind and the number of messages before do not matter, so two runs with one
seed treat every number alike. What counts first: a state set while the run goes on, then the timetable, then
the numbers, then the shares.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import msgspec

from operator_push.smpp.constants import MessageState
from smsc_sim.delays import Delay, DrawSeconds, delay_drawer
from smsc_sim.keyed_chance import KeyedChance
from smsc_sim.patterns import Patterns
from smsc_sim.scenario_handsets import Handsets, HandsetState, Numbers, Outcome, Timetable
from smsc_sim.set_states import SetStates
from smsc_sim.timetables import TimetableAtWork

# Outcome, delay and error code of a state where the scenario names none. The codes are those that GSM MAP
# uses for the cause (TS 29.002 section 17.6.6): unknownSubscriber 1, callBarred 13, absentSubscriber 27,
# sm-DeliveryFailure 32.
STATE_DEFAULTS: dict[HandsetState, tuple[Outcome, Delay, int]] = {
    "on": ("delivered", (20.0, 200.0), 0),
    "off": ("delivered", (1000.0, 5000.0), 27),
    "absent": ("expired", 0.0, 27),
    "memory_full": ("undeliverable", (200.0, 1000.0), 32),
    "roaming": ("delivered", (500.0, 3000.0), 0),
    "ported": ("undeliverable", (50.0, 300.0), 1),
    "barred": ("undeliverable", (20.0, 200.0), 13),
}
# States in which a try fails and another one may succeed.
UNREACHABLE: frozenset[HandsetState] = frozenset(("off", "absent", "memory_full"))
_FINAL_STATES: dict[Outcome, MessageState] = {
    "delivered": MessageState.DELIVERED,
    "expired": MessageState.EXPIRED,
    "undeliverable": MessageState.UNDELIVERABLE,
    "deleted": MessageState.DELETED,
    "accepted": MessageState.ACCEPTED,
    "unknown": MessageState.UNKNOWN,
    "rejected": MessageState.REJECTED,
}
_Behaviour = tuple[HandsetState, MessageState, DrawSeconds, int]


class Fate(msgspec.Struct, frozen=True, gc=False):
    """What becomes of messages to one number; `delay_s` counts from the first try, unused for EXPIRED.

    `until_us` is when a timetable's state ends (µs since 1970), where one is in force.
    """

    handset_state: HandsetState
    final_state: MessageState
    delay_s: float
    error_code: int
    until_us: int | None = None


class HandsetPopulation:
    """All numbers there are."""

    def __init__(
        self,
        groups: Sequence[Handsets],
        seed: int,
        *,
        numbers: Sequence[Numbers] = (),
        timetable: Sequence[Timetable] = (),
        start_us: int = 0,
        speed: float = 1.0,
        retries: bool = False,
    ) -> None:
        self._chance = KeyedChance(seed, "handset")
        self._groups = [_behaviour(group, speed, retries) for group in groups]
        self._bounds = list(accumulate(group.share for group in groups))
        self._last = len(groups) - 1
        self._numbers = [_behaviour(row, speed, retries) for row in numbers]
        self._number_patterns = Patterns([row.like for row in numbers]) if numbers else None
        self._timetable = [TimetableAtWork(row, seed, index, start_us) for index, row in enumerate(timetable)]
        self._speed = speed
        self._set = SetStates()
        self.is_steady = not self._timetable  # A number's fate does not depend on the time.

    def set_state(self, like: str, state: HandsetState | None) -> None:
        """From now on the numbers like a pattern are in this state; None gives the scenario its say again."""
        self._set.set(like, state)
        self.is_steady = not self._timetable and not self._set.states

    def take_set_states(self, other: "HandsetPopulation") -> None:
        """Keep what was set while the scenario was another one."""
        self._set = other._set
        self.is_steady = not self._timetable and not self._set.states

    @property
    def set_states(self) -> dict[str, HandsetState]:
        """Pattern to state: what was set while the run goes on, in the order of setting."""
        return dict(self._set.states)

    def fate(self, msisdn: str) -> Fate:
        """What becomes of a message to this number, whatever the time; about 1.5 µs."""
        where, when = self._chance.two_units(msisdn)
        place = -1 if self._number_patterns is None else self._number_patterns.first(msisdn)
        if place >= 0:
            handset_state, final_state, draw_delay, error_code = self._numbers[place]
        else:
            index = bisect_right(self._bounds, where) if self._last else 0
            handset_state, final_state, draw_delay, error_code = self._groups[min(index, self._last)]
        return Fate(handset_state, final_state, draw_delay(when), error_code)

    def fate_at(self, msisdn: str, t: int) -> Fate:
        """What becomes of a message to this number that is tried at `t` (µs since 1970)."""
        by_hand = self._set.state_of(msisdn) if self._set.states else None
        if by_hand is not None:
            return self._passing_fate(msisdn, by_hand, None, None)
        for entry in self._timetable:
            if entry.holds(msisdn, t):
                row = entry.row
                return self._passing_fate(msisdn, row.state, row.error_code, entry.until_us(t))
        return self.fate(msisdn)

    def _passing_fate(
        self, msisdn: str, state: HandsetState, error_code: int | None, until_us: int | None
    ) -> Fate:
        """The fate in a state that lasts until something changes it: who cannot be reached waits."""
        outcome, delay, state_error = STATE_DEFAULTS[state]
        final_state = MessageState.EXPIRED if state in UNREACHABLE else _FINAL_STATES[outcome]
        delay_s = delay_drawer(delay, self._speed)(self._chance.two_units(msisdn)[1])
        return Fate(state, final_state, delay_s, state_error if error_code is None else error_code, until_us)


def effective_outcome(group: Handsets | Numbers) -> Outcome:
    """The outcome that a group names, or its state's."""
    return group.outcome or STATE_DEFAULTS[group.state][0]


def _behaviour(group: Handsets | Numbers, speed: float, retries: bool) -> _Behaviour:
    outcome = effective_outcome(group)
    if retries and group.outcome is None and group.state == "memory_full":
        outcome = "expired"  # With a schedule, a full memory is tried again like an absent handset.
    _, state_delay, state_error = STATE_DEFAULTS[group.state]
    delay = state_delay if group.delay_ms is None else group.delay_ms
    error_code = group.error_code if group.error_code is not None else state_error
    return group.state, _FINAL_STATES[outcome], delay_drawer(delay, speed), error_code
