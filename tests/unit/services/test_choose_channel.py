"""The channel of each message of a campaign: ordered, or the person's own as far as it is permitted."""

import pytest
from campaign_room import CampaignRoom
from shard import BRAND, NOW_US, Shard

from operator_push.domain.message import RefusalReason
from operator_push.domain.permission import ConsentAction, Purpose
from operator_push.domain.routing import Route, RoutingTable
from operator_push.kernel.errors import OperatorError

BEST = {"channel": "best"}
GRANT, WITHDRAW = ConsentAction.GRANT, ConsentAction.WITHDRAW


def by_ussd(shard: Shard, *people: int) -> None:
    for person in people:
        shard.consent(person, GRANT, brand_no=BRAND, channel="ussd")


def channels(shard: Shard) -> dict[int, str]:
    return {message.subscriber_no: message.channel for message in shard.messages}


def test_a_campaign_by_ussd_reaches_who_permits_it_there() -> None:
    shard = Shard()
    by_ussd(shard, 1)
    room = CampaignRoom(shard)
    room.approved(terms={"channel": "ussd"})
    room.launch(1, 2)
    outcomes = room.hand_in(1, 2)
    assert outcomes == {"repeated": 0, "accepted": 1, RefusalReason.NO_PERMISSION.name: 1}
    assert channels(shard) == {1: "ussd"}


CASES = """
# permits           answers_on_screen  goes_by  why
sms                 yes                sms      ussd is not permitted
sms+ussd+data       yes                ussd     answered more often there
sms+ussd+data       no                 sms      not answered more often by ussd
sms+ussd            yes                sms      their history may not be used
ussd                no                 ussd     sms is not permitted
"""


@pytest.mark.parametrize("line", [line for line in CASES.strip().splitlines() if line[0] != "#"])
def test_the_best_channel_is_a_permitted_one(line: str) -> None:
    permits, answers, goes_by, why = line.split(maxsplit=3)
    shard = Shard()
    if "sms" not in permits:
        shard.consent(1, WITHDRAW, brand_no=BRAND)
    if "ussd" in permits:
        by_ussd(shard, 1)
    if "data" in permits:
        shard.consent(1, GRANT, purpose=Purpose.USE_CALL_DATA)
    room = CampaignRoom(shard)
    room.approved(terms=BEST)
    room.launch(1)
    told = room.contest.explain("tea", 1, "919812345601", NOW_US, answers == "yes")
    assert (told["channel"], told["channel_why"]) == (goes_by, why)
    room.running.hand_in("tea", [1], NOW_US, shard.changes, by_ussd={1} if answers == "yes" else ())
    assert channels(shard) == {1: goes_by}


def test_without_a_link_that_carries_it_the_best_channel_is_sms() -> None:
    shard = Shard()
    by_ussd(shard, 1)
    shard.consent(1, GRANT, purpose=Purpose.USE_CALL_DATA)
    shard.facts.routes = RoutingTable([Route("", "main")])
    room = CampaignRoom(shard)
    room.approved(terms=BEST)
    room.launch(1)
    room.running.hand_in("tea", [1], NOW_US, shard.changes, by_ussd={1})
    assert channels(shard) == {1: "sms"}


def test_a_text_that_no_screen_shows_is_not_quoted_for_it() -> None:
    room = CampaignRoom(Shard())
    long = "x" * 183
    assert room.quote(text=long)["segments"] == 1
    for channel in ("ussd", "best"):
        with pytest.raises(OperatorError, match="at most 182"):
            room.quote(text=long, terms={"channel": channel})
    assert room.quote(text="x" * 182, terms={"channel": "ussd"})["segments"] == 1
    with pytest.raises(OperatorError, match="'fax' is not one of sms, ussd, best"):
        room.order(terms={"channel": "fax"})


def test_a_filled_text_that_no_screen_shows_gives_way_to_the_plain_one() -> None:
    shard, texts = Shard(), []
    by_ussd(shard, 1)
    room = CampaignRoom(shard)

    def render(source: str, to: str, text: str, *rest: object) -> tuple[bytes, int, object, bool]:
        if len(text) > 182:
            raise ValueError("a USSD text has at most 182")
        texts.append(text)
        return b"body", 1, None, False

    room.running._renders["ussd"] = render  # type: ignore[assignment]
    campaign = room.approved(text='{{ plan | default("your plan") }}', terms={"channel": "ussd"})
    room.running.offer(campaign, 1, "919812345601", NOW_US, {"plan": "x" * 183})
    room.running.offer(campaign, 1, "919812345601", NOW_US, {"plan": "Gold"})
    assert texts == ["your plan", "Gold"]
