"""tariff commands turn options into calls and results into words; the server is a double here."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from operator_push.cli import control_client, tariff_commands
from operator_push.cli.main import main

ROW = {
    "prefix": "",
    "traffic_class": "any",
    "price_micros": 100_000,
    "currency": "INR",
    "valid_from": None,
    "valid_until": None,
    "version": 1,
    "changed_at": "2026-01-01T00:00:00.000000Z",
    "changed_by": "configuration",
}

DOCUMENT = {
    "tariff": "standard",
    "version": 3,
    "valid_from": None,
    "valid_until": None,
    "imported_at": "2026-01-01T00:00:00.000000Z",
    "imported_by": "ann",
}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        made.append({"do": do, **args})
        match do:
            case "tariff.show":
                rows = [ROW, {**ROW, "prefix": "91", "traffic_class": "service"}]
                return {"in_force": "standard", "version": 3, "rows": rows}
            case "tariff.documents":
                return {"in_force": "standard", "documents": [DOCUMENT]}
            case "tariff.use":
                return {"in_force": args["tariff"], "changed": True}
            case "tariff.price":
                return {"row": ROW if args["destination"].startswith("91") else None}
            case _:
                changed = args.get("prefix") != "same"
                return {"version": 4, "added": int(changed), "ended": 0, "unchanged": 2}

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    monkeypatch.setattr(tariff_commands, "who_asks", lambda: "ann")
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["tariff", *arguments, "--data-dir", "anywhere"])


def test_show_is_a_line_a_row(calls: list[dict[str, Any]]) -> None:
    lines = run("show").stdout.splitlines()
    assert lines[0] == "in force: standard"
    assert lines[2].split()[:4] == ["standard", "3", "always", "open"]
    assert lines[3] == "version 3 of the rows"
    assert lines[5].split()[:7] == ['""', "any", "0.10", "INR", "always", "open", ROW["changed_at"]]
    assert json.loads(run("show", "--json").stdout)["version"] == 3


def test_use_names_a_tariff(calls: list[dict[str, Any]]) -> None:
    assert run("use", "rows").stdout == "rows is in force\n"
    assert calls == [{"do": "tariff.use", "tariff": "rows", "by": "ann"}]


def test_set_sends_micros_a_moment_and_who(calls: list[dict[str, Any]]) -> None:
    result = run("set", "91", "0.05", "--class", "service", "--from", "2026-04-01T00:00:00+05:30")
    assert result.stdout == "version 4 is in force: 1 rows begun, 0 ended, 2 as before\n"
    assert calls == [
        {
            "do": "tariff.set",
            "prefix": "91",
            "price_micros": 50_000,
            "traffic_class": "service",
            "valid_from": "2026-04-01T00:00:00+05:30",
            "valid_until": None,
            "by": "ann",
        }
    ]
    assert "nothing to change: version 4" in run("set", "same", "1").stdout


def test_end_and_price(calls: list[dict[str, Any]]) -> None:
    assert run("end", "91").exit_code == 0
    assert calls[0] == {"do": "tariff.end", "prefix": "91", "traffic_class": "any", "from": None, "by": "ann"}
    told = "0.10 INR by the row for every number, any, always to further notice\n"
    assert run("price", "919812345678").stdout == told
    assert json.loads(run("price", "919812345678", "--json").stdout) == ROW
    nothing = run("price", "447700900123")
    assert (nothing.exit_code, "NO_ROUTE" in nothing.stderr) == (2, True)


def test_import_sends_the_whole_file_or_nothing(calls: list[dict[str, Any]], tmp_path: Path) -> None:
    file = tmp_path / "tariff.csv"
    file.write_text("prefix,price_per_segment,currency\n,0.10,INR\n")
    assert run("import", str(file), "--dry-run").stdout == f"{file} is good: 1 rows\n"
    assert calls == []
    assert run("import", str(file)).exit_code == 0
    assert [row["price_micros"] for row in calls[0]["rows"]] == [100_000]
    file.write_text("prefix,price_per_segment,currency\n,ten,INR\n")
    assert run("import", str(file)).exit_code == 2
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["set", "91", "ten"], "ten"),
        (["set", "91", "1", "--from", "soon"], "'soon' is not a moment"),
        (["set", "91", "1", "--until", "2026-04-01T00:00:00"], "must say its zone, such as 2026-04-01T00"),
    ],
)
def test_what_cannot_be_is_refused_here(calls: list[dict[str, Any]], arguments: list[str], told: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert calls == []
