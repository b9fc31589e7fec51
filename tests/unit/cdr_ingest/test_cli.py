"""The program as its user meets it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ingest_drop import EVERYTHING, Drop

from cdr_ingest.cli import main

ASHA = "919845000001"


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    drop = Drop(tmp_path, {ASHA: (1, EVERYTHING)})
    drop.cdrs(f"r1,MO_CALL,{ASHA},919845111111,2026-10-10T12:00:00+05:30,60,,,", "broken")
    return drop


def run(drop: Drop, *more: str) -> Result:
    files = ["--input", drop.input, "--snapshot", drop.snapshot, "--key-file", drop.key_file]
    return invoke("run", *files, "--out", drop.out, *more)


def test_a_run_tells_the_whole_sum(drop: Drop) -> None:
    result = run(drop)
    assert result.exit_code == 0
    assert "2 rows read = 1 accepted + 1 rejected + 0 duplicates + 0 not permitted" in result.stdout
    assert "TRUNCATED_ROW 1" in result.stdout
    assert "1 profiles as of 2026-10-10" in result.stdout
    assert "reading …" in result.stderr


def test_json_prints_run_json_and_nothing_else(drop: Drop) -> None:
    result = run(drop, "--json", "--as-of", "2026-10-31")
    assert json.loads(result.stdout) == json.loads((drop.out / "run.json").read_text())


def test_a_second_run_names_what_it_did_not_read_again(drop: Drop) -> None:
    run(drop)
    (drop.input / "x.gz").write_bytes(b"")
    result = run(drop)
    assert "1 files were ingested before and not read again" in result.stdout
    assert "not read: x.gz" in result.stdout


def test_runs_lists_every_run(drop: Drop) -> None:
    run(drop)
    run(drop)
    listed = invoke("runs", "--out", drop.out).stdout.splitlines()
    assert listed[0].split()[:3] == ["run", "as", "of"]
    assert [line.split()[:3] for line in listed[1:]] == [["1", "2026-10-10", "2"], ["2", "2026-10-10", "0"]]
    assert [row["run_no"] for row in json.loads(invoke("runs", "--out", drop.out, "--json").stdout)] == [1, 2]


def test_a_wrong_call_is_one_sentence_and_exit_status_2(drop: Drop, tmp_path: Path) -> None:
    drop.key_file.write_text("zz")
    result = run(drop)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("cdr-ingest: ")
    assert "hexadecimal" in result.stderr
    assert "Traceback" not in result.stderr
    assert invoke("runs", "--out", tmp_path / "nothing").exit_code == 2


def test_a_date_is_written_as_one(drop: Drop) -> None:
    result = run(drop, "--as-of", "31.10.2026")
    assert result.exit_code == 2
    assert "write it as 2026-10-31" in result.stderr


def test_generate_writes_and_counts(tmp_path: Path) -> None:
    result = invoke(
        "generate", "--out", tmp_path / "d", "--subscribers", 20, "--days", 2, "--as-of", "2026-05-02"
    )
    assert result.exit_code == 0
    assert "written rows: cdr" in result.stdout
    assert sorted(path.name for path in (tmp_path / "d" / "cdr").iterdir()) == [
        "msc001_20260501.csv",
        "msc001_20260502.csv",
    ]
    again = invoke("generate", "--out", tmp_path / "d", "--subscribers", 20)
    assert again.exit_code == 2
    assert "not empty" in again.stderr


def test_generate_counts_as_json(tmp_path: Path) -> None:
    counted = json.loads(invoke("generate", "--out", tmp_path / "d", "--subscribers", 20, "--json").stdout)
    assert set(counted) == {"files", "rows", "faults", "repeated"}


@pytest.mark.parametrize("command", ["generate", "run", "runs"])
def test_help_reads_like_a_page(command: str) -> None:
    assert command in invoke("--help").stdout
    assert "--out" in invoke(command, "--help").stdout


@pytest.fixture
def people(tmp_path: Path) -> Path:
    (tmp_path / "records").mkdir()
    rows = [
        "interaction,direction,correspondent_id,datetime,call_duration,antenna_id",
        "call,in,c,2014-01-01 10:00:00,60,",
    ]
    (tmp_path / "records" / "ann.csv").write_text("\n".join(rows))
    return tmp_path


def test_indicators_are_printed_as_one_object(people: Path) -> None:
    done = invoke("indicators", "--format", "bandicoot", "--input", people, "--group-by", "none")
    told = json.loads(done.output)
    assert told["ann"]["call_duration"]["allweek"]["allday"]["call"] == {"mean": 60.0, "std": 0.0}
    assert told["ann"]["reporting"]["groupby"] is None
    done = invoke("indicators", "--input", people, "--only", "active_days", "--split-week", "--split-day")
    told = json.loads(done.output)
    assert list(told["ann"]["active_days"]) == ["allweek", "weekday", "weekend"]
    assert list(told["ann"]["active_days"]["weekday"]) == ["allday", "day", "night"]


def test_an_indicator_that_is_not_there_is_told_with_those_that_are(people: Path) -> None:
    done = invoke("indicators", "--input", people, "--only", "age")
    assert done.exit_code == 2
    assert "there is no age; there are active_days, number_of_contacts" in done.output.replace("\n", " ")


def test_networks_are_told_where_they_are_asked_for(people: Path) -> None:
    told = json.loads(invoke("indicators", "--input", people, "--network").output)["ann"]
    assert told["reporting"]["has_network"] is True
    assert told["clustering_coefficient_unweighted"] == 0
    named = ("--only", "clustering_coefficient_weighted")
    told = json.loads(invoke("indicators", "--input", people, "--network", *named).output)["ann"]
    assert list(told) == ["name", "reporting", "clustering_coefficient_weighted"]
    assert "(give --network)" in invoke("indicators", "--input", people, *named).output.replace("\n", " ")


def test_runs_tells_files_that_are_not_done_and_a_person_decides(drop: Drop) -> None:
    drop.cdrs(*["broken"] * 120, name="wrong.csv")
    run(drop)
    assert "quarantined" in invoke("runs", "--out", drop.out).stdout
    [file] = json.loads(invoke("quarantine", "list", "--json", "--out", drop.out).stdout)
    assert (file["name"], file["state"], file["rejected"]) == ("cdr/wrong.csv", "quarantined", 120)
    assert "no file of this name" in invoke("quarantine", "drop", "--out", drop.out, "x").stderr
    invoke("quarantine", "release", "--out", drop.out, "cdr/wrong.csv")
    files = json.loads(invoke("runs", "--files", "--json", "--out", drop.out).stdout)
    assert {file["name"]: file["state"] for file in files}["cdr/wrong.csv"] == "waiting"
    run(drop)
    named = ["--key-file", drop.key_file, "--file", "cdr/wrong.csv", "--json", "--limit", 2]
    shown = invoke("rejects", "--out", drop.out, *named).stdout
    assert [json.loads(line)["line"] for line in shown.splitlines()] == [2, 3]
    assert "no sequence number is missing" in invoke("runs", "--gaps", "--out", drop.out).stdout
    paths = ["--out", drop.out, "--key-file", drop.key_file, "--snapshot", drop.snapshot]
    done = invoke("replay", *paths, "--file", "cdr/wrong.csv")
    assert "120 rejects read again = 0 accepted + 120 rejected" in done.stdout
