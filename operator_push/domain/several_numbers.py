"""Several numbers of one person: a campaign that is for people, not for handsets, takes one of them.

Who is one person is told by proof alone: the same e-mail address, which was linked to each number by codes
(domain.person_links), for this client or for the operator. Nothing is guessed.
"""

import hashlib
from collections.abc import Iterable, Sequence

from pyroaring import BitMap


def one_number_each(
    people: BitMap, persons: Iterable[Sequence[int]], seed: int, taken: BitMap | None = None
) -> BitMap:
    """The people with one number of each person; `persons`: the numbers of those who have several.

    Whoever of a person is in `taken` stays the one. Else it is drawn by a hash of `seed` and number, so that
    the same one is drawn again.
    """
    left = BitMap(people)
    for numbers in persons:
        found = [number for number in numbers if number in people]
        stays = [number for number in numbers if taken is not None and number in taken]
        if not stays and len(found) > 1:
            stays = [min(found, key=lambda number: _draw(seed, number))]
        if stays:
            left -= BitMap(number for number in found if number not in stays)
    return left


def _draw(seed: int, number: int) -> bytes:
    return hashlib.blake2b(f"{seed}:{number}".encode(), digest_size=8).digest()
