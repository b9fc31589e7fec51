"""File reading: new files go block by block through the door; what passes is staged.

Reading and judging have a thread each, pseudonyms of contacts and staging a third, so that none waits for the
others.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, Self

from cdr_ingest.door.row_filter import FilteredBlock, RowFilter
from cdr_ingest.formats.layouts import LAYOUTS, Layout, RowKind
from cdr_ingest.formats.row_blocks import RowBlock, empty_block, no_octets
from cdr_ingest.ingest.input_files import InputFile
from cdr_ingest.ingest.quarantine import Quarantine
from cdr_ingest.ingest.run_counts import FileCounts
from cdr_ingest.ingest.staging import BlockOutcome, Staging
from cdr_ingest.progress import ProgressReport
from cdr_ingest.reading.ahead import ahead
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
    unread = []
    for counts in files:
        if counts.state is FileState.READ:
            progress.advance(counts.file.octets)
        else:
            counts.state = FileState.READING
            unread.append(counts)
    with closing(_judged(unread, door, LAYOUTS[kind])) as judged:
        for counts, found in judged:
            if isinstance(found, ResourceError):
                counts.state, counts.detail = FileState.FAILED, str(found)
                staging.note(counts)
                staging.checkpoint()
                raise found
            if found is None:
                quarantine.catches(counts, at_end=True)
                if counts.state is FileState.READING:
                    counts.state = FileState.READ
                staging.note(counts)
            elif counts.state is FileState.READING:
                if found.filtered is not None:
                    door.with_pseudonyms(found.filtered)
                if (outcome := _counted(counts, found, progress)) is not None:
                    staging.add(counts, outcome)
                quarantine.catches(counts, at_end=False)
    staging.checkpoint()


def kept_schema(kind: RowKind, door: RowFilter) -> Any:
    """The Arrow schema of the kept rows of a kind."""
    layout = LAYOUTS[kind]
    kept = door.filter_block(layout, empty_block(layout.columns), 0).kept
    return kept.schema.remove(kept.schema.get_field_index("position"))


def filtered_blocks(
    counts: FileCounts, door: RowFilter, layout: Layout, progress: ProgressReport
) -> Iterator[BlockOutcome]:
    """The outcome of every block of a small file, with `counts` grown by the block."""
    for block_no, block in enumerate(_blocks(counts.file, layout), 1):
        filtered = door.filter_block(layout, block, counts.file_id)
        found = _counted(counts, _Judged.of(block_no, block, filtered), progress)
        if found is not None:
            yield found


@dataclass(frozen=True, slots=True)
class _Judged:
    """A block of a file, without its rows, and what became of these; None where they were read before the
    last checkpoint."""

    block_no: int
    block: RowBlock
    filtered: FilteredBlock | None

    @classmethod
    def of(cls, block_no: int, block: RowBlock, filtered: FilteredBlock | None) -> Self:
        """What was judged may wait for a while: its text need not."""
        return cls(block_no, replace(block, table=None, octets_of=no_octets), filtered)


_Found = _Judged | ResourceError | None  # None: the file's end


def _judged(
    files: Sequence[FileCounts], door: RowFilter, layout: Layout
) -> Generator[tuple[FileCounts, _Found]]:
    """What became of the blocks of all files, one file after the other; an error is the last.

    Files are read, blocks judged and outcomes counted at the same time. Counts are changed by whoever takes
    what comes out, with contacts that have no pseudonyms yet; a file that is not in state READING any more is
    read no further.
    """

    def read() -> Generator[tuple[FileCounts, int, RowBlock | ResourceError | None]]:
        for counts in files:
            try:
                for block_no, block in enumerate(_blocks(counts.file, layout), 1):
                    yield counts, block_no, block
                    if counts.state is not FileState.READING:
                        break
            except ResourceError as error:
                yield counts, 0, error
                return
            yield counts, 0, None

    # A block has a place in its file: those before the last checkpoint are passed over, so that a huge file
    # costs its decoding again, but not the door.
    passed = {counts.file_id: counts.blocks_read for counts in files}

    def judge() -> Generator[tuple[FileCounts, _Found]]:
        with closing(ahead(read())) as blocks:
            for counts, block_no, block in blocks:
                if isinstance(block, RowBlock):
                    is_new = block_no > passed[counts.file_id]
                    filtered = door.judge_block(layout, block, counts.file_id) if is_new else None
                    judged = _Judged.of(block_no, block, filtered)
                    del block, filtered
                    yield counts, judged
                else:
                    yield counts, block

    return ahead(judge())


def _counted(counts: FileCounts, judged: _Judged, progress: ProgressReport) -> BlockOutcome | None:
    """The outcome of a block, with `counts` grown by it; None where it was counted by an earlier run.

    The name is the file's, with that of the archive's member where it is one; lines count from its begin.
    """
    block, filtered = judged.block, judged.filtered
    if filtered is None:
        progress.advance(block.octets)
        return None
    counts.read += filtered.read
    counts.rejected += len(filtered.rejects)
    counts.not_permitted += filtered.not_permitted
    counts.reasons.update(reject.reason.name for reject in filtered.rejects)
    counts.octets_read += block.octets
    counts.blocks_read = judged.block_no
    progress.advance(block.octets, filtered.read)
    name = f"{counts.file.name}/{block.member}" if block.member else counts.file.name
    rejects = filtered.rejects
    if before := block.lines_before:
        rejects = [replace(one, line_no=one.line_no - before) for one in rejects]
    return BlockOutcome(block.octets, filtered.kept, name, rejects, block.is_text, block.header)


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
