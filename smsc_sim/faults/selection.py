"""Selection: which PDUs a fault hits. Pure: chance is a keyed hash, counts are kept by whoever asks.

The order of the conditions matters for counts only: `after`, `every` and `count` count what all the others
have let through.
"""

from collections.abc import MutableMapping

from smsc_sim.faults.table import Fault
from smsc_sim.keyed_chance import KeyedChance
from smsc_sim.patterns import Patterns


class Selection:
    """The conditions of one fault at work. `start` is when the run began (monotonic), `speed` its clock's."""

    __slots__ = (
        "_accounts",
        "_after",
        "_all_left",
        "_by_number",
        "_chance",
        "_count",
        "_counted",
        "_every",
        "_from",
        "_name",
        "_prefix",
        "_share",
        "_to",
    )

    def __init__(self, fault: Fault, name: str, seed: int, start: float, speed: float) -> None:
        self._name = name
        self._accounts = Patterns((fault.account,))
        self._prefix = fault.prefix
        self._share = fault.share
        self._by_number = fault.by == "number"
        self._chance = KeyedChance(seed, f"fault {name}")
        self._after, self._every, self._count = fault.after, fault.every, fault.count
        self._counted = fault.after > 0 or fault.every > 1 or fault.count is not None
        self._all_left = fault.in_all
        self._from = start + fault.from_s / speed
        self._to = float("inf") if fault.to_s is None else start + fault.to_s / speed

    def hit(
        self, marks: MutableMapping[str, int], account: str, number: str, key: str, now: float
    ) -> float | None:
        """A number in [0, 1) for the fault's own parameters where it strikes, else None.

        `number` is the subscriber's; `key` names the message, so that the same message is judged alike in
        every run with this seed; `marks` keeps this bind's (or account's) counts.
        """
        if not self._from <= now < self._to or not self._accounts.fits(account):
            return None
        if self._prefix and not number.removeprefix("+").startswith(self._prefix):
            return None
        where, unit = self._chance.two_units(number if self._by_number else key)
        if where >= self._share:
            return None
        if self._counted:
            seen = marks[self._name] = marks.get(self._name, 0) + 1
            turn, between = divmod(seen - self._after, self._every)
            if turn < 1 or between or (self._count is not None and turn > self._count):
                return None
        if self._all_left is not None:
            if self._all_left == 0:
                return None
            self._all_left -= 1
        return unit
