"""Keyed chance: numbers in [0, 1) that depend on a seed, a purpose and a text, and on nothing else.

A handset's behaviour comes from here, so it does not depend on the order in which messages arrive, on the
bind that brings them or on how many came before. BLAKE2b (RFC 7693) with the seed and purpose as its key.
"""

from hashlib import blake2b, sha256
from struct import Struct

_UNUSED_BITS = 11  # A float holds 53 of 64 bits; with more, the largest would round up to 1.0.
_SCALE = 2.0**-53
_two_integers = Struct(">QQ").unpack


class KeyedChance:
    """One purpose of one seed: `two_units(text)` gives two independent numbers in [0, 1)."""

    __slots__ = ("_keyed",)

    def __init__(self, seed: int, purpose: str) -> None:
        self._keyed = blake2b(digest_size=16, key=sha256(f"{seed}:{purpose}".encode()).digest())

    def two_units(self, text: str) -> tuple[float, float]:
        """Two numbers in [0, 1), the same at every call with this text."""
        digest = self._keyed.copy()  # Copying the keyed state is cheaper than keying it anew.
        digest.update(text.encode() if text.isascii() else text.encode("latin-1", "replace"))
        first, second = _two_integers(digest.digest())
        return (first >> _UNUSED_BITS) * _SCALE, (second >> _UNUSED_BITS) * _SCALE
