"""rule save, list, show, share, and @NAME where a rule is asked for."""

import json
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import Desk, write_config, write_store
from click.testing import CliRunner, Result
from feature_files import write_features
from pyroaring import BitMap
from store_rows import row

from operator_push.cli import control_client
from operator_push.cli.main import main
from operator_push.store import schema
from operator_push.store.statements import insert_rows


@pytest.fixture(autouse=True)
def two_clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(BitMap(range(1, 301)))
    write_features(
        tmp_path / "features.json", {number: {"age": 10 + number % 30} for number in range(1, 301)}
    )
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        return desk.call(do, **args)

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    store = write_store(tmp_path)
    tea = row(schema.account, account_no=2, name="tea", kind="enterprise", currency="INR", terms="{}")
    store.run(lambda connection: insert_rows(connection, schema.account, [tea]))
    store.close()
    return desk


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == code, result.output
    return result


def of(*words: str, account: str = "chai") -> Any:
    return json.loads(run("rule", *words, "--account", account, "--json").stdout)


def test_a_version_is_kept_for_good() -> None:
    assert run("rule", "save", "adults", "age >= 18", "--account", "chai").stdout == "adults@1\n"
    assert of("save", "adults", "age >= 18")["version"] == 1
    assert of("save", "adults", "age >= 21")["version"] == 2
    assert (of("show", "adults")["rule"], of("show", "@adults@1")["rule"]) == ("age >= 21", "age >= 18")
    assert of("show", "adults@1", "--language", "de")["words"] == (
        "Personen, für die gilt: Alter ist mindestens 18 Jahre"
    )
    assert [(each["name"], each["version"]) for each in of("list")] == [("adults", 1), ("adults", 2)]
    assert "adults" in run("rule", "list", "--account", "chai").stdout
    assert "age >= 21" in run("rule", "show", "adults", "--account", "chai").stdout
    for reference in ("adults@3", "adults@", "minors"):
        assert "can use no rule" in run("rule", "show", reference, "--account", "chai", code=2).stderr
    assert "unknown name" in run("rule", "save", "x", "agee > 3", "--account", "chai", code=2).stderr
    assert "1..60 characters" in run("rule", "save", "a@b", "age > 3", "--account", "chai", code=2).stderr


def test_a_rule_is_shared_with_whom_its_owner_names() -> None:
    of("save", "adults", "age >= 18")
    assert of("list", account="tea") == []
    assert "can use no rule" in run("rule", "show", "chai:adults", "--account", "tea", code=2).stderr
    shared = run("rule", "share", "adults", "--account", "chai", "--with", "tea")
    assert shared.stdout == "tea can write @chai:adults\n"
    run("rule", "share", "adults", "--account", "chai", "--with", "tea")
    of("save", "adults", "age >= 21")
    assert [each["version"] for each in of("list", account="tea")] == [1, 2]
    assert of("show", "chai:adults@1", account="tea")["rule"] == "age >= 18"
    assert "has no rule" in run("rule", "share", "x", "--account", "chai", "--with", "tea", code=2).stderr


def test_a_saved_rule_stands_wherever_a_rule_does(two_clients: Desk) -> None:
    of("save", "adults", "age >= 18")
    counted = run("audience", "count", "@adults", "--account", "chai", "--category", "8", "--json")
    told = json.loads(counted.stdout)
    assert (told["rule"], told["count"]) == ("age >= 18", 220)
    words = ("--rule", "@adults", "--account", "chai", "--category", "8", "--source", "1", "--text", "Hi")
    run("campaign", "order", "Morning", *words)
    of("save", "adults", "age >= 30")
    (order,) = two_clients.called("campaign.order")
    assert order["rule"] == "age >= 18"  # what was ordered stays as it was
    missing = run("audience", "count", "@none", "--account", "chai", "--category", "8", code=2)
    assert "can use no rule 'none'" in missing.stderr
