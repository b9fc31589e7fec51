"""MENU by SMS: each choice is an act with the page as its notice, and a stop beats the dialogue."""

import msgspec
from said_texts import Answers
from shard import BRAND, LINK, MSISDN, NOW_US, Shard

from operator_push.domain.consent import ConsentAction, Purpose
from operator_push.domain.inbound_words import InboundAction
from operator_push.services.hear_subscribers import HearSubscribers, Inbound
from operator_push.services.menu_dialogue import WAITS_US, MenuDialogue

BANK = 20
NAMES = {BRAND: "Acme", BANK: "Bank, the one with a very long name"}
MARKETING = Purpose.MARKETING


class Desk:
    """Person 1 permits Acme and refuses the bank."""

    def __init__(self) -> None:
        self.shard = Shard()
        self.permission = self.shard.permission
        self.shard.consent(1, ConsentAction.DENY, brand_no=BANK, at_us=NOW_US)
        self.answers = Answers()
        self.hears = HearSubscribers(
            0, self.shard.ids, self.permission, {MSISDN: 1}.__getitem__, self.shard.meters
        )
        self.menu = MenuDialogue(
            0,
            self.shard.ids,
            self.permission,
            self.answers,
            NAMES.__getitem__,
            lambda inbound, now_us: BRAND,
            [(1, "Banking, insurance"), (2, "Real estate")],
            "en",
            self.shard.facts.wishes,
        )
        self.hears.answer = lambda said, inbound, now_us, changes: (
            said.action is InboundAction.MENU and self.menu.open(said, inbound, now_us, changes)
        )
        self.hears.dialogue = self.menu.hear
        self.hears.on_stopped.append(self.menu.stopped)
        self.now_us = NOW_US

    def say(self, *texts: str, after_us: int = 1_000_000) -> str:
        """What is answered to the last of these texts, "" for nothing."""
        for text in texts:
            self.now_us += after_us
            before = len(self.answers.said)
            self.hears.hear(LINK, Inbound(MSISDN, "56070", text, b""), self.now_us, self.shard.changes)
        return self.answers.said[-1] if len(self.answers.said) > before else ""

    def allows(self, brand_no: int, category: int = 0) -> bool:
        return self.permission.allows(1, brand_no, category, MARKETING)


def test_the_page_tells_where_everything_stands():
    assert Desk().say("MENU") == (
        "Marketing you allow. Send a number: 1 Acme (yes), 2 Bank, the one with (no), "
        "3 every sender (yes), 0 close"
    )


def test_a_brand_is_ended_and_agreed_to_again_with_the_page_as_evidence():
    desk = Desk()
    assert desk.say("menu", "1") == (
        "Acme (yes): 1 say no, 2 categories, 3 channels, 4 hours, 5 how often, 0 back"
    )
    assert desk.say("1").startswith("Done. Acme (no): 1 agree to it")
    assert not desk.allows(BRAND)
    row = desk.shard.changes.consent_event[-1]
    assert (row[8], row[10]) == (int(ConsentAction.WITHDRAW), "sms")
    assert "'1' to the menu 'Acme (yes): 1 say no" in row[11]
    assert set(msgspec.json.decode(row[18])) == {"short_code", "raw_text", "notice_sha256"}
    assert desk.say("1").startswith("Done. Acme (yes)")
    assert desk.allows(BRAND)


def test_agreeing_leaves_a_refusal_by_an_opt_in_of_its_own():
    desk = Desk()
    desk.say("menu", "2", "1")
    assert desk.allows(BANK)
    assert desk.shard.changes.consent_event[-1][8] == int(ConsentAction.GRANT)


def test_a_category_and_a_channel():
    desk = Desk()
    desk.say("menu", "1", "2")
    assert desk.say("1") == "Done. Acme: 1 Banking, insurance (no), 2 Real estate (yes), 0 back"
    assert (desk.allows(BRAND, 1), desk.allows(BRAND, 2)) == (False, True)
    desk.say("0", "3")
    assert desk.say("1").startswith("Done. Acme: 1 SMS (no), 2 e-mail")
    assert not desk.allows(BRAND, 2)


def test_a_narrow_yes_never_overrides_a_broad_no_and_says_so():
    desk = Desk()
    assert desk.say("menu", "2", "2", "1").startswith("No change: something broader is stopped")
    assert not desk.allows(BANK, 1)


def test_every_sender_is_stopped_and_brought_back_to_what_it_was():
    desk = Desk()
    assert desk.say("menu", "3", "1").startswith("Done. every sender (no)")
    assert not desk.allows(BRAND)
    assert desk.say("1").startswith("Done. every sender (yes)")
    assert (desk.allows(BRAND), desk.allows(BANK)) == (True, False)


def test_a_stop_beats_the_dialogue_and_is_no_choice_in_it():
    desk = Desk()
    desk.say("menu", "1")
    assert desk.hears.hear(
        LINK, Inbound(MSISDN, "56070", "STOP", b""), desk.now_us, desk.shard.changes
    ).is_stop
    assert not desk.allows(BRAND)
    assert desk.say("1") == "", "the dialogue is over"


def test_what_is_no_choice_goes_on_and_waiting_ends_it():
    desk = Desk()
    desk.say("menu")
    assert desk.say("maybe") == ""
    assert desk.say("1").startswith("Acme")
    assert desk.say("1", after_us=WAITS_US) == ""
    assert desk.say("menu", "0") == "That is all. MENU opens it again."
    assert desk.say("1") == ""


def test_hours_and_frequency_of_one_brand_stand_beside_those_of_all():
    desk = Desk()
    assert desk.say("menu", "1").endswith("4 hours, 5 how often, 0 back")
    assert desk.say("5", "3") == "Done. Acme: 1 no limit, 2 7 a week, 3 3 a week (yes), 4 1 a week, 0 back"
    row = desk.shard.changes.upserts[-1][1]
    assert (row["brand_no"], row["per_week"]) == (BRAND, 3)
    assert desk.shard.facts.wishes.of(1).is_empty
    assert desk.say("0", "0", "3", "5").startswith("every sender: 1 no limit (yes)")


def test_hours_and_frequency_are_wishes_of_all_senders_together():
    desk = Desk()
    assert desk.say("menu", "3").endswith("3 channels, 4 hours, 5 how often, 0 back")
    assert desk.say("4") == "every sender: 1 any hour (yes), 2 08-20, 3 09-18, 4 17-21, 0 back"
    assert desk.say("3").endswith("1 any hour, 2 08-20, 3 09-18 (yes), 4 17-21, 0 back")
    assert desk.say("0", "5", "4") == (
        "Done. every sender: 1 no limit, 2 7 a week, 3 3 a week, 4 1 a week (yes), 0 back"
    )
    assert desk.shard.facts.wishes.of(1) == (540, 1080, 1)
    table, row = desk.shard.changes.upserts[-1]
    assert (table, row["per_week"], row["changed_by"]) == ("contact_wish", 1, "sms menu")
    desk.say("1", "0", "4", "1")
    assert desk.shard.facts.wishes.of(1).is_empty
