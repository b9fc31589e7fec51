"""Entries: LDIF and TM Forum's JSON as row blocks, so that a run reads them and rejects what is wrong.

A row's number is its place among the entries of the file, its octets are the entry's own.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa

from cdr_ingest.archives.members import Octets
from cdr_ingest.archives.stream_fault import StreamFaultError
from cdr_ingest.formats.layout import Layout
from cdr_ingest.formats.reject_reasons import RejectReason
from cdr_ingest.formats.row_blocks import LINE_NO, BrokenRow, RowBlock, empty_block
from cdr_ingest.subscribers.ldif import read_ldif
from cdr_ingest.subscribers.rows import Attributes, subscriber_row
from cdr_ingest.subscribers.tm_forum import OCTETS_MAX, attributes_of
from operator_push.kernel.errors import OperatorError

BLOCK_ENTRIES = 16_384  # Ours: about 16 MB of JSON
_PIECE_OCTETS = 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_LDIF_BEGIN = re.compile(rb"(#[^\n]*\n|\s)*(version|dn)::?[ \t]*\S", re.IGNORECASE)
Parse = Callable[[str], Attributes]


@dataclass(slots=True)
class _Block:
    first: int
    rows: dict[int, dict[str, str]] = field(default_factory=dict)
    octets: dict[int, bytes] = field(default_factory=dict)
    broken: list[BrokenRow] = field(default_factory=list)


def entries_reader(head: bytes, name: str) -> Callable[[Octets, Layout], Iterator[RowBlock]] | None:
    """How subscriber records of a name and a begin are read; None where they are neither LDIF nor JSON."""
    for ending, read in _ENDINGS.items():
        if ending in PurePosixPath(name).suffixes:
            return read
    text = head.removeprefix(_BOM).lstrip()
    if text[:1] in (b"{", b"["):
        return read_json_entries
    return read_ldif_entries if _LDIF_BEGIN.match(text) else None


def read_ldif_entries(source: Octets, layout: Layout) -> Iterator[RowBlock]:
    """The entries of LDIF (RFC 2849), block by block; its `version` line is none."""
    return _blocks(_ldif_entries(source), _parse_ldif, RejectReason.BAD_LDIF, layout)


def read_json_entries(source: Octets, layout: Layout) -> Iterator[RowBlock]:
    """Parties and customers: one object, a list of up to OCTETS_MAX, or one object a line."""
    return _blocks(_json_entries(source), _parse_json, RejectReason.BAD_JSON, layout)


_ENDINGS = {".ldif": read_ldif_entries, ".json": read_json_entries, ".jsonl": read_json_entries}


def _blocks(
    entries: Iterator[bytes], parse: Parse, reason: RejectReason, layout: Layout
) -> Iterator[RowBlock]:
    block = _Block(1)
    number = 0
    fault: StreamFaultError | None = None
    try:
        for number, octets in enumerate(entries, 1):
            _read_entry(block, number, octets, parse, reason)
            if number - block.first + 1 >= BLOCK_ENTRIES:
                yield _row_block(block, layout)
                block = _Block(number + 1)
    except StreamFaultError as one:
        fault = one
    if block.rows or block.broken:
        yield _row_block(block, layout)
    if fault is not None:
        raise fault


def _read_entry(block: _Block, number: int, octets: bytes, parse: Parse, reason: RejectReason) -> None:
    try:
        block.rows[number] = subscriber_row(parse(octets.decode()))
        block.octets[number] = octets
    except UnicodeDecodeError:
        block.broken.append(BrokenRow(number, RejectReason.BAD_ENCODING, "", octets))
    except (OperatorError, ValueError) as error:
        # What the parser says of JSON names a place and no value.
        detail = error.args[0] if isinstance(error, OperatorError) and error.args else ""
        block.broken.append(BrokenRow(number, reason, str(detail), octets))


def _row_block(block: _Block, layout: Layout) -> RowBlock:
    rows = empty_block(layout.own_columns)
    numbers = [*block.rows]
    columns: dict[str, Any] = {LINE_NO: pa.array(numbers, pa.int64())}
    for name in layout.own_columns:
        columns[name] = pa.array([block.rows[number].get(name, "") for number in numbers], pa.string())
    rows.table = pa.table(columns)
    rows.broken = block.broken
    rows.octets_of = block.octets.__getitem__
    return rows


def _lines(source: Octets) -> Iterator[bytes]:
    """Lines with their ends; the mark of UTF-8 at the begin is none of them."""
    held = [source.read(len(_BOM)).removeprefix(_BOM)]
    octets = 0
    while piece := source.read(_PIECE_OCTETS):
        held.append(piece)
        octets += len(piece)
        if b"\n" in piece or octets > OCTETS_MAX:
            *lines, last = b"".join(held).splitlines(keepends=True) or [b""]
            yield from lines
            held, octets = [last], len(last)
    yield from b"".join(held).splitlines(keepends=True)


def _ldif_entries(source: Octets) -> Iterator[bytes]:
    entry: list[bytes] = []
    for line in _lines(source):
        if line.strip():
            entry.append(line)
            continue
        if _has_attributes(entry):
            yield b"".join(entry)
        entry = []
    if _has_attributes(entry):
        yield b"".join(entry)


def _has_attributes(entry: list[bytes]) -> bool:
    lines = (line for line in entry if not line.startswith((b"#", b" ")))
    return any(not line.lower().startswith(b"version:") for line in lines)


def _json_entries(source: Octets) -> Iterator[bytes]:
    lines = _lines(source)
    first = b""
    for first in lines:
        if first.strip():
            break
    if _is_object(first):
        yield first.strip()
        for line in lines:
            if line.strip():
                yield line.strip()
        return
    yield from _members(first, lines)


def _is_object(line: bytes) -> bool:
    """Whether the first line is an object of its own, or wrong; else an object or a list goes on below."""
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return not line.lstrip().startswith((b"[", b"{"))


def _members(first: bytes, lines: Iterator[bytes]) -> Iterator[bytes]:
    """The objects of a list, or one object, that go over several lines, or objects of which one is broken."""
    parts, octets = [first], len(first)
    for line in lines:
        parts.append(line)
        octets += len(line)
        if octets > OCTETS_MAX:  # too large to be read whole: line by line, each is right or rejected
            yield from (line.strip() for line in chain(parts, lines) if line.strip())
            return
    whole = b"".join(parts)
    try:
        found = json.loads(whole)
    except ValueError:
        yield from (line.strip() for line in parts if line.strip())
        return
    for one in found if isinstance(found, list) else [found]:
        yield json.dumps(one, ensure_ascii=False).encode()


def _parse_json(text: str) -> Attributes:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return attributes_of(found)


def _parse_ldif(text: str) -> Attributes:
    merged: Attributes = {}
    for entry in read_ldif(text.split("\n"), ""):
        for name, values in entry.items():
            merged.setdefault(name, []).extend(values)
    return merged
