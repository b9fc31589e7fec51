"""A quote is what the door would hold: every segment, to every destination, by the tariff."""

import pytest
from campaign_room import PEOPLE, CampaignRoom
from shard import PRICE_MICROS, Shard

from operator_push.domain.message import Decision, RefusalReason, Verdict
from operator_push.kernel.errors import OperatorError
from operator_push.services.accept_submissions import Offered


def test_a_quote_is_the_price_of_every_segment():
    quote = CampaignRoom(Shard()).quote()
    assert (quote["audience"], quote["segments"]) == (3, 1)
    assert quote["quoted_micros"] == 3 * PRICE_MICROS


def test_each_destination_is_quoted_by_the_segments_of_its_own_link():
    counts = dict(zip(PEOPLE.values(), (1, 2, 2), strict=False))
    room = CampaignRoom(
        Shard(), lambda source, destination, text, account_no, traffic_class: counts[destination]
    )
    quote = room.quote()
    assert quote["quoted_micros"] == 5 * PRICE_MICROS
    assert quote["segments"] == 2


def test_a_text_that_cannot_be_sent_is_not_quoted():
    def too_long(source: str, destination: str, text: str, account_no: int, traffic_class: int) -> int:
        raise ValueError("50000 octets need 327 segments; at most 255")

    with pytest.raises(OperatorError, match="cannot be sent: 50000 octets need 327 segments"):
        CampaignRoom(Shard(), too_long).quote()


def test_one_of_each_country_is_held_against_its_register():
    shard, asked = Shard(), []

    def scrub(offer: Offered, decision: Decision) -> Decision:
        asked.append(offer.submission.destination)
        return Decision(Verdict.REFUSE, RefusalReason.BAD_TEMPLATE, 0, b"")

    shard.accept_use_case.scrub = scrub
    with pytest.raises(OperatorError, match="BAD_TEMPLATE: the text fits no registered template"):
        CampaignRoom(shard).quote()
    assert asked == [PEOPLE[1]]
