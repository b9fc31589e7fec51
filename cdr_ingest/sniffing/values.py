"""What the values of a column look like: moments and their form, numbers of people, quantities, few words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache

_SHARE_MIN = 0.9
_EPOCHS = {10: ("epoch_s", 1), 13: ("epoch_ms", 1000), 16: ("epoch_us", 1_000_000)}
_EPOCH_EARLIEST_S, _EPOCH_LATEST_S = 946_684_800, 4_102_444_800  # 2000 to 2100
_EPOCH_SPAN_S = 4 * 366 * 86_400  # a file's moments lie closer together than numbers of people do
_NUMBER = re.compile(r"(\+|00)?[\d ().\-/]{7,22}")
_DECIMAL = re.compile(r"[+-]?\d{1,3}([.,]\d{3})*([.,]\d+)?|[+-]?\d*[.,]?\d+")
_CLOCK = re.compile(r"(\d+:)?\d{1,2}:[0-5]\d")
_EPOCH = re.compile(r"\d{10,16}(\.\d{1,6})?")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
# Days first: where no day is above 12, this order is the guess.
DATES = (
    "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y%m%d", "%d%m%Y",
    "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%b %d %Y",
)  # fmt: skip
TIMES = (
    "%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%H%M%S", "%I:%M:%S %p", "%I:%M %p", "%H.%M.%S",
    "%I.%M.%S.%f %p", "%I.%M.%S %p", "%I:%M:%S.%f %p", "%H.%M.%S.%f",
)  # fmt: skip
_JOINS = (" ", "T", "", "-", "_", "  ")
_AMBIGUOUS = {"%d/%m/%Y": "%m/%d/%Y", "%d-%m-%Y": "%m-%d-%Y", "%d/%m/%y": "%m/%d/%y"}


class Look(Enum):
    """What a column's values look like."""

    EMPTY = "empty"
    MOMENT = "moment"
    DAY = "day"
    TIME = "time of day"
    CLOCK = "hours, minutes and seconds"
    NUMBER = "numbers of people"
    QUANTITY = "quantities"
    WORDS = "a few words"
    TEXT = "texts"


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """`form` of moments and days as a mapping has it; `decimal` of quantities; `is_ambiguous`: day or month.

    `has_zone` where every moment says its own; `words` of the column where they are few; `largest` of whole
    quantities, `distinct` share of different values.
    """

    look: Look
    form: str = ""
    has_zone: bool = False
    is_ambiguous: bool = False
    decimal: str = "."
    words: tuple[str, ...] = ()
    distinct: float = 0.0
    largest: float = 0.0
    is_whole: bool = False


def is_value(text: str) -> bool:
    """True for a number, date or time: nothing that names a column."""
    text = text.strip()
    return (
        bool(text)
        and any(one.isdigit() for one in text)
        and bool(
            _DECIMAL.fullmatch(text)
            or _NUMBER.fullmatch(text)
            or _CLOCK.fullmatch(text)
            or _moment_form([text])
        )
    )


def look_at(values: Sequence[str]) -> ColumnLook:
    """What the values of a column look like; empty ones do not count."""
    filled = [value.strip() for value in values if value.strip()]
    if not filled:
        return ColumnLook(Look.EMPTY)
    different = dict.fromkeys(filled)
    distinct = len(different) / len(filled)
    moments = _moments(filled)
    if moments is not None:
        return ColumnLook(*moments, distinct=distinct)
    if _share(filled, _CLOCK) >= _SHARE_MIN:
        return ColumnLook(Look.CLOCK, distinct=distinct)
    decimals = _share(filled, _DECIMAL) >= _SHARE_MIN
    if _share(filled, _NUMBER) >= 0.6 and _are_numbers(filled):
        return ColumnLook(Look.NUMBER, distinct=distinct)
    if decimals:
        decimal = "," if any(re.search(r",\d{1,2}$|,\d{4,}$", one) for one in filled) else "."
        numbers = [float(_plain(one, decimal)) for one in filled if _DECIMAL.fullmatch(one)]
        whole = all(number == int(number) for number in numbers)
        return ColumnLook(
            Look.QUANTITY, decimal=decimal, distinct=distinct, largest=max(numbers), is_whole=whole,
            words=tuple(different) if len(different) <= 12 else (),
        )  # fmt: skip
    if len(different) <= 24 and (distinct < 0.5 or len(filled) < 10):
        return ColumnLook(Look.WORDS, words=tuple(different), distinct=distinct)
    return ColumnLook(Look.TEXT, distinct=distinct)


def _plain(text: str, decimal: str) -> str:
    return text.replace(".", "").replace(",", ".") if decimal == "," else text.replace(",", "")


def _share(values: Sequence[str], pattern: re.Pattern[str]) -> float:
    return sum(pattern.fullmatch(value) is not None for value in values) / len(values)


def _are_numbers(values: Sequence[str]) -> bool:
    digits = ["".join(mark for mark in value if mark.isdigit()) for value in values]
    lengths = sorted(len(one) for one in digits)
    middle = lengths[len(lengths) // 2]
    fractions = sum("." in value and len(value.rpartition(".")[2]) <= 6 for value in values) / len(values)
    return 7 <= middle <= 16 and fractions < 0.5 and not any(value.startswith("-") for value in values)


def _moments(values: Sequence[str]) -> tuple[Look, str, bool, bool] | None:
    """(look, form, has a zone, is ambiguous), None where the values are no moments."""
    some = values[:200]
    if _share(some, _ISO) >= _SHARE_MIN:
        return Look.MOMENT, "iso", all(re.search(r"(Z|[+-]\d\d:?\d\d)$", one[16:]) for one in some), False
    digits = [one.partition(".")[0] for one in some if _EPOCH.fullmatch(one)]
    if len(digits) >= len(some) * _SHARE_MIN:
        epoch = _epoch(digits)
        if epoch:
            return Look.MOMENT, epoch, True, False
    form = _moment_form(some)
    if form is None:
        return None
    ambiguous = next((other for one, other in _AMBIGUOUS.items() if one in form), None)
    other = form
    for one, swapped in _AMBIGUOUS.items():
        other = other.replace(one, swapped)
    is_ambiguous = ambiguous is not None and _fits(some, other)
    if is_ambiguous and _span_s(some, other) * 4 < _span_s(some, form):
        form = other  # A file's moments lie close together: of 3, 4 and 5 November not eleventh of months.
    day, time = "%d" in form, "%H" in form or "%I" in form
    look = Look.MOMENT if day and time else Look.DAY if day else Look.TIME
    return look, form, "%z" in form, is_ambiguous


def _span_s(values: Sequence[str], form: str) -> float:
    """From the first to the last of the moments of this form."""
    found = [datetime.strptime(value, form) for value in values if _parses(value, form)]  # noqa: DTZ007
    return (max(found) - min(found)).total_seconds() + 1


def _epoch(values: Sequence[str]) -> str | None:
    lengths = {len(value) for value in values}
    if len(lengths) != 1:
        return None
    found = _EPOCHS.get(lengths.pop())
    if found is None:
        return None
    seconds = [int(value) / found[1] for value in values]
    is_near = max(seconds) - min(seconds) < _EPOCH_SPAN_S
    return (
        found[0] if min(seconds) >= _EPOCH_EARLIEST_S and max(seconds) < _EPOCH_LATEST_S and is_near else None
    )


def _moment_form(values: Sequence[str]) -> str | None:
    first = values[0]
    if not any(mark.isdigit() for mark in first) or not 4 <= len(first) <= 40:
        return None
    forms = _forms().get(_outline(first), [])
    return next((form for form in forms if _parses(first, form) and _fits(values, form)), None)


@cache
def _forms() -> dict[str, list[str]]:
    """The forms by the outline of what they write: asking each of them would cost seconds."""
    joined = (
        f"{date}{join}{time}{zone}"
        for date in DATES
        for time in TIMES
        for join in _JOINS
        for zone in ("", "%z", " %z")
    )
    out: dict[str, list[str]] = {}
    for form in (*joined, *DATES, *(time for time in TIMES if ":" in time)):
        written = re.sub("%[bp]", "a", form).replace("%z", "+9")
        out.setdefault(_outline(re.sub("%[a-zA-Z]", "9", written)), []).append(form)
    return out


def _outline(text: str) -> str:
    """A text with every run of digits as 9, of letters as a, and a zone behind a time as z."""
    short = re.sub("[A-Za-z]+", "a", re.sub(r"\d+", "9", text))
    return re.sub(r"(?<=9)( ?)[+-]9(:9)?$", r"\1z", short) if ":" in short else short


def _fits(values: Sequence[str], form: str) -> bool:
    return sum(_parses(value, form) for value in values) >= len(values) * _SHARE_MIN


def _parses(value: str, form: str) -> bool:
    try:
        moment = datetime.strptime(value, form)  # noqa: DTZ007 (only whether it fits is asked)
    except ValueError:
        return False
    # strptime takes shorter texts than the form says; digits without marks have a fixed length.
    compact = not any(mark in form for mark in ":./- _")
    return (1990 <= moment.year <= 2100 or "%Y" not in form) and (not compact or len(value) in _lengths(form))


def _lengths(form: str) -> tuple[int, ...]:
    return (sum(4 if part == "Y" else 2 for part in form.replace("T", "").split("%")[1:]) + form.count("T"),)
