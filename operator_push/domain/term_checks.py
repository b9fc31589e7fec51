"""Checks of terms: what an account's contract and a campaign's order may say of a value, in the same words.

Each takes the name of the term and what was said, and gives the value or says what is allowed.
"""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from operator_push.kernel.errors import OperatorError

Check = Callable[[str, object], int]


def whole(lowest: int, highest: int, what: str) -> Check:
    """A check of a whole number in `lowest..highest`; `what` tells its unit."""

    def check(name: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise OperatorError(f"{name} {value!r} is not a whole number of {what} in {lowest}..{highest}")
        return value

    return check


def switch(name: str, value: object) -> bool | None:
    """True, or None for false, which is the same as nothing said.

    Raises:
        OperatorError: it is neither.
    """
    if not isinstance(value, bool):
        raise OperatorError(f"{name} {value!r} is not true or false")
    return value or None


def zone(name: str, value: object) -> str:
    """The name of a time zone.

    Raises:
        OperatorError: the IANA time zone database has none of this name.
    """
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise OperatorError(
            f"{name} {value!r} is not a name of the IANA time zone database, such as Asia/Kolkata"
        ) from error
    return str(value)
