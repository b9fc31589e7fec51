"""Ported numbers from a CSV file, for prices that are asked for without a server."""

from pathlib import Path

from operator_push.domain.rating import portability
from operator_push.domain.rating.portability import PortedNumbers
from operator_push.kernel.errors import OperatorError


def read_ported(file: Path) -> PortedNumbers:
    """The ported numbers of a CSV with the columns msisdn, network and, where wanted, valid_from.

    Raises:
        OperatorError: the file cannot be read, or a line is wrong.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return portability.read_ported(lines, str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"cannot be read: {error}", file=str(file)) from error
