"""permission explain reads the store's acts of one person, at any moment, and tells whose look-up it was."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import write_config
from click.testing import CliRunner, Result
from msgspec import convert
from sqlalchemy import Connection
from store_rows import SHARD, ids

from operator_push.bootstrap.policy import empty_clocks, read_quiet_hours
from operator_push.cli import control_client
from operator_push.cli.main import main
from operator_push.config import QuietHoursSettings
from operator_push.domain.consent import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.facts import PolicyFacts
from operator_push.domain.holdout import Holdout
from operator_push.domain.policy import standard_policy
from operator_push.domain.subscriber_clocks import SubscriberClocks
from operator_push.kernel.instants import parse_iso
from operator_push.services.explain_rules import Then, explain_rules, policy_then
from operator_push.services.manage_permission import consent_row
from operator_push.store import migrate, schema
from operator_push.store.database import Database
from operator_push.store.small_rows import upsert
from operator_push.store.statements import insert_rows

NUMBER = "919812345678"
GROUP = partial(Holdout, bytes(32))
GRANTED, STOPPED = "2026-11-01T10:00:00Z", "2026-11-05T10:00:00Z"


def clocks_of(quiet: dict[str, Any] | None) -> SubscriberClocks:
    return empty_clocks(QuietHoursSettings() if quiet is None else read_quiet_hours(quiet))


@pytest.fixture(autouse=True)
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))
    url = f"sqlite:///{tmp_path}/data/operator-push.db"
    migrate.upgrade(url)
    database = Database.open(url)
    grant = ConsentEvent(
        7,
        3,
        8,
        Purpose.MARKETING,
        "sms",
        ConsentAction.GRANT,
        parse_iso(GRANTED),
        Evidence("web", "form 7"),
        expires_us=parse_iso("2026-12-01T00:00:00Z"),
    )
    stop = ConsentEvent(
        7, 0, 0, Purpose.MARKETING, "*", ConsentAction.WITHDRAW, parse_iso(STOPPED), Evidence("sms", "STOP")
    )
    rows = [
        consent_row(SHARD, event_id, event) for event_id, event in zip(ids(2), (grant, stop), strict=True)
    ]
    database.run(lambda connection: insert_rows(connection, schema.consent_event, rows))
    database.run(lambda connection: insert_rows(connection, schema.brand, [(3, "Chai")]))
    database.close()
    made: list[dict[str, Any]] = []

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        made.append({"do": do, **args})
        if do == "permission.rules_then":
            then = convert(args["then"], Then)
            house = policy_then(standard_policy(PolicyFacts()), 7, NUMBER, then, clocks_of, GROUP)
            at_us = parse_iso(args["at"])
            return {"rules": explain_rules(house, 7, NUMBER, args["brand_no"], args["category"], at_us)}
        known = args["number"] == NUMBER
        return {
            "subscriber_no": 7 if known else 0,
            "country": "IN",
            "brand_no": 3 if args["brand"] == "Chai" else None,
        }

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    monkeypatch.setattr(control_client.ControlClient, "__enter__", lambda self: self)
    return made


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["permission", "explain", *words])
    assert result.exit_code == code, result.output
    assert NUMBER not in result.output
    return result


def explained(at: str, brand: str = "Chai", category: str = "8", number: str = NUMBER) -> dict[str, Any]:
    words = ("--to", number, "--brand", brand, "--category", category, "--channel", "sms", "--at", at)
    told: dict[str, Any] = json.loads(run(*words, "--json").stdout)
    return told


def test_the_state_is_that_of_the_moment(calls: list[dict[str, Any]]) -> None:
    assert explained("2026-10-31T00:00:00Z")["reason"] == "unknown"
    granted = explained("2026-11-02T00:00:00Z")
    assert (granted["decision"], granted["decided_by"]["action"]) == ("allow", "grant")
    assert granted["asked"]["brand"] == "Chai"
    assert explained("2026-11-06T00:00:00Z")["reason"] == "withdrawn"
    assert calls[0]["do"] == "permission.look_up"
    assert calls[0]["by"]


def test_wishes_caps_and_what_counted_are_those_of_the_moment(tmp_path: Path) -> None:
    def work(connection: Connection) -> None:
        for at, per_week in (("2026-11-02T00:00:00Z", 0), ("2026-11-03T00:00:00Z", 5)):
            row = {"shard": SHARD, "subscriber_no": 7, "brand_no": 3, "category": 0, "channel": "*"}
            row |= {"changed_us": parse_iso(at), "from_minute": 0, "until_minute": 0, "per_week": per_week}
            upsert(connection, "contact_wish", row | {"changed_by": "ann"})
        for number, at, most in ((1, "2026-10-01T00:00:00Z", 4), (2, "2026-11-04T00:00:00Z", 0)):
            caps = {"per_handset": most, "per_brand": None, "rolling_hours": None}
            content = {"caps": caps, "quiet_hours": {}, "packs": {"in": number}}
            row = {"shard": SHARD, "rule_set_no": number, "content": json.dumps(content)}
            upsert(connection, "rule_set", row | {"first_used_us": parse_iso(at)})

    database = Database.open(f"sqlite:///{tmp_path}/data/operator-push.db")
    database.run(work)
    database.close()
    older = explained("2026-09-01T12:00:00Z")
    assert (older["rule_set"], older["not_kept"][0][:26]) == (None, "settings are kept from 202")
    before = explained("2026-11-01T12:00:00Z")
    assert (before["decision"], before["rule_set"]) == ("allow", 1)
    assert "the packs are as they are now, and were others then" in before["not_kept"]
    wished = explained("2026-11-02T12:00:00Z")
    assert (wished["decision"], wished["reason"]) == ("refuse", "frequency_cap")
    assert [step["rule"] for step in wished["trail"] if step["outcome"] == "refused"] == ["contact wish"]
    assert explained("2026-11-03T12:00:00Z")["decision"] == "allow"
    capped = explained("2026-11-04T12:00:00Z")
    assert [step["rule"] for step in capped["trail"] if step["outcome"] == "refused"] == ["frequency cap"]
    assert capped["rule_set"] == 2


def test_register_zone_quiet_hours_and_control_group_are_those_of_the_moment(tmp_path: Path) -> None:
    def work(connection: Connection) -> None:
        quiet = {"enabled": True, "start": "20:00", "end": "10:00", "packs": False, "zone": "UTC"}
        group = {"name": "all", "per_ten_thousand": 10_000}
        for number, at, content in (
            (1, "2026-10-01T00:00:00Z", {"quiet_hours": quiet, "holdout": None}),
            (2, "2026-11-03T00:00:00Z", {"quiet_hours": quiet | {"enabled": False}, "holdout": group}),
            (3, "2026-11-03T01:00:00Z", {"quiet_hours": quiet | {"enabled": False}, "holdout": None}),
        ):
            row = {"shard": SHARD, "rule_set_no": number, "content": json.dumps(content)}
            upsert(connection, "rule_set", row | {"first_used_us": parse_iso(at)})
        for at, zone in (("2026-10-01T00:00:00Z", "Europe/London"), ("2026-11-02T16:00:00Z", "Asia/Kolkata")):
            row = {"shard": SHARD, "subscriber_no": 7, "home_zone": zone, "network_country": ""}
            upsert(connection, "subscriber_clock", row | {"changed_us": parse_iso(at)})
        for at, blocked in (("2026-11-03T04:00:00Z", "8"), ("2026-11-03T05:00:00Z", "")):
            row = {"shard": SHARD, "msisdn": int(NUMBER), "blocked": blocked, "channels": "", "days": ""}
            upsert(connection, "dnd_entry", row | {"bands": "", "changed_us": parse_iso(at)})
        upsert(connection, "former_since", {"shard": 0, "since_us": parse_iso("2026-10-15T00:00:00Z")})

    database = Database.open(f"sqlite:///{tmp_path}/data/operator-push.db")
    database.run(work)
    database.close()
    in_london = explained("2026-11-02T15:30:00Z")
    assert (in_london["decision"], in_london["not_kept"]) == ("allow", [])
    in_kolkata = explained("2026-11-02T16:30:00Z")
    assert (in_kolkata["decision"], in_kolkata["reason"]) == ("defer", "quiet_hours")
    assert in_kolkata["not_before"][:19] == "2026-11-03T04:30:00"
    assert explained("2026-11-03T00:30:00Z")["reason"] == "holdout"
    assert explained("2026-11-03T02:00:00Z")["decision"] == "allow"
    assert explained("2026-11-03T04:30:00Z")["reason"] == "do_not_disturb"
    assert explained("2026-11-03T05:00:00Z")["decision"] == "allow"
    older = explained("2026-10-10T12:00:00Z")
    assert older["not_kept"][0].startswith("the register's rows are kept from 2026-10-15T00:00:00")
    assert len(older["not_kept"]) == 1, "the zone stood since the first of October"


def test_a_brand_and_a_number_that_nobody_knows_have_no_permission() -> None:
    assert explained("2026-11-02T00:00:00Z", brand="Zing")["reason"] == "unknown"
    assert explained("2026-11-06T00:00:00Z", brand="Zing")["reason"] == "withdrawn"
    assert explained("2026-11-02T00:00:00Z", number="919800000000")["trail"][0]["outcome"] == "refused"


def test_words_for_people() -> None:
    text = run("--to", NUMBER, "--brand", "Chai", "--category", "8", "--at", "2026-11-06T00:00:00Z").stdout
    assert "refuse: withdrawn" in text
    assert "deny beats allow (version 1)" in text


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--at", "yesterday"), "--at"),
        (("--at", "0001-01-01T00:00:00Z"), "of the years 1900 to 9000"),
        (("--at", "9999-12-31T00:00:00Z"), "of the years 1900 to 9000"),
        (("--category", "9"), "--category"),
        (("--purpose", "spam"), "--purpose"),
        (("--jurisdiction", "india"), "--jurisdiction"),
    ],
)
def test_what_cannot_be_asked_says_why(words: tuple[str, ...], why: str) -> None:
    assert why in run("--to", NUMBER, *words, code=2).stderr
