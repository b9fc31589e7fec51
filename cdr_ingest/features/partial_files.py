"""Partial files: the partials that are kept, by day, and what each day was made from.

OUT/partials/NAME/day=N/FILE.parquet, and manifest.json, which alone says which files count. It is replaced
as a whole after the files are on disk, so that a computation that dies leaves what was in force.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from cdr_ingest.features.partials import VERSION, Partial


class Day(msgspec.Struct):
    """One local day: a digest of what it was made from, and its files by partial, below the root."""

    made_from: str
    files: dict[str, list[str]]


class Manifest(msgspec.Struct):
    """What is kept. Days are local days since 1970 in `zone`, by kind of record."""

    version: int
    zone: str
    days: dict[str, dict[int, Day]]


class PartialFiles:
    """The kept partials below one folder."""

    def __init__(self, root: Path, zone: str) -> None:
        self._root = root
        self._path = root / "manifest.json"
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=Manifest)
        except (FileNotFoundError, msgspec.DecodeError):
            kept = None
        if kept is None or (kept.version, kept.zone) != (VERSION, zone):
            kept = Manifest(VERSION, zone, {})
        self._kept = kept

    def stale(self, kind: str, wanted: Mapping[int, str]) -> list[int]:
        """The days that must be summed: `wanted` is day → digest of what it would be made from."""
        kept = self._kept.days.get(kind, {})
        return sorted(
            day for day, digest in wanted.items() if day not in kept or kept[day].made_from != digest
        )

    def replace(self, kind: str, wanted: Mapping[int, str], made: Mapping[Partial, Path], tag: str) -> None:
        """Take over new days from the folders `made` (each with day=N/) and forget those not `wanted`.

        `tag` makes the names of this computation's files its own.
        """
        kept = self._kept.days.get(kind, {})
        stale = set(self.stale(kind, wanted))
        days = {day: each for day, each in kept.items() if day in wanted and day not in stale}
        for day in stale:
            files = {partial.value: self._take(folder, partial, day, tag) for partial, folder in made.items()}
            days[day] = Day(wanted[day], files)
        self._kept.days[kind] = dict(sorted(days.items()))

    def commit(self) -> None:
        """From here on the manifest's files count; all others are removed."""
        self._root.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(".part")
        beside.write_bytes(msgspec.json.encode(self._kept))
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(beside, self._path)
        counting = {
            name
            for days in self._kept.days.values()
            for day in days.values()
            for names in day.files.values()
            for name in names
        }
        for path in self._root.rglob("*.parquet"):
            if path.relative_to(self._root).as_posix() not in counting:
                path.unlink()
        for folder in self._root.glob("*/day=*"):
            if not any(folder.iterdir()):
                folder.rmdir()

    def files(self, kind: str, partial: Partial, last_day: int) -> list[Path]:
        """The files of a partial until a day, included."""
        return [
            self._root / name
            for number, day in self._kept.days.get(kind, {}).items()
            if number <= last_day
            for name in day.files.get(partial.value, [])
        ]

    def _take(self, folder: Path, partial: Partial, day: int, tag: str) -> list[str]:
        target = self._root / partial.value / f"day={day}"
        names = []
        for place, file in enumerate(sorted((folder / f"day={day}").glob("*.parquet"))):
            target.mkdir(parents=True, exist_ok=True)
            name = f"{tag}-{place}.parquet"
            shutil.move(file, target / name)
            names.append((target / name).relative_to(self._root).as_posix())
        return names
