"""Template filters: what a value may be made into on its way into a text, and how it is shown without one.

Each is bounded by what it gets. Types are checked before (`template_check`), so none sees what it cannot
take.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import Enum
from typing import Any, Final

from jinja2 import Undefined

_EPOCH: Final = date(1970, 1, 1)


class Kind(Enum):
    """What a place holds, as the check tells it; the value is the word for people."""

    TEXT = "a text"
    NUMBER = "a number"
    FLAG = "true or false"
    DATE = "a date"
    ANY = "anything"


def shown(value: object) -> object:
    """A value as a text has it: numbers with at most two decimals, dates as 2026-01-31."""
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return value


def _default(value: object, fallback: object) -> object:
    return fallback if isinstance(value, Undefined) else value


def _round(value: float) -> int:
    return round(value)


def _day(days: int) -> str:
    return (_EPOCH + timedelta(days=days)).isoformat()


def _day_month(days: int) -> str:
    return f"{_EPOCH + timedelta(days=days):%d.%m.}"


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


def _where_known(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A filter that leaves what is not known as it is, for the fallback behind it."""
    return lambda value: value if isinstance(value, Undefined) else change(value)


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "default": _default,
    **{
        name: _where_known(change)
        for name, change in (
            ("upper", str.upper),
            ("lower", str.lower),
            ("title", str.title),
            ("capitalize", _capitalize),
            ("trim", str.strip),
            ("round", _round),
            ("date", _day),
            ("day_month", _day_month),
        )
    },
}
# Filter → what it takes and what it gives; `default` is checked by itself.
FILTER_KINDS: Final[Mapping[str, tuple[Kind, Kind]]] = {
    "upper": (Kind.TEXT, Kind.TEXT),
    "lower": (Kind.TEXT, Kind.TEXT),
    "title": (Kind.TEXT, Kind.TEXT),
    "capitalize": (Kind.TEXT, Kind.TEXT),
    "trim": (Kind.TEXT, Kind.TEXT),
    "round": (Kind.NUMBER, Kind.NUMBER),
    "date": (Kind.DATE, Kind.TEXT),
    "day_month": (Kind.DATE, Kind.TEXT),
}
