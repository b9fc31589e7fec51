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
