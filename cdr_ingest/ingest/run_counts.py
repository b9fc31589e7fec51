"""Run counts: what became of every row, per file and in all, and the law that they add up."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from cdr_ingest.ingest.input_files import InputFile
from cdr_ingest.store.ledger_rows import FileRow, FileState


@dataclass(slots=True)
class FileCounts:
    """Rows of one file: read = accepted + rejected + duplicates + not_permitted.

    `octets_read`, `blocks_read` and the counts go on from those of the file's last checkpoint.
    """

    file: InputFile
    file_id: int = 0
    state: FileState = FileState.WAITING
    octets_read: int = 0
    blocks_read: int = 0
    read: int = 0
    rejected: int = 0
    duplicates: int = 0
    not_permitted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    detail: str = ""
    released: bool = False
    node: str = ""
    sequence_number: int | None = None

    @property
    def accepted(self) -> int:
        """What remains of the rows read; kept rows are counted against it when the run ends."""
        return self.read - self.rejected - self.duplicates - self.not_permitted

    def go_on_from(self, row: FileRow) -> None:
        """Take over what the ledger knows of the file."""
        self.file_id, self.state = row.file_id, row.state
        self.octets_read, self.blocks_read = row.octets_read, row.blocks_read
        self.read, self.rejected, self.not_permitted = row.read, row.rejected, row.not_permitted
        self.reasons, self.released, self.detail = Counter(row.reasons), row.released, row.detail
        self.node, self.sequence_number = row.node, row.sequence_number

    def start_again(self, file_id: int) -> None:
        """Nothing is read; rows staged under the former file_id belong to nobody."""
        self.file_id, self.state, self.octets_read, self.blocks_read = file_id, FileState.WAITING, 0, 0
        self.read = self.rejected = self.duplicates = self.not_permitted = 0
        self.reasons, self.detail = Counter(), ""

    def row(self, now_us: int, run_no: int | None = None) -> FileRow:
        """The file's row in the ledger."""
        return FileRow(
            content_sha256=self.file.content_sha256,
            file_id=self.file_id,
            name=self.file.name,
            kind=self.file.kind.value,
            octets=self.file.octets,
            state=self.state,
            run_no=run_no,
            changed_at_us=now_us,
            octets_read=self.octets_read,
            blocks_read=self.blocks_read,
            reasons=self.reasons,
            detail=self.detail,
            released=self.released,
            node=self.node,
            sequence_number=self.sequence_number,
            **row_counts([self]),
        )

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

    def as_set_aside(self) -> dict[str, object]:
        """One entry of `quarantined_files` in run.json."""
        return {
            "file": self.file.name,
            "content_sha256": self.file.content_sha256,
            "state": self.state.value,
            "detail": self.detail,
        }


def row_counts(files: Iterable[FileCounts]) -> dict[str, int]:
    """The five counts over some files."""
    files = list(files)
    return {
        "read": sum(file.read for file in files),
        "accepted": sum(file.accepted for file in files),
        "rejected": sum(file.rejected for file in files),
        "duplicates": sum(file.duplicates for file in files),
        "not_permitted": sum(file.not_permitted for file in files),
    }
