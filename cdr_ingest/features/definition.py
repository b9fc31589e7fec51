"""Definition: how one feature is made of a view."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cdr_ingest.features.sources import Source, View
from cdr_ingest.features.windows import Value
from operator_push.kernel.feature_windows import WINDOWS


@dataclass(frozen=True, slots=True)
class Definition:
    """`value` is the expression over the rows of `view`; `empty` what somebody has who permits it and has no
    such record."""

    view: View
    value: Value
    empty: Any = None


def windowed(
    name: str,
    source: Source,
    made: Callable[[int], Value],
    empty: Any = None,
    windows: Sequence[int] = WINDOWS,
) -> dict[str, Definition]:
    """The definitions of NAME_1d, NAME_7d, ….; `made` gives the expression for so many days."""
    return {
        f"{name}_{days}d": Definition(View(source, days if source.is_windowed else 0), made(days), empty)
        for days in windows
    }
