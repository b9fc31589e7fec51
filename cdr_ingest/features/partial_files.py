"""Partial files: the partials that are kept, by day, and what each day was made from.

OUT/partials/NAME/day=N/FILE.parquet, and manifest.json, which alone says which files count. It is replaced
as a whole after the files are on disk, so that a computation that dies leaves what was in force.
"""

import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from cdr_ingest.features.needs import PartialNeed
from cdr_ingest.features.partials import VERSION, Partial


class Day(msgspec.Struct):
    """One local day of a partial: a digest of what it was made from, its sums, its files below the root."""

    made_from: str
    columns: list[str]
    files: list[str]


class Manifest(msgspec.Struct):
    """What is kept. Days are local days since 1970 in `zone`, by partial."""

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

    def stale(self, partial: Partial, wanted: Mapping[int, str], columns: Collection[str]) -> list[int]:
        """The days to sum: `wanted` is day → digest of what it would be made from, `columns` the sums."""
        kept = self._kept.days.get(partial.value, {})
        return sorted(
            day
            for day, digest in wanted.items()
            if day not in kept or kept[day].made_from != digest or not set(columns) <= {*kept[day].columns}
        )

    def keep_only(self, partial: Partial, possible: Mapping[int, str]) -> None:
        """Forget the days that were made from something else than what is `possible` now."""
        kept = self._kept.days.get(partial.value, {})
        self._kept.days[partial.value] = {
            day: each for day, each in kept.items() if possible.get(day) == each.made_from
        }

    def take(
        self, partial: Partial, made_from: Mapping[int, str], columns: Collection[str], made: Path, tag: str
    ) -> None:
        """Take over days (each with its digest) from the folder `made`, with day=N/.

        `tag` makes the names of this computation's files its own.
        """
        days = self._kept.days.setdefault(partial.value, {})
        for day, digest in made_from.items():
            days[day] = Day(digest, sorted(columns), self._take(made, partial, day, tag))
        self._kept.days[partial.value] = dict(sorted(days.items()))

    def commit(self) -> None:
        """From here on the manifest's files count; all others are removed."""
        self._root.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(".part")
        beside.write_bytes(msgspec.json.encode(self._kept))
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(beside, self._path)
        counting = {name for days in self._kept.days.values() for day in days.values() for name in day.files}
        for path in self._root.rglob("*.parquet"):
            if path.relative_to(self._root).as_posix() not in counting:
                path.unlink()
        for folder in self._root.glob("*/day=*"):
            if not any(folder.iterdir()):
                folder.rmdir()

    def files(self, partial: Partial, need: PartialNeed, last_day: int) -> list[Path]:
        """The files of a partial of the days that are needed."""
        return [
            self._root / name
            for number, day in self._kept.days.get(partial.value, {}).items()
            if need.covers(number, last_day)
            for name in day.files
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
