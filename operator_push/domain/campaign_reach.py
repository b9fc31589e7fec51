"""Campaign reach: who got campaign messages on which day, and which campaign may therefore not reach whom.

The operator's sales rules say how many campaign messages of all clients one subscriber may get a day, and
which brands' campaigns are kept apart. A launch leaves out whom the store knows of; here is what has been
admitted since then, so that campaigns that run at the same moment keep to it as well. Days are of UTC.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from pyroaring import BitMap

from operator_push.kernel.instants import day_of

DAYS_KEPT: Final = 93  # as sales rules may reach back, and today
EVERY_BRAND: Final = 0


class ReachLimit(NamedTuple):
    """What holds for one campaign: campaign messages that a subscriber may get a day (None: any number), and
    brand_no → so many days, today included, in which its campaigns may not have reached the person."""

    per_day: int | None
    apart: Mapping[int, int]


class CampaignReach:
    """The days of one shard. `limit_of` tells a campaign's limit by its number, None where it has none.

    `changes` counts what may change the answer about an admitted message.
    """

    def __init__(self, limit_of: Callable[[int], ReachLimit | None] = lambda campaign_no: None) -> None:
        self._limit_of = limit_of
        self._levels: dict[tuple[int, int], list[BitMap]] = {}
        self._rivals: set[int] = set()
        self.changes = 0

    def take(self, person: int, brand_no: int, at_us: int) -> None:
        """A campaign's message is to reach a person at a moment."""
        day = day_of(at_us)
        for key in ((EVERY_BRAND, day), (brand_no, day)):
            levels = self._levels.get(key)
            if levels is None:
                levels = self._levels[key] = []
                self._forget_before(day - DAYS_KEPT)
            for level in levels:
                if person not in level:
                    level.add(person)
                    break
            else:
                levels.append(BitMap([person]))
        if brand_no in self._rivals:
            self.changes += 1

    def give_back(self, person: int, brand_no: int, at_us: int) -> None:
        """Undo `take` for a message that will not leave."""
        day = day_of(at_us)
        for key in ((EVERY_BRAND, day), (brand_no, day)):
            for level in reversed(self._levels.get(key, ())):
                if person in level:
                    level.remove(person)
                    break

    def know(self, levels: Sequence[BitMap], at_us: int) -> None:
        """Who has had at least one, two, … campaign messages on this day, as the store has it: also those of
        before a start."""
        own = self._levels.setdefault((EVERY_BRAND, day_of(at_us)), [])
        for place, people in enumerate(levels):
            if place < len(own):
                own[place] |= people
            else:
                own.append(people.copy())

    def refuses(self, campaign_no: int, person: int, at_us: int, is_admitted: bool) -> bool:
        """May this campaign not reach the person at this moment? One that is admitted already has its own
        place of the day, and is asked for rivals alone."""
        limit = self._limit_of(campaign_no)
        if limit is None:
            return False
        day = day_of(at_us)
        if limit.per_day is not None and not is_admitted:
            messages = self._levels.get((EVERY_BRAND, day), [])
            if len(messages) >= limit.per_day and person in messages[limit.per_day - 1]:
                return True
        self._rivals.update(limit.apart)
        return any(
            person in levels[0]
            for brand_no, days in limit.apart.items()
            for ago in range(days)
            if (levels := self._levels.get((brand_no, day - ago)))
        )

    def _forget_before(self, day: int) -> None:
        for key in [key for key in self._levels if key[1] < day]:
            del self._levels[key]
