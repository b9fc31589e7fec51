"""Quoted texts: what the texts of an audience come to, person by person, in a few octets each.

What a quote tells of it is what many people share: neither a number of segments nor a text of fewer than the
floor.
"""

from array import array
from collections import Counter
from typing import Any

from operator_push.text.data_coding import Encoding, choose_encoding


class SegmentCounts:
    """Segments and alphabets of the texts of people in their order, four octets each."""

    def __init__(self) -> None:
        self.filled, self.plain = bytearray(), bytearray()  # a message has at most 255 segments
        self._wide = bytearray(), bytearray()

    def add(self, filled: tuple[int, str], plain: tuple[int, str]) -> None:
        """One more person: the segments and the text with what is known, and without."""
        for segments, wide, (count, text) in zip(
            (self.filled, self.plain), self._wide, (filled, plain), strict=True
        ):
            segments.append(count)
            wide.append(choose_encoding(text) is Encoding.UCS2)

    def is_plain(self, place: int, segments_max: int) -> bool:
        """Does the person at a place get it with its fallbacks?"""
        return self.filled[place] > segments_max

    def sent(self, place: int, segments_max: int) -> tuple[int, Encoding]:
        """What the person at a place gets where no more than so many segments were agreed."""
        is_plain = self.is_plain(place, segments_max)
        segments = (self.plain if is_plain else self.filled)[place]
        return segments, Encoding.UCS2 if self._wide[is_plain][place] else Encoding.GSM7


class TextsAlike:
    """What people get word for word, and how many get the same; eight octets a person, and the texts."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._filled, self._plain = array("I"), array("I")
        self._found: dict[tuple[int, int, int], list[int]] = {}  # text, segments, price → people, one of them

    def add(self, filled: str, plain: str) -> None:
        """One more person."""
        for texts, text in ((self._filled, filled), (self._plain, plain)):
            texts.append(self._numbers.setdefault(text, len(self._numbers)))

    def price(self, place: int, subscriber_no: int, is_plain: bool, segments: int, most: int) -> None:
        """What the message of the person at a place comes to."""
        number = (self._plain if is_plain else self._filled)[place]
        self._found.setdefault((number, segments, most), [0, subscriber_no])[0] += 1

    def told(self, shown: int, floor: int) -> list[dict[str, Any]]:
        """The texts that most people get; never one that fewer than `floor` do."""
        texts = list(self._numbers)
        several = sorted(self._found.items(), key=lambda found: -found[1][0])
        return [
            {
                "text": texts[number],
                "segments": segments,
                "message_micros": most,
                "people": people,
                "one": one,
            }
            for (number, segments, most), (people, one) in several[:shown]
            if people >= floor
        ]


def told_segments(counts: SegmentCounts, floor: int) -> int:
    """The segments of a quote: as many as every text without values needs, and more where at least `floor`
    people get more."""
    people, most, more = Counter(counts.filled), max(counts.plain, default=0), 0
    for segments in sorted(people, reverse=True):
        more += people[segments]
        if more >= floor:
            return max(segments, most)
    return most
