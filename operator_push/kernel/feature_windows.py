"""Feature windows: the periods that features look back, and the rows of one feature over several of them."""

from collections.abc import Iterator

from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature import Feature, FeatureType, Sensitivity

WINDOWS = (1, 7, 30, 90)  # days: a day, a week, a month, a quarter
WHOLE_WEEKS = (7, 30, 90)  # what lies between two days, or compares weekdays or hours
SEVERAL_WEEKS = (30, 90)  # what lies between two weeks, or is rare


def windowed(
    name: str,
    kind: FeatureType,
    unit: str,
    purpose: DataPurpose,
    meaning: str,
    *,
    event: str = "",
    windows: tuple[int, ...] = WINDOWS,
) -> Iterator[Feature]:
    """The same feature for each window: NAME_1d, NAME_7d, NAME_30d, NAME_90d; {window} in `meaning` is it."""
    sensitivity = Sensitivity.HIGH if DataPurpose.LOCATION in purpose else Sensitivity.MEDIUM
    for days in windows:
        yield Feature(
            f"{name}_{days}d",
            kind,
            unit,
            purpose,
            meaning.format(window="the last day" if days == 1 else f"{days} days"),
            event=event,
            window_days=days if event else 0,
            retention_days=days,
            sensitivity=sensitivity,
        )
