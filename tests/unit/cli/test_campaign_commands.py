"""Campaign, quote and audience commands against a double of the server: what is asked, told and kept back."""

import base64
import json
import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import PRICE, Desk, write_config, write_store
from click.testing import CliRunner, Result
from feature_files import write_features
from pyroaring import BitMap

from operator_push.cli import campaign_channels, control_client
from operator_push.cli.campaign_printing import forecast_of, forecast_words
from operator_push.cli.main import main
from operator_push.cli.who import who_asks
from operator_push.domain.best_channel import Answers
from operator_push.domain.personal.values import PersonalValues

PEOPLE = BitMap(range(1, 228))  # 227: told as 220, costs at most what 229 cost
ORDER = ("--rule", "age >= 18", "--account", "chai", "--category", "8", "--source", "56070", "--text", "Hi")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(PEOPLE)
    write_features(tmp_path / "features.json", {number: {"age": 30} for number in range(1, 301)})
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))
    write_store(tmp_path).close()

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        return desk.call(do, **args)

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    return desk


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == code, result.output
    return result


def ordered_and_approved(*options: str) -> None:
    run("campaign", "create", "Morning", *ORDER, *options, "--by", "asha")
    run("campaign", "approve", "Morning", "--by", "ravi", "--as", "client")
    run("campaign", "approve", "Morning", "--by", "desk")


def test_a_count_is_told_in_tens(desk: Desk) -> None:
    result = run("audience", "count", "age >= 18", "--account", "chai", "--category", "8")
    assert result.stdout.startswith("220 of people whose age is at least 18 years, who permit Chai Point")
    assert "227" not in result.output
    told = json.loads(run("audience", "count", "age >= 18", *ORDER[2:6], "--json").stdout)
    assert (told["count"], told["floor"]) == (220, 100)


def test_prepared_attributes_are_counted_the_same(desk: Desk) -> None:
    asked = ("audience", "count", "age >= 18", *ORDER[2:6], "--json")
    before = json.loads(run(*asked).stdout)["count"]
    told = json.loads(run("audience", "prepare", "--attribute", "age", "--json").stdout)
    assert told["prepared"]["age"] == told["octets"] > 0
    assert json.loads(run(*asked).stdout)["count"] == before == 220
    assert "no attribute of these features" in run("audience", "prepare", "--attribute", "x", code=2).stderr


def test_few_people_are_not_counted_quoted_or_ordered(desk: Desk) -> None:
    desk.permitting["marketing"] = BitMap(range(1, 100))
    result = run("audience", "count", "age >= 18", *ORDER[2:6])
    assert result.stdout.startswith("fewer than 100 of")
    assert json.loads(run("audience", "count", "age >= 18", *ORDER[2:6], "--json").stdout)["count"] is None
    for command in (("quote", *ORDER), ("campaign", "order", "Morning", *ORDER)):
        assert "widen the rule" in run(*command, code=2).stderr
    assert desk.called("campaign.quote") == desk.called("campaign.order") == []


def test_a_rule_is_explained_without_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("audience", "explain", 'home.city == "Pune" && age >= 18')
    assert "people whose home city is Pune and whose age is at least 18 years" in result.stdout
    assert "use of call data and use of location" in result.stdout
    told = json.loads(run("audience", "explain", "age >= 18", "--json").stdout)
    assert told["sql"] == '("age" >= ?)'
    assert told["parameters"] == [18]
    assert told["purposes"] == ["subscriber record"]
    assert told["attributes"][0]["name"] == "age"


def test_a_wrong_rule_is_one_sentence(desk: Desk) -> None:
    result = run("audience", "explain", "agee >= 18", code=2)
    assert result.stderr == "operator-push: column 1: unknown name 'agee'; did you mean age?\n"


def test_a_quote_bounds_the_cost_without_telling_the_count(desk: Desk) -> None:
    result = run("quote", *ORDER)
    assert "27.48 INR" in result.stdout  # 229 people at 0.12
    assert "about 190 (90 %, 5 % had enough today)" in result.stdout
    assert "08:00 to 08:59Z: 0 %" in result.stdout
    assert "09:00 to 11:59Z: 90 %" in result.stdout
    assert "no history yet" in result.stdout
    told = json.loads(run("quote", *ORDER, "--json").stdout)
    assert told["at_most_micros"] == 229 * PRICE
    assert (told["expected"], told["alternatives"]) == (None, [])
    assert told["lines"][0]["percent"] == 100
    assert str(227 * PRICE) not in json.dumps(told)


def test_alternatives_are_questions_that_are_judged_as_every_other(desk: Desk) -> None:
    rule = ("--rule", "age >= 18 && age < 90 && !prepaid", *ORDER[2:])
    people = {number: {"age": 30, "prepaid": number > 110} for number in range(1, 301)}
    write_features(Path(os.environ["OPERATOR_PUSH_CONFIG"]).parent / "features.json", people)
    told = json.loads(run("quote", *rule, "--json").stdout)
    assert told["count"] == 110
    changes = {each["drop"]: (each["people"], each["reach_percent"]) for each in told["alternatives"]}
    assert changes == {"age >= 18": (110, 0), "age < 90": (110, 0), "!prepaid": (220, 100)}
    assert {each["price_percent"] for each in told["alternatives"]} == {0}
    asked = json.loads(run("audience", "log", "--json").stdout)
    assert len(asked) == 4
    assert json.loads(run("quote", *rule, "--no-alternatives", "--json").stdout)["alternatives"] == []


PLAN = "{{ plan | default('Tea') }}"


def plans_of(call: dict[str, Any], people: int) -> list[Any]:
    values = PersonalValues.from_wire(call["values"], people)
    return [values.at(place).get("plan") for place in range(people)]


def test_a_text_with_places_goes_with_what_each_permits(desk: Desk) -> None:
    features = {number: {"age": 30, "plan": "Gold" if number % 2 else "Blue"} for number in range(1, 301)}
    write_features(Path(os.environ["OPERATOR_PUSH_CONFIG"]).parent / "features.json", features)
    ordered_and_approved("--text", PLAN, "--text-in", "hi=नमस्ते", "--fallback", "plan=Chai")
    (order,) = desk.called("campaign.order")
    assert order["terms"] == {"texts": {"hi": "नमस्ते"}, "fallbacks": {"plan": "Chai"}}
    assert plans_of(order, 227)[:3] == ["Gold", "Blue", "Gold"]
    desk.permitting["use_subscriber_record"] = BitMap(range(101, 228))
    run("campaign", "launch", "Morning")
    (handed_in,) = desk.called("campaign.hand_in")
    assert plans_of(handed_in, 127)[:2] == ["Gold", "Blue"]  # of 101 and 102: others have no known age


def test_a_preview_shows_what_many_read_and_hides_what_few_do(desk: Desk) -> None:
    plans = {number: "Gold" if number <= 120 else "Blue" if number < 225 else "Rare" for number in PEOPLE}
    features = {number: {"age": 30, "plan": plan} for number, plan in plans.items()}
    write_features(Path(os.environ["OPERATOR_PUSH_CONFIG"]).parent / "features.json", features)
    told = json.loads(run("campaign", "preview", *ORDER, "--text", PLAN, "--json").stdout)
    assert [(each["text"], each["percent"]) for each in told["previews"]] == [("Gold", 55), ("Blue", 45)]
    assert told["where_nothing_is_known"] == ["Tea"]
    assert told["other_texts_percent"] == 0
    sample = json.loads(run("audience", "sample", "age >= 18", *ORDER[2:6], "--size", "50", "--json").stdout)
    assert not {each["pseudonym"] for each in told["previews"]} & set(sample["sample"])
    printed = run("campaign", "preview", *ORDER, "--text", PLAN).output
    assert "Rare" not in printed + json.dumps(told)
    assert "1 segments, 0.1200 INR, for 55 %" in printed
    again = json.loads(run("campaign", "preview", *ORDER, "--text", PLAN + "!", "--json").stdout)
    assert again["previews"][0]["pseudonym"] != told["previews"][0]["pseudonym"]


def test_a_text_may_not_use_what_is_not_sold(desk: Desk) -> None:
    folder = Path(os.environ["OPERATOR_PUSH_CONFIG"]).parent
    (folder / "sales.toml").write_text('[[sales_rule]]\nname = "plans"\nbars = ["plan"]\nwhy = "a secret"\n')
    with (folder / "operator-push.toml").open("a") as file:
        file.write(f'[audience]\nsales_rules_file = "{folder / "sales.toml"}"\n')
    for command in (("quote", *ORDER, "--text", PLAN), ("campaign", "create", "Tea", *ORDER, "--text", PLAN)):
        assert "text uses plan, which may not be used: a secret" in run(*command, code=2).stderr
    assert desk.called("campaign.order") == []


def test_an_order_says_who_and_what_for_whom(desk: Desk) -> None:
    result = run("campaign", "order", "Morning", *ORDER, "--by", "asha")
    (call,) = desk.called("campaign.order")
    assert (call["account"], call["category"], call["ordered_by"]) == ("chai", 8, "asha")
    assert "pending approval" in result.stdout
    assert re.search(r"^text +Hi$", result.stdout, re.MULTILINE)
    assert "227" not in result.stdout
    told = json.loads(run("campaign", "list", "--json").stdout)
    assert told[0]["people"] == 220
    assert "quoted_micros" not in told[0]
    assert told[0]["created"] == "2027-01-15T08:00:00.000000Z"
    assert "Morning" in run("campaign", "list").stdout


def test_a_launch_counts_again_and_hands_everybody_in(desk: Desk) -> None:
    ordered_and_approved()
    desk.permitting["marketing"] = PEOPLE - BitMap([1, 2, 3])
    result = run("campaign", "launch", "Morning", "--json")
    assert desk.handed_in == PEOPLE - BitMap([1, 2, 3])
    assert json.loads(result.stdout)["outcomes"] == {"accepted": 224, "repeated": 0}
    assert [call["do"] for call in desk.calls[-5:]] == [
        "campaign.enter",
        "campaign.launch",
        "campaign.rest",
        "campaign.hand_in",
        "campaign.finish",
    ]
    assert "handed in 224 of 224" in result.stderr


def test_a_launch_keeps_to_the_number_that_was_quoted(desk: Desk) -> None:
    ordered_and_approved()
    desk.permitting["marketing"] = BitMap(range(1, 301))
    run("campaign", "launch", "Morning")
    assert len(desk.handed_in) == 227


def test_a_launch_that_was_broken_off_is_begun_again(desk: Desk) -> None:
    ordered_and_approved()
    run("campaign", "launch", "Morning")
    desk.campaigns[0]["state"] = "running"
    result = run("campaign", "launch", "Morning")
    assert len(desk.called("campaign.launch")) == 1
    assert desk.handed_in == PEOPLE
    assert result.stdout.rstrip().endswith("none")


def test_a_launch_goes_on_with_the_same_people_whoever_is_found_by_then(desk: Desk) -> None:
    ordered_and_approved()
    run("campaign", "launch", "Morning")
    desk.campaigns[0]["state"] = "running"
    desk.handed_in = BitMap(range(1, 101))
    desk.permitting["marketing"] = BitMap(range(1, 301))
    result = run("campaign", "launch", "Morning", "--json")
    assert json.loads(result.stdout)["outcomes"] == {"accepted": 127, "repeated": 0}
    assert desk.handed_in == PEOPLE
    assert "handed in 227 of 227" in result.stderr


def test_a_launch_whose_people_would_tell_of_few_is_refused(desk: Desk) -> None:
    ordered_and_approved()
    desk.permitting["marketing"] = BitMap(range(1, 321))
    members = {number: {"age": 30} for number in range(1, 321)}
    write_features(Path(os.environ["OPERATOR_PUSH_CONFIG"]).parent / "features.json", members)
    run("audience", "count", "age >= 18", *ORDER[2:6])  # 320: of these the client knows the size
    desk.permitting["marketing"] = BitMap(range(228, 321))
    assert "fewer than 100" in run("campaign", "launch", "Morning", code=2).stderr
    assert desk.called("campaign.launch") == []


def test_a_launch_enters_every_campaign_that_has_a_say_today(desk: Desk) -> None:
    ordered_and_approved()
    run("campaign", "create", "Evening", *ORDER, "--prefer", 'home.city == "Pune"')
    run("campaign", "approve", "Evening", "--by", "desk", "--priority", "7")
    assert desk.called("campaign.approve")[-1]["priority"] == 7
    run("campaign", "launch", "Morning")
    entered = {call["name"]: call for call in desk.called("campaign.enter")}
    assert set(entered) == {"Morning", "Evening"}
    assert len(entered["Evening"]["tired"]) == 3
    assert len(desk.called("campaign.launch")) == 1
    assert "agee" in run("campaign", "create", "Noon", *ORDER, "--prefer", "agee > 3", code=2).stderr


def test_an_explanation_is_a_table(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {
        "campaign": "Morning",
        "priority": 7,
        "value_micros": 120_000,
        "relevance_ppm": 2_000_000,
        "fatigue_ppm": 500_000,
        "score": 120_000,
        "approved_at": None,
        "outcome": "capped",
    }
    told = {
        "contestants": [row],
        "channel": "ussd",
        "channel_why": "ordered",
        "campaigns": [{"name": "Morning"}],
    }
    monkeypatch.setattr(control_client.ControlClient, "call", lambda self, do, **args: told)
    lines = run("campaign", "explain", "Morning", "--to", "919812345678").stdout.splitlines()
    assert lines[0].split() == ["channel", "ussd:", "ordered"]
    assert lines[2].split() == ["Morning", "7", "0.1200", "2.00", "0.50", "0.1200", "not", "yet", "capped"]


@pytest.mark.parametrize(("channel", "asked"), [("ussd", ["ussd"]), ("best", ["sms", "ussd"])])
def test_who_permits_the_channel_is_counted_quoted_and_launched(
    desk: Desk, tmp_path: Path, channel: str, asked: list[str]
) -> None:
    ordered_and_approved("--channel", channel)
    (order,) = desk.called("campaign.order")
    assert order["terms"] == {"channel": channel}
    marketing = [call for call in desk.called("permission.bitmap") if call["purpose"] == "marketing"]
    assert [call.get("channel", "sms") for call in marketing] == asked
    run("campaign", "launch", "Morning")
    marketing = [call for call in desk.called("permission.bitmap") if call["purpose"] == "marketing"]
    assert [call.get("channel", "sms") for call in marketing] == asked * 2
    assert "by_ussd" not in desk.called("campaign.hand_in")[0], "there is no history yet"
    run("campaign", "report", "Morning", "--outcome", "grown=age >= 18")
    marketing = [call for call in desk.called("permission.bitmap") if call["purpose"] == "marketing"]
    assert [call.get("channel", "sms") for call in marketing] == asked * 3
    with closing(sqlite3.connect(tmp_path / "data" / "operator-push.db")) as store:
        questions = {rule for (rule,) in store.execute("SELECT DISTINCT rule FROM audience_answer")}
    assert questions
    assert all(f" // by {channel}" in rule for rule in questions)
    run("quote", *ORDER, "--channel", channel, "--no-alternatives")
    assert desk.called("campaign.forecast")[-1]["channel"] == channel
    assert "not one of" in run("quote", *ORDER, "--channel", "voice", code=2).stderr


def test_who_answers_on_the_screen_and_lets_us_know_it_is_told_with_each_batch(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    often, never = {"ussd": Answers(5, 5)}, {"ussd": Answers(5, 0)}
    history = {5: often, 6: often, 7: never, 1_000: often}
    asked: list[tuple[Any, ...]] = []

    def answers(connection: object, *args: Any) -> dict[int, dict[str, Answers]]:
        asked.append(args)
        return history

    monkeypatch.setattr(campaign_channels, "answers_by_channel", answers)
    desk.permitting["use_call_data"] = BitMap([5, 7, 1_000])
    ordered_and_approved("--channel", "best", "--reply-window", "24")
    run("campaign", "launch", "Morning")
    told = [number for call in desk.called("campaign.hand_in") for number in call["by_ussd"]]
    assert told == [5], "6 lets nobody learn it, 7 answers nothing, 1000 is not among the people"
    assert [args[-1] for args in asked] == [24 * 3_600_000_000]
    run("campaign", "explain", "Morning", "--to", "919812345678")
    on_screen = base64.b64decode(desk.called("campaign.explain")[-1]["on_screen"])
    assert list(BitMap.deserialize(on_screen)) == [5, 1_000]


def test_a_change_keeps_what_is_not_given(desk: Desk) -> None:
    run("campaign", "create", "Morning", *ORDER, "--hour", "9=1", "--zone", "Asia/Kolkata", "--budget", "25")
    run("campaign", "change", "Morning", "--text", "Hello", "--by", "meena")
    (call,) = desk.called("campaign.change")
    assert (call["text"], call["rule"], call["ordered_by"]) == ("Hello", "age >= 18", "meena")
    expected = {"hours": {"9": 1}, "pace": "hours", "zone": "Asia/Kolkata", "budget_micros": 25_000_000}
    assert call["terms"] == expected
    assert "--hour" in run("campaign", "create", "Noon", *ORDER, "--hour", "noon=1", code=2).stderr


def test_a_campaign_runs_on_while_money_is_missing(desk: Desk) -> None:
    ordered_and_approved()
    desk.refused = {"NO_CREDIT": 7}
    told = json.loads(run("campaign", "launch", "Morning", "--json").stdout)
    assert (told["state"], told["outcomes"]["NO_CREDIT"]) == ("running", 7)
    assert desk.called("campaign.finish") == []


def test_an_order_may_say_when_it_begins_and_ends(desk: Desk) -> None:
    run(
        "campaign", "order", "Morning", *ORDER, "--starts", "2027-01-16T09:00Z", "--ends", "2027-01-16T21:00Z"
    )
    (call,) = desk.called("campaign.order")
    assert call["terms"] == {"starts": "2027-01-16T09:00Z", "ends": "2027-01-16T21:00Z"}


def test_a_launch_is_refused_where_too_few_are_left_or_it_is_paused(desk: Desk) -> None:
    ordered_and_approved()
    desk.permitting["marketing"] = BitMap(range(1, 50))
    assert "fewer than 100" in run("campaign", "launch", "Morning", code=2).stderr
    run("campaign", "pause", "Morning")
    assert "campaign resume" in run("campaign", "launch", "Morning", code=2).stderr
    assert desk.called("campaign.launch") == desk.called("campaign.hand_in") == []


@pytest.mark.parametrize(
    ("command", "state"),
    [("pause", "paused"), ("resume", "running"), ("finish", "finished"), ("cancel", "cancelled")],
)
def test_other_steps_are_the_servers(desk: Desk, command: str, state: str) -> None:
    ordered_and_approved()
    assert state in run("campaign", command, "Morning").stdout
    by = {"by": who_asks()} if command == "resume" else {}  # a resume also releases what a stop has held
    assert desk.calls[-1] == {"do": f"campaign.{command}", "name": "Morning", **by}


def test_an_unknown_campaign_is_told_with_the_known_ones(desk: Desk) -> None:
    ordered_and_approved()
    result = run("campaign", "launch", "Evening", code=2)
    assert result.stderr == "operator-push: no campaign is called 'Evening'; there are: Morning\n"


def test_terms_are_told_in_words(desk: Desk) -> None:
    texts = ("--variant", "warm=Hot chai", "--variant", "bold=CHAI = now")
    shown = run("campaign", "create", "Morning", *ORDER, *texts, "--hour", "9=20", "--standing").stdout
    assert "warm: Hot chai; bold: CHAI = now" in shown
    assert "9:00 20" in shown
    assert "--variant" in run("campaign", "create", "Noon", *ORDER, "--variant", "warm", code=2).stderr


def test_a_running_campaign_is_forecast_as_its_server_tells() -> None:
    now_us, rest = 5_000_000, {"people": 1_000, "ends_us": 11_000_000}
    told = forecast_of({"state": "running"}, rest, 400, 0, now_us)
    expected = {"people": 1_000, "left": 600, "per_second": 100, "ends": "1970-01-01T00:00:11.000000Z"}
    assert told == {**expected, "last_leaves": None}
    assert forecast_words(told, {"state": "running"}) == [
        ("ends about", f"{expected['ends']}: 600 left, 100 a second")
    ]
    tested = {"terms": {"test_percent": 20}}
    for found, why in (
        ({"state": "running"}, "launch it again"),
        ({"state": "paused", **tested}, "paused"),
        ({"state": "running", **tested}, "until a text has won"),
        ({"state": "running", "terms": {"pace": "own"}}, "own hour"),
    ):
        stands = forecast_of(found, {**rest, "ends_us": None}, 400, now_us, now_us)
        ((label, words),) = forecast_words(stands, found)
        assert (label, why in words) == ("ends about", True)


def test_what_waits_for_the_morning_is_foretold_when_everybody_is_handed_in() -> None:
    told = forecast_of({"state": "finished"}, {}, 400, 7_000_000, 5_000_000)
    assert told is not None
    assert (told["people"], told["left"], told["ends"]) == (400, 0, None)
    assert [label for label, _ in forecast_words(told, {"state": "finished"})] == ["last leaves"]
    assert forecast_of({"state": "finished"}, {}, 400, 5_000_000, 5_000_000) is None
    assert forecast_words(None, {"state": "finished"}) == []
