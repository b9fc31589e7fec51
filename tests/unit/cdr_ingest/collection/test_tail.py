"""A tailed folder gives each line once, with its header, over rotation and restarts."""

import io
from pathlib import Path

import pytest

from cdr_ingest.collection.tail import TailedFolder
from operator_push.kernel.errors import OperatorError

HEADER = b"a,b\n"


class Reader:
    """Reads what has arrived, as whoever keeps the cursor does."""

    def __init__(self, folder: Path, **options: object) -> None:
        self.source = TailedFolder({"path": str(folder), **options})
        self.cursor = ""

    def read(self) -> list[bytes]:
        found = []
        for arrival in self.source.arrivals(self.cursor, 0):
            target = io.BytesIO()
            self.source.fetch(arrival, target)
            self.cursor = arrival.cursor
            found.append(target.getvalue())
        return found


def append(path: Path, octets: bytes) -> None:
    with path.open("ab") as file:
        file.write(octets)


def test_each_range_has_the_header_and_whole_lines(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    append(tmp_path / "now.csv", HEADER)
    assert reader.read() == []
    append(tmp_path / "now.csv", b"1,2\n3,")
    assert reader.read() == [HEADER + b"1,2\n"]
    append(tmp_path / "now.csv", b"4\n")
    assert reader.read() == [HEADER + b"3,4\n"]
    assert reader.read() == []


def test_a_file_without_a_header(tmp_path: Path) -> None:
    reader = Reader(tmp_path, header=False)
    for line in (b"1\n", b"2\n"):
        append(tmp_path / "now.jsonl", line)
        assert reader.read() == [line]


def test_a_rotated_file_is_read_to_its_end_and_the_new_one_from_its_begin(tmp_path: Path) -> None:
    reader = Reader(tmp_path, pattern="*.csv")
    append(tmp_path / "now.csv", HEADER + b"1,2\n")
    assert reader.read() == [HEADER + b"1,2\n"]
    append(tmp_path / "now.csv", b"3,4\n")
    (tmp_path / "now.csv").rename(tmp_path / "now.csv.1")
    append(tmp_path / "now.csv", HEADER + b"5,6\n")
    assert sorted(reader.read()) == [HEADER + b"3,4\n", HEADER + b"5,6\n"]
    assert reader.read() == []


def test_a_file_that_was_written_anew_is_read_anew(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    append(tmp_path / "now.csv", HEADER + b"1,2\n3,4\n")
    reader.read()
    (tmp_path / "now.csv").write_bytes(HEADER + b"5,6\n")
    assert reader.read() == [HEADER + b"5,6\n"]


def test_much_comes_in_pieces_that_are_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdr_ingest.collection.tail.PIECE_OCTETS_MAX", 10)
    reader = Reader(tmp_path)
    append(tmp_path / "now.csv", HEADER + b"1,2\n3,4\n5,6\n")
    assert reader.read() == [HEADER + b"1,2\n", HEADER + b"3,4\n5,6\n"]


def test_a_reader_that_died_goes_on_where_it_was(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    append(tmp_path / "now.csv", HEADER + b"1,2\n")
    reader.read()
    again = Reader(tmp_path)
    again.cursor = reader.cursor
    append(tmp_path / "now.csv", b"3,4\n")
    assert again.read() == [HEADER + b"3,4\n"]


def test_what_is_written_beside_is_not_read(tmp_path: Path) -> None:
    reader = Reader(tmp_path, pattern="*.csv")
    append(tmp_path / ".now.csv", HEADER + b"1,2\n")
    append(tmp_path / "notes.txt", HEADER + b"1,2\n")
    assert reader.read() == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="there is no folder"):
        TailedFolder({"path": str(tmp_path / "none")})
