"""audience count, sample and log against a real store: what a client hears, and what stays behind."""

import json
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import Desk, write_config, write_features, write_store
from click.testing import CliRunner, Result
from pyroaring import BitMap
from store_rows import row

from operator_push.cli import control_client
from operator_push.cli.main import main
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows

PEOPLE = BitMap(range(1, 501))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """500 people, of age 10 plus their number modulo 50; everybody permits everything."""
    desk = Desk(PEOPLE)
    people = {number: {"age": 10 + number % 50, "prepaid": number <= 300} for number in PEOPLE}
    write_features(tmp_path / "features.parquet", people)
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        return desk.call(do, **args)

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    return write_store(tmp_path)


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["audience", *words])
    assert result.exit_code == code, result.output
    return result


def count(rule: str, code: int = 0) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        run("count", rule, "--account", "chai", "--category", "8", "--json", code=code).stdout
    )
    return told


def put_on_list(store: Database, name: str, numbers: range) -> None:
    list_no = max(numbers)
    rows = [(list_no, number, True) for number in numbers]
    made = row(schema.distribution_list, list_no=list_no, account_no=1, name=name)
    store.run(lambda connection: insert_rows(connection, schema.distribution_list, [made]))
    store.run(lambda connection: insert_rows(connection, schema.distribution_list_member, rows))


def test_a_rule_that_differs_in_few_people_hears_the_earlier_answer(store: Database) -> None:
    assert (count("prepaid")["count"], count("prepaid")["outcome"]) == (300, "earlier_answer")
    near = count("prepaid && age != 30")
    assert (near["count"], near["outcome"]) == (300, "earlier_answer")
    far = count("prepaid && age < 40")
    assert (far["count"], far["outcome"]) == (180, "counted")


def test_lists_are_sets_of_people_like_any_other(store: Database) -> None:
    put_on_list(store, "one", range(7, 8))
    put_on_list(store, "many", range(1, 151))
    assert count("prepaid")["count"] == 300
    assert count('prepaid && !in_list("one")')["count"] == 300
    assert count('in_list("one")')["count"] is None
    assert count('in_list("many")')["count"] == 150
    assert count('in_list("many") && age > 10')["outcome"] == "too_near"  # three are 10
    wrong = run("count", 'in_list("none")', "--account", "chai", "--category", "8", code=2)
    assert "you have no list 'none'" in wrong.stderr


def test_the_budget_is_spent_by_questions_and_not_by_repetitions(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPERATOR_PUSH_AUDIENCE__QUERIES_PER_DAY", "2")
    count("prepaid")
    count("age < 40")
    count("prepaid")
    refused = run("count", "age < 50", "--account", "chai", "--category", "8", code=2)
    assert "QUERY_BUDGET_SPENT: chai has asked 2 audience questions today" in refused.stderr
    logged = json.loads(run("log", "--json").stdout)
    assert [(each["rule"], each["outcome"], each["told"]) for each in logged] == [
        ("age < 50", "query_budget_spent", None),
        ("prepaid", "earlier_answer", 300),
        ("age < 40", "counted", 300),
        ("prepaid", "counted", 300),
    ]
    assert "query_budget_spent" in run("log", "--account", "chai").stdout
    assert json.loads(run("log", "--account", "tea", "--json").stdout) == []


def test_a_sample_names_people_by_the_brand_s_own_pseudonyms(store: Database) -> None:
    asked = ("sample", "prepaid", "--account", "chai", "--category", "8", "--size", "5", "--json")
    told = json.loads(run(*asked).stdout)
    assert told == json.loads(run(*asked).stdout) | {"outcome": told["outcome"]}
    assert len(set(told["sample"])) == 5
    assert all(len(each) == 16 for each in told["sample"])
    refused = run("sample", "age < 11", "--account", "chai", "--category", "8", code=2)
    assert "widen the rule" in refused.stderr


def test_noise_is_an_option_and_never_the_same_as_no_noise_for_all(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPERATOR_PUSH_AUDIENCE__NOISE_EPSILON", "0.01")
    first = count("prepaid")["count"]
    assert first == count("prepaid")["count"]
    told = {rule: count(rule)["count"] for rule in ("age < 40", "age >= 22", "true")}
    assert {"prepaid": first, **told} != {"prepaid": 300, "age < 40": 300, "age >= 22": 380, "true": 500}
