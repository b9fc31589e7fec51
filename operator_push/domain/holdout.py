"""Holdout: a control group of people who get no promotion, so that what promotions do can be told.

Who is in it follows from a keyed hash of the number and the group's name alone: the same after a restart,
after the subscribers are imported again and in every shard; a new name draws a new group. Nobody without the
key can tell who is in it.
"""

from collections.abc import Callable
from hashlib import blake2b

from pyroaring import BitMap

BUCKETS = 10_000
KEY_OCTETS_MAX = 64  # of blake2b


class Holdout:
    """The group of so many in 10,000; who was asked about is remembered by subscriber number."""

    def __init__(self, key: bytes, name: str, per_ten_thousand: int) -> None:
        """`name`: another one is another group."""
        self._hash: Callable[[bytes], int] = _keyed(key, name)
        self.name = name
        self.per_ten_thousand = per_ten_thousand
        self._asked = BitMap()
        self._members = BitMap()

    def holds(self, subscriber_no: int, msisdn: str) -> bool:
        """Is this person in the group?"""
        if subscriber_no and subscriber_no in self._asked:
            return subscriber_no in self._members
        member = self._hash(msisdn.encode("ascii")) < self.per_ten_thousand
        if subscriber_no:
            self._asked.add(subscriber_no)
            if member:
                self._members.add(subscriber_no)
        return member


def _keyed(key: bytes, name: str) -> Callable[[bytes], int]:
    begun = blake2b(f"holdout {name} ".encode(), key=key[:KEY_OCTETS_MAX], digest_size=8)

    def bucket(octets: bytes) -> int:
        hashed = begun.copy()
        hashed.update(octets)
        return int.from_bytes(hashed.digest(), "big") % BUCKETS

    return bucket
