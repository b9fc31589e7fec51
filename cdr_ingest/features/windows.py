"""Windows: sums over the last so many days of a source with a row per day."""

from collections.abc import Callable

from cdr_ingest.features.partials import Column, Table

Value = Callable[[Table, int], Column]  # of a source's table and the last local day, since 1970


def within(rows: Table, last_day: int, days: int) -> Column:
    """Whether a row is of the last so many days; none is later than the last."""
    return rows.day > last_day - days


def sum_of(name: str, days: int) -> Value:
    """The sum of a column; 0 where there is no row."""
    return lambda rows, last_day: rows[name].sum(where=within(rows, last_day, days)).coalesce(0)


def share_of(part: str, whole: str, days: int) -> Value:
    """What one sum is of another; null where that is 0."""

    def value(rows: Table, last_day: int) -> Column:
        some, all_of_them = sum_of(part, days)(rows, last_day), sum_of(whole, days)(rows, last_day)
        return some.cast("float64") / all_of_them.nullif(0)

    return value
