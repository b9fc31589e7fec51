"""Settings of a generated set, checked before anything is written."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from operator_push.kernel.errors import OperatorError

# Fixed, not today: the same seed must give the same octets next year.
DEFAULT_AS_OF = date(2026, 10, 31)
OFFSET_TEXT = "+05:30"  # The generated country keeps Asia/Kolkata's time, which knows no summer time.
SUBSCRIBERS_PER_NODE = 20_000  # Ours: bounds memory, since one node is made at a time.
SUBSCRIBERS_MAX = 4_000_000  # Ours: four number series, each with room for a million numbers and holes.
DAYS_MAX = 366
RECORDS_PER_SUBSCRIBER_MAX = 10_000


@dataclass(frozen=True, slots=True)
class GenerateSettings:
    """What to generate; `as_of` is the last local day, `records_per_subscriber` a mean over all `days`."""

    out: Path
    subscribers: int
    seed: int
    days: int = 30
    as_of: date = DEFAULT_AS_OF
    records_per_subscriber: float = 30.0

    def __post_init__(self) -> None:
        if not 1 <= self.subscribers <= SUBSCRIBERS_MAX:
            raise OperatorError(f"{self.subscribers} is not in 1..{SUBSCRIBERS_MAX:,}", key="--subscribers")
        if not 1 <= self.days <= DAYS_MAX:
            raise OperatorError(f"{self.days} is not in 1..{DAYS_MAX}", key="--days")
        if not 1 <= self.records_per_subscriber <= RECORDS_PER_SUBSCRIBER_MAX:
            raise OperatorError(
                f"{self.records_per_subscriber:g} is not in 1..{RECORDS_PER_SUBSCRIBER_MAX:,}",
                key="--records-per-subscriber",
            )

    @property
    def first_day(self) -> date:
        """The first local day of the records."""
        return self.as_of - timedelta(days=self.days - 1)

    @property
    def day_list(self) -> list[date]:
        """All local days of the records, oldest first."""
        return [self.first_day + timedelta(days=offset) for offset in range(self.days)]

    @property
    def node_count(self) -> int:
        """Network nodes, each with its own files and at most SUBSCRIBERS_PER_NODE subscribers."""
        return -(-self.subscribers // SUBSCRIBERS_PER_NODE)
