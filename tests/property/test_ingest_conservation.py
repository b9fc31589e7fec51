"""Every row of any drop is accounted for, once, in its own file."""

import csv
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_drop import EVERYTHING, KEY, Drop, counts, write_rows, write_snapshot

from cdr_ingest.door.row_filter import MomentBounds, RowFilter
from cdr_ingest.door.snapshot import read_snapshot
from cdr_ingest.formats.layouts import LAYOUTS, RowKind
from cdr_ingest.reading.opening import read_rows
from operator_push.kernel.contracts import DataPurpose

PEOPLE = {
    "919845000001": (1, EVERYTHING),
    "919845000002": (2, DataPurpose.CALL_DATA | DataPurpose.TOP_UP),
    "919845000003": (3, DataPurpose.SUBSCRIBER_RECORD),
    "919845000004": (4, DataPurpose.NONE),
}
NUMBERS = st.sampled_from([*PEOPLE, "919845000009", "+919845000001", "0984", "", "x"])
MOMENTS = st.sampled_from(
    ["2026-10-10T12:00:00+05:30", "2026-10-31T23:59:59+05:30", "2026-02-30T00:00:00Z", ""]
)
FIELDS = st.sampled_from(
    ["", "0", "-1", "60", "1.5", "x" * 30, '"', '"a,b"', "9" * 20, "BLR1", "XX", "\t", "é", "\r"]
)
CDRS = st.builds(
    lambda number, kind, msisdn, at, rest: ",".join([f"r{number}", kind, msisdn, "919845111111", at, *rest]),
    st.integers(1, 3),
    st.sampled_from(["MO_CALL", "MT_SMS", "DATA_SESSION", "FAX"]),
    NUMBERS,
    MOMENTS,
    st.lists(FIELDS, min_size=2, max_size=5) | st.just(["60", "", "10", "BLR1"]),
)
TOP_UPS = st.builds(
    lambda number, msisdn, at, rest: ",".join([f"t{number}", msisdn, at, *rest]),
    st.integers(1, 3),
    NUMBERS,
    MOMENTS,
    st.lists(FIELDS, min_size=1, max_size=3) | st.just(["10.00", "app"]),
)
SUBSCRIBERS = st.builds(
    lambda msisdn, plan, rest: ",".join([msisdn, "404980000000001", "2020-01-01", "1990", "hi", plan, *rest]),
    NUMBERS,
    st.sampled_from(["A", "B", ""]),
    st.lists(FIELDS, min_size=1, max_size=3) | st.just(["true", "android"]),
)
GARBAGE = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=30)


def files(rows: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    return st.lists(st.lists(rows | GARBAGE, max_size=8), max_size=3)


@settings(max_examples=12, deadline=None)
@given(cdrs=files(CDRS), top_ups=files(TOP_UPS), subscribers=st.lists(SUBSCRIBERS | GARBAGE, max_size=6))
def test_read_is_accepted_rejected_duplicates_and_not_permitted(
    cdrs: list[list[str]], top_ups: list[list[str]], subscribers: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        drop = Drop(Path(folder), PEOPLE)
        drop.cells("BLR1,Bengaluru,12.9,77.6")
        drop.subscribers(*subscribers)
        written = {"subscribers.csv": subscribers}
        for number, rows in enumerate(cdrs):
            drop.cdrs(*rows, name=f"{number}.csv")
            written[f"cdr/{number}.csv"] = rows
        for number, rows in enumerate(top_ups):
            drop.top_ups(*rows, name=f"{number}.csv")
            written[f"topups/{number}.csv"] = rows
        report = drop.run(date(2026, 10, 31))

        read, accepted, rejected, duplicates, not_permitted = counts(report)
        assert read == accepted + rejected + duplicates + not_permitted
        for file in report["files"]:
            assert min(counts(file)) >= 0
            if file["already_ingested_in_run"] is None:
                # A row that is only a carriage return is an empty line.
                assert file["read"] == sum(1 for row in written[file["file"]] if row not in ("", "\r"))
        assert [sum(column) for column in zip(*map(counts, report["files"]), strict=True)] == [
            *counts(report)
        ]

        with (drop.out / "rejects.csv").open(encoding="utf-8", newline="") as file:
            rejects = [*csv.DictReader(file)]
        assert Counter(row["reason"] for row in rejects) == report["rejected_by_reason"]
        assert Counter(row["file"] for row in rejects) == {
            file["file"]: file["rejected"] for file in report["files"] if file["rejected"]
        }
        places = [(row["file"], row["line"]) for row in rejects]
        assert len(set(places)) == len(places)
        assert set(drop.features()) <= {1, 2, 3}
        # The same drop again: every file is known, nothing is read, nothing changes.
        before = drop.features()
        assert counts(drop.run(date(2026, 10, 31))) == (0, 0, 0, 0, 0)
        assert drop.features() == before


@settings(max_examples=6, deadline=None)
@given(
    rows=st.lists(CDRS, max_size=12),
    cut=st.integers(0, 12),
)
def test_features_do_not_depend_on_how_rows_are_cut_into_files_and_runs(rows: list[str], cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole = Drop(Path(folder) / "whole", PEOPLE)
        whole.cdrs(*rows)
        whole_report = whole.run(date(2026, 10, 31))
        parts = Drop(Path(folder) / "parts", PEOPLE)
        parts.cdrs(*rows[:cut], name="1.csv")
        first = parts.run(date(2026, 10, 31))
        parts.cdrs(*rows[cut:], name="2.csv")
        second = parts.run(date(2026, 10, 31))
        assert parts.features() == whole.features()
        if second["already_ingested_files"] == 1:  # both parts may be the same file
            for name in ("read", "accepted", "rejected", "duplicates", "not_permitted"):
                assert first[name] + second[name] == whole_report[name]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RowFilter]:
    path = write_snapshot(tmp_path_factory.mktemp("door") / "snapshot.parquet", PEOPLE)
    door = RowFilter(read_snapshot(path, KEY), KEY, MomentBounds(0, 2 * 10**15), 1, "256MB")
    door.know_cells(["BLR1"])
    yield door
    door.close()


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(CDRS | GARBAGE, max_size=30), block_octets=st.sampled_from([1, 40, 10_000]))
def test_the_door_accounts_for_every_row_of_every_block(
    door: RowFilter, rows: list[str], block_octets: int
) -> None:
    layout = LAYOUTS[RowKind.CDR]
    with tempfile.TemporaryDirectory() as folder:
        path = write_rows(Path(folder) / "a.csv", layout.columns, rows)
        next_line_no = 2
        read = 0
        for block in read_rows(path, layout, block_octets=block_octets):
            filtered = door.filter_block(layout, block, file_no=7)
            read += filtered.read
            assert filtered.read == len(filtered.rejects) + filtered.not_permitted + filtered.kept.num_rows
            lines = [reject.line_no for reject in filtered.rejects]
            lines += [position & 2**32 - 1 for position in filtered.kept.column("position").to_pylist()]
            assert len(set(lines)) == len(lines)
            assert all(line_no >= next_line_no for line_no in lines)
            next_line_no = max([next_line_no, *(line_no + 1 for line_no in lines)])
            assert set(filtered.kept.column("subscriber_no").to_pylist()) <= {1, 2}
        assert read == sum(1 for row in rows if row not in ("", "\r"))
