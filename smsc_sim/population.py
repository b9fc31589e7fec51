"""The population: what becomes of a message to a number, decided by a keyed hash of (seed, number).

Pure. The order of arrival, the bind and the number of messages before do not matter, so two runs with one
seed treat every number alike.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import msgspec

from operator_push.smpp.constants import MessageState
from smsc_sim.delays import Delay, DrawSeconds, delay_drawer
from smsc_sim.keyed_chance import KeyedChance
from smsc_sim.scenario import Handsets, HandsetState, Outcome

# Outcome, delay and error code of a state where the scenario names none. The codes are those that GSM MAP
# uses for the cause (TS 29.002 section 17.6.6): absentSubscriber 27, sm-DeliveryFailure 32.
STATE_DEFAULTS: dict[HandsetState, tuple[Outcome, Delay, int]] = {
    "on": ("delivered", (20.0, 200.0), 0),
    "off": ("delivered", (1000.0, 5000.0), 0),
    "absent": ("expired", 0.0, 27),
    "memory_full": ("undeliverable", (200.0, 1000.0), 32),
}
_FINAL_STATES: dict[Outcome, MessageState] = {
    "delivered": MessageState.DELIVERED,
    "expired": MessageState.EXPIRED,
    "undeliverable": MessageState.UNDELIVERABLE,
}


class Fate(msgspec.Struct, frozen=True, gc=False):
    """What becomes of messages to one number; `delay_s` counts from submission, unused for EXPIRED."""

    handset_state: HandsetState
    final_state: MessageState
    delay_s: float
    error_code: int


class HandsetPopulation:
    """All numbers there are, by share of state."""

    def __init__(self, groups: Sequence[Handsets], seed: int) -> None:
        self._chance = KeyedChance(seed, "handset")
        self._groups = [_behaviour(group) for group in groups]
        self._bounds = list(accumulate(group.share for group in groups))
        self._last = len(groups) - 1

    def fate(self, msisdn: str) -> Fate:
        """What becomes of a message to this number; about 1.5 µs."""
        where, when = self._chance.two_units(msisdn)
        index = bisect_right(self._bounds, where)
        handset_state, final_state, draw_delay, error_code = self._groups[min(index, self._last)]
        return Fate(handset_state, final_state, draw_delay(when), error_code)


def effective_outcome(group: Handsets) -> Outcome:
    """The outcome that a group names, or its state's."""
    return group.outcome or STATE_DEFAULTS[group.state][0]


def _behaviour(group: Handsets) -> tuple[HandsetState, MessageState, DrawSeconds, int]:
    outcome = effective_outcome(group)
    _, state_delay, state_error = STATE_DEFAULTS[group.state]
    delay = state_delay if group.delay_ms is None else group.delay_ms
    error_code = group.error_code if group.error_code is not None else state_error
    return group.state, _FINAL_STATES[outcome], delay_drawer(delay), error_code
