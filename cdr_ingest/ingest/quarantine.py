"""Quarantine: a file that is mostly wrong is set aside whole: it is hardly what it seems to be."""

from dataclasses import dataclass

from cdr_ingest.ingest.run_counts import FileCounts
from cdr_ingest.store.ledger_rows import FileState

REJECTED_SHARE_MAX = 0.5  # Ours: more wrong rows than right ones
ROWS_MIN = 100  # Ours: below it a share says little


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Catches a file of which a share above `share_max` (0..1) of at least `rows_min` rows is rejected."""

    share_max: float = REJECTED_SHARE_MAX
    rows_min: int = ROWS_MIN

    def catches(self, counts: FileCounts, at_end: bool) -> bool:
        """True, with the file's state and detail set, where the file belongs into quarantine."""
        if counts.released or counts.read < self.rows_min:
            return False
        if counts.rejected <= counts.read * self.share_max:
            return False
        first = "" if at_end else "first "
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in counts.reasons.most_common(5))
        counts.state = FileState.QUARANTINED
        counts.detail = f"{counts.rejected:,} of the {first}{counts.read:,} rows are rejected: {reasons}"
        return True


DEFAULT_QUARANTINE = Quarantine()
