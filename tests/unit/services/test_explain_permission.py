"""permission explain: stories of acts, one question each; the trail names the rule that decided."""

from typing import NamedTuple

import pytest

from operator_push.domain.consent import (
    ACTION_BY_NAME,
    Basis,
    ConsentEvent,
    Evidence,
    Purpose,
)
from operator_push.kernel.ids import first_id_at
from operator_push.kernel.instants import parse_iso
from operator_push.services.explain_permission import RULES, Question, explain

DAY_US = 86_400_000_000
START_US = parse_iso("2026-01-01T00:00:00Z")
CHAI, ZING, FOOD, MUSIC = 1, 2, 8, 6


class Act(NamedTuple):
    event_id: int
    event: ConsentEvent


def day(number: float) -> int:
    return START_US + int(number * DAY_US)


def acts(story: str, heard_on: float | None = None) -> list[Act]:
    """Lines of: day action brand category channel [key=value …]."""
    told = []
    for line_no, line in enumerate(filter(None, map(str.strip, story.splitlines()))):
        at, action, brand, category, channel, *more = line.split()
        given = dict(pair.split("=") for pair in more)
        event = ConsentEvent(
            7,
            0 if brand == "*" else int(brand),
            0 if category == "*" else int(category),
            Purpose.MARKETING,
            channel,
            ACTION_BY_NAME[action],
            day(float(at)),
            Evidence("web"),
            Basis[given.get("basis", "CONSENT")],
            day(float(given["ends"])) if "ends" in given else 0,
            given.get("law", "*"),
        )
        heard = float(given.get("heard", heard_on if heard_on is not None else at))
        told.append(Act(first_id_at(day(heard)) + line_no, event))
    return told


def ask(
    story: str, at: float, channel: str = "sms", country: str | None = "IN", **more: float
) -> dict[str, object]:
    known_us = day(more["known"]) if "known" in more else None
    question = Question(7, CHAI, FOOD, Purpose.MARKETING, channel, country, day(at), known_us)
    return explain(question, acts(story), lambda number: {0: "*", 1: "Chai", 2: "Zing"}[number])


CASES = [
    ("unknown", "", 5, "unknown", "PENDING", "a grant covers the question"),
    ("granted", "1 grant 1 8 sms", 5, "granted", "GRANTED", None),
    ("before it was granted", "1 grant 1 8 sms", 0.5, "unknown", "PENDING", "a grant covers the question"),
    (
        "a narrow grant under a broad stop",
        "1 withdraw * * *\n2 grant 1 8 sms",
        5,
        "withdrawn",
        "WITHDRAWN",
        "deny beats allow",
    ),
    ("a grant up to its end", "1 grant 1 8 sms ends=4", 3.9999999, "granted", "GRANTED", None),
    ("and not at it", "1 grant 1 8 sms ends=4", 4, "expired", "EXPIRED", "grants end"),
    ("withdrawn", "1 grant 1 8 sms\n2 withdraw 1 8 sms", 5, "withdrawn", "WITHDRAWN", "deny beats allow"),
    ("in between", "1 grant 1 8 sms\n2 withdraw 1 8 sms", 1.5, "granted", "GRANTED", None),
    ("granted anew", "1 grant 1 8 sms\n2 withdraw 1 8 sms\n3 grant 1 8 sms", 5, "granted", "GRANTED", None),
    (
        "the number was recycled",
        "1 grant * * *\n2 void * * *",
        5,
        "void",
        "VOID",
        "a grant covers the question",
    ),
    (
        "another channel",
        "1 grant 1 8 push",
        5,
        "unknown",
        "PENDING",
        "a grant covers the question",
    ),
    ("another category", "1 grant 1 6 sms", 5, "unknown", "PENDING", "a grant covers the question"),
    ("another brand", "1 grant 2 8 sms", 5, "unknown", "PENDING", "a grant covers the question"),
    ("asked and denied", "1 request 1 8 sms\n2 deny 1 8 sms", 5, "denied", "DENIED", "deny beats allow"),
    ("asked only", "1 request 1 8 sms", 5, "unknown", "REQUESTED", "a grant covers the question"),
    (
        "not confirmed yet",
        "1 challenge 1 8 sms ends=6",
        5,
        "unknown",
        "CONFIRMING",
        "a grant covers the question",
    ),
    ("confirmed", "1 challenge 1 8 sms ends=6\n2 confirm 1 8 sms", 5, "granted", "GRANTED", None),
    ("objected", "1 object 1 * *", 5, "denied", "OBJECTED", "deny beats allow"),
    ("the law of this country", "1 grant 1 8 sms law=in", 5, "granted", "GRANTED", None),
    ("the law of another", "1 grant 1 8 sms law=gb", 5, "unknown", "PENDING", "a grant covers the question"),
]


@pytest.mark.parametrize(
    ("story", "at", "reason", "state", "refused_by"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_case(story: str, at: float, reason: str, state: str, refused_by: str | None) -> None:
    told = ask(story, at)
    assert (told["reason"], told["state"]) == (reason, state)
    assert told["allowed"] == (reason == "granted") == (told["decision"] == "allow")
    trail = told["trail"]
    assert isinstance(trail, list)
    assert {step["rule"]: step["version"] for step in trail} == RULES
    assert [step["rule"] for step in trail if step["outcome"] == "refused"] == (
        [refused_by] if refused_by else []
    )


def test_the_act_that_decided_is_named() -> None:
    told = ask("1 grant * * *\n2 grant 1 8 sms\n3 withdraw 1 * *", 5)
    assert told["decided_by"]["action"] == "withdraw"  # type: ignore[index]
    assert told["decided_by_scope"] == {
        "purpose": "marketing",
        "dpv": "dpv:DirectMarketing",
        "brand": "Chai",
        "category": "*",
        "channel": "*",
    }
    assert ask("1 grant * * *\n2 grant 1 8 sms", 5)["decided_by"]["at"].startswith("2026-01-03")  # type: ignore[index]


def test_what_was_known_then_is_not_what_is_known_now() -> None:
    story = "1 grant 1 8 sms\n2 withdraw 1 8 sms heard=6"
    assert ask(story, 4)["reason"] == "withdrawn"
    assert ask(story, 4, known=5)["reason"] == "granted"


def test_another_channel_may_be_asked_about() -> None:
    assert ask("1 grant 1 8 push", 5, channel="push")["allowed"]


def test_another_basis_is_told_and_lifts_no_stop() -> None:
    told = ask("1 grant 1 * sms basis=SOFT_OPT_IN", 5, country="DE")
    assert (told["allowed"], told["basis"]) == (True, "soft_opt_in")
    stopped = ask("1 withdraw 1 * *\n2 grant 1 * sms basis=SOFT_OPT_IN", 5, country="DE")
    assert stopped["reason"] == "withdrawn"


def test_nobody_known_has_permitted_nothing() -> None:
    question = Question(0, CHAI, FOOD, Purpose.MARKETING, "sms", None, day(1))
    told = explain(question, [], str)
    assert not told["allowed"]
    assert told["trail"][0]["outcome"] == "refused"
    assert [step["outcome"] for step in told["trail"][1:]] == ["not asked"] * 4
