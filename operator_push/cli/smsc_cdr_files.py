"""The SMSC's CDR files on disk: which form each is in, and their records one after the other.

Records of TS 32.298 are told from CSV by their octets, never by the file's name.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from operator_push.cdr.file_32297 import HEADER_OCTETS_MIN, looks_like_32297
from operator_push.cdr.reading import is_records
from operator_push.kernel.errors import OperatorError
from operator_push.services.smsc_cdr import SmscRecord, read_smsc_cdr
from operator_push.services.smsc_cdr_3gpp import SmscRecordReader
from operator_push.services.smsc_csv_mapping import CsvMapping, read_mapped_csv, read_mapping


def smsc_records(files: Sequence[Path], mapping: CsvMapping | None = None) -> Iterator[SmscRecord]:
    """Every record of the files; CSV reads by the mapping where there is one.

    Raises:
        OperatorError: a file is open or cannot be read; the message names file and line or octet.
    """
    reader = SmscRecordReader()
    for path in files:
        if path.suffix == ".open":
            raise OperatorError("is still being written; close the period first", file=str(path))
        try:
            if is_record_file(path):
                yield from reader.read(path.read_bytes(), str(path))
            else:
                yield from _csv(path, mapping)
        except (OSError, UnicodeDecodeError) as error:
            raise OperatorError(f"cannot be read: {error}", file=str(path)) from error
    yield from reader.without_end()


def is_record_file(path: Path) -> bool:
    """True where a file holds records of TS 32.298, in a file of TS 32.297 or bare."""
    with path.open("rb") as file:
        head = file.read(HEADER_OCTETS_MIN)
    return is_records(head) or looks_like_32297(head, path.stat().st_size)


def mapping_of(file: Path | None) -> CsvMapping | None:
    """The mapping in a file, None without one.

    Raises:
        OperatorError: it cannot be read, or is wrong.
    """
    if file is None:
        return None
    try:
        return read_mapping(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"cannot be read: {error}", file=str(file)) from error


def _csv(path: Path, mapping: CsvMapping | None) -> Iterator[SmscRecord]:
    with path.open(encoding="utf-8", newline="") as lines:
        if mapping is None:
            yield from read_smsc_cdr(lines, str(path))
        else:
            yield from read_mapped_csv(lines, str(path), mapping)
