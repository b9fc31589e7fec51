"""Double opt-in: nothing holds before the number itself has said yes in time, and a stop beats it all."""

from typing import Any

import msgspec
import pytest
from said_texts import Answers
from shard import BRAND, LINK, MSISDN, NOW_US, Shard

from operator_push.domain.consent import SMS, ConsentAction, ConsentEvent, Evidence, Purpose, Scope
from operator_push.domain.consent_states import ConsentState
from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.incentives import EarnedBy, Offer
from operator_push.domain.touchpoints import HOUR_US, Touchpoint, Touchpoints
from operator_push.kernel.errors import OperatorError
from operator_push.services.hear_subscribers import HearSubscribers, Inbound
from operator_push.services.notices import Notices
from operator_push.services.take_opt_ins import OpenChallenge, SentChallenge, TakeOptIns

BANK, PERSON = 20, 50  # a brand, and somebody who has said nothing
SHA = "ab" * 32
BANK_POINT = Touchpoint("bank", "Bank", "56070", "JOIN BANK", notice_id="offers", called="18005550100")
SINGLE = Touchpoint("quick", "Quick", "56070", "quick", category=3, double=False, valid_us=HOUR_US)
OFFER = Offer("welcome", EarnedBy.OPT_IN, "bank", 5_000_000, "5 rupees, once, if you stay.", brand="Bank")
BRANDS = {"Bank": BANK, "Quick": 21}
AT_ONCE = Touchpoint("at-once", "Bank", "56070", "bank now", double=False)


class Desk:
    def __init__(self, *sent: SentChallenge, rewarded: bool = False, offer: Offer = OFFER) -> None:
        self.shard = Shard()
        self.answers = Answers()
        self.hears = HearSubscribers(
            0,
            self.shard.ids,
            self.shard.permission,
            lambda msisdn: {MSISDN: PERSON}.get(msisdn, 0),
            self.shard.meters,
        )
        self.opt_ins = TakeOptIns(
            0,
            self.shard.ids,
            self.shard.permission,
            Touchpoints([BANK_POINT, SINGLE, AT_ONCE]),
            self.answers,
            BRANDS.__getitem__,
            str,
            lambda msisdn, now_us, changes: PERSON if msisdn == MSISDN else 0,
            Notices([("offers", "v3", "en", SHA, NOW_US)]),
            sent,
            lambda brand_no, number, now_us: offer if rewarded and brand_no == BANK else None,
        )
        self.hears.dialogue = self.opt_ins.hear
        self.hears.brands_in_dialogue = self.opt_ins.brands_in_dialogue
        self.hears.brand_of = lambda inbound, now_us: BRAND
        self.now_us = NOW_US

    def say(self, text: str, after_us: int = 1_000_000) -> InboundAction:
        self.now_us += after_us
        return self.hears.hear(LINK, Inbound(MSISDN, "56070", text, b""), self.now_us, self.shard.changes)

    def request(self, method: str = "web", **evidence: Any) -> str:
        return self.opt_ins.request("bank", MSISDN, method, evidence, self.now_us, self.shard.changes)

    def state(self, brand_no: int = BANK, category: int = 0) -> ConsentState:
        self.shard.permission.expire(self.now_us)
        return self.shard.permission.state(
            PERSON, Scope(Purpose.MARKETING, brand_no, category, SMS), self.now_us
        )

    def acts(self) -> list[str]:
        return [ConsentAction(row[8]).name for row in self.shard.changes.consent_event]

    def more(self, place: int) -> dict[str, str]:
        more: dict[str, str] = msgspec.json.decode(self.shard.changes.consent_event[place][18])
        return more


def test_a_keyword_asks_and_the_answer_grants_with_challenge_and_answer_as_evidence():
    desk = Desk()
    assert desk.say("Join bank!") is InboundAction.DIALOGUE
    assert desk.state() is ConsentState.CONFIRMING
    assert not desk.shard.permission.allows(PERSON, BANK, 0, Purpose.MARKETING)
    assert desk.say("Yes.") is InboundAction.DIALOGUE
    assert desk.state() is ConsentState.GRANTED
    assert desk.acts() == ["REQUEST", "CHALLENGE", "CONFIRM"]
    assert desk.more(2) == {
        "short_code": "56070",
        "raw_text": "Yes.",
        "notice_id": "offers",
        "notice_sha256": SHA,
        "double_opt_in_challenge": desk.answers.said[0],
        "double_opt_in_answer": "Yes.",
    }
    assert desk.shard.changes.consent_event[2][12:14] == ("v3", "en")
    assert "within 24 hours" in desk.answers.said[0]
    assert desk.answers.said[1].startswith("B20: thank you")


def test_a_late_yes_grants_nothing_and_is_told():
    desk = Desk()
    desk.say("join bank")
    assert desk.say("yes", 24 * HOUR_US) is InboundAction.DIALOGUE
    assert desk.state() is ConsentState.EXPIRED
    assert "too late" in desk.answers.said[-1]
    assert desk.say("yes", 8 * 24 * HOUR_US) is InboundAction.NONE, "it is about something else by now"


def test_a_yes_that_nobody_asked_for_goes_on():
    assert Desk().say("yes") is InboundAction.NONE


@pytest.mark.parametrize("text", ["yes but only on sundays", "1", "maybe", "yesterday"])
def test_what_is_no_plain_yes_is_no_answer(text: str):
    desk = Desk()
    desk.say("join bank")
    assert desk.say(text) is InboundAction.NONE
    assert desk.state() is ConsentState.CONFIRMING


def test_a_stop_is_an_answer_to_every_question_that_waits():
    desk = Desk()
    desk.say("join bank")
    desk.say("STOP")
    assert desk.state() is ConsentState.PENDING, "the challenge is over"
    whole = Scope(Purpose.MARKETING, BANK, 0, "*")
    assert desk.shard.permission.state(PERSON, whole, desk.now_us) is ConsentState.WITHDRAWN
    assert desk.say("yes") is InboundAction.NONE
    assert not desk.shard.permission.allows(PERSON, BANK, 0, Purpose.MARKETING)


def test_only_the_confirmed_opt_in_leaves_a_withdrawal():
    desk = Desk()
    desk.shard.consent(PERSON, ConsentAction.WITHDRAW, brand_no=BANK, at_us=NOW_US)
    assert desk.request() == "challenged"
    assert desk.acts() == ["CHALLENGE"], "who said no is not asked, but may opt in"
    assert not desk.shard.permission.allows(PERSON, BANK, 0, Purpose.MARKETING)
    desk.say("ja")
    assert desk.shard.permission.allows(PERSON, BANK, 0, Purpose.MARKETING)


def test_a_door_asks_by_sms_and_keeps_its_evidence():
    desk = Desk()
    assert desk.request(ip="192.0.2.7") == "challenged"
    assert desk.more(0)["ip"] == "192.0.2.7"
    assert desk.shard.changes.consent_event[0][10] == "web"
    desk.say("YES")
    before = len(desk.answers.said)
    assert desk.request() == "granted already"
    assert len(desk.answers.said) == before
    desk.say("JOIN BANK")
    assert "agreed already" in desk.answers.said[-1]


def test_nobody_is_confirming_who_was_not_sent_the_challenge():
    desk = Desk()
    desk.answers.mute = True
    assert desk.request() == "not sent"
    assert desk.state() is ConsentState.REQUESTED


def test_a_single_opt_in_is_a_grant_by_the_persons_own_text_for_its_time():
    desk = Desk()
    desk.say("QUICK")
    assert desk.state(21, 3) is ConsentState.GRANTED
    desk.now_us += HOUR_US
    assert desk.state(21, 3) is ConsentState.EXPIRED


def test_a_challenge_of_before_a_restart_is_answered_with_its_text():
    desk = Desk()
    desk.say("join bank")
    again = Desk()
    again.shard.permission = desk.shard.permission
    taken = TakeOptIns(
        0,
        desk.shard.ids,
        desk.shard.permission,
        Touchpoints(),
        desk.answers,
        BRANDS.__getitem__,
        str,
        lambda msisdn, now_us, changes: 0,
        Notices(),
        [(number, scope, sent) for (number, scope), sent in desk.opt_ins._open.items()],
    )
    desk.hears.dialogue = taken.hear
    desk.say("oui")
    assert desk.more(2)["double_opt_in_challenge"] == desk.answers.said[0]


def test_unknown_doors_and_touchpoints_are_told_what_there_is():
    desk = Desk()
    with pytest.raises(OperatorError, match="there are: at-once, bank, quick"):
        desk.opt_ins.request("none", MSISDN, "web", {}, NOW_US, desk.shard.changes)
    with pytest.raises(OperatorError, match="is not one of web"):
        desk.request("sms")


def test_nobody_is_pestered_from_a_door_and_the_person_s_own_text_always_asks():
    desk = Desk()
    assert desk.request() == "challenged"
    assert desk.request("api") == "asked already"
    desk.say("STOP")
    assert desk.request() == "asked already"
    assert desk.say("JOIN BANK") is InboundAction.DIALOGUE
    assert desk.state() is ConsentState.CONFIRMING
    desk.say("STOP")
    desk.now_us += 24 * HOUR_US
    assert desk.request() == "challenged"
    assert len([text for text in desk.answers.said if "do you agree" in text]) == 3


def test_a_missed_call_is_asked_by_sms_at_the_touchpoint_of_its_number():
    desk = Desk()
    asked = MSISDN, desk.now_us, desk.shard.changes
    assert desk.opt_ins.missed_call("+1 (800) 555-0100", *asked) == "challenged"
    assert desk.state() is ConsentState.CONFIRMING
    assert desk.more(0)["raw_text"] == "missed call to 18005550100"
    assert desk.opt_ins.missed_call("18005550100", *asked) == "asked already"
    assert desk.say("yes") is InboundAction.DIALOGUE
    assert desk.state() is ConsentState.GRANTED
    with pytest.raises(OperatorError, match="has missed_call '18005550199'"):
        desk.opt_ins.missed_call("18005550199", *asked)


def test_the_terms_of_a_reward_are_told_with_the_question_and_stand_in_both_acts():
    desk = Desk(rewarded=True)
    desk.say("join bank")
    assert desk.answers.said[0].endswith("5 rupees, once, if you stay.")
    desk.say("yes")
    assert desk.acts() == ["REQUEST", "CHALLENGE", "CONFIRM"]
    assert "incentive_ref" not in desk.more(0), "nothing was shown yet"
    for place in (1, 2):
        more = desk.more(place)
        assert (more["incentive_ref"], more["incentive_terms"]) == ("welcome", OFFER.terms)


def test_no_reward_is_told_for_a_category_or_without_a_question():
    desk = Desk(rewarded=True)
    desk.say("quick")
    assert desk.acts() == ["GRANT"]
    assert "incentive_ref" not in desk.more(0)


@pytest.mark.parametrize("by_keyword", [False, True])
def test_a_keyword_without_a_question_earns_where_the_offer_says_so(by_keyword: bool):
    desk = Desk(rewarded=True, offer=msgspec.structs.replace(OFFER, by_keyword=by_keyword))
    desk.say("BANK NOW")
    assert desk.acts() == ["GRANT"]
    assert (desk.more(0).get("incentive_ref"), desk.more(0).get("incentive_terms")) == (
        ("welcome", OFFER.terms) if by_keyword else (None, None)
    )
    assert desk.answers.said[0].endswith(OFFER.terms) is by_keyword


def test_after_a_restart_the_terms_that_were_shown_count_and_nobody_is_asked_again_too_soon():
    scope = Scope(Purpose.MARKETING, BANK, 0, SMS)
    shown = (("incentive_ref", "welcome"), ("incentive_terms", OFFER.terms))
    desk = Desk((PERSON, scope, OpenChallenge("agree?", offer=shown, asked_us=NOW_US)))
    assert desk.request() == "asked already"
    said = (PERSON, BANK, 0, Purpose.MARKETING, SMS, ConsentAction.CHALLENGE, NOW_US, Evidence("web"))
    desk.shard.permission.apply(ConsentEvent(*said, expires_us=NOW_US + HOUR_US))
    desk.say("yes")
    assert desk.more(0)["incentive_ref"] == "welcome"
