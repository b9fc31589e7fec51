"""Variants: several texts of one campaign, each for a part of its people, and the one that does best.

Who gets which follows from a keyed hash of campaign and person, so it is the same people after a restart and
wherever it is asked. The best is the one that was answered, followed or bought by most often, as was agreed,
among those who received it.
"""

import hashlib
from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple

import msgspec

VARIANTS_MAX: Final = 5
VARIANTS_MIN: Final = 2


class Variant(msgspec.Struct, frozen=True, omit_defaults=True):
    """One text under a name; `texts`: language (ISO 639-1) → the text for people of that language."""

    name: str
    text: str
    texts: dict[str, str] = {}  # msgspec copies it for each

    def all_texts(self) -> list[str]:
        """Every text of it, for everybody first."""
        return [self.text, *self.texts.values()]


class WonBy(Enum):
    """By what the best text is told; the value is what an order says."""

    REPLIED = "replied"
    CLICKED = "clicked"
    CONVERTED = "converted"


class Tally(NamedTuple):
    """What became of one variant by now."""

    name: str
    delivered: int
    replies: int
    clicks: int = 0
    conversions: int = 0

    def won(self, by: "WonBy") -> int:
        """How many did what decides."""
        return {WonBy.REPLIED: self.replies, WonBy.CLICKED: self.clicks, WonBy.CONVERTED: self.conversions}[
            by
        ]


def place_of(campaign_no: int, subscriber_no: int, variants: int) -> int:
    """Which of so many variants a person gets, from 0."""
    key = campaign_no.to_bytes(8, "big")
    drawn = hashlib.blake2b(subscriber_no.to_bytes(8, "big"), digest_size=8, key=key).digest()
    return int.from_bytes(drawn, "big") % variants


def winner_of(tallies: Sequence[Tally], delivered_min: int, by: WonBy = WonBy.REPLIED) -> str | None:
    """The variant that did best a delivery; None until each was delivered `delivered_min` times. Of equals
    the first."""
    if not tallies or min(each.delivered for each in tallies) < max(delivered_min, 1):
        return None
    best = tallies[0]
    for each in tallies[1:]:
        if each.won(by) * best.delivered > best.won(by) * each.delivered:
            best = each
    return best.name
