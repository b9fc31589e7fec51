"""Holdout: a control group of people who get no promotion, so that what promotions do can be told.

One group gets none of anybody; a campaign may have a group of its own, which gets none of it.

Who is in it follows from a keyed hash of the number and the group's name alone: the same after a restart,
after the subscribers are imported again and in every shard; a new name draws a new group. Nobody without the
key can tell who is in it.
"""

from collections.abc import Callable
from hashlib import blake2b

BUCKETS = 10_000
KEY_OCTETS_MAX = 64  # of blake2b


class Holdout:
    """The group of so many in 10,000. A hash costs a third of a microsecond, so nothing is remembered."""

    def __init__(self, key: bytes, name: str, per_ten_thousand: int) -> None:
        """`name`: another one is another group."""
        self._begun = blake2b(f"holdout {name} ".encode(), key=key[:KEY_OCTETS_MAX], digest_size=8)
        self.name = name
        self.per_ten_thousand = per_ten_thousand

    def holds(self, msisdn: str) -> bool:
        """Is whoever has this number in the group?"""
        hashed = self._begun.copy()
        hashed.update(msisdn.encode())
        return int.from_bytes(hashed.digest(), "big") % BUCKETS < self.per_ten_thousand


# campaign_no → under which name and how many per cent; None where it has no group.
GroupOf = Callable[[int], tuple[str, int] | None]


class CampaignControls:
    """The control groups of campaigns, drawn by one key. The times of a recurring campaign have one name."""

    def __init__(self, key: bytes, group_of: GroupOf) -> None:
        self._key = key
        self._group_of = group_of
        self._drawn: dict[tuple[str, int], Holdout] = {}

    def of(self, campaign_no: int) -> Holdout | None:
        """The group of a campaign as it is agreed now."""
        group = self._group_of(campaign_no)
        if group is None:
            return None
        drawn = self._drawn.get(group)
        if drawn is None:
            name, percent = group
            drawn = self._drawn[group] = Holdout(self._key, f"campaign {name}", percent * BUCKETS // 100)
        return drawn
