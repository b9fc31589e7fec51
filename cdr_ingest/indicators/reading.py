"""Reads a folder in bandicoot's form: records/*.csv, antennas.csv, recharges/*.csv. One file is one person.

Files with the same header are read together by Arrow, some dozen megabytes at a time. A file with quotes,
blank lines or short rows is read by the csv module instead, and a date or number in an unusual form by
Python: what is accepted is the same on both ways, only the speed differs.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from cdr_ingest.indicators.fields import NO_TIME, Fields, good_records, recharge_columns
from cdr_ingest.indicators.groups import Ints
from cdr_ingest.indicators.records import FIELDS, People, Recharges, Records
from operator_push.kernel.errors import OperatorError

RECORD_COLUMNS = ("interaction", "direction", "correspondent_id", "datetime", "call_duration")
PLACE_COLUMNS = ("antenna_id", "latitude", "longitude")
RECHARGE_COLUMNS = ("datetime", "amount")
ATTRIBUTE_COLUMNS = ("key", "value")
ANTENNA_COLUMNS = ("antenna_id", "latitude", "longitude")
BATCH_OCTETS = 32 << 20


def read_folder(folder: Path, with_attributes: bool = False) -> People:
    """All people of a folder; their names are those of the files. `with_attributes` reads these, too.

    Raises:
        OperatorError: there is no records folder, a file lacks a column, an antenna has no coordinates.
    """
    files = sorted((folder / "records").glob("*.csv"))
    if not files:
        raise OperatorError(f"{folder / 'records'} has no *.csv; each file there is one person's records")
    names = [file.stem for file in files]
    antennas_file = folder / "antennas.csv"
    antennas = _antennas(antennas_file) if antennas_file.exists() else None
    fields = Fields(antennas)
    ignored = np.zeros((len(names), len(FIELDS)), dtype=np.int64)
    parts = []
    for person, table in _tables(files, RECORD_COLUMNS, PLACE_COLUMNS):
        parts.append(good_records(fields, person, table, ignored))
    records = _in_order(parts) if parts else Records.none()
    people = People(
        names,
        records,
        _recharges(folder / "recharges", names),
        fields.places(),
        ignored,
        0 if antennas is None else len(antennas),
        None if antennas is None else str(antennas_file),
        fields.contacts(),
    )
    if with_attributes and (folder / "attributes").is_dir():
        people.attributes = _attributes(folder / "attributes", names)
        people.attributes_path = str(folder / "attributes")
    return people


def _in_order(parts: list[Records]) -> Records:
    records = Records(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Records.__slots__)
    )
    out_of_order = np.diff(records.person) < 0
    out_of_order |= (np.diff(records.person) == 0) & (np.diff(records.time_s) < 0)
    # Stable: records of one second keep the order of the file.
    return records.take(np.lexsort((records.time_s, records.person))) if out_of_order.any() else records


def _recharges(folder: Path, names: list[str]) -> Recharges:
    files, numbers = _files_of(folder, names)
    parts = []
    for file_number, table in _tables(files, RECHARGE_COLUMNS, ()):
        time_s, amount = recharge_columns(table)
        _check_dates(files, file_number, table, time_s)
        parts.append((numbers[file_number], time_s, amount))
    if not parts:
        return Recharges.none()
    person, time_s, amount = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.lexsort((time_s, person))
    return Recharges(person[order], time_s[order], amount[order])


def _attributes(folder: Path, names: list[str]) -> list[dict[str, str | None]]:
    files, numbers = _files_of(folder, names)
    found: list[dict[str, str | None]] = [{} for _ in names]
    for file_number, table in _tables(files, ATTRIBUTE_COLUMNS, ()):
        columns = (table.column(name).to_pylist() for name in ATTRIBUTE_COLUMNS)
        for person, key, value in zip(numbers[file_number].tolist(), *columns, strict=True):
            found[person][key] = value
    return found


def _files_of(folder: Path, names: list[str]) -> tuple[list[Path], Ints]:
    """The files of people that have records, and the number of each one's person."""
    known = {name: number for number, name in enumerate(names)}
    files = [file for file in sorted(folder.glob("*.csv")) if file.stem in known]
    return files, np.array([known[file.stem] for file in files], dtype=np.int64)


def _check_dates(files: list[Path], file_number: Ints, table: pa.Table, time_s: Ints) -> None:
    """Nothing is ignored of top-ups, so one without a date would be missing from every figure unseen."""
    wrong = np.flatnonzero(time_s == NO_TIME)
    if len(wrong):
        row = int(wrong[0])
        line = row - int(np.searchsorted(file_number, file_number[row])) + 2
        text = table.column("datetime")[row].as_py()
        told = f"the datetime is {text!r}; give YYYY-MM-DD HH:MM:SS or YYYY-MM-DD"
        raise OperatorError(told, file=str(files[int(file_number[row])]), line=line)


def _antennas(file: Path) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for _, table in _tables([file], ANTENNA_COLUMNS, ()):
        rows = zip(*(table.column(name).to_pylist() for name in ANTENNA_COLUMNS), strict=True)
        for line, (antenna, latitude, longitude) in enumerate(rows, start=2):
            try:
                found[antenna] = float(latitude), float(longitude)
            except ValueError:
                told = (
                    f"antenna {antenna} has latitude {latitude!r} and longitude {longitude!r}; give degrees"
                )
                raise OperatorError(told, file=str(file), line=line) from None
    return found


@dataclass(slots=True)
class _Batch:
    """Files of one header, until they are enough to be read."""

    header: bytes
    octets: list[bytes]
    persons: list[int]
    rows: list[int]
    size: int = 0


def _tables(
    files: list[Path], needed: Iterable[str], maybe: Iterable[str]
) -> Iterator[tuple[Ints, pa.Table]]:
    """(file number of each row, columns as text), in the order of the files where all have one header."""
    columns = (*needed, *maybe)
    batch: _Batch | None = None
    for person, file in enumerate(files):
        octets = file.read_bytes().removeprefix(b"\xef\xbb\xbf")
        if not octets:  # Nobody's records, not a file of another kind.
            continue
        if b"\r" in octets:
            octets = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        header, _, body = octets.partition(b"\n")
        _check_header(file, header, needed)
        if batch is not None and (batch.header != header or batch.size > BATCH_OCTETS):
            yield _read(batch, columns)
            batch = None
        if not _is_plain(header, body):
            if batch is not None:
                yield _read(batch, columns)
                batch = None
            table = _read_slowly(octets, columns)
            yield np.full(table.num_rows, person, dtype=np.int64), table
            continue
        if batch is None:
            batch = _Batch(header, [], [], [])
        if body and not body.endswith(b"\n"):
            body += b"\n"
        batch.octets.append(body)
        batch.persons.append(person)
        batch.rows.append(body.count(b"\n"))
        batch.size += len(body)
    if batch is not None:
        yield _read(batch, columns)


def _is_plain(header: bytes, body: bytes) -> bool:
    """Whether a row is a line, and a comma ends a value."""
    quoted = b'"' in header or b'"' in body
    return not quoted and b"\n\n" not in body and not body.startswith(b"\n")


def _check_header(file: Path, header: bytes, needed: Iterable[str]) -> None:
    names = next(csv.reader([header.decode("utf-8", "replace")]), [])
    missing = [name for name in needed if name not in names]
    if missing:
        raise OperatorError(
            f"lacks {', '.join(missing)}; the first line must name the columns {', '.join(needed)}",
            file=str(file),
            line=1,
        )


def _read(batch: _Batch, columns: tuple[str, ...]) -> tuple[Ints, pa.Table]:
    octets = b"".join([batch.header, b"\n", *batch.octets])
    try:
        table = pa_csv.read_csv(
            io.BytesIO(octets),
            read_options=pa_csv.ReadOptions(use_threads=False, block_size=max(len(octets), 1)),
            parse_options=pa_csv.ParseOptions(quote_char=False),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()),
                include_columns=list(columns),
                include_missing_columns=True,
                strings_can_be_null=False,
                null_values=[],
            ),
        )
    except pa.ArrowInvalid:  # Rows of different lengths.
        table = _read_slowly(octets, columns)
    return np.repeat(np.array(batch.persons, dtype=np.int64), batch.rows), table


def _read_slowly(octets: bytes, columns: tuple[str, ...]) -> pa.Table:
    rows = csv.DictReader(io.StringIO(octets.decode("utf-8", "replace"), newline=""))
    values: dict[str, list[str | None]] = {name: [] for name in columns}
    for row in rows:
        for name in columns:
            values[name].append(row.get(name))
    return pa.table({name: pa.array(each, pa.string()) for name, each in values.items()})
