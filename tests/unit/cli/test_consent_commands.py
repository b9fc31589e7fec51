"""consent import accounts for every row of a file; record tells the server of one act."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from operator_push.cli import control_client
from operator_push.cli.consent_commands import REQUIRED
from operator_push.cli.main import main

GOOD = {
    "msisdn": "919876543210",
    "brand": "*",
    "category": "8",
    "purpose": "marketing",
    "channel": "sms",
    "action": "grant",
    "at": "2026-11-01T10:15:00Z",
    "method": "sms",
    "evidence": "YES CHAI to 56070",
    "notice_version": "3",
    "language": "hi",
    "reference": "",
}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        if "columns" in args:
            columns = args.pop("columns")
            args["rows"] = [dict(zip(columns, row, strict=True)) for row in args["rows"]]
        made.append({"do": do, **args})
        rejected = [
            {"line": row["line"], "reason": "purpose 'x' is not known"}
            for row in args["rows"]
            if row["purpose"] == "x"
        ]
        unchanged = sum(row["action"] == "deny" for row in args["rows"])
        return {
            "applied": len(args["rows"]) - len(rejected) - unchanged,
            "unchanged": unchanged,
            "rejected": rejected,
        }

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["consent", *arguments, "--data-dir", "anywhere"])


def write(file: Path, rows: list[dict[str, str]]) -> Path:
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0] if rows else GOOD))
        writer.writeheader()
        writer.writerows(rows)
    return file


def test_rows_go_in_batches_with_their_lines(calls: list[dict[str, Any]], tmp_path: Path) -> None:
    file = write(tmp_path / "consents.csv", [GOOD] * 2500)
    result = run("import", str(file), "--json")
    assert json.loads(result.stdout) == {
        "read": 2500,
        "applied": 2500,
        "unchanged": 0,
        "rejected": 0,
        "rejects": [],
    }
    assert [len(call["rows"]) for call in calls] == [1000, 1000, 500]
    assert {call["file"] for call in calls} == {"consents.csv"}
    assert [row["line"] for call in calls for row in call["rows"]] == list(range(2, 2502))
    assert calls[0]["rows"][0] == {"line": 2, **GOOD}


def test_every_row_is_accounted_for_and_rejects_are_named(
    calls: list[dict[str, Any]], tmp_path: Path
) -> None:
    file = write(tmp_path / "c.csv", [GOOD, {**GOOD, "purpose": "x"}, {**GOOD, "action": "deny"}])
    with file.open("a") as out:
        out.write("too,few\n")
        out.write(",".join(["x"] * 13) + "\n")
    rejects = tmp_path / "rejects.csv"
    result = run("import", str(file), "--rejects", str(rejects))
    assert result.exit_code == 0, result.output
    assert "5 consents read, 1 applied, 1 unchanged, 3 rejected" in result.stdout
    assert f"{file}:3: purpose 'x' is not known" in result.stderr
    assert [row["line"] for row in csv.DictReader(rejects.open())] == ["3", "5", "6"]


def test_only_a_few_rejects_fill_the_terminal(calls: list[dict[str, Any]], tmp_path: Path) -> None:
    result = run("import", str(write(tmp_path / "c.csv", [{**GOOD, "purpose": "x"}] * 25)))
    assert result.stderr.count("is not known") == 10
    assert "and 15 more" in result.stderr


def test_a_file_without_a_required_column_is_refused_whole(
    calls: list[dict[str, Any]], tmp_path: Path
) -> None:
    file = tmp_path / "c.csv"
    file.write_text("msisdn,brand\n919876543210,*\n")
    result = run("import", str(file))
    assert result.exit_code == 2
    assert f"{file}:1: the first line must name the columns {', '.join(REQUIRED)}" in result.stderr
    assert calls == []


def test_columns_may_come_in_any_order_with_others_between_and_a_byte_order_mark(
    calls: list[dict[str, Any]], tmp_path: Path
) -> None:
    file = tmp_path / "c.csv"
    names = ["colour", *reversed(REQUIRED)]
    values = ["red", *(GOOD[name] for name in reversed(REQUIRED))]
    file.write_text(",".join(names) + "\n" + ",".join(values) + "\n", encoding="utf-8-sig")
    assert run("import", str(file)).exit_code == 0
    assert calls[0]["rows"] == [{"line": 2, **{name: GOOD[name] for name in REQUIRED}}]


def test_a_file_that_is_not_text_is_refused(calls: list[dict[str, Any]], tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_bytes(b"\xff\xfe\x00")
    result = run("import", str(file))
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


RECORD = (
    *("record", "--msisdn", "919876543210", "--brand", "Chai Point", "--purpose", "marketing"),
    *("--action", "grant", "--method", "shop", "--evidence", "form 2231 v3"),
)


def test_one_act_goes_with_its_moment(calls: list[dict[str, Any]]) -> None:
    result = run(*RECORD, "--at", "2026-11-01T10:15:00+05:30")
    assert result.stdout == "Recorded.\n"
    (row,) = calls[0]["rows"]
    assert row["at"] == "2026-11-01T04:45:00.000000Z"
    assert (row["category"], row["channel"], row["evidence"]) == ("*", "sms", "form 2231 v3")
    assert set(REQUIRED) <= set(row)


def test_one_act_with_its_end_its_law_and_more_evidence(calls: list[dict[str, Any]]) -> None:
    more = ("--expires-at", "2027-11-01T00:00:00Z", "--jurisdiction", "in", "--more", "short_code=56070")
    assert run(*RECORD, *more).exit_code == 0
    (row,) = calls[0]["rows"]
    assert (row["expires_at"], row["jurisdiction"], row["basis"]) == ("2027-11-01T00:00:00Z", "in", "consent")
    assert row["short_code"] == "56070"
    refused = run(*RECORD, "--more", "colour=red")
    assert "--more" in refused.stderr
    assert "guardian_ref" in refused.stderr


def test_without_a_moment_it_is_now(calls: list[dict[str, Any]]) -> None:
    assert run(*RECORD).exit_code == 0
    assert calls[0]["rows"][0]["at"].endswith("Z")


def test_a_moment_without_a_zone_is_refused(calls: list[dict[str, Any]]) -> None:
    result = run(*RECORD, "--at", "2026-11-01T10:15:00")
    assert result.exit_code == 2
    assert "is not a moment with its zone" in result.stderr
    assert calls == []


def test_an_act_that_the_server_rejects_fails(
    calls: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rejection = {"applied": 0, "unchanged": 0, "rejected": [{"line": 1, "reason": "not a known subscriber"}]}
    monkeypatch.setattr(control_client.ControlClient, "call", lambda self, do, **args: rejection)
    result = run(*RECORD)
    assert result.exit_code == 2
    assert result.stderr == "operator-push: not a known subscriber\n"


def test_a_client_s_customer_codes_need_no_numbers(calls: list[dict[str, Any]], tmp_path: Path) -> None:
    row = {"customer_code": "C-1001", **{name: text for name, text in GOOD.items() if name != "msisdn"}}
    path = write(tmp_path / "codes.csv", [row])
    result = run("import", str(path), "--account", "shop")
    assert result.exit_code == 0, result.output
    assert calls[0]["account"] == "shop"
    assert calls[0]["rows"][0]["customer_code"] == "C-1001"
    refused = run("import", str(path))
    assert refused.exit_code != 0
    assert "missing: msisdn" in refused.output
