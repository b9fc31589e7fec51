"""Runs: rejects, repeats, later runs over the same folder, withdrawal, failures."""

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ingest_drop import EVERYTHING, KEY, NOW, Drop, counts, write_key, write_snapshot

from cdr_ingest.ingest import run as run_module
from cdr_ingest.ingest.out_folder import OutFolder
from cdr_ingest.ingest.run import ingest
from cdr_ingest.ingest.settings import IngestSettings
from cdr_ingest.progress import SilentProgress
from cdr_ingest.store.file_ledger import FileLedger
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.errors import OperatorError, ResourceError

ASHA, BINA = "919845000001", "919845000002"
AS_OF = date(2026, 10, 31)


def call(record_id: str, msisdn: str = ASHA, at: str = "2026-10-10T12:00:00+05:30", cell: str = "") -> str:
    return f"{record_id},MO_CALL,{msisdn},919845111111,{at},60,,,{cell}"


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    return Drop(tmp_path, {ASHA: (1, EVERYTHING), BINA: (2, EVERYTHING)})


def rejects(drop: Drop) -> list[dict[str, str]]:
    with (drop.out / "rejects.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


REJECTED = f"""
TRUNCATED_ROW      r,MO_CALL,{ASHA},919845111111,2026-10-10T12:00:00+05:30
EXTRA_COLUMNS      r,MO_CALL,{ASHA},919845111111,2026-10-10T12:00:00+05:30,60,,,,x
MISSING_FIELD      ,MO_CALL,{ASHA},919845111111,2026-10-10T12:00:00+05:30,60,,,
MISSING_FIELD      r,,{ASHA},919845111111,2026-10-10T12:00:00+05:30,60,,,
MISSING_FIELD      r,MO_CALL,,919845111111,2026-10-10T12:00:00+05:30,60,,,
MISSING_FIELD      r,MO_CALL,{ASHA},919845111111,,60,,,
MISSING_FIELD      r,MO_CALL,{ASHA},,2026-10-10T12:00:00+05:30,60,,,
MISSING_FIELD      r,MO_CALL,{ASHA},919845111111,2026-10-10T12:00:00+05:30,,,,
MISSING_FIELD      r,DATA_SESSION,{ASHA},,2026-10-10T12:00:00+05:30,60,1,,
UNKNOWN_KIND       r,FAX,{ASHA},919845111111,2026-10-10T12:00:00+05:30,60,,,
BAD_NUMBER         r,MO_CALL,09845000001,919845111111,2026-10-10T12:00:00+05:30,60,,,
BAD_NUMBER         r,MO_CALL,91984x000001,919845111111,2026-10-10T12:00:00+05:30,60,,,
BAD_NUMBER         r,MO_CALL,{ASHA},9198!5111111,2026-10-10T12:00:00+05:30,60,,,
IMPOSSIBLE_DATE    r,MO_CALL,{ASHA},919845111111,2026-02-30T12:00:00+05:30,60,,,
IMPOSSIBLE_DATE    r,MO_CALL,{ASHA},919845111111,2026-10-10T24:00:00+05:30,60,,,
IMPOSSIBLE_DATE    r,MO_CALL,{ASHA},919845111111,2026-10-10T12:00:00,60,,,
IMPOSSIBLE_DATE    r,MO_CALL,{ASHA},919845111111,1999-12-31T12:00:00+05:30,60,,,
IMPOSSIBLE_DATE    r,MO_CALL,{ASHA},919845111111,2026-11-04T12:00:00+05:30,60,,,
IMPOSSIBLE_DATE    r,MO_CALL,{ASHA},919845111111,10.10.2026 12:00,60,,,
NEGATIVE_DURATION  r,MO_CALL,{ASHA},919845111111,2026-10-10T12:00:00+05:30,-1,,,
BAD_VALUE          r,MO_CALL,{ASHA},919845111111,2026-10-10T12:00:00+05:30,1.5,,,
BAD_VALUE          r,MO_CALL,{ASHA},919845111111,2026-10-10T12:00:00+05:30,9999999,,,
BAD_VALUE          r,DATA_SESSION,{ASHA},,2026-10-10T12:00:00+05:30,60,-5,1,
UNKNOWN_CELL       r,MO_CALL,{ASHA},919845111111,2026-10-10T12:00:00+05:30,60,,,XXX1
"""


def cases(table: str) -> list[tuple[int, str, str]]:
    """(number, reason, row) of each line."""
    return [(number, *line.split(maxsplit=1)) for number, line in enumerate(table.strip().splitlines())]


@pytest.fixture(scope="module")
def rejecting(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The report and the rejects of one run of many files: each case's row beside a good one."""
    drop = Drop(tmp_path_factory.mktemp("rejecting"), {ASHA: (1, EVERYTHING)})
    drop.cells("BLR1,Bengaluru,12.9,77.6")
    for number, _, row in cases(REJECTED):
        drop.cdrs(call(f"good{number}", cell="BLR1"), row, name=f"{number:02}.csv")
    return drop.run(AS_OF), rejects(drop)


@pytest.mark.parametrize(("number", "reason", "row"), cases(REJECTED))
def test_a_cdr_is_rejected_for_its_own_reason(
    rejecting: tuple[dict[str, Any], list[dict[str, str]]], number: int, reason: str, row: str
) -> None:
    report, rejected = rejecting
    assert counts(report["files"][number]) == (2, 1, 1, 0, 0)
    file = f"cdr/{number:02}.csv"
    assert report["files"][number]["file"] == file
    assert [(each["line"], each["reason"]) for each in rejected if each["file"] == file] == [("3", reason)]


def test_a_report_counts_rejects_by_their_reason(
    rejecting: tuple[dict[str, Any], list[dict[str, str]]],
) -> None:
    report, rejected = rejecting
    assert counts(report) == (2 * len(rejected), len(rejected), len(rejected), 0, 0)
    assert report["rejected_by_reason"] == Counter(reason for _, reason, _ in cases(REJECTED))


SUBSCRIBERS_REJECTED = f"""
BAD_VALUE        {ASHA},12345,2020-01-01,1990,hi,Talk 99,true,android
IMPOSSIBLE_DATE  {ASHA},404980000000001,2020-13-01,1990,hi,Talk 99,true,android
IMPOSSIBLE_DATE  {ASHA},404980000000001,2099-01-01,1990,hi,Talk 99,true,android
BAD_VALUE        {ASHA},404980000000001,2020-01-01,1803,hi,Talk 99,true,android
BAD_VALUE        {ASHA},404980000000001,2020-01-01,2030,hi,Talk 99,true,android
BAD_VALUE        {ASHA},404980000000001,2020-01-01,1990,hindi,Talk 99,true,android
BAD_VALUE        {ASHA},404980000000001,2020-01-01,1990,hi,Talk {ASHA},true,android
BAD_VALUE        {ASHA},404980000000001,2020-01-01,1990,hi,Talk 99,yes,android
BAD_VALUE        {ASHA},404980000000001,2020-01-01,1990,hi,Talk 99,true,palm
MISSING_FIELD    {ASHA},404980000000001,2020-01-01,1990,hi,,true,android
"""


def test_a_subscriber_row_is_rejected_for_its_own_reason(drop: Drop) -> None:
    for number, _, row in cases(SUBSCRIBERS_REJECTED):
        drop.subscribers(row, name=f"subscribers/{number:02}.csv")
    report = drop.run(AS_OF)
    assert [(reject["file"], reject["reason"]) for reject in rejects(drop)] == [
        (f"subscribers/{number:02}.csv", reason) for number, reason, _ in cases(SUBSCRIBERS_REJECTED)
    ]
    assert report["rejected_by_reason"] == Counter(reason for _, reason, _ in cases(SUBSCRIBERS_REJECTED))
    assert ASHA not in (drop.out / "rejects.csv").read_text()


def test_a_top_up_needs_a_plain_amount(drop: Drop) -> None:
    for number, amount in enumerate(["-5", "ten", "1e3", "5.1234567", ""]):
        drop.top_ups(f"t1,{ASHA},2026-10-20T09:00:00+05:30,{amount},app", name=f"{number}.csv")
    report = drop.run(AS_OF)
    assert [file["rejected"] for file in report["files"]] == [1] * 5


def test_rejects_show_no_number_and_keep_what_helps(drop: Drop) -> None:
    drop.cdrs(
        f"r1,MO_CALL,{ASHA},919845111111,2026-02-30T12:00:00+05:30,60,,,",
        "r2,MO_CALL,+91 98450 00001,98-45-11-11-11-1,2026-10-10T12:00:00+05:30,60",
        "r3,MO_CALL,91984x000001,919845111111,2026-10-10T12:00:00+05:30,60,,,",
    )
    drop.run(AS_OF)
    assert [reject["raw"] for reject in rejects(drop)] == [
        "r1,MO_CALL,919…01,919…11,2026-02-30T12:00:00+05:30,60,,,",
        "r2,MO_CALL,+91…01,98-…-1,2026-10-10T12:00:00+05:30,60",
        "r3,MO_CALL,919…01,919…11,2026-10-10T12:00:00+05:30,60,,,",
    ]
    assert [reject["detail"] for reject in rejects(drop)] == [
        "started_at is 2026-02-30T12:00:00+05:30",
        "6 columns, 9 expected",
        "msisdn is 919…01",
    ]


def test_the_same_record_counts_once_across_files(drop: Drop) -> None:
    drop.cdrs(call("r1"), call("r2"), call("r1"), name="a.csv")
    drop.cdrs(call("r2"), call("r3"), name="b.csv")
    report = drop.run(AS_OF)
    assert counts(report) == (5, 3, 0, 2, 0)
    assert [counts(file) for file in report["files"]] == [(3, 2, 0, 1, 0), (2, 1, 0, 1, 0)]
    assert drop.features()[1]["calls_30d"] == 3


def test_a_record_id_that_comes_round_again_is_another_record(drop: Drop) -> None:
    drop.cdrs(call("r1"), call("r1", at="2026-10-10T12:00:01+05:30"), call("r1", msisdn=BINA))
    assert counts(drop.run(AS_OF)) == (3, 3, 0, 0, 0)


def test_the_same_moment_in_another_zone_is_the_same_record(drop: Drop) -> None:
    drop.cdrs(call("r1"), call("r1", at="2026-10-10T06:30:00Z"))
    assert counts(drop.run(AS_OF)) == (2, 1, 0, 1, 0)


def test_a_subscriber_row_repeats_only_what_was_said_last(drop: Drop) -> None:
    row = f"{ASHA},404980000000001,2020-01-01,1990,hi,{{}},true,android"
    drop.subscribers(row.format("A"), row.format("A"), row.format("B"), row.format("A"))
    assert counts(drop.run(AS_OF)) == (4, 3, 0, 1, 0)
    assert drop.features()[1]["plan"] == "A"


def test_a_file_is_read_once_and_its_records_stay(drop: Drop) -> None:
    drop.cdrs(call("r1"), name="a.csv")
    drop.run(AS_OF)
    drop.cdrs(call("r1"), call("r2"), name="b.csv")
    report = drop.run(AS_OF)
    assert counts(report) == (2, 1, 0, 1, 0)  # a.csv was not read; its record is known as a repeat in b.csv
    assert report["already_ingested_files"] == 1
    assert [file["already_ingested_in_run"] for file in report["files"]] == [1, None]
    assert drop.features()[1]["calls_30d"] == 2


def test_a_file_of_another_name_and_the_same_content_is_the_same_file(drop: Drop) -> None:
    drop.cdrs(call("r1"), name="a.csv")
    drop.cdrs(call("r1"), name="copy.csv")
    report = drop.run(AS_OF)
    assert counts(report) == (1, 1, 0, 0, 0)
    assert report["already_ingested_files"] == 1


def test_a_run_without_new_files_counts_nothing_and_keeps_the_features(drop: Drop) -> None:
    drop.cdrs(call("r1"))
    drop.run(AS_OF)
    before = drop.features()
    assert counts(drop.run(AS_OF)) == (0, 0, 0, 0, 0)
    assert drop.features() == before


def test_who_withdraws_is_gone_at_the_next_run(drop: Drop) -> None:
    drop.cells("BLR1,Bengaluru,12.9,77.6")
    drop.cdrs(call("r1", at="2026-10-10T22:00:00+05:30", cell="BLR1"), call("r2", msisdn=BINA))
    drop.run(AS_OF)
    assert drop.features()[1]["home.city"] == "Bengaluru"
    drop.permit({ASHA: (1, EVERYTHING & ~DataPurpose.LOCATION), BINA: (2, DataPurpose.TOP_UP)})
    drop.run(AS_OF)
    assert drop.features()[1]["home.city"] is None
    assert 2 not in drop.features()
    drop.permit({ASHA: (1, EVERYTHING), BINA: (2, EVERYTHING)})
    drop.run(AS_OF)
    assert drop.features()[1]["home.city"] is None  # what was erased does not come back
    assert 2 not in drop.features()
    assert [*(drop.out / "records" / "cdr").glob("day=*")] == [drop.out / "records/cdr/day=2026-10-10"]


def test_a_place_is_not_kept_without_the_use_of_location(drop: Drop) -> None:
    drop.permit({ASHA: (1, DataPurpose.CALL_DATA)})
    drop.cells("BLR1,Bengaluru,12.9,77.6")
    drop.cdrs(call("r1", cell="BLR1"))
    drop.run(AS_OF)
    [day] = (drop.out / "records" / "cdr").glob("day=*/*.parquet")
    assert b"BLR1" not in day.read_bytes()


def test_cells_are_counted_apart_and_their_rejects_lie_apart(drop: Drop) -> None:
    drop.cells("BLR1,Bengaluru,12.9,77.6", "BLR2,Bengaluru,north,77.6", "BLR3,,12.9,77.6")
    drop.cdrs(call("r1", cell="BLR1"), call("r2", cell="BLR2"))
    report = drop.run(AS_OF)
    assert counts(report) == (2, 1, 1, 0, 0)
    assert counts(report["cells"]) == (3, 1, 2, 0, 0)
    assert (drop.out / "cell-rejects.csv").read_text().count("\n") == 3
    assert len(rejects(drop)) == 1


def test_columns_may_stand_in_another_order_and_beside_others(drop: Drop) -> None:
    path = drop.input / "topups" / "other.csv"
    path.parent.mkdir()
    path.write_text(
        "channel,note,amount_rupees,topped_up_at,msisdn,record_id\n"
        f'app,"a, b",10.00,2026-10-20T09:00:00+05:30,"{ASHA}",t1\r\n'
    )
    assert counts(drop.run(AS_OF)) == (1, 1, 0, 0, 0)
    assert drop.features()[1]["spend_30d"] == 10.0


def test_a_file_with_a_foreign_header_is_rejected_row_by_row(drop: Drop) -> None:
    drop.cdrs(call("r1"))
    path = drop.input / "cdr" / "b.csv"
    path.write_text(f"{call('r2')}\n{call('r3')}\n")
    report = drop.run(AS_OF)
    assert counts(report) == (3, 1, 2, 0, 0)
    assert report["rejected_by_reason"] == {"UNKNOWN_HEADER": 2}
    assert [reject["line"] for reject in rejects(drop)] == ["1", "2"]


def test_files_that_nobody_claims_are_named(drop: Drop) -> None:
    drop.cdrs(call("r1"))
    (drop.input / "late.csv.gz").write_bytes(b"")
    (drop.input / "consents.csv").write_bytes(b"")
    assert drop.run(AS_OF)["ignored_files"] == ["late.csv.gz"]


def test_a_missing_or_empty_input_folder_is_named(drop: Drop) -> None:
    with pytest.raises(OperatorError, match="nothing to ingest; expected cells"):
        drop.run()
    drop.input.rmdir()
    with pytest.raises(OperatorError, match="does not exist"):
        drop.run()


def test_a_zone_must_exist(drop: Drop) -> None:
    drop.cdrs(call("r1"))
    with pytest.raises(OperatorError, match="--zone: 'Asia/Bangalore' is no time zone"):
        drop.run(zone="Asia/Bangalore")


def test_another_key_is_refused(drop: Drop) -> None:
    drop.cdrs(call("r1"))
    drop.run(AS_OF)
    other = bytes(reversed(KEY))
    write_key(drop.key_file, other)
    with pytest.raises(OperatorError, match="made with pseudonym key"):
        drop.run(AS_OF)
    write_snapshot(drop.snapshot, {ASHA: (1, EVERYTHING)}, other)
    with pytest.raises(OperatorError, match="use a new folder"):
        drop.run(AS_OF)


def test_two_runs_do_not_share_a_folder(drop: Drop) -> None:
    drop.cdrs(call("r1"))
    with OutFolder(drop.out).locked(), pytest.raises(ResourceError, match="another run is at work"):
        drop.run(AS_OF)


def test_a_run_that_dies_before_its_commit_leaves_what_was(
    drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop.cdrs(call("r1"))
    drop.run(AS_OF)
    before = drop.features()
    drop.cdrs(call("r2"), name="b.csv")

    def die(*_: object) -> None:
        raise ResourceError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(FileLedger, "commit", die)
        with pytest.raises(ResourceError):
            drop.run(AS_OF)
    assert drop.features() == before
    assert not (drop.out / ".work").exists()
    report = drop.run(AS_OF)
    assert (report["run"], *counts(report)) == (2, 1, 1, 0, 0, 0)
    assert drop.features()[1]["calls_30d"] == 2


def test_a_run_that_dies_after_its_commit_is_made_good_by_the_next(
    drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop.cdrs(call("r1"))

    def die(*_: object) -> None:
        raise ResourceError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(OutFolder, "publish", die)
        with pytest.raises(ResourceError):
            drop.run(AS_OF)
    report = drop.run(AS_OF)
    assert (report["run"], report["already_ingested_files"]) == (2, 1)
    assert drop.features()[1]["calls_30d"] == 1


def test_a_file_that_grows_while_it_is_read_is_refused(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    drop.cdrs(call("r1"))
    find_input = run_module.find_input

    def find_and_append(*arguments: object) -> object:
        found = find_input(*arguments)  # type: ignore[arg-type]
        with (drop.input / "cdr" / "a.csv").open("a") as file:
            file.write(call("r2") + "\n")
        return found

    monkeypatch.setattr(run_module, "find_input", find_and_append)
    with pytest.raises(ResourceError, match="changed while it was read"):
        drop.run(AS_OF)


def test_the_report_lies_in_the_folder_and_every_run_keeps_its_own(drop: Drop) -> None:
    drop.cdrs(call("r1"), "broken")
    report = drop.run(AS_OF)
    assert json.loads((drop.out / "run.json").read_text()) == report
    drop.run(AS_OF)
    assert (drop.out / "rejects.csv").read_text() == "file,line,reason,detail,raw\n"
    assert (drop.out / "runs" / "000001" / "rejects.csv").read_text().count("\n") == 2
    with FileLedger(drop.out / "ingest.db") as ledger:
        assert [(row.run_no, row.read, row.rejected) for row in ledger.runs()] == [(1, 2, 1), (2, 0, 0)]


def test_too_little_memory_is_named(drop: Drop) -> None:
    drop.cdrs(call("r1"))
    settings = IngestSettings(drop.input, drop.snapshot, drop.key_file, drop.out, memory_limit="100KB")
    with pytest.raises(ResourceError, match="raise --memory-limit"):
        ingest(settings, NOW, lambda: 0.0, SilentProgress())


def test_a_file_of_nothing_but_short_rows_is_rejected_whole(drop: Drop) -> None:
    drop.cdrs("short", "shorter")
    assert counts(drop.run(AS_OF)) == (2, 0, 2, 0, 0)


def test_an_out_folder_that_cannot_be_made_is_named(drop: Drop) -> None:
    drop.cdrs(call("r1"))
    drop.out.write_text("a file")
    with pytest.raises(ResourceError, match="out: "):
        drop.run(AS_OF)
