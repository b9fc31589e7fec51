"""What is sold to whom, and what an attacker hears, with the real programs."""

from collections.abc import Iterator
from typing import Any

import pytest
from feature_files import write_features
from operator_desk import asked, command, ended
from product import Programs, running

PEOPLE = 240
SALES = """
[[sales_rule]]
name = "rivals"
when = 'client.brand == "Chai"'
apart_from = ["Tea"]
why = "rivals are a week apart"

[[sales_rule]]
name = "inventory"
when = "category != 1"
per_subscriber_per_day = 2
why = "two a day are enough"

[[sales_rule]]
name = "small towns"
when = '"home.city" in attributes && category != 1'
floor = 150
why = "few people live in some cities"

[[sales_rule]]
name = "nights"
bars = ["night_share_30d"]
why = "too telling"
"""
MORE = """
[policy.quiet_hours]
packs = false
[policy.caps]
per_handset_per_day = 100
per_handset_per_brand_per_day = 100
[profiles]
features_file = "out/features.json"
[audience]
sales_rules_file = "sales.toml"
"""


def number(person: int) -> str:
    return f"9198100{person:05}"


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """240 people, of whom 1..120 are prepaid and 1..130 live in Pune; all permit everything to everybody."""
    folder = tmp_path_factory.mktemp("sales")
    people: dict[int, dict[str, Any]] = {
        each: {"age": 30, "prepaid": each <= 120, "home.city": "Pune" if each <= 130 else "Mumbai"}
        for each in range(1, PEOPLE + 1)
    }
    (folder / "out").mkdir()
    write_features(folder / "out" / "features.json", people)
    (folder / "sales.toml").write_text(SALES)
    with running(folder, more=MORE) as both:
        for name in ("chai", "tea", "milk", "agency", "press"):
            both.add_account(
                name,
                kind="enterprise",
                brand=name.title(),
                category=8,
                senders=[f"{name}1"],
                prepaid_micros=10**9,
            )
        rows = [[each, number(each)] for each in range(1, PEOPLE + 1)]
        both.call("subscriber.import", columns=["line", "msisdn"], rows=rows)
        for purpose in ("marketing", "use_subscriber_record", "use_call_data", "use_location"):
            said = {"brand": "*", "category": "*", "purpose": purpose, "channel": "*", "action": "grant"}
            said |= {"at": "2026-01-01T00:00:00Z", "method": "web", "evidence": "x"}
            acts = [{"line": each, "msisdn": number(each), **said} for each in range(1, PEOPLE + 1)]
            assert both.call("consent.import", rows=acts)["rejected"] == []
        yield both


def count(programs: Programs, rule: str, account: str = "milk", category: int = 8) -> Any:
    told = asked(programs, "audience", "count", rule, "--account", account, "--category", str(category))
    return told["count"]


def campaign(programs: Programs, name: str, account: str, rule: str) -> Any:
    sale = ("--rule", rule, "--account", account, "--category", "8", "--source", f"{account}1")
    asked(programs, "campaign", "create", name, *sale, "--text", "Hello", "--by", "asha")
    asked(programs, "campaign", "approve", name, "--as", "client", "--by", "ravi")
    asked(programs, "campaign", "approve", name, "--by", "desk")
    told = asked(programs, "campaign", "launch", name)
    ended(programs)
    return told["outcomes"]


def test_what_is_sold_follows_the_operators_rules(programs: Programs) -> None:
    """The file of sales rules stands beside the configuration, wherever a command is given."""
    pune = 'home.city == "Pune"'
    assert (count(programs, pune), count(programs, pune, category=1)) == (None, 130)
    terms = asked(programs, "audience", "terms", "--account", "chai", "--category", "8")
    assert terms["barred"] == {"night_share_30d": "too telling"}
    assert count(programs, "age >= 18", "chai") == 240
    assert campaign(programs, "Tea", "tea", "prepaid")["accepted"] == 120
    assert count(programs, "age >= 18", "chai") == 120, "those whom tea wrote to are left to it for a week"
    assert campaign(programs, "Chai", "chai", "age >= 18")["accepted"] == 120
    assert campaign(programs, "Milk", "milk", "age >= 18")["accepted"] == PEOPLE
    assert count(programs, "age >= 18 || prepaid") is None, "everybody has had two messages today"
    told = asked(programs, "campaign", "show", "Milk", "--for-client")
    assert (told["handed_in"], told["ended"], told["people"]) == (240, {"DELIVERED": 240}, 240)


def test_nobody_hears_by_lists_whether_somebody_is_in_an_audience(programs: Programs) -> None:
    """Two clients ask the same, one of somebody who is prepaid, one of somebody who is not."""
    pad = [number(each) for each in range(1, 110)]  # known to be prepaid
    rules = (
        "prepaid",
        'in_list("pad") || (in_list("one") && prepaid)',
        '(in_list("pad") || in_list("one")) && prepaid',
        'prepaid && !in_list("one")',
        'prepaid || in_list("one")',
        "!prepaid",
        '!prepaid && !in_list("one")',
    )
    heard = []
    for account, person in (("agency", 120), ("press", 121)):
        command(programs, "list", "add", "pad", *pad, "--account", account)
        command(programs, "list", "add", "one", number(person), "--account", account)
        of = ("--account", account, "--category", "1")
        answers = [asked(programs, "audience", "sample", rule, *of) for rule in rules[:1]]
        answers += [asked(programs, "audience", "count", rule, *of) for rule in rules]
        sample = asked(programs, "audience", "sample", rules[3], *of)
        assert sample["sample"] == answers[0]["sample"], "other names would tell that somebody is gone"
        heard.append([(each["count"], each["outcome"]) for each in answers])
    assert heard[0] == heard[1]
