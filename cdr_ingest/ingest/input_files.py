"""Input files: what lies in an input folder, of which kind it is, and which of it is new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from cdr_ingest.formats.layouts import REFERENCE_KINDS, RowKind
from cdr_ingest.mapping.catalogue import FOLDER, folder_mappings
from cdr_ingest.mapping.mapping import FileMapping
from cdr_ingest.reading.opening import HowRead
from cdr_ingest.reading.place import FOLDERS, day_of, identity
from operator_push.kernel.errors import OperatorError

# Where each kind lies below the input folder, in the order of reading: what others refer to comes first.
_PACKED = ("", ".gz", ".zst", ".zip")
_PLACES: tuple[tuple[RowKind, tuple[str, ...]], ...] = (
    (RowKind.CELL, (*(f"cells.csv{packed}" for packed in _PACKED), "cells/*")),
    (RowKind.DEVICE, (*(f"devices.csv{packed}" for packed in _PACKED), "devices/*")),
    (RowKind.PLAN, (*(f"plans.csv{packed}" for packed in _PACKED), "plans/*")),
    (
        RowKind.SUBSCRIBER,
        (
            *(f"subscribers.csv{packed}" for packed in _PACKED),
            "subscribers/*",
            *(f"subscribers/{folder}/*" for folder in FOLDERS),
        ),
    ),
    (RowKind.CDR, ("cdr/*",)),
    (RowKind.TOP_UP, ("topups/*",)),
)
# Part of a drop folder, but not ours to read: acts of consent go to the product, which writes the snapshot.
_NOT_OURS = frozenset({"consents.csv", "README.md"})


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to ingest. `seen_in_run` is the run that read the same content (0: none, it is new)."""

    path: Path
    name: str
    kind: RowKind
    octets: int
    content_sha256: str
    seen_in_run: int
    how: HowRead = field(default_factory=HowRead)


@dataclass(frozen=True, slots=True)
class InputFolder:
    """All files of an input folder; `ignored` names those that no kind claims."""

    files: tuple[InputFile, ...]
    ignored: tuple[str, ...]


def find_input(
    folder: Path,
    files_seen: Mapping[str, int],
    this_run: int,
    mappings: Sequence[FileMapping] = (),
    zone: str = "UTC",
) -> InputFolder:
    """The files below `folder`, ordered by kind and name; of equal content only the first is new.

    A file is read by the first of `mappings` that claims it, then of those of the folder, else as our CSV.
    A mapping that names no files claims all those of its kind. Dates without a zone are of `zone`.

    Raises:
        OperatorError: the folder does not exist or holds no file of any kind, or a mapping has a fault.
    """
    if not folder.is_dir():
        raise OperatorError("the input folder does not exist", key=f"--input {folder}")
    seen = dict(files_seen)
    files: list[InputFile] = []
    all_mappings = [*mappings, *folder_mappings(folder)]
    claimed = {path: mapping for mapping in reversed(all_mappings) for path in _claimed(folder, mapping)}
    for kind, patterns in _PLACES:
        mapped = {path for path, mapping in claimed.items() if mapping.row_kind is kind}
        for path in sorted({*_found(folder, patterns)} - set(claimed) | mapped):
            with path.open("rb") as file:
                digest = identity(file, day_of(path.name) if kind is RowKind.SUBSCRIBER else "")
            # Reference data are read in every run, since a run needs all of them.
            known = 0 if kind in REFERENCE_KINDS else seen.get(digest, 0)
            name = path.relative_to(folder).as_posix()
            how = HowRead(claimed.get(path), zone, place=name)
            files.append(InputFile(path, name, kind, path.stat().st_size, digest, known, how))
            seen.setdefault(digest, this_run)
    if not files:
        places = ", ".join(patterns[0] for _, patterns in _PLACES)
        raise OperatorError(f"nothing to ingest; expected {places}", key=f"--input {folder}")
    taken = {file.path for file in files} | {*(folder / FOLDER).glob("*.toml")}
    others = sorted(path for path in folder.rglob("*") if path.is_file() and path not in taken)
    ignored = tuple(path.relative_to(folder).as_posix() for path in others)
    return InputFolder(tuple(files), tuple(name for name in ignored if name not in _NOT_OURS))


def how_read(name: str, kind: RowKind, mappings: Sequence[FileMapping], zone: str) -> HowRead:
    """How a file of this name below some input folder is read, whether it is there or not."""
    for mapping in mappings:
        patterns = tuple(mapping.files) or dict(_PLACES)[kind]
        if mapping.row_kind is kind and any(fnmatchcase(name, pattern) for pattern in patterns):
            return HowRead(mapping, zone, name, name)
    return HowRead(None, zone, name, name)


def _found(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    paths = (path for pattern in patterns for path in folder.glob(pattern))
    # A name with a dot in front is one that somebody still writes.
    return sorted(path for path in paths if path.is_file() and not path.name.startswith("."))


def _claimed(folder: Path, mapping: FileMapping) -> list[Path]:
    patterns = tuple(mapping.files) or dict(_PLACES)[mapping.row_kind]
    return _found(folder, patterns)
