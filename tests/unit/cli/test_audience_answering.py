"""audience count, sample and log against a real store: what a client hears, and what stays behind."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import Desk, write_config, write_store
from click.testing import CliRunner, Result
from feature_files import write_features
from pyroaring import BitMap
from store_rows import message_row, row

from operator_push.cli import control_client
from operator_push.cli.audience_answering import people_digest
from operator_push.cli.main import main
from operator_push.kernel.instants import day_of, to_epoch_us
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows

PEOPLE = BitMap(range(1, 501))


@pytest.fixture
def desk() -> Desk:
    return Desk(PEOPLE)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk: Desk) -> Database:
    """500 people, of age 10 plus their number modulo 50; everybody permits everything."""
    people = {number: {"age": 10 + number % 50, "prepaid": number <= 300} for number in PEOPLE}
    write_features(tmp_path / "features.json", people)
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
    member = schema.distribution_list_member
    rows = [row(member, list_no=list_no, subscriber_no=number, active=True) for number in numbers]
    made = row(schema.distribution_list, list_no=list_no, account_no=1, name=name)
    store.run(lambda connection: insert_rows(connection, schema.distribution_list, [made]))
    store.run(lambda connection: insert_rows(connection, member, rows))


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
    for found in ("age > 10", "age >= 10", "age > 11"):  # of all but three, of all, of all but six
        told = count(f'in_list("many") && {found}')
        assert (told["count"], told["outcome"]) == (None, "too_few"), found
    logged = json.loads(run("log", "--limit", "3", "--json").stdout)
    assert {each["outcome"] for each in logged} == {"too_near"}, "the operator hears why"
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
    near = json.loads(run("sample", "prepaid && age != 20", *asked[2:]).stdout)
    assert near["sample"] == told["sample"], "other names would tell that somebody of them is 20"
    far = json.loads(run("sample", "age < 30", *asked[2:]).stdout)
    assert not set(far["sample"]) & set(told["sample"]), "what one has and the other has not would tell"
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


SALES = """
[[sales_rule]]
name = "no device"
when = 'client.brand == "Chai Point"'
bars = ["device.*"]
why = "phones are private"
[[sales_rule]]
name = "ages"
when = '"age" in attributes'
floor = 200
why = "ages are few"
[[sales_rule]]
name = "no banks"
when = "category == 1"
refuse = true
why = "banks have a contract"
[[sales_rule]]
name = "rivals"
apart_from = ["Tea House"]
why = "a week apart"
[[sales_rule]]
name = "inventory"
per_subscriber_per_day = 1
why = "one is enough"
"""


@pytest.fixture
def selling(store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    (tmp_path / "sales.toml").write_text(SALES)
    monkeypatch.setenv("OPERATOR_PUSH_AUDIENCE__SALES_RULES_FILE", str(tmp_path / "sales.toml"))
    return store


def test_sales_rules_decide_what_a_client_may_ask(selling: Database, tmp_path: Path) -> None:
    barred = run("count", 'device.os == "ios"', "--account", "chai", "--category", "8", code=2)
    assert "column 1: device.os may not be used here: phones are private" in barred.stderr
    refused = run("count", "prepaid", "--account", "chai", "--category", "1", code=2)
    assert "SALE_REFUSED: no banks: banks have a contract" in refused.stderr
    assert (count("age < 28")["count"], count("age < 28")["floor"]) == (None, 200)  # 180 people
    assert count("prepaid")["floor"] == 100
    told = json.loads(run("terms", "--account", "chai", "--category", "8", "--json").stdout)
    assert told["barred"]["device.os"] == "phones are private"
    assert all(name.startswith("device.") for name in told["barred"])
    assert "device.os" not in told["attributes"]
    assert "phones are private" in run("terms", "--account", "chai", "--category", "8").stdout
    assert "nothing is sold" in run("terms", "--account", "chai", "--category", "1").stdout
    (tmp_path / "sales.toml").write_text("sales_rule = 3")
    assert "sales.toml" in run("count", "prepaid", "--account", "chai", "--category", "8", code=2).stderr


def test_rivals_and_the_day_s_inventory_are_left_out(selling: Database) -> None:
    today = day_of(to_epoch_us(datetime.now(UTC)))
    brands = [row(schema.brand, brand_no=no, name=name) for no, name in ((2, "Tea House"), (3, "Milk"))]
    messages = [
        message_row(
            number, day=day, brand_no=brand_no, campaign_no=campaign_no, subscriber_no=who, verdict=verdict
        )
        for number, (who, brand_no, campaign_no, day, verdict) in enumerate(
            [
                *((who, 2, 1, today - 6, 1) for who in range(1, 101)),
                *((who, 2, 1, today - 7, 1) for who in range(101, 121)),  # longer ago
                *((who, 3, 2, today, 1) for who in range(121, 171)),  # had today's message
                *((who, 3, 2, today, 3) for who in range(171, 181)),  # refused: had none
                *((who, 3, 0, today, 1) for who in range(181, 191)),  # of no campaign
            ],
            start=1,
        )
    ]
    selling.run(lambda connection: insert_rows(connection, schema.brand, brands))
    selling.run(lambda connection: insert_rows(connection, schema.message, messages))
    assert count("prepaid")["count"] == 300 - 100 - 50


def test_an_order_tells_no_more_of_its_size_than_the_count_did(store: Database, desk: Desk) -> None:
    assert count("prepaid")["count"] == 300
    words = ("--account", "chai", "--category", "8", "--source", "56070", "--text", "Hi")
    ordered = CliRunner().invoke(
        main, ["campaign", "order", "Near", "--rule", "prepaid && age != 30", *words, "--json"]
    )  # 294 people, who would be told as 290
    assert json.loads(ordered.stdout)["people"] == 300
    (call,) = desk.called("campaign.order")
    assert call["people_max"] == 309


def test_a_digest_is_of_the_people_and_not_of_the_form_of_their_bitmap() -> None:
    packed = BitMap(range(10_000))
    plain = BitMap(range(0, 10_000, 2)) | BitMap(range(1, 10_000, 2))
    assert plain.serialize() != packed.serialize()
    assert people_digest(plain) == people_digest(packed) != people_digest(BitMap(range(9_999)))
