"""Ported numbers from a CSV file: msisdn, network and, where wanted, since when."""

import csv
import re
from pathlib import Path

from operator_push.cli.moments import moment_of
from operator_push.domain.rating.document import NETWORK_PATTERN
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import to_epoch_us
from operator_push.kernel.numbering import normalise_msisdn

COLUMNS = ("msisdn", "network", "valid_from")


class PortedNumbers:
    """The numbers of one file; a NumberPortability."""

    def __init__(self) -> None:
        self._ports: dict[str, list[tuple[int, str]]] = {}

    def put(self, msisdn: str, network: str, from_us: int) -> None:
        """Let a number belong to a network from a moment on."""
        self._ports.setdefault(msisdn, []).append((from_us, network))
        self._ports[msisdn].sort()

    def network_of(self, msisdn: str, at_us: int) -> str | None:
        """The network to which the number was ported last by then, None where it was not."""
        begun = [network for from_us, network in self._ports.get(msisdn, ()) if from_us <= at_us]
        return begun[-1] if begun else None


def read_ported(file: Path) -> PortedNumbers:
    """The ported numbers of a CSV with the columns msisdn, network and, where wanted, valid_from.

    Raises:
        OperatorError: the file cannot be read, or a line is wrong.
    """
    ported = PortedNumbers()
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            if not {"msisdn", "network"} <= set(reader.fieldnames or ()):
                raise OperatorError(f"the first line must name {', '.join(COLUMNS)}", file=str(file), line=1)
            for row in reader:
                msisdn, network = normalise_msisdn(row["msisdn"] or ""), (row["network"] or "").strip()
                if msisdn is None or not re.match(NETWORK_PATTERN, network):
                    raise OperatorError(
                        "is not an international number and a network such as 404-45",
                        file=str(file),
                        line=reader.line_num,
                    )
                since = row.get("valid_from")
                ported.put(msisdn, network, to_epoch_us(moment_of(since)) if since else 0)
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"cannot be read: {error}", file=str(file)) from error
    return ported
