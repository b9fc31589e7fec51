"""A round carries out what is due, leaves the rest, and does no harm to what others hand in."""

import base64
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import Desk, write_config, write_store
from feature_files import write_features
from pyroaring import BitMap

from operator_push.cli.campaign_run import run_round
from operator_push.config import Settings, load_settings
from operator_push.kernel.errors import OperatorError

NOW_US = 1_800_000_000_000_000
PEOPLE = BitMap(range(1, 228))
HOUR_US = 3_600_000_000


class RunDesk(Desk):
    """As the server, with campaigns that go on."""

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        match do:
            case "campaign.spawn":
                self.calls.append({"do": do, **args})
                pattern = next(each for each in self.campaigns if each["name"] == args["name"])
                made = {**pattern, "name": "Daily 1", "terms": {"of": "Daily"}}
                self.campaigns.append(made)
                return {"campaign": made}
            case "campaign.extend":
                self.calls.append({"do": do, **args})
                return {"added": 0}
        return super().call(do, **args)

    def add(self, name: str, state: str = "approved", **terms: Any) -> None:
        """A campaign as the server has it."""
        asked = {"account": "chai", "rule": "age >= 18", "category": 8, "source": "56070", "text": "Hi"}
        super().call("campaign.order", name=name, ordered_by="", terms=terms, audience=_nobody(), **asked)
        self.campaigns[-1].update(state=state, audience=229)


def _nobody() -> str:
    return base64.b64encode(BitMap().serialize()).decode()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    write_features(tmp_path / "features.json", {number: {"age": 30} for number in range(1, 301)})
    path = write_config(tmp_path)
    write_store(tmp_path).close()
    return load_settings(path)


def test_only_what_is_due_is_carried_out(settings: Settings) -> None:
    desk = RunDesk(PEOPLE)
    desk.add("By hand")
    desk.add("Later", starts_us=NOW_US + 1)
    desk.add("Now", starts_us=NOW_US)
    desk.add("Issue", state="running")
    handed_in = run_round(settings, desk, NOW_US)
    assert {name: dict(outcomes) for name, outcomes in handed_in.items()} == {"Now": {"accepted": 227}}
    states = {each["name"]: each["state"] for each in desk.campaigns}
    assert states == {"By hand": "approved", "Later": "approved", "Now": "finished", "Issue": "running"}


def test_everybody_comes_in_the_own_hour_and_those_without_one_at_once(settings: Settings) -> None:
    """1 to 100 are busiest at nine, 101 to 200 at ten; of the others nothing is known."""
    hours = {number: 9 if number <= 100 else 10 for number in range(1, 201)}
    people = {number: {"age": 30, "busiest_hour_30d": hours.get(number)} for number in range(1, 228)}
    write_features(settings.features_file, people)
    desk = RunDesk(PEOPLE)
    desk.permitting["use_call_data"] = PEOPLE - BitMap(range(151, 161))  # ten of them do not permit it
    desk.add("Own", starts_us=NOW_US, pace="own", zone="UTC", ends_us=NOW_US + 9 * HOUR_US)
    rounds = []  # 08:00, 09:00, 10:00
    for hour in range(3):
        run_round(settings, desk, NOW_US + hour * HOUR_US)
        rounds.append(len(desk.handed_in))
    assert rounds == [27 + 10, 27 + 10 + 100, 227]
    assert desk.campaigns[-1]["state"] == "finished"


def test_nobody_waits_for_an_hour_after_the_end(settings: Settings) -> None:
    write_features(settings.features_file, {number: {"age": 30, "busiest_hour_30d": 4} for number in PEOPLE})
    desk = RunDesk(PEOPLE)
    desk.add("Own", starts_us=NOW_US, pace="own", zone="UTC", ends_us=NOW_US + 2 * HOUR_US)
    run_round(settings, desk, NOW_US)
    assert (len(desk.handed_in), desk.campaigns[-1]["state"]) == (0, "running")
    run_round(settings, desk, NOW_US + HOUR_US)
    assert desk.campaigns[-1]["state"] == "finished"


def test_a_pattern_makes_its_time_and_that_is_launched(settings: Settings) -> None:
    desk = RunDesk(PEOPLE)
    desk.add("Daily", every="daily 09:00")
    assert list(run_round(settings, desk, NOW_US)) == ["Daily 1"]
    assert {each["name"]: each["state"] for each in desk.campaigns} == {
        "Daily": "approved",
        "Daily 1": "finished",
    }


def test_what_goes_on_takes_people_in_and_is_not_finished(settings: Settings) -> None:
    desk = RunDesk(PEOPLE)
    desk.add("Standing", state="running", standing=True)
    desk.add("Event", state="running", trigger="top_up")
    desk.add("Step", state="running", after="Standing", after_days=3)
    desk.recipients["Standing"] = PEOPLE
    handed_in = run_round(settings, desk, NOW_US)
    assert list(handed_in) == ["Standing"]
    extended = {call["name"] for call in desk.called("campaign.extend")}
    assert extended == {"Standing", "Event", "Step"}
    assert desk.called("campaign.finish") == []


def test_one_that_cannot_be_carried_out_does_not_hold_the_others_up(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    class Refusing(RunDesk):
        def call(self, do: str, **args: Any) -> dict[str, Any]:
            if do == "campaign.launch" and args["name"] == "Bad":
                raise OperatorError("NO_CREDIT")
            return super().call(do, **args)

    desk = Refusing(PEOPLE)
    desk.add("Bad", starts_us=NOW_US)
    desk.add("Good", starts_us=NOW_US)
    assert list(run_round(settings, desk, NOW_US)) == ["Good"]
    assert "campaign Bad: NO_CREDIT" in caplog.text
