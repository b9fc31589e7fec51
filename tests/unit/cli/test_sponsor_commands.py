"""Sponsors on the command line: what is asked of the server, and what a sponsor may read."""

import json
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import write_config, write_store
from click.testing import CliRunner, Result

from operator_push.cli import control_client, sponsor_commands
from operator_push.cli.main import main
from operator_push.domain.message import MessageState
from operator_push.store.campaign_rows import CampaignCount

SOLD = {
    "sponsorship": 1,
    "account": "acme",
    "line": "By Acme",
    "state": "agreed",
    "issues": 5,
    "price_micros": 2_500_000,
    "charged_micros": 5_000_000,
    "carried": [7, 9],
    "asked_by": "mira",
    "asked_at": "2027-01-15T08:00:00.000000Z",
    "decided_by": "desk",
}
SLOT = {"characters": 40, "price_micros": 2_500_000, "by": "desk"}


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))
    write_store(tmp_path).close()
    asked: list[tuple[str, dict[str, Any]]] = []

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        asked.append((do, args))
        return {
            "channel.slot": {"slot": SLOT},
            "channel.sponsors": {"slot": SLOT, "sponsorships": [SOLD]},
        }.get(do, SOLD)

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    return asked


def run(*words: str) -> Result:
    result = CliRunner().invoke(main, ["channel", *words])
    assert result.exit_code == 0, result.output
    return result


def test_a_line_is_offered_bought_and_agreed_to(calls: list[tuple[str, dict[str, Any]]]) -> None:
    assert (
        "40 characters at 2.50 an issue" in run("slot", "news", "--characters", "40", "--price", "2.5").output
    )
    bought = ("--account", "acme", "--line", "By Acme", "--issues", "5", "--by", "mira")
    assert "5 at 2.50, 2 carried" in run("sponsor", "news", *bought).output
    run("decide", "1", "--no", "--by", "desk")
    assert [do for do, _ in calls] == ["channel.slot", "channel.sponsor", "channel.decide_sponsor"]
    assert calls[0][1]["price_micros"] == 2_500_000
    assert calls[1][1] == {"name": "news", "account": "acme", "line": "By Acme", "issues": 5, "by": "mira"}
    assert calls[2][1] == {"sponsorship": 1, "agrees": False, "by": "desk"}


def test_a_sponsor_reads_how_many_were_reached_in_tens(
    calls: list[tuple[str, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {7: 1_234, 9: 5}

    def count(rows: Any, shard: int, number: int) -> CampaignCount:
        return CampaignCount({}, {MessageState.DELIVERED.name: counts[number]}, 0, 0, 0, 0)

    monkeypatch.setattr(sponsor_commands, "count_campaign", count)
    (told,) = json.loads(run("sponsors", "news", "--json").stdout)["sponsorships"]
    assert (told["carried"], told["delivered"]) == (2, [1_230, "<10"])
    printed = run("sponsors", "news").output
    assert "1230 <10" in printed
    assert "1234" not in printed
