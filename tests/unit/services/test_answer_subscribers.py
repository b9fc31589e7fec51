"""A word is answered once, by the operator's own account, whatever was just withdrawn."""

from datetime import date

import pytest
from shard import ACCOUNT, BRAND, LINK, MSISDN, NOW_US, PRICE_MICROS, Shard

from operator_push.domain.answer_limits import AnswerLimits
from operator_push.domain.facts import AccountPolicy
from operator_push.domain.message import Origin, TrafficClass
from operator_push.domain.permission import ConsentAction, PermissionWord
from operator_push.domain.words import reader_for
from operator_push.services.account_terms import NO_TERMS
from operator_push.services.answer_subscribers import AnswerSubscribers, AnswerTerms
from operator_push.services.hear_subscribers import HearSubscribers, Inbound
from operator_push.services.registry import Account

OWN, OTHER_BRAND = 3, 8
OWN_ACCOUNT = Account(
    OWN, "answers", "esme", 0, "", True, TrafficClass.TRANSACTIONAL, 0, (), True, 10, 1, "INR", 0, NO_TERMS
)
LIMITS = {"per_hour": 100, "per_day": 100}


class Desk:
    """Person 1 writes to code 56070, which carried BRAND's last message; answers come from account OWN."""

    def __init__(self, account: Account | None = OWN_ACCOUNT, **limits: int) -> None:
        self.shard = Shard()
        self.shard.facts.accounts[OWN] = AccountPolicy(OWN, 0, traffic_class=TrafficClass.TRANSACTIONAL)
        self.sent: list[str] = []
        self.answers = AnswerSubscribers(
            lambda: account,
            self.shard.accept_use_case,
            self.render,
            {BRAND: "Acme", OTHER_BRAND: "Bank"}.__getitem__,
            AnswerLimits(**(LIMITS | limits)),
            AnswerTerms("Telco", "en", 3_600_000_000, {"56070"}),
            self.shard.meters,
        )
        self.hears = HearSubscribers(
            0,
            self.shard.ids,
            self.shard.permission,
            lambda msisdn: {MSISDN: 1}.get(msisdn, 0),
            self.shard.meters,
        )
        self.hears.brand_of = lambda inbound, now_us: BRAND
        self.hears.answer = self.answers.answer
        self.shard.accept_use_case.answers_are_free = True
        self.now_us = NOW_US

    def render(
        self, source: str, destination: str, text: str, account_no: int, traffic_class: int, at_us: int
    ) -> tuple[bytes, int, object, bool]:
        if "unsendable" in text:
            raise ValueError("no alphabet has it")
        assert (source, account_no) == ("56070", OWN)
        self.sent.append(text)
        return text.encode(), 1, None, False

    def say(self, text: str, source: str = MSISDN) -> list[str]:
        """What is answered to a text."""
        self.now_us += 1_000_000
        before = len(self.sent)
        self.hears.hear(LINK, Inbound(source, "56070", text, b""), self.now_us, self.shard.changes)
        return self.sent[before:]


def test_a_stop_is_confirmed_once_although_everything_is_withdrawn():
    desk = Desk()
    (said,) = desk.say("STOP")
    assert said == "Acme: done, our messages to you have ended. START brings them back."
    (row,) = desk.shard.changes.message
    assert row[3:5] == (OWN, int(Origin.ANSWER))
    assert desk.say("stop") == []
    assert len(desk.shard.messages) == 1


def test_stop_all_is_another_stop_and_start_is_confirmed_too():
    desk = Desk()
    desk.say("STOP")
    assert "every sender" in desk.say("STOP ALL")[0]
    assert desk.say("START")[0].startswith("Telco: your messages are back")
    assert desk.say("START")[0].startswith("Acme: your messages are back")
    assert desk.say("start now")[0].startswith("Nothing is stopped")
    assert len(desk.say("STOP")) == 1, "a stop after a start is a new one"


def test_an_answer_speaks_the_language_of_the_word():
    desk = Desk()
    desk.hears.read = reader_for("eu", date.max).read
    assert desk.say("arrêtez")[0].startswith("Acme : vous ne recevrez plus")
    assert desk.say("AYUDA")[0].startswith("Acme: STOP (o BAJA)")
    assert desk.say("HELP")[0].startswith("Acme: send STOP to end")


def test_answers_are_free_or_charged_to_the_account_that_answers():
    desk = Desk()
    desk.say("HELP")
    assert desk.shard.changes.message[0][13:15] == (0, 0)
    desk.shard.accept_use_case.answers_are_free = False
    desk.say("INFO")
    assert desk.shard.meters.snapshot()["answers.refused_no_credit"] == 1
    desk.shard.balances.top_up(OWN, desk.shard.ids.next_id(NOW_US), PRICE_MICROS)
    desk.say("WHO ARE YOU")  # WHY is for another to answer
    desk.say("more info")
    assert desk.shard.changes.message[-1][13:15] == (PRICE_MICROS, PRICE_MICROS)
    assert desk.shard.balances.spendable(OWN, NOW_US) == 0
    assert desk.shard.balances.spendable(ACCOUNT, NOW_US) == 10 * PRICE_MICROS


def test_two_machines_come_to_an_end_and_a_stop_in_between_holds():
    desk = Desk(per_hour=4)
    said = [desk.say("HELP" if turn % 2 else "INFO") for turn in range(20)]
    assert sum(map(len, said)) == 4
    assert desk.say("STOP") == []
    assert desk.shard.permission.word_of(1, BRAND, 0, 1) is PermissionWord.NO  # type: ignore[arg-type]


@pytest.mark.parametrize("source", ["56070", "ACME", ""])
def test_what_is_no_number_is_not_answered(source: str):
    desk = Desk()
    assert desk.say("HELP", source) == []
    assert desk.shard.meters.snapshot()["answers.none"] == 1


def test_without_the_account_everything_is_done_and_nothing_said():
    desk = Desk(account=None)
    assert desk.say("STOP") == []
    assert not desk.shard.permission.allows(1, BRAND, 0, 1)  # type: ignore[arg-type]


def test_a_text_that_the_link_cannot_write_costs_no_stop():
    desk = Desk()
    desk.answers._brand_name = lambda brand_no: "unsendable"
    assert desk.say("STOP") == []
    assert desk.shard.permission.word_of(1, BRAND, 0, 1) is PermissionWord.NO  # type: ignore[arg-type]
    assert desk.shard.meters.snapshot()["answers.unsendable"] == 1


def test_a_stop_that_was_an_objection_before_is_confirmed():
    desk = Desk()
    desk.shard.consent(1, ConsentAction.OBJECT, brand_no=BRAND)
    assert len(desk.say("STOP")) == 1
