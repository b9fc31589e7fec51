"""Dirt: the faults that are mixed into generated files, each of which one reject reason must find.

A fault replaces the row that it spoils (in subscribers.csv it is added), so that a reader can count them:
the README of a generated set says how many of each kind were written.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from cdr_ingest.generate import distributions as d

# A fault takes the generator and a row's fields and returns the spoiled line.
Fault = Callable[[Random, list[str]], str]


def spoil(
    rng: Random, lines: list[str], faults: Sequence[tuple[str, Fault]], counts: Counter[str]
) -> set[int]:
    """Spoil DIRTY_SHARE of `lines` in place; the places of the spoiled ones, with `counts` grown by kind."""
    places = rng.sample(range(len(lines)), _share(rng, len(lines), d.DIRTY_SHARE))
    for place in places:
        name, fault = faults[int(rng.random() * len(faults))]
        lines[place] = fault(rng, lines[place].split(","))
        counts[name] += 1
    return set(places)


def repeats(rng: Random, lines: list[str], spoiled: set[int], share: float) -> list[str]:
    """`share` of the clean lines, to be written a second time."""
    places = rng.sample(range(len(lines)), _share(rng, len(lines), share))
    return [lines[place] for place in places if place not in spoiled]


def _share(rng: Random, count: int, share: float) -> int:
    """share × count as a whole number whose expectation is exact, also for a handful of rows."""
    return min(count, int(count * share + rng.random()))


def _replaced(column: int, make: Callable[[Random, str], str]) -> Fault:
    def fault(rng: Random, fields: list[str]) -> str:
        fields[column] = make(rng, fields[column])
        return ",".join(fields)

    return fault


def _bad_number(rng: Random, number: str) -> str:
    return (number[:5], f"{number[:6]}x{number[7:]}", f"0{number}", f"{number}{number[:6]}")[
        int(rng.random() * 4)
    ]


def _impossible_day(rng: Random, moment: str) -> str:
    year, rest = moment[:4], moment[10:]
    return (f"{year}-02-30{rest}", f"{year}-13-01{rest}", f"2099-01-01{rest}", f"0000-00-00{rest}")[
        int(rng.random() * 4)
    ]


def _truncated(rng: Random, fields: list[str]) -> str:
    return ",".join(fields[: 1 + int(rng.random() * (len(fields) - 2))])


def _extra_column(rng: Random, fields: list[str]) -> str:
    place = int(rng.random() * len(fields))
    return ",".join([*fields[:place], "?", *fields[place:]])


def _negative_duration(rng: Random, fields: list[str]) -> str:
    fields[5] = f"-{1 + int(rng.random() * 600)}"
    return ",".join(fields)


def _missing(columns: Sequence[int]) -> Fault:
    def fault(rng: Random, fields: list[str]) -> str:
        fields[columns[int(rng.random() * len(columns))]] = ""
        return ",".join(fields)

    return fault


CDR_FAULTS: tuple[tuple[str, Fault], ...] = (
    ("BAD_NUMBER", _replaced(2, _bad_number)),
    ("MISSING_FIELD", _missing((0, 1, 2, 4))),
    ("NEGATIVE_DURATION", _negative_duration),
    ("IMPOSSIBLE_DATE", _replaced(4, _impossible_day)),
    ("UNKNOWN_CELL", _replaced(8, lambda rng, _: f"XXX{int(rng.random() * 9000) + 1000}")),
    ("TRUNCATED_ROW", _truncated),
    ("EXTRA_COLUMNS", _extra_column),
)
TOP_UP_FAULTS: tuple[tuple[str, Fault], ...] = (
    ("BAD_NUMBER", _replaced(1, _bad_number)),
    ("MISSING_FIELD", _missing((0, 1, 2, 3))),
    ("BAD_VALUE", _replaced(3, lambda rng, amount: f"-{amount}" if rng.random() < 0.5 else "ten")),
    ("IMPOSSIBLE_DATE", _replaced(2, _impossible_day)),
    ("TRUNCATED_ROW", _truncated),
    ("EXTRA_COLUMNS", _extra_column),
)
SUBSCRIBER_FAULTS: tuple[tuple[str, Fault], ...] = (
    ("BAD_NUMBER", _replaced(0, _bad_number)),
    ("MISSING_FIELD", _missing((0, 1, 2, 5, 6))),
    ("BAD_VALUE", _replaced(3, lambda rng, _: "1803" if rng.random() < 0.5 else "unknown")),
    ("IMPOSSIBLE_DATE", _replaced(2, _impossible_day)),
    ("TRUNCATED_ROW", _truncated),
    ("EXTRA_COLUMNS", _extra_column),
)
