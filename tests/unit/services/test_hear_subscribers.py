"""STOP holds at once for everything that needs permission; a text that contains the word changes nothing."""

import pytest
from shard import BRAND, LINK, MSISDN, NOW_US, Shard

from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.permission import (
    ConsentAction,
    ConsentEvent,
    Evidence,
    Purpose,
)
from operator_push.services.hear_subscribers import HearSubscribers, Inbound


def hear(shard: Shard, text: str, source: str = MSISDN) -> InboundAction:
    number_of = {MSISDN: 1}.get
    use_case = HearSubscribers(
        0, shard.ids, shard.permission, lambda msisdn: number_of(msisdn, 0), shard.meters
    )
    return use_case.hear(LINK, Inbound(source, "56070", text, b"pdu"), NOW_US, shard.changes)


@pytest.mark.parametrize("text", ["STOP", " stop. ", "Stop all", "UNSUBSCRIBE"])
def test_stop_holds_before_anything_is_on_disk(text: str):
    shard = Shard()
    assert shard.permission.allows(1, BRAND, 0, Purpose.MARKETING)
    assert hear(shard, text).is_stop
    assert not shard.permission.allows(1, BRAND, 0, Purpose.MARKETING)
    assert len(shard.changes.consent_event) == 2
    assert len(shard.changes.mo_message) == 1


def test_a_text_that_contains_the_word_changes_nothing():
    shard = Shard()
    assert hear(shard, "where is the bus stop") is InboundAction.REVIEW
    assert shard.permission.allows(1, BRAND, 0, Purpose.MARKETING)
    assert not shard.changes.consent_event


def test_a_stop_from_a_number_outside_the_vault_holds_against_what_is_granted_for_an_earlier_day():
    shard = Shard()
    hears = HearSubscribers(0, shard.ids, shard.permission, lambda msisdn: 0, shard.meters)
    hears.enrol = lambda msisdn, now_us, changes: 2 if msisdn == "919800000000" else 0
    inbound = Inbound("919800000000", "56070", "STOP", b"pdu")
    assert hears.hear(LINK, inbound, NOW_US, shard.changes) is InboundAction.STOP
    assert len(shard.changes.consent_event) == 2
    evidence = Evidence("web", "form 7", "", "", "")
    shard.permission.apply(
        ConsentEvent(2, BRAND, 0, Purpose.MARKETING, "*", ConsentAction.GRANT, NOW_US - 1, evidence)
    )
    assert not shard.permission.allows(2, BRAND, 0, Purpose.MARKETING)


def test_a_stop_from_what_is_no_number_is_kept_as_mo():
    shard = Shard()
    hear(shard, "STOP", source="919800000000")
    assert not shard.changes.consent_event
    assert len(shard.changes.mo_message) == 1


OTHER_BRAND = 8


class Talk:
    """Person 1, who permits two brands, writes to a code that carried BRAND's last message."""

    def __init__(self, brand_no: int = BRAND) -> None:
        self.shard = Shard()
        self.shard.consent(1, ConsentAction.GRANT, brand_no=OTHER_BRAND, at_us=NOW_US - 1)
        self.hears = HearSubscribers(
            0, self.shard.ids, self.shard.permission, {MSISDN: 1}.__getitem__, self.shard.meters
        )
        self.hears.brand_of = lambda inbound, now_us: brand_no
        self.routed: list[str] = []
        self.hears.route = lambda inbound, mo_id, now_us, changes: self.routed.append(inbound.text)
        self.now_us = NOW_US

    def say(self, text: str) -> InboundAction:
        self.now_us += 1
        return self.hears.hear(LINK, Inbound(MSISDN, "56070", text, b""), self.now_us, self.shard.changes)

    def permits(self) -> tuple[bool, bool]:
        """(this brand, the other one)"""
        allows = self.shard.permission.allows
        return allows(1, BRAND, 0, Purpose.MARKETING), allows(1, OTHER_BRAND, 0, Purpose.MARKETING)


def test_stop_ends_the_brand_that_wrote_last_and_start_brings_back_just_that() -> None:
    talk = Talk()
    assert talk.say("please stop texting me") is InboundAction.STOP
    assert talk.permits() == (False, True)
    assert talk.say("START") is InboundAction.START
    assert talk.permits() == (True, True)


def test_stop_all_ends_every_brand_and_start_brings_them_back() -> None:
    talk = Talk()
    talk.say("STOP ALL")
    assert talk.permits() == (False, False)
    talk.say("start")
    assert talk.permits() == (True, True)


def test_where_the_brand_is_not_known_stop_means_all() -> None:
    talk = Talk(brand_no=0)
    talk.say("stop")
    assert talk.permits() == (False, False)


def test_start_takes_back_the_latest_stop_only() -> None:
    talk = Talk()
    talk.say("stop")
    talk.say("stop all")
    talk.say("start")
    assert talk.permits() == (False, True)
    talk.say("start")
    assert talk.permits() == (True, True)


def test_start_permits_nothing_that_was_not_permitted_before() -> None:
    talk = Talk(brand_no=9)
    talk.say("stop")
    events = len(talk.shard.changes.consent_event)
    talk.say("start")
    assert not talk.shard.permission.allows(1, 9, 0, Purpose.MARKETING)
    talk.say("start")  # nothing is stopped any more
    assert len(talk.shard.changes.consent_event) == events + 2


def test_start_does_not_take_back_an_objection() -> None:
    talk = Talk()
    talk.shard.consent(1, ConsentAction.OBJECT, brand_no=BRAND)
    talk.say("start")
    assert talk.permits() == (False, True)


def test_a_text_that_holds_the_word_waits_for_a_person_and_goes_to_its_client() -> None:
    talk = Talk()
    assert talk.say("where is the bus stop?") is InboundAction.REVIEW
    assert talk.permits() == (True, True)
    assert talk.routed == ["where is the bus stop?"]
    (row,) = talk.shard.changes.review_item
    assert row[3:7] == (1, "56070", "stop", "where is the bus stop?")


@pytest.mark.parametrize("text", ["STOP", "START", "HELP", "INFO", "WHY", "MENU"])
def test_a_word_for_us_reaches_no_dialogue_of_a_client(text: str) -> None:
    talk = Talk()
    talk.say(text)
    assert not talk.routed


def test_the_name_of_the_brand_that_wrote_may_stand_beside_the_word() -> None:
    talk = Talk()
    assert talk.say("STOP Acme Shoes") is InboundAction.REVIEW
    talk.hears.names_of = lambda inbound, now_us: ("Acme Shoes",)
    assert talk.say("STOP Acme Shoes") is InboundAction.STOP
    assert talk.permits() == (False, True)
