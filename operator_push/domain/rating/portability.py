"""Number portability: the port by which rating learns that numbers have changed their network.

A national list has tens of millions of numbers, so `PortedNumbers` keeps them in sorted arrays.
"""

import csv
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Final, Protocol

from operator_push.domain.rating.document import NETWORK_PATTERN
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import parse_iso
from operator_push.kernel.numbering import normalise_msisdn

COLUMNS: Final = ("msisdn", "network", "valid_from")


class NumberPortability(Protocol):
    """Whoever knows which numbers were ported: a file, an operator's database, an ENUM or MNP dip."""

    def network_of(self, msisdn: str, at_us: int) -> str | None:
        """The network ("404-45") to which a number was ported by a moment, None where it was not.

        Asked for every message where a tariff looks at networks, so it answers from memory.
        """


class PortedNumbers:
    """Ported numbers with their networks and since when; a NumberPortability."""

    def __init__(self, ported: Iterable[tuple[str, str, int]] = ()) -> None:
        """`ported`: (msisdn, network, from when in microseconds since 1970) in any order."""
        networks: dict[str, int] = {}
        rows = sorted(
            (int(msisdn), from_us, networks.setdefault(network, len(networks)))
            for msisdn, network, from_us in ported
        )
        self._numbers = array("Q", (row[0] for row in rows))
        self._from_us = array("q", (row[1] for row in rows))
        self._places = array("H", (row[2] for row in rows))
        self._networks = tuple(networks)

    def __len__(self) -> int:
        return len(self._numbers)

    def network_of(self, msisdn: str, at_us: int) -> str | None:
        """The network to which the number was ported last by then, None where it was not."""
        if not msisdn.isdigit():
            return None
        number = int(msisdn)
        first = bisect_left(self._numbers, number)
        last = bisect_right(self._numbers, number, first)
        place = bisect_right(self._from_us, at_us, first, last) - 1
        return self._networks[self._places[place]] if place >= first else None


def read_ported(lines: Iterable[str], file: str) -> PortedNumbers:
    """The ported numbers of a CSV with the columns msisdn, network and, where wanted, valid_from.

    Raises:
        OperatorError: a line is wrong; file and line are named, and never the number.
    """
    reader = csv.DictReader(lines)
    if not {"msisdn", "network"} <= set(reader.fieldnames or ()):
        raise OperatorError(f"the first line must name {', '.join(COLUMNS)}", file=file, line=1)
    ported = []
    for row in reader:
        msisdn, network = normalise_msisdn(row["msisdn"] or ""), (row["network"] or "").strip()
        if msisdn is None or not re.match(NETWORK_PATTERN, network):
            raise OperatorError(
                "is not an international number and a network such as 404-45", file=file, line=reader.line_num
            )
        ported.append((msisdn, network, _since(row.get("valid_from"), file, reader.line_num)))
    return PortedNumbers(ported)


def _since(text: str | None, file: str, line: int) -> int:
    try:
        return parse_iso(text) if text else 0
    except ValueError as error:
        raise OperatorError(
            f"valid_from {text!r} is not a moment with its zone, such as 2026-04-01T00:00:00+05:30",
            file=file,
            line=line,
        ) from error
