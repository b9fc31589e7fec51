"""The report of a campaign on the command line: as text, JSON and a page, for the client and the operator."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import Desk, write_config, write_store
from click.testing import CliRunner, Result
from feature_files import write_features
from pyroaring import BitMap
from sqlalchemy import Connection
from store_rows import NOON_US, ids, keyed_row, message_row, row

from operator_push.cli import control_client
from operator_push.cli.main import main
from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.message import MessageState, RefusalReason, Verdict
from operator_push.kernel.instants import day_of, to_epoch_us
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows

HOUR_US = 3_600_000_000
PRICE = 120_000
REFUSE = int(Verdict.REFUSE)
ANSWER = next(int(action) for action in InboundAction if not action.is_for_us)
CAMPAIGN: dict[str, Any] = {
    "campaign_no": 2,
    "name": "Morning <chai>",
    "state": "finished",
    "account": "chai",
    "account_no": 1,
    "brand": "Chai Point",
    "brand_no": 3,
    "category": 8,
    "rule": "age >= 18",
    "source": "56070",
    "audience": 609,
    "created_us": NOON_US,
    "terms": {"control_percent": 20},
    "progress": {"launched_us": NOON_US},
}
PEOPLE, CONTROLS, CAPPED = 604, 120, 7


def fill(connection: Connection) -> None:
    """604 people: 120 controls, 7 capped, 477 delivered over two hours, every tenth of them answered."""
    numbers = ids(2 * PEOPLE)
    own = {"campaign_no": 2, "brand_no": 3, "source": "56070"}
    refused = [RefusalReason.CONTROL_GROUP] * CONTROLS + [RefusalReason.FREQUENCY_CAP] * CAPPED
    messages = [
        message_row(
            numbers[person], subscriber_no=person + 1, **own, verdict=int(Verdict.REFUSE), reason=int(why)
        )
        for person, why in enumerate(refused)
    ]
    got = range(len(refused), PEOPLE)
    sent = {"sent_link_no": 1, "sent_us": NOON_US}
    messages += [message_row(numbers[person], subscriber_no=person + 1, **own, **sent) for person in got]
    insert_rows(connection, schema.message, messages)
    delivered = {"state": int(MessageState.DELIVERED), "settled_micros": PRICE}
    finals = [
        keyed_row(schema.message_final, numbers[person], **delivered, at_us=NOON_US + person % 2 * HOUR_US)
        for person in got
    ]
    insert_rows(connection, schema.message_final, finals)
    answers = [
        keyed_row(
            schema.mo_message,
            numbers[PEOPLE + person],
            subscriber_no=person + 1,
            destination="56070",
            action=ANSWER,
            at_us=NOON_US + 3 * HOUR_US,
        )
        for person in got[::10]
    ]
    insert_rows(connection, schema.mo_message, answers)
    recipients = BitMap(range(1, PEOPLE + 1))
    fixed = [
        row(schema.campaign_recipients, campaign_no=number, subscribers=people.serialize())
        for number, people in ((1, recipients | BitMap([9_000])), (2, recipients))
    ]
    insert_rows(connection, schema.campaign_recipients, fixed)
    campaigns = [
        row(
            schema.campaign,
            campaign_no=number,
            name=str(number),
            brand_no=3,
            source="56070",
            terms="{}",
            progress="{}",
            created_us=NOON_US,
        )
        for number in (1, 2)
    ]
    insert_rows(connection, schema.campaign, campaigns)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    desk = Desk(BitMap(range(1, PEOPLE + 1)))
    desk.campaigns.append(CAMPAIGN)
    write_features(
        tmp_path / "features.json", {number: {"age": 20 + number % 2} for number in range(1, PEOPLE + 1)}
    )
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))
    database = write_store(tmp_path)
    database.run(fill)
    database.close()

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        return desk.call(do, **args)

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    return tmp_path


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == code, result.output
    return result


REPORT = ("campaign", "report", CAMPAIGN["name"])


def test_a_client_reads_tens(store: Path) -> None:
    told = json.loads(run(*REPORT, "--zone", "Asia/Kolkata", "--json").stdout)
    assert told["people"] == {
        "handed_in": 600,
        "held": 470,
        "submitted": 470,
        "delivered": 470,
        "failed": 0,
        "replied": 40,
        "clicked": 0,
        "converted": 0,
        "opted_out": 0,
    }
    assert told["never_sent"] == {"CONTROL_GROUP": 120, "CAPPED": "<10"}
    assert [each["hour"][11:] for each in told["hours"]] == ["13:00+05:30", "14:00+05:30", "16:00+05:30"]
    assert told["charged_micros"] == 470 * PRICE
    assert told["groups"] == {"treated": 480, "controls": 120}
    text = run(*REPORT).stdout
    assert "120 control group, <10 capped" in text
    assert "477" not in text


def test_the_operator_reads_what_there_is(store: Path) -> None:
    told = json.loads(run(*REPORT, "--for-operator", "--json").stdout)
    assert (told["people"]["delivered"], told["never_sent"]["CAPPED"]) == (477, 7)
    assert told["charged_micros"] == 477 * PRICE
    assert told["fatigue"]["rows"][0] == {"before": 0, "delivered": 477, "replied": 48, "opted_out": 0}


def test_an_outcome_is_a_question_that_is_judged_and_paid_for(store: Path) -> None:
    outcome = ("--outcome", "odd=age == 21", "--outcome", "old=age > 60")
    told = json.loads(run(*REPORT, *outcome, "--json").stdout)
    odd, old = told["compared"][1:]
    assert (odd["treated"], odd["controls"], odd["difference"]) == (240, None, None), (
        "60 controls are too few"
    )
    assert (old["treated"], old["controls"]) == (None, None)
    asked = json.loads(run("audience", "log", "--json").stdout)
    assert [each["outcome"] for each in asked] == ["too_few", "too_few", "too_few", "counted"]
    exact = json.loads(run(*REPORT, *outcome, "--for-operator", "--json").stdout)["compared"][1]
    assert (exact["treated"], exact["controls"]) == (242, 60)
    assert len(json.loads(run("audience", "log", "--json").stdout)) == 4


def test_the_page_stands_alone_and_tells_no_more_than_the_json(store: Path) -> None:
    page = store / "report.html"
    outcome = ("--outcome", "adult=age >= 18")
    assert run(*REPORT, *outcome, "--html", str(page)).stdout == f"{page} is written.\n"
    html = page.read_text(encoding="utf-8")
    assert "Morning &lt;chai&gt;" in html
    assert "<svg" in html
    assert "477" not in html
    for outside in ("<script", "http:", "https:", "src="):
        assert outside not in html


def test_what_is_no_outcome_and_no_zone_is_a_sentence(store: Path) -> None:
    assert "is not NAME=RULE" in run(*REPORT, "--outcome", "age > 60", code=2).stderr
    assert "is none of the tz database" in run(*REPORT, "--zone", "Chennai", code=2).stderr


def test_an_outcome_is_found_among_those_who_had_their_message_of_the_day(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sales rules keep them from another message, and not from having bought."""
    rule = '[[sales_rule]]\nname = "rivals"\napart_from = ["Chai Point", "Tea House"]\nwhy = "apart"\n'
    rule += '[[sales_rule]]\nname = "one"\nper_subscriber_per_day = 1\nwhy = "one"\n'
    (store / "sales.toml").write_text(rule)
    monkeypatch.setenv("OPERATOR_PUSH_AUDIENCE__SALES_RULES_FILE", str(store / "sales.toml"))
    database = Database.open(f"sqlite:///{store / 'data/operator-push.db'}")
    today = day_of(to_epoch_us(datetime.now(UTC)))
    sent = [
        message_row(9_000 + person, day=today, subscriber_no=person, campaign_no=5, brand_no=9)
        for person in range(1, PEOPLE + 1)
    ]
    database.run(lambda connection: insert_rows(connection, schema.message, sent))
    database.close()
    told = json.loads(run(*REPORT, "--outcome", "odd=age == 21", "--for-operator", "--json").stdout)
    assert (told["compared"][1]["treated"], told["compared"][1]["controls"]) == (242, 60)
