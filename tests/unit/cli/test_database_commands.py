"""The four kinds of a client's databases, with counts that a client may read."""

import json
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import Desk, write_config, write_store
from click.testing import CliRunner
from feature_files import write_features
from pyroaring import BitMap
from store_rows import row

from operator_push.cli import control_client
from operator_push.cli.main import main
from operator_push.store import schema
from operator_push.store.saved_rule_rows import save_rule
from operator_push.store.statements import insert_rows

CHANNEL = {"name": "news", "account": "chai", "state": "open", "keyword": "NEWS", "floor": 100}
CHANNEL |= {"short_code": "56070"}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(BitMap(range(1, 228)))
    write_features(tmp_path / "features.json", {number: {"age": 30} for number in range(1, 301)})
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))
    store = write_store(tmp_path)

    def fill(connection: Any) -> None:
        save_rule(connection, "chai", "adults", "age >= 18", "asha", 1)
        save_rule(connection, "chai", "adults", "age >= 21", "asha", 2)
        of_list = row(schema.distribution_list, list_no=1, account_no=1, name="vip")
        insert_rows(connection, schema.distribution_list, [of_list])
        member = schema.distribution_list_member
        members = [row(member, list_no=1, subscriber_no=each, active=True) for each in range(1, 120)]
        insert_rows(connection, member, members)

    store.run(fill)
    store.close()

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        if do == "database.counts":
            return {"brand": "Chai Point", "existing": None, "opt-in": 220, "floor": 100}
        if do == "channel.list":
            other = {**CHANNEL, "name": "other", "account": "tea", "subscribers": 500}
            return {"channels": [{**CHANNEL, "subscribers": 1200}, other]}
        return desk.call(do, **args)

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    return desk


def run(*words: str) -> str:
    result = CliRunner().invoke(main, ["database", "list", "--account", "chai", *words])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_four_kinds_of_one_client(desk: Desk) -> None:
    rows = json.loads(run("--json"))
    told = [(each["kind"], each["name"], each["people"], each["counted"]) for each in rows]
    assert told == [
        ("existing", "Chai Point", None, True),
        ("opt-in", "Chai Point", 220, True),
        ("existing", "list vip", 110, True),
        ("dynamic", "@adults", None, False),
        ("media", "news", 1200, True),
    ]
    assert rows[3]["use"] == "age >= 21", "the latest version"
    text = run()
    for words in ("fewer than 100", "not counted", "1,200", "keyword NEWS to 56070"):
        assert words in text


def test_a_rule_is_counted_as_a_question_of_the_client(desk: Desk) -> None:
    (rule,) = [each for each in json.loads(run("--category", "8", "--json")) if each["kind"] == "dynamic"]
    assert (rule["people"], rule["counted"], rule["floor"]) == (220, True, 100)
