"""Replay: rejected records are read again after a fix, each exactly once.

A replay is a run whose input are the sealed rejects of earlier runs. With its commit what it accepted counts,
what it rejected again stands in a sealed file of its own, and the ones that it was made of are gone; one
that dies before changes nothing and begins anew.
"""

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from cdr_ingest.door.row_filter import RowFilter
from cdr_ingest.formats.dialects import UTF_8, decoder
from cdr_ingest.formats.layouts import LAYOUTS, REFERENCE_KINDS
from cdr_ingest.formats.reject_reasons import RejectReason
from cdr_ingest.formats.row_blocks import LINE_NO, BrokenRow, RowBlock
from cdr_ingest.ingest.file_reading import kept_schema
from cdr_ingest.ingest.input_files import InputFile, how_read
from cdr_ingest.ingest.keeping import EVENT_KINDS
from cdr_ingest.ingest.reference import read_references
from cdr_ingest.ingest.run import (
    Run,
    Sealing,
    at_work,
    door_of,
    finish,
    finished_row,
    merge_and_learn,
)
from cdr_ingest.ingest.run_counts import FileCounts
from cdr_ingest.ingest.settings import IngestSettings
from cdr_ingest.ingest.staging import BlockOutcome
from cdr_ingest.mapping.catalogue import folder_mappings
from cdr_ingest.progress import ProgressReport
from cdr_ingest.reading.opening import HowRead, read_rows
from cdr_ingest.rejects.masked_file import copy_rejects
from cdr_ingest.rejects.sealed_file import SealedReject
from cdr_ingest.store.ledger_rows import FileRow
from operator_push.cdr.tap import is_tap, with_events
from operator_push.kernel.errors import OperatorError

_GROUP_OCTETS = 32 * 1024 * 1024  # Ours: so much is read again at once, in memory
# Rows of a replay are not named after files of the ledger, whose ids stay below.
_FIRST_ID = 1 << 30
# Of these the octets are only a beginning.
_CUT = frozenset(
    reason.name
    for reason in (
        RejectReason.LINE_TOO_LONG,
        RejectReason.BROKEN_ARCHIVE,
        RejectReason.ARCHIVE_TOO_LARGE,
    )
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which rejects to read again: of these files and for these reasons; empty means all."""

    files: Collection[str] = ()
    reasons: Collection[str] = ()

    def holds(self, one: SealedReject) -> bool:
        """True where the reject is chosen and whole."""
        return (
            one.reason not in _CUT
            and bool(one.octets)
            and (not self.files or one.name in self.files)
            and (not self.reasons or one.reason in self.reasons)
        )


@dataclass(frozen=True, slots=True)
class Replayed:
    """Of one file: how many rejects of each reason were read again, and how many turned out a header."""

    reasons: Counter[str]
    headers: int


def replay(
    settings: IngestSettings,
    chosen: Chosen,
    now: datetime,
    clock: Callable[[], float],
    progress: ProgressReport,
) -> dict[str, Any]:
    """Do one replay; the content of its run.json.

    Raises:
        OperatorError: there is nothing to replay, or the key file is not that of the runs before.
        ResourceError: as `ingest`.
    """
    started_s = clock()
    with at_work(settings, now, progress, is_replay=True) as run:
        former = run.ledger.sealed()
        taken = [row for row in former if any(chosen.holds(one) for one in run.seal.read([row.run_no]))]
        if not taken:
            raise OperatorError(
                "there is no reject to read again; `cdr-ingest rejects` lists them",
                key=f"--out {settings.out}",
            )
        numbers = [row.run_no for row in taken]
        run.staging.tracks_files = False
        replayed = _read_again(run, numbers, chosen)
        computed = merge_and_learn(run)
        row = finished_row(run, computed, clock() - started_s)
        files = _files_after(run, replayed)
        left = (one for one in run.seal.read(numbers) if not chosen.holds(one))
        again = run.seal.of_files(run.staging.sealed, set(run.good))
        others = [row for row in former if row.run_no not in numbers]
        sealing = Sealing(chain(left, again), others, min(row.sealed_at_us for row in taken))
        return finish(run, computed, row, files, sealing)


def _read_again(run: Run, numbers: list[int], chosen: Chosen) -> dict[str, Replayed]:
    """The chosen rejects through the door; content hash → what was read again of the file."""
    settings = run.settings
    replayed: dict[str, Counter[str]] = {}
    headers: Counter[str] = Counter()
    names = {row.content_sha256: row.name for row in run.ledger.files().values()}
    mappings = list(settings.mappings)
    if settings.input is not None:
        mappings += folder_mappings(settings.input)
    files: dict[str, FileCounts] = {}
    run.references = [FileCounts(file) for file in run.input.files if file.kind in REFERENCE_KINDS]
    door = door_of(run)
    run.progress.begin("reading rejects again", 0)
    try:
        read_references(run.references, door, run.keeping, run.reports, run.progress)
        for kind in EVENT_KINDS:
            rejects = (one for one in run.seal.read(numbers) if one.kind == kind.value and chosen.holds(one))
            run.staging.begin(kind)
            for group in _groups(rejects):
                first = group[0]
                if first.content_sha256 not in files:
                    name = names.get(first.content_sha256, first.name)
                    how = how_read(name, kind, mappings, settings.zone)
                    file = InputFile(Path(name), name, kind, 0, first.content_sha256, 0, how)
                    files[first.content_sha256] = FileCounts(file)
                    run.keeping.note_read(kind, kept_schema(kind, door))
                counts = files[first.content_sha256]
                counts.file_id = _FIRST_ID + len(run.good)
                run.good[counts.file_id] = counts
                reasons = replayed.setdefault(first.content_sha256, Counter())
                reasons.update(one.reason for one in group)
                headers[first.content_sha256] += _read_group(run, door, counts, group)
            run.staging.checkpoint()
    finally:
        door.close()
    run.progress.end()
    run.files = list(files.values())
    copy_rejects(run.staging.rejects, run.reports / "rejects.csv", set(run.good))
    return {digest: Replayed(reasons, headers[digest]) for digest, reasons in replayed.items()}


def _in_utf8(how: HowRead) -> tuple[HowRead, str]:
    """How rejects of a file are read, since their lines are UTF-8, and the encoding of the file."""
    if how.mapping is None:
        return how, UTF_8
    text = msgspec.structs.replace(how.mapping.text, encoding=UTF_8)
    return replace(how, mapping=msgspec.structs.replace(how.mapping, text=text)), how.mapping.text.encoding


def _groups(rejects: Iterator[SealedReject]) -> Iterator[list[SealedReject]]:
    """Rejects that can be read as one stream: of one file and header, in order, of bounded size."""
    group: list[SealedReject] = []
    octets = 0
    for one in rejects:
        if group and (_stream_of(one) != _stream_of(group[0]) or octets >= _GROUP_OCTETS):
            yield group
            group, octets = [], 0
        group.append(one)
        octets += len(one.octets)
    if group:
        yield group


def _stream_of(one: SealedReject) -> tuple[str, str, bytes, bool]:
    return one.content_sha256, one.name, one.header, one.is_text


def _read_group(run: Run, door: RowFilter, counts: FileCounts, group: list[SealedReject]) -> int:
    """Read a group as one stream; how many of its entries were no records, but now read as a header."""
    layout = LAYOUTS[counts.file.kind]
    header_lines = group[0].header.count(b"\n") if group[0].is_text else 0
    how, encoding = _in_utf8(counts.file.how)
    read = 0
    with _in_memory(group, encoding) as path:
        for block in read_rows(path, layout, how):
            _number_as_before(block, group, header_lines)
            filtered = door.filter_block(layout, block, counts.file_id)
            read += filtered.read
            counts.read += filtered.read
            counts.rejected += len(filtered.rejects)
            counts.not_permitted += filtered.not_permitted
            counts.reasons.update(one.reason.name for one in filtered.rejects)
            header = group[0].header or block.header
            run.staging.add(
                counts,
                BlockOutcome(
                    block.octets, filtered.kept, group[0].name, filtered.rejects, block.is_text, header
                ),
            )
            run.progress.advance(block.octets, filtered.read)
    headers = len(group) - read
    if headers not in (0, 1) or (headers and group[0].header):
        raise OperatorError(
            f"{len(group)} rejects of {group[0].name} read as {read} records; replay other files with --file",
            key=f"--out {run.settings.out}",
        )
    return headers


def _number_as_before(block: RowBlock, group: list[SealedReject], header_lines: int) -> None:
    """The rows of a block get the numbers that they had in their file."""
    first = header_lines + 1
    octets_of = block.octets_of
    places = block.table.column(LINE_NO).to_pylist()
    numbers = [group[place - first].line_no for place in places]
    back = dict(zip(numbers, places, strict=True))
    block.table = block.table.set_column(0, LINE_NO, pa.array(numbers, pa.int64()))
    block.octets_of = lambda line_no: octets_of(back[line_no])
    block.broken = [_broken_before(row, group[row.line_no - first]) for row in block.broken]


def _broken_before(row: BrokenRow, before: SealedReject) -> BrokenRow:
    """A line of octets that are still no text stays as it came, not as it was made UTF-8 for the replay."""
    octets = before.octets if row.reason is RejectReason.BAD_ENCODING else row.octets
    return replace(row, line_no=before.line_no, octets=octets)


@contextmanager
def _in_memory(group: list[SealedReject], encoding: str) -> Iterator[Path]:
    """A file that lies in memory alone, since its octets may hold numbers; a text in UTF-8.

    `encoding` is that of the original file: lines that were no UTF-8 are kept as they stood there.
    """
    end = b"\n" if group[0].is_text else b""
    handle = os.memfd_create("rejects")
    try:
        with open(handle, "wb", closefd=False) as file:
            if is_tap(group[0].header):  # an event is read by what stands around it
                file.write(with_events(group[0].header, (one.octets for one in group)))
            else:
                file.write(group[0].header)
                file.writelines(_octets(one, encoding) + end for one in group)
        yield Path(f"/proc/self/fd/{handle}")
    finally:
        os.close(handle)


def _octets(one: SealedReject, encoding: str) -> bytes:
    """A line that was no text of its encoding was kept as it stood there."""
    if encoding == UTF_8 or not one.is_text:
        return one.octets
    if one.reason != RejectReason.BAD_ENCODING.name:
        try:
            one.octets.decode()
        except UnicodeDecodeError:
            pass
        else:
            return one.octets
    return decoder(encoding).decode(one.octets, final=True).encode().replace(b"\n", b"\0")


def _files_after(run: Run, replayed: dict[str, Replayed]) -> list[FileRow]:
    """The files' rows: what was rejected once is now what the replay made of it."""
    known = run.ledger.files()
    rows = []
    for counts in run.files:
        if (row := known.get(counts.file.content_sha256)) is None:
            continue
        before = replayed[counts.file.content_sha256]
        rows.append(
            replace(
                row,
                read=row.read - before.headers,
                accepted=row.accepted + counts.accepted,
                rejected=row.rejected - before.reasons.total() + counts.rejected,
                duplicates=row.duplicates + counts.duplicates,
                not_permitted=row.not_permitted + counts.not_permitted,
                reasons=row.reasons - before.reasons + counts.reasons,
            )
        )
    return rows
