"""Run counts: what became of every row, per file and in all, and the law that they add up."""

from collections import Counter
from dataclasses import dataclass, field

from cdr_ingest.ingest.input_files import InputFile


@dataclass(slots=True)
class FileCounts:
    """Rows of one file: read = accepted + rejected + duplicates + not_permitted."""

    file: InputFile
    read: int = 0
    rejected: int = 0
    duplicates: int = 0
    not_permitted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def accepted(self) -> int:
        """What remains of the rows read; kept rows are counted against it when the run ends."""
        return self.read - self.rejected - self.duplicates - self.not_permitted

    def as_dict(self) -> dict[str, object]:
        """One entry of `files` in run.json."""
        return {
            "file": self.file.name,
            "kind": self.file.kind.value,
            "octets": self.file.octets,
            "content_sha256": self.file.content_sha256,
            "already_ingested_in_run": self.file.seen_in_run or None,
            **row_counts([self]),
        }


def row_counts(files: list[FileCounts]) -> dict[str, int]:
    """The five counts over some files."""
    return {
        "read": sum(file.read for file in files),
        "accepted": sum(file.accepted for file in files),
        "rejected": sum(file.rejected for file in files),
        "duplicates": sum(file.duplicates for file in files),
        "not_permitted": sum(file.not_permitted for file in files),
    }
