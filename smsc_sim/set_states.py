"""Set states: handsets whose state somebody set while the run goes on, by number or pattern."""

from smsc_sim.patterns import Patterns
from smsc_sim.scenario_handsets import HandsetState


class SetStates:
    """`states` is pattern to state in the order of setting; the latest that fits a number counts."""

    def __init__(self) -> None:
        self.states: dict[str, HandsetState] = {}
        self._places: dict[str, int] = {}  # Number or pattern: when it was set
        self._sets = 0
        self._patterns: list[str] = []  # Latest first
        self._fitting = Patterns(())

    def set(self, like: str, state: HandsetState | None) -> None:
        """Set a state, or take it back with None."""
        self.states.pop(like, None)
        self._places.pop(like, None)
        if state is not None:
            self._sets += 1
            self.states[like] = state
            self._places[like] = self._sets
        if _is_pattern(like):
            self._patterns = [like for like in reversed(self.states) if _is_pattern(like)]
            self._fitting = Patterns(self._patterns)

    def state_of(self, msisdn: str) -> HandsetState | None:
        """The state that was set for a number, or None where none was."""
        first = self._fitting.first(msisdn) if self._patterns else -1
        pattern = self._patterns[first] if first >= 0 else None
        if pattern is not None and self._places[pattern] > self._places.get(msisdn, 0):
            return self.states[pattern]
        return self.states.get(msisdn)


def _is_pattern(like: str) -> bool:
    return any(mark in like for mark in "*?[")
