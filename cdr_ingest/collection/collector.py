"""The collector: one round over all sources; what is new lands in the input folder, each file once.

A file is fetched below INPUT/.collecting and made durable; the ledger notes it; then it is renamed to its
place. A collector that dies before the note fetches it again, one that dies after it finds the file below its
hash and only renames it. What has the content of a file that was collected or ingested before does not land,
whatever its name is; of subscribers, cells, devices and plans the date in the name counts, too.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cdr_ingest.collection.port import Arrival, Source
from cdr_ingest.reading.place import day_of, identity
from cdr_ingest.store.collected_files import CollectedRow
from cdr_ingest.store.file_ledger import FileLedger
from operator_push.kernel.errors import ResourceError


@dataclass(frozen=True, slots=True)
class NamedSource:
    """A source, its name in the ledger, and the folder below the input folder where its files land."""

    name: str
    source: Source
    into: str


@dataclass(slots=True)
class Round:
    """What one source gave in one round; `error` is why it gave no more, `notes` what people should hear."""

    source: str
    landed: list[str] = field(default_factory=list)
    doubles: list[str] = field(default_factory=list)
    octets: int = 0
    notes: list[str] = field(default_factory=list)
    error: str = ""


class Collector:
    """Collects into one input folder."""

    def __init__(self, input_folder: Path, ledger: FileLedger, sources: Sequence[NamedSource]) -> None:
        self._input = input_folder
        self._ledger = ledger
        self._sources = sources
        self._work = input_folder / ".collecting"

    def collect(self, now_us: int) -> list[Round]:
        """One round; a source that fails does not keep the others from theirs."""
        self._finish_what_died()
        return [self._collect_from(named, now_us) for named in self._sources]

    def _finish_what_died(self) -> None:
        """What the ledger knows goes to its place, the rest was not fetched whole."""
        for path in self._work.iterdir() if self._work.exists() else ():
            landed_as = self._ledger.collected.landed_as(path.name)
            if landed_as:
                os.replace(path, self._input / landed_as)
            else:
                path.unlink()

    def _collect_from(self, named: NamedSource, now_us: int) -> Round:
        found = Round(named.name)
        collected = self._ledger.collected
        try:
            for arrival in named.source.arrivals(collected.cursor(named.name), now_us):
                if not collected.has(named.name, arrival.name, arrival.version):
                    self._land(named, arrival, now_us, found)
        except ResourceError as error:
            found.error = str(error)
        return found

    def _land(self, named: NamedSource, arrival: Arrival, now_us: int, found: Round) -> None:
        try:
            self._work.mkdir(parents=True, exist_ok=True)
            part = self._work / "part"
            with part.open("wb") as target:
                named.source.fetch(arrival, target)
                target.flush()
                os.fsync(target.fileno())
            digest, octets = _known_by(part, named, arrival), part.stat().st_size
            place = self._place(named, arrival, digest)
            landed_as = "" if place is None else place.relative_to(self._input).as_posix()
            fetched = part.rename(self._work / digest)
            _sync(self._work)
            self._ledger.collected.note(
                CollectedRow(
                    named.name,
                    arrival.name,
                    arrival.version,
                    digest,
                    octets,
                    landed_as,
                    now_us,
                    arrival.cursor,
                )
            )
            if place is None:
                fetched.unlink()
                found.doubles.append(arrival.name)
            else:
                os.replace(fetched, place)
                _sync(place.parent)
                found.landed.append(landed_as)
                found.octets += octets
        except OSError as error:
            raise ResourceError(f"{error.filename}: {error.strerror}") from None
        if arrival.note:
            found.notes.append(arrival.note)

    def _place(self, named: NamedSource, arrival: Arrival, digest: str) -> Path | None:
        """Where the file shall lie; None where its content was there already."""
        if self._ledger.collected.has_content(digest) or digest in self._ledger.files():
            return None
        folder = self._input / named.into
        folder.mkdir(parents=True, exist_ok=True)
        name = Path(arrival.name).name.lstrip(".") or "unnamed"
        if (folder / name).exists():
            name = f"{digest[:12]}-{name}"  # another file of the same name
        return folder / name


def _known_by(path: Path, named: NamedSource, arrival: Arrival) -> str:
    """Records say when they happened; of everything else the same said on another day is another file."""
    is_of_records = Path(named.into).parts[:1] in (("cdr",), ("topups",))
    with path.open("rb") as file:
        return identity(file, "" if is_of_records else day_of(arrival.name))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
