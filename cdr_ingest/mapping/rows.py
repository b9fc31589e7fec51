"""Rows of a mapped text: its columns by their places, and an expression for each column of the layout."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cdr_ingest.archives.members import Octets
from cdr_ingest.formats.columns import BlockLines, column_name, split_block, uneven_rows
from cdr_ingest.formats.house_csv import rejected_rows
from cdr_ingest.formats.layouts import LAYOUTS, Layout
from cdr_ingest.formats.reject_reasons import RejectReason
from cdr_ingest.formats.row_blocks import LINE_NO, BrokenRow, RowBlock
from cdr_ingest.formats.text_blocks import BLOCK_OCTETS, TextBlock, read_blocks
from cdr_ingest.mapping.expressions import (
    FILE,
    LINE,
    ROW,
    field_expression,
    moment_expression,
    raw_expression,
    text,
)
from cdr_ingest.mapping.mapping import FileMapping


@dataclass(frozen=True, slots=True)
class Place:
    """What a mapping may know of where it reads: the file's name without its endings, the zone of the run."""

    file_stem: str
    zone: str


def read_mapped(
    source: Octets, mapping: FileMapping, place: Place, block_octets: int = BLOCK_OCTETS
) -> Iterator[RowBlock]:
    """The rows of a stream, block by block.

    Raises:
        OSError: the file cannot be read.
    """
    blocks = read_blocks(source, mapping.text.dialect, block_octets)
    reader = {"csv": _csv_rows, "fixed": _fixed_rows, "jsonl": _json_rows}[mapping.text.form]
    return reader(blocks, mapping, place)


def _csv_rows(blocks: Iterator[TextBlock], mapping: FileMapping, place: Place) -> Iterator[RowBlock]:
    layout = LAYOUTS[mapping.row_kind]
    names: list[str] | None = None
    fault, header = "", b""
    for block in blocks:
        first = block.first_row()
        if names is None and first is not None:
            names, has_header = _names(first[1], mapping)
            absent = _absent(names, mapping)
            fault = f"the file has no column {', '.join(absent)}" if absent else ""
            header = b"\n" * mapping.text.skip_lines
            if has_header and not fault:
                header += BlockLines(block)(first[0]) + b"\n"
                block.drop_first_row()
        if names is None or fault:
            yield rejected_rows(block, layout, fault)
            continue
        split = split_block(block, len(names))
        places = {name: column_name(at) for at, name in enumerate(names)}
        rows = RowBlock(split.table, {}, broken=block.broken, octets_of=BlockLines(block))
        rows.broken += uneven_rows(block, split.uneven, len(names))
        _express(rows, mapping, place, layout, places.__getitem__, list(places.values()))
        rows.header = header
        yield rows


def _names(first: list[str], mapping: FileMapping) -> tuple[list[str], bool]:
    """The names of the columns, and whether the first row is a header."""
    form = mapping.text
    if form.header is True:
        return [field.strip() for field in first], True
    known = {name.lower() for name in form.columns}
    found = [field.strip().lower() in known for field in first]
    if form.header == "auto" and sum(found) * 2 > len(found):
        by_lower = {name.lower(): name for name in form.columns}
        return [by_lower.get(field.strip().lower(), field.strip()) for field in first], True
    least = len(form.columns) - form.optional_columns
    return form.columns[: min(max(len(first), least), len(form.columns))], False


def _absent(names: list[str], mapping: FileMapping) -> list[str]:
    """The columns that a file of these lacks; of several without `join` one is enough."""
    have = {*names, LINE, ROW, FILE}
    if optional := mapping.text.optional_columns:
        have |= set(mapping.text.columns[-optional:])
    absent: list[str] = []
    for field in mapping.fields.values():
        lacking = [name for name in field.sources if name not in have]
        if field.join is not None or len(lacking) == len(field.sources):
            absent += lacking
    return absent


def _fixed_rows(blocks: Iterator[TextBlock], mapping: FileMapping, place: Place) -> Iterator[RowBlock]:
    layout = LAYOUTS[mapping.row_kind]
    line = column_name(0)
    positions = mapping.text.positions
    least = max(first for first, _ in positions.values())

    def column(name: str) -> str:
        first, width = positions[name]
        return f"trim(substr({line}, {first}, {width}))"

    for block in blocks:
        if mapping.text.header is True and block.first_line_no == mapping.text.skip_lines + 1:
            block.drop_first_row()
        split = split_block(block, 1)
        lengths = pc.utf8_length(split.table.column(line))
        rows = RowBlock(split.table, {}, broken=block.broken, octets_of=BlockLines(block))
        detail = f"the line has fewer than {least} characters"
        _move(rows, pc.less(lengths, least), RejectReason.TRUNCATED_ROW, detail)
        _express(rows, mapping, place, layout, column, [line])
        rows.header = b"\n" * (mapping.text.skip_lines + (mapping.text.header is True))
        yield rows


def _json_rows(blocks: Iterator[TextBlock], mapping: FileMapping, place: Place) -> Iterator[RowBlock]:
    layout = LAYOUTS[mapping.row_kind]
    wanted = sorted({name for field in mapping.fields.values() for name in field.sources} - {LINE, ROW, FILE})
    places = {name: column_name(at + 1) for at, name in enumerate(wanted)}
    with _json_engine() as engine:
        for block in blocks:
            split = split_block(block, 1)
            table = _json_columns(engine, split.table, wanted)
            rows = RowBlock(table, {}, broken=block.broken, octets_of=BlockLines(block))
            bad = pc.invert(table.column("is_json"))
            _move(rows, bad, RejectReason.BAD_JSON, "")
            rows.table = rows.table.drop_columns(["is_json"])
            _express(rows, mapping, place, layout, places.__getitem__, [column_name(0)])
            rows.header = b"\n" * mapping.text.skip_lines
            yield rows


def _json_engine() -> duckdb.DuckDBPyConnection:
    # Its rows hold numbers: it has no disk to spill to.
    engine = duckdb.connect(":memory:", config={"temp_directory": "", "threads": "2"})
    engine.execute("SET enable_progress_bar = false")
    return engine


def _json_columns(engine: duckdb.DuckDBPyConnection, lines: pa.Table, wanted: list[str]) -> pa.Table:
    """The lines with `is_json` and each wanted path's text, "" where there is none."""
    line = column_name(0)
    paths = ", ".join(text(json_path(name)) for name in wanted)
    values = ", ".join(
        f"coalesce(found[{at + 1}], '') AS {column_name(at + 1)}" for at, _ in enumerate(wanted)
    )
    batches = lines.combine_chunks().to_batches(max_chunksize=16_384)
    engine.register("json_lines", pa.Table.from_batches(batches, lines.schema))
    try:
        found = engine.sql(
            f"WITH judged AS (SELECT *, CASE WHEN json_valid({line}) THEN json_type({line}) = 'OBJECT'"
            " ELSE false END AS is_json FROM json_lines),"
            f" read AS (SELECT *, CASE WHEN is_json THEN json_extract_string({line}, [{paths}]) END AS found"
            f" FROM judged) SELECT {LINE_NO}, {line}, is_json, {values} FROM read"
        ).to_arrow_table()
    finally:
        engine.unregister("json_lines")
    return found.sort_by(LINE_NO)


def json_path(name: str) -> str:
    """A nested name (caller.numbers[0], "core-uuid") as a path of JSON."""
    steps = []
    for step in name.split("."):
        key, bracket, index = step.partition("[")
        steps.append(f'."{key}"{bracket}{index}' if key else f"{bracket}{index}")
    return "$" + "".join(steps)


def _express(
    rows: RowBlock,
    mapping: FileMapping,
    place: Place,
    layout: Layout,
    column: Callable[[str], str],
    row_columns: list[str],
) -> None:
    """Put the expressions of the layout's columns into `rows`; a moment does not go by way of a text."""
    special = {
        LINE: f"CAST({LINE_NO} AS VARCHAR)",
        FILE: text(place.file_stem),
        ROW: f"concat_ws(chr(31), {', '.join(row_columns)})",
    }

    def source(name: str) -> str:
        if name in special:
            return special[name]
        try:
            return column(name)
        except KeyError:
            return "''"  # an optional column that this file lacks

    expressions = {
        name: field_expression(name, mapping.fields[name], source, mapping, place.zone)
        if name in mapping.fields
        else layout.given.get(name, "''")
        for name in layout.columns
    }
    if mapping.same_record:
        # Digits and letters of two fields cannot run into each other.
        agreed = ", ".join(expressions[name] for name in mapping.same_record)
        expressions["record_id"] = f"concat_ws(chr(31), {agreed})"
    rows.columns = expressions
    moment = next((name for name in layout.columns if f"{name}_us" == layout.moment), "")
    field = mapping.fields.get(moment)
    if field is not None and field.dates and field.default is None:
        rows.columns = expressions | {moment: raw_expression(field, source)}
        rows.typed = {f"{moment}_us": moment_expression(field, source, mapping, place.zone)}
        rows.shown = {moment: expressions[moment]}


def _move(rows: RowBlock, bad: pa.Array, reason: RejectReason, detail: str) -> None:
    """Rows that cannot be split leave the table."""
    if not pc.any(bad).as_py():
        return
    rows.broken = rows.broken + [
        BrokenRow(line_no, reason, detail, rows.octets_of(line_no))
        for line_no in rows.table.filter(bad).column(LINE_NO).to_pylist()
    ]
    rows.table = rows.table.filter(pc.invert(bad))
