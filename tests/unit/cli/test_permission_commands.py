"""permission snapshot and subscriber import, with a double of the server."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from operator_push.cli import control_client
from operator_push.cli.main import main


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        made.append({"do": do, **args})
        if do == "permission.snapshot":
            return {"subscribers": 20, "permitting": 12, "sequence": 99}
        return {"applied": len(args["rows"]), "unchanged": 0, "rejected": []}

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    return made


def test_the_server_gets_an_absolute_path(
    calls: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["permission", "snapshot", "--out", "p.parquet", "--data-dir", "d"]
    result = CliRunner().invoke(main, arguments)
    assert calls == [{"do": "permission.snapshot", "out": str(tmp_path / "p.parquet")}]
    assert "20 subscribers, 12 of them permit something" in result.stdout
    assert json.loads(CliRunner().invoke(main, [*arguments, "--json"]).stdout)["sequence"] == 99


def test_only_the_number_of_a_subscriber_leaves_the_file(calls: list[dict[str, Any]], tmp_path: Path) -> None:
    file = tmp_path / "subscribers.csv"
    file.write_text("imsi,msisdn,birth_year\n404011234567890,919876543210,1990\n")
    result = CliRunner().invoke(main, ["subscriber", "import", str(file), "--data-dir", "d"])
    assert result.exit_code == 0, result.output
    assert calls[0]["rows"] == [[2, "919876543210"]]
    assert calls[0]["columns"] == ["line", "msisdn"]
