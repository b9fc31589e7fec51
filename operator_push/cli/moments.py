"""Moments as people give them on the command line: ISO 8601 with a zone."""

from datetime import datetime

from operator_push.kernel.errors import OperatorError

FIRST_YEAR, LAST_YEAR = 1900, 9000  # Ours: days around a moment are dates, too


def moment_of(text: str) -> datetime:
    """The aware datetime of a text such as 2026-04-01T00:00:00+05:30.

    Raises:
        OperatorError: it is not ISO 8601, or says no zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise OperatorError(f"{text!r} is not a moment, such as 2026-04-01T00:00:00+05:30") from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise OperatorError(f"{text!r} is not a moment of the years {FIRST_YEAR} to {LAST_YEAR}")
    if moment.tzinfo is None:
        raise OperatorError(f"{text!r} must say its zone, such as {text}Z or {text}+05:30")
    return moment
