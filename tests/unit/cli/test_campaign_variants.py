"""A winner is told to the server once there is one, by deliveries or by the clock."""

from pathlib import Path
from typing import Any

import pytest
from campaign_desk import write_config, write_store

from operator_push.cli import campaign_variants
from operator_push.cli.campaign_variants import HOUR_US, decide, tallies_of
from operator_push.config import Settings, load_settings
from operator_push.domain.variants import Tally

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
