"""The program that judges events: what it asks of the server, what it prints, and where it goes on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from campaign_desk import Desk, write_config, write_store
from click.testing import CliRunner
from feature_files import write_features
from pyroaring import BitMap

from operator_push.cli import trigger_commands
from operator_push.cli.trigger_judging import TriggerJudging, checked_when
from operator_push.config import Settings, load_settings
from operator_push.domain.audience.sales_rules import Sale
from operator_push.gateway.clock import now_us
from operator_push.kernel.contracts import TriggerEvent
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.profiles.open_profiles import OpenProfiles
from operator_push.store.database import Database

RECORD, MONEY = 1, 8


class TriggerDesk(Desk):
    """As the server; `held`: who → the data that may be used."""

    def __init__(self) -> None:
        super().__init__(BitMap([1, 2]))
        self.held = {1: RECORD | MONEY, 2: RECORD | MONEY}
        self.away = 0

    def __enter__(self) -> "TriggerDesk":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        if self.away:
            self.away -= 1
            raise ResourceError("no server runs")
        match do:
            case "permission.held":
                marketing = [True for _ in args["asks"]]
                return {"held": [[self.held.get(number, 0), marketing] for number in args["subscribers"]]}
            case "campaign.trigger":
                self.calls.append({"do": do, **args})
                return {
                    "outcomes": [
                        {name: "accepted" for name in each["campaigns"] if name != "Full"}
                        for each in args["events"]
                    ]
                }
            case "opt_in.missed_call":
                if args["name"] != "spring":
                    raise OperatorError("no [[opt_in]] called that")
                return {"outcome": "challenged"}
        return super().call(do, **args)

    def add(self, name: str, rule: str = "age >= 18", text: str = "Hi", **terms: Any) -> None:
        row = {
            "name": name,
            "rule": rule,
            "account": "chai",
            "brand": "Chai Point",
            "category": 8,
            "text": text,
        }
        self.campaigns.append({**row, "state": "running", "terms": {"trigger": "top_up", **terms}})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    write_features(tmp_path / "features.json", {1: {"age": 30, "plan": "Gold"}, 2: {"age": 12}})
    path = write_config(tmp_path)
    write_store(tmp_path).close()
    return load_settings(path)


@pytest.fixture
def judging(settings: Settings) -> Iterator[tuple[TriggerDesk, TriggerJudging]]:
    desk = TriggerDesk()
    store = Database.open(settings.database_url)
    with OpenProfiles(settings.features_file, memory_limit="128MB") as opened:
        yield desk, TriggerJudging(settings, desk, store, opened)
    store.close()


def event(who: int = 1, trigger: str = "top_up", sequence: int = 1, **told: Any) -> TriggerEvent:
    at_us = now_us()
    return TriggerEvent(
        sequence=sequence, trigger=trigger, subscriber_no=who, at_us=at_us, read_us=at_us, attributes=told
    )


def test_each_campaign_is_judged_by_itself(judging: tuple[TriggerDesk, TriggerJudging]) -> None:
    desk, judge = judging
    desk.add("Any")
    desk.add("Large", when="event.amount >= 500.0")
    desk.add("Full")
    desk.add("Damaged", when="event.moon == 1")  # hears of nothing, and keeps nobody else from it
    told = judge.judge([event(amount=100.0)], now_us())[0]
    assert told == {"Any": "accepted", "Large": "does not fit", "Full": "not counted"}
    assert judge.judge([event(who=2, amount=900.0)], now_us())[0]["Any"] == "does not fit"
    desk.held[1] = RECORD
    assert set(judge.judge([event(amount=900.0)], now_us())[0].values()) == {"not permitted"}


def test_the_text_is_filled_for_the_one_person(judging: tuple[TriggerDesk, TriggerJudging]) -> None:
    desk, judge = judging
    desk.add("Named", text="Your {{ plan }} plan", fallbacks={"plan": "own"})
    judge.judge([event(amount=1.0)], now_us())[0]
    (asked,) = desk.called("campaign.trigger")
    assert asked["events"][0]["values"]["Named"]["choices"] == [["Gold"]]


def test_events_that_come_together_are_handed_in_together(
    judging: tuple[TriggerDesk, TriggerJudging],
) -> None:
    desk, judge = judging
    desk.add("Any", rule="age >= 10")
    told = judge.judge([event(1, amount=1.0), event(3, amount=1.0), event(2, amount=1.0)], now_us())
    assert [each["Any"] for each in told] == ["accepted", "not permitted", "accepted"]
    (asked,) = desk.called("campaign.trigger")
    assert [each["subscriber_no"] for each in asked["events"]] == [1, 2]


def test_a_call_to_a_line_asks_at_its_touchpoint(judging: tuple[TriggerDesk, TriggerJudging]) -> None:
    _, judge = judging
    assert judge.judge([event(trigger="opt_in_call", line="spring")], now_us())[0] == {"spring": "challenged"}
    assert judge.judge([event(trigger="opt_in_call", line="autumn")], now_us())[0] == {"autumn": "refused"}


def test_events_are_judged_once_and_in_order(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = TriggerDesk()
    desk.add("Any")
    monkeypatch.setattr(trigger_commands, "server_of", lambda settings: desk)
    monkeypatch.setattr(trigger_commands, "RETRY_S", 0.0)
    journal = tmp_path / "triggers" / "events-2026-10-10.jsonl"
    journal.parent.mkdir()
    run = ["run", "--once", "--json", "--config", str(tmp_path / "operator-push.toml")]

    def happens(sequence: int) -> None:
        with journal.open("ab") as file:
            file.write(msgspec.json.encode(event(sequence=sequence, amount=1.0)) + b"\n")

    def judged() -> list[int]:
        done = CliRunner().invoke(trigger_commands.trigger, run)
        assert done.exit_code == 0, done.output
        return [json.loads(line)["sequence"] for line in done.stdout.splitlines()]

    happens(1)
    happens(2)
    assert judged() == [1, 2]
    assert judged() == []
    happens(3)
    desk.away = 1
    failed = CliRunner().invoke(trigger_commands.trigger, run)
    assert isinstance(failed.exception, ResourceError)
    assert judged() == [3]  # nothing was passed over while the server was away
    assert (settings.data_dir / trigger_commands.POSITION_FILE).read_text() == "3"


def test_a_position_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "trigger-position").write_text("soon")
    with pytest.raises(OperatorError, match="trigger-position"):
        trigger_commands.read_position(tmp_path / "trigger-position")


def test_the_list_says_what_is_needed() -> None:
    told = json.loads(CliRunner().invoke(trigger_commands.trigger, ["list", "--json"]).stdout)
    (top_up,) = (each for each in told if each["name"] == "top_up")
    assert top_up["needs"] == ["top up"]
    assert [each["name"] for each in top_up["attributes"]] == ["event.amount", "event.balance"]
    assert "opt_in_call" in CliRunner().invoke(trigger_commands.trigger, ["list"]).stdout


def test_a_condition_is_held_against_the_sales_rules(tmp_path: Path, settings: Settings) -> None:
    rules = tmp_path / "sales-rules.toml"
    rules.write_text(
        '[[sales_rule]]\nname = "places"\nwhy = "too telling"\nbars = ["event.city"]\n'
        '[[sales_rule]]\nname = "money"\nwhy = "not for lenders"\n'
        "when = '\"event.balance\" in attributes'\nrefuse = true\n"
    )
    audience = settings.audience.model_copy(update={"sales_rules_file": rules})
    sold = settings.model_copy(update={"audience": audience})
    sale = Sale("chai", "Chai Point", 8)
    assert checked_when(sold, "top_up", "event.amount > 1.0", sale).text == "event.amount > 1.0"
    with pytest.raises(OperatorError, match="too telling"):
        checked_when(sold, "area_entered", 'event.city == "Pune"', sale)
    with pytest.raises(OperatorError, match="SALE_REFUSED: money: not for lenders"):
        checked_when(sold, "top_up", "event.balance < 5.0", sale)
