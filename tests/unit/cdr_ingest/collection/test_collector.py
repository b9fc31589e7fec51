"""Files are collected from a folder once, whatever dies in between."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from charging_samples import mo_call

from cdr_ingest.collection.collector import Collector, NamedSource, Round
from cdr_ingest.collection.folder import WatchedFolder
from cdr_ingest.collection.port import Arrival
from cdr_ingest.store.collected_files import CollectedFiles
from cdr_ingest.store.file_ledger import FileLedger
from cdr_ingest.store.ledger_rows import FileRow
from operator_push.cdr.file_32297 import FileHeader, Release, write_file
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.instants import MICROS_PER_SECOND

NOW_US = 2_000_000_000 * MICROS_PER_SECOND


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[FileLedger]:
    with FileLedger(tmp_path / "ingest.db") as ledger:
        yield ledger


@pytest.fixture
def there(tmp_path: Path) -> Path:
    folder = tmp_path / "there"
    folder.mkdir()
    return folder


def put(folder: Path, name: str, octets: bytes, at_s: int = 1_000) -> Path:
    path = folder / name
    path.write_bytes(octets)
    os.utime(path, (at_s, at_s))
    return path


def collector(tmp_path: Path, ledger: FileLedger, there: Path, **options: Any) -> Collector:
    source = WatchedFolder({"path": str(there), **options})
    return Collector(tmp_path / "drop", ledger, [NamedSource("med", source, "cdr")])


def landed(tmp_path: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((tmp_path / "drop" / "cdr").glob("*"))}


def test_each_file_lands_once(tmp_path: Path, ledger: FileLedger, there: Path) -> None:
    put(there, "b.csv", b"2", at_s=1)
    put(there, "a.csv", b"1", at_s=2)
    collecting = collector(tmp_path, ledger, there)
    assert collecting.collect(NOW_US) == [Round("med", ["cdr/b.csv", "cdr/a.csv"], [], 2)]
    assert collecting.collect(NOW_US) == [Round("med")]
    put(there, "copy.csv", b"1")
    put(there, "a.csv", b"another")
    [found] = collecting.collect(NOW_US)
    assert found.doubles == ["copy.csv"]
    assert len(found.landed) == 1
    assert sorted(landed(tmp_path).values()) == [b"1", b"2", b"another"]
    assert not [*(tmp_path / "drop" / ".collecting").iterdir()]


def test_what_a_later_day_says_again_lands_but_records_do_not(
    tmp_path: Path, ledger: FileLedger, there: Path
) -> None:
    for name in ("x-2026-10-01.csv", "x-2026-10-02.csv", "y-2026-10-02.csv"):
        put(there, name, b"the same")
    source = WatchedFolder({"path": str(there)})
    crm = Collector(tmp_path / "drop", ledger, [NamedSource("crm", source, "subscribers/snapshot")])
    assert crm.collect(NOW_US)[0].landed == [
        "subscribers/snapshot/x-2026-10-01.csv", "subscribers/snapshot/x-2026-10-02.csv",
    ]  # fmt: skip
    assert collector(tmp_path, ledger, there).collect(NOW_US)[0].landed == ["cdr/x-2026-10-01.csv"]


def test_files_of_two_sequence_numbers_are_two_files(tmp_path: Path, ledger: FileLedger, there: Path) -> None:
    release = Release(16, 3)
    for number in (7, 8):
        header = FileHeader(release, release, 0, 0, 1, number)
        put(there, f"a{number}.cdr", write_file(header, [mo_call()]))
        put(there, f"b{number}.cdr", write_file(header, [mo_call()]))
    [found] = collector(tmp_path, ledger, there).collect(NOW_US)
    assert (found.landed, found.doubles) == (["cdr/a7.cdr", "cdr/a8.cdr"], ["b7.cdr", "b8.cdr"])


def test_content_that_was_ingested_before_does_not_land(
    tmp_path: Path, ledger: FileLedger, there: Path
) -> None:
    path = put(there, "a.csv", b"1")
    digest = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
    ledger.announce([FileRow(digest, 1, path.name, "cdr", 1)])
    assert collector(tmp_path, ledger, there).collect(NOW_US) == [Round("med", doubles=["a.csv"])]


@pytest.mark.parametrize(
    ("options", "complete"),
    [
        ({"complete": "renamed"}, ["a.csv", "a.csv.done", "new.csv"]),
        ({"complete": "stable", "stable_s": 10}, ["a.csv", "a.csv.done"]),
        ({"complete": "marker"}, ["a.csv"]),
        ({"complete": "renamed", "pattern": "n*.csv"}, ["new.csv"]),
    ],
)
def test_only_complete_files_are_taken(
    tmp_path: Path, there: Path, options: dict[str, Any], complete: list[str]
) -> None:
    put(there, "a.csv", b"1")
    put(there, "a.csv.done", b"")
    put(there, "new.csv", b"2", at_s=NOW_US // MICROS_PER_SECOND - 3)
    for name in (".hidden", "b.csv.tmp", "b.csv.part"):
        put(there, name, b"3")
    (there / "folder").mkdir()
    source = WatchedFolder({"path": str(there), **options})
    assert sorted(one.name for one in source.arrivals("", NOW_US)) == complete


@pytest.mark.parametrize("point", ["before", "after"])
def test_a_collector_that_dies_around_its_note_lands_the_file_once(
    tmp_path: Path, ledger: FileLedger, there: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    put(there, "a.csv", b"1")
    note = CollectedFiles.note

    def die(rows: CollectedFiles, row: Any) -> None:
        if point == "after":
            note(rows, row)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(CollectedFiles, "note", die)
        with pytest.raises(KeyboardInterrupt):
            collector(tmp_path, ledger, there).collect(NOW_US)
    assert landed(tmp_path) == {}
    collector(tmp_path, ledger, there).collect(NOW_US)
    assert landed(tmp_path) == {"a.csv": b"1"}
    assert len(ledger.collected.rows()) == 1


def test_a_source_that_fails_keeps_no_other_from_its_round(
    tmp_path: Path, ledger: FileLedger, there: Path
) -> None:
    class Failing:
        def arrivals(self, _cursor: str, _now_us: int) -> list[Arrival]:
            raise ResourceError("gone")

    put(there, "a.csv", b"1")
    good = NamedSource("good", WatchedFolder({"path": str(there)}), "")
    bad = NamedSource("bad", Failing(), "")  # type: ignore[arg-type]
    rounds = Collector(tmp_path / "drop", ledger, [bad, good]).collect(NOW_US)
    assert [(one.error, one.landed) for one in rounds] == [("gone", []), ("", ["a.csv"])]


def test_a_cursor_is_that_of_the_newest_file(tmp_path: Path, ledger: FileLedger) -> None:
    class Counting:
        def arrivals(self, cursor: str, _now_us: int) -> Iterator[Arrival]:
            first = int(cursor or 0)
            for number in range(first, first + 2):
                yield Arrival(f"{number}", f"{number}", f"{number + 1}", "noted" if number == 2 else "")

        def fetch(self, arrival: Arrival, target: Any) -> None:
            target.write(arrival.name.encode())

        def close(self) -> None:
            pass

    collecting = Collector(tmp_path / "drop", ledger, [NamedSource("n", Counting(), "cdr")])
    assert collecting.collect(NOW_US)[0].landed == ["cdr/0", "cdr/1"]
    assert collecting.collect(NOW_US)[0].notes == ["noted"]
    assert sorted(landed(tmp_path)) == ["0", "1", "2", "3"]


@pytest.mark.parametrize("options", [{}, {"path": "/nowhere"}, {"path": ".", "colour": 1}])
def test_options_that_cannot_be_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OperatorError):
        WatchedFolder(options)
