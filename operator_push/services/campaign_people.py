"""Campaign people: whom each unfinished campaign wants, and whom it has handed in.

The people are fixed once, when a campaign enters the contest for slots or at its launch, in a row of their
own, so that a launch that was broken off goes on with the same set. Who was handed in is rebuilt from the
message rows at start: it moves with the commit of the messages, and with nothing else.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec
from pyroaring import BitMap

from operator_push.kernel.instants import MICROS_PER_DAY
from operator_push.services.changes import Changes

ENTERED_US: Final = MICROS_PER_DAY  # Ours: after that an entry that was not launched is counted anew
_NOBODY: Final = BitMap()


class Weights(NamedTuple):
    """Whom a campaign prefers; and who had at least one, two, three messages of its brand lately."""

    prefers: BitMap = _NOBODY
    tired: tuple[BitMap, ...] = ()

    def octets(self) -> bytes:
        """As the row has them."""
        return msgspec.msgpack.encode([each.serialize() for each in (self.prefers, *self.tired)])

    @classmethod
    def from_octets(cls, octets: bytes | None) -> "Weights":
        """Those of a row; none for a row of before."""
        if not octets:
            return NO_WEIGHTS
        prefers, *tired = map(BitMap.deserialize, msgspec.msgpack.decode(octets, type=list[bytes]))
        return cls(prefers, tuple(tired))


NO_WEIGHTS: Final = Weights()


class Fixed(NamedTuple):
    """The people of a campaign, and when they were fixed."""

    people: BitMap
    fixed_us: int
    weights: Weights = NO_WEIGHTS


class CampaignPeople:
    """The sets of one shard, by campaign_no."""

    def __init__(
        self, fixed: Mapping[int, Fixed] | None = None, handed_in: Mapping[int, BitMap] | None = None
    ) -> None:
        self._fixed = dict(fixed or {})
        self._handed_in = dict(handed_in or {})

    def fix(
        self,
        campaign_no: int,
        people: BitMap,
        now_us: int,
        changes: Changes,
        weights: Weights = NO_WEIGHTS,
    ) -> None:
        """A campaign is for these people and no others."""
        self._fixed[campaign_no] = Fixed(people, now_us, weights)
        people.run_optimize()
        row = {
            "campaign_no": campaign_no,
            "subscribers": people.serialize(),
            "fixed_us": now_us,
            "weights": weights.octets(),
        }
        changes.upserts.append(("campaign_recipients", row))

    def fixed(self, campaign_no: int) -> BitMap | None:
        """For whom it is; None where that was not fixed."""
        found = self._fixed.get(campaign_no)
        return None if found is None else found.people

    def entered(self, campaign_no: int, approved_us: int, now_us: int | None = None) -> BitMap | None:
        """For whom it is, where they were fixed after its approval, and with `now_us` within the last day."""
        found = self._fixed.get(campaign_no)
        if found is None or found.fixed_us < approved_us:
            return None
        return None if now_us is not None and now_us - found.fixed_us > ENTERED_US else found.people

    def launched_or_entered(self) -> Iterable[int]:
        """The campaigns whose people are fixed."""
        return self._fixed

    def fixed_moments(self) -> dict[int, int]:
        """campaign_no → when its people were fixed."""
        return {number: each.fixed_us for number, each in self._fixed.items()}

    def wants(self, campaign_no: int, subscriber_no: int) -> bool:
        """Is it for this person?"""
        found = self._fixed.get(campaign_no)
        return found is not None and subscriber_no in found.people

    def weights(self, campaign_no: int) -> Weights:
        """What its people are worth to it."""
        found = self._fixed.get(campaign_no)
        return NO_WEIGHTS if found is None else found.weights

    def handed_in(self, campaign_no: int) -> BitMap:
        """Whom it has handed in for good; to be added to."""
        found = self._handed_in.get(campaign_no)
        if found is None:
            found = self._handed_in[campaign_no] = BitMap()
        return found

    def rest(self, campaign_no: int) -> BitMap | None:
        """Who is still to be handed in; None where nobody was fixed."""
        found = self._fixed.get(campaign_no)
        return None if found is None else found.people - self.handed_in(campaign_no)

    def forget(self, campaign_no: int) -> None:
        """A campaign has ended: nobody of it is handed in any more."""
        self._fixed.pop(campaign_no, None)
        self._handed_in.pop(campaign_no, None)
