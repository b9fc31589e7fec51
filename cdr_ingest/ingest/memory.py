"""Memory: what of a run's limit its engines get.

A run takes memory of its own, whatever it reads: the libraries, the snapshot of permissions, blocks of a file
on their way through the door. What joins and sums records gets the rest and spills to the disk beyond it, so
that the peak of a run does not grow with its records.
"""

import re

from operator_push.kernel.errors import OperatorError

# Ours: libraries 240 MB, blocks of 16 MiB and their rows 350 MB; an engine takes a third more than told.
OWN_OCTETS = 700 * 10**6
_LEAST_SHARE = 4  # an engine gets a quarter of a small limit; the run takes what it takes
_UNITS = {"K": 1, "M": 2, "G": 3, "T": 4}


def octets_of(limit: str) -> int:
    """The octets of a size such as 512MB (of 1000) or 2GiB (of 1024).

    Raises:
        OperatorError: it is no size.
    """
    said = re.fullmatch(r"([0-9]{1,9})(?:\.([0-9]))? ?([KMGT])(i?)B", limit.strip(), re.IGNORECASE)
    if said is None:
        raise OperatorError(f"{limit!r} is no size; write 800MB, 1.5GB or 2GiB", key="--memory-limit")
    whole, tenths, unit, binary = said.groups()
    size: int = (1024 if binary else 1000) ** _UNITS[unit.upper()]
    return int(whole) * size + int(tenths or 0) * size // 10


def spilling_engine(limit: str) -> str:
    """The memory of an engine that spills, so that the whole run stays within `limit`.

    Raises:
        OperatorError: as `octets_of`.
    """
    octets = octets_of(limit)
    return f"{max(octets - OWN_OCTETS, octets // _LEAST_SHARE) // 1000}KB"
