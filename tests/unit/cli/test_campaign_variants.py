"""A winner is told to the server once there is one, by deliveries or by the clock."""

from pathlib import Path
from typing import Any

import pytest
from campaign_desk import write_config, write_store
from pyroaring import BitMap

from operator_push.cli import campaign_variants
from operator_push.cli.campaign_variants import HOUR_US, decide, tallies_of
from operator_push.config import Settings, load_settings
from operator_push.domain.link_visits import VisitKind
from operator_push.domain.variants import Tally
from operator_push.store.campaign_history import History, Outcome

NOW_US = 1_800_000_000_000_000
VARIANTS = [{"name": "warm", "text": "Hot chai"}, {"name": "bold", "text": "CHAI"}]


class Told:
    """A server that notes what it is told."""

    def __init__(self) -> None:
        self.winners: list[str] = []

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        assert do == "campaign.winner"
        self.winners.append(args["variant"])
        return {}


def campaign(**terms: Any) -> dict[str, Any]:
    return {
        "name": "tea",
        "campaign_no": 1,
        "created_us": NOW_US,
        "terms": {"variants": VARIANTS, "test_percent": 20, **terms},
        "progress": {"launched_us": NOW_US},
    }


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = write_config(tmp_path)
    write_store(tmp_path).close()
    return load_settings(path)


def test_nothing_is_delivered_in_an_empty_store(settings: Settings) -> None:
    assert tallies_of(settings, campaign()) == [Tally("warm", 0, 0), Tally("bold", 0, 0)]
    assert tallies_of(settings, {"terms": {}}) == []


def test_who_came_after_the_winner_was_told_got_the_winner(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    early, late = ([Outcome(each, 5, each < 4, False, came) for each in range(1, 41)] for came in (10, 30))
    history = History(80, (*early, *late))
    monkeypatch.setattr(campaign_variants, "campaign_history", lambda *asked, **more: history)
    before = tallies_of(settings, campaign())
    assert before[0].delivered + before[1].delivered == 80
    won = campaign()
    won["progress"] |= {"winner": "bold", "winner_us": 20}
    warm, bold = tallies_of(settings, won)
    assert (warm.delivered, bold.delivered) == (before[0].delivered // 2, before[1].delivered // 2 + 40)


def test_clicks_and_conversions_are_those_of_its_link(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(2, tuple(Outcome(each, 5, False, False, 1) for each in range(1, 41)))
    monkeypatch.setattr(campaign_variants, "campaign_history", lambda *asked, **more: history)
    people = {VisitKind.CLICK: BitMap(range(1, 11)), VisitKind.CONVERSION: BitMap([3])}
    monkeypatch.setattr(campaign_variants, "people_of_visits", lambda rows, number, kind: people[kind])
    tallies = tallies_of(settings, campaign(link="https://chai.example/"))
    assert sum(each.clicks for each in tallies) == 10
    assert sum(each.conversions for each in tallies) == 1
    server = Told()
    decide(
        settings,
        server,
        campaign(winner_after=1, winner_by="converted", link="https://chai.example/"),
        NOW_US,
    )
    assert server.winners == ["warm" if tallies[0].conversions else "bold"]


def test_the_winner_is_decided_by_deliveries_or_by_hours(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Told()
    tallies = [Tally("warm", 50, 1), Tally("bold", 60, 3)]
    monkeypatch.setattr(campaign_variants, "tallies_of", lambda settings, campaign: tallies)
    assert decide(settings, server, campaign(winner_after=51), NOW_US) is None
    assert decide(settings, server, campaign(winner_after=50), NOW_US) == "bold"
    assert decide(settings, server, campaign(winner_after_h=2), NOW_US + HOUR_US) is None
    assert decide(settings, server, campaign(winner_after_h=2), NOW_US + 2 * HOUR_US) == "bold"
    won = campaign(winner_after=50)
    won["progress"]["winner"] = "warm"
    assert decide(settings, server, won, NOW_US) is None
    assert server.winners == ["bold", "bold"]
