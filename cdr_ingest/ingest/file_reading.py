"""File reading: new files go block by block through the door; what passes is staged."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from cdr_ingest.door.row_filter import RowFilter
from cdr_ingest.formats.layouts import LAYOUTS, Layout, RowKind
from cdr_ingest.formats.row_blocks import RowBlock, empty_block
from cdr_ingest.ingest.input_files import InputFile
from cdr_ingest.ingest.quarantine import Quarantine
from cdr_ingest.ingest.run_counts import FileCounts
from cdr_ingest.ingest.staging import BlockOutcome, Staging
from cdr_ingest.progress import ProgressReport
from cdr_ingest.reading.opening import read_rows
from cdr_ingest.store.ledger_rows import FileState
from operator_push.kernel.errors import ResourceError


def read_events(
    kind: RowKind,
    files: Sequence[FileCounts],
    door: RowFilter,
    staging: Staging,
    quarantine: Quarantine,
    progress: ProgressReport,
) -> None:
    """Read the files of a kind from where each one's last checkpoint is; what passes is staged.

    A file that is mostly wrong is left where the quarantine's limit is passed, and is then in state
    QUARANTINED; one that cannot be read is in state FAILED.

    Raises:
        ResourceError: a file cannot be read, or changed meanwhile.
    """
    staging.begin(kind)
    for counts in files:
        if counts.state is FileState.READ:
            progress.advance(counts.file.octets)
            continue
        counts.state = FileState.READING
        try:
            for found in filtered_blocks(counts, door, LAYOUTS[kind], progress):
                staging.add(counts, found)
                if quarantine.catches(counts, at_end=False):
                    break
        except ResourceError as error:
            counts.state, counts.detail = FileState.FAILED, str(error)
            staging.note(counts)
            staging.checkpoint()
            raise
        quarantine.catches(counts, at_end=True)
        if counts.state is FileState.READING:
            counts.state = FileState.READ
        staging.note(counts)
    staging.checkpoint()


def kept_schema(kind: RowKind, door: RowFilter) -> Any:
    """The Arrow schema of the kept rows of a kind."""
    layout = LAYOUTS[kind]
    kept = door.filter_block(layout, empty_block(layout.columns), 0).kept
    return kept.schema.remove(kept.schema.get_field_index("position"))


def filtered_blocks(
    counts: FileCounts, door: RowFilter, layout: Layout, progress: ProgressReport
) -> Iterator[BlockOutcome]:
    """The outcome of every block that is not read yet, with `counts` grown by the block.

    A block has a place in its file: those before the last checkpoint are passed over, so a huge file costs
    its decoding again, but not the door. The name is the file's, with that of the archive's member where it
    is one; lines count from its begin.
    """
    for block_no, block in enumerate(_blocks(counts.file, layout), 1):
        if block_no <= counts.blocks_read:
            progress.advance(block.octets)
            continue
        filtered = door.filter_block(layout, block, counts.file_id)
        counts.read += filtered.read
        counts.rejected += len(filtered.rejects)
        counts.not_permitted += filtered.not_permitted
        counts.reasons.update(reject.reason.name for reject in filtered.rejects)
        counts.octets_read += block.octets
        counts.blocks_read = block_no
        progress.advance(block.octets, filtered.read)
        name = f"{counts.file.name}/{block.member}" if block.member else counts.file.name
        before = block.lines_before
        rejects = [replace(one, line_no=one.line_no - before) for one in filtered.rejects]
        yield BlockOutcome(block.octets, filtered.kept, name, rejects, block.is_text, block.header)


def _blocks(file: InputFile, layout: Layout) -> Iterator[RowBlock]:
    try:
        yield from read_rows(file.path, layout, file.how)
        octets = file.path.stat().st_size
    except OSError as error:
        raise ResourceError(f"{file.name}: the file cannot be read ({error.strerror})") from error
    if octets != file.octets:
        # Its content hash would name something else than what was read.
        raise ResourceError(
            f"{file.name}: the file changed while it was read; drop files when they are complete"
        )
