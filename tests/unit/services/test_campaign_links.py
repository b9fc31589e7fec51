"""A campaign's link: everybody's own, made once, ended by time, and its events kept once each."""

from typing import Any

import pytest
from campaign_room import HOUR_US, ORDER, CampaignRoom
from shard import NOW_US, Shard

from operator_push.domain.link_visits import Filtered, Visit, VisitKind
from operator_push.domain.short_links import LINK_DAYS, parts_of
from operator_push.kernel.errors import OperatorError
from operator_push.services.campaign_links import EVENTS_OF_A_PERSON_MAX, CampaignLinks

HOST = "go.chai.example"
TERMS = {"link": "https://chai.example/offer?c={token}"}
TEXT = "Chai: {{ link }}"
DAY_US = 24 * HOUR_US


class Sent:
    """A room whose campaign "tea" has been handed in to people 1..3, and what they got."""

    def __init__(self, **terms: Any) -> None:
        self.room = CampaignRoom(Shard(), link_host=HOST, url_hosts=("chai.example",))
        self.texts: dict[str, str] = {}
        self.room.running._renders = {"sms": self._render}
        self.room.approved(text=TEXT, terms=TERMS | terms)
        self.room.launch(1, 2, 3)
        self.room.hand_in(1, 2, 3)
        self.rows = [row for table, row in self.room.shard.changes.upserts if table == "short_link"]

    def _render(self, source: str, destination: str, text: str, *rest: int) -> tuple[bytes, int, None, bool]:
        self.texts[destination[-1]] = text
        return b"body", 1, None, False

    def take(self, *visits: Visit, at: CampaignLinks | None = None) -> list[dict[str, Any]]:
        changes = self.room.shard.changes
        before = len(changes.upserts)
        (at or self.room.links).take(visits, changes)
        return [row for table, row in changes.upserts[before:] if table == "link_event"]


def test_everybody_gets_an_address_of_their_own() -> None:
    sent = Sent()
    assert all(text.startswith(f"Chai: {HOST}/") for text in sent.texts.values())
    assert len(set(sent.texts.values())) == 3
    assert {parts_of(text.rpartition("/")[2])[0] for text in sent.texts.values()} == {1}
    (row,) = sent.rows
    assert (row["host"], row["target"]) == (HOST, TERMS["link"])
    assert row["expires_us"] == NOW_US + LINK_DAYS * DAY_US


def test_a_link_holds_for_its_days_after_the_end() -> None:
    sent = Sent(ends="2030-01-01T00:00:00Z", link_days=2)
    ends_us = sent.room.registry.require_campaign("tea").terms.ends_us
    assert sent.rows[0]["expires_us"] == ends_us + 2 * DAY_US


def test_its_key_is_erased_when_it_is_over() -> None:
    sent = Sent(link_days=1)
    changes = sent.room.shard.changes
    assert sent.room.running.end_overdue(NOW_US + DAY_US - 1, changes) == 0
    assert sent.room.running.end_overdue(NOW_US + DAY_US, changes) == 1
    assert changes.upserts[-1] == ("short_link", {**sent.rows[0], "key": b""})
    assert sent.room.running.end_overdue(NOW_US + DAY_US, changes) == 0


def test_an_event_that_is_told_again_is_the_same_row() -> None:
    sent = Sent()
    click = Visit(1, 2, VisitKind.CLICK, Filtered.PERSON, NOW_US)
    sale = Visit(1, 2, VisitKind.CONVERSION, Filtered.PERSON, NOW_US, 5, "A-1")
    later = Visit(1, 2, VisitKind.CONVERSION, Filtered.PERSON, NOW_US + 9, 5, "A-1")
    rows = sent.take(click, click, sale, later)
    assert len(rows) == 4
    assert len({row["event_id"] for row in rows}) == 2


def test_events_of_no_open_link_and_without_end_are_not_kept() -> None:
    sent = Sent(link_days=1)
    late = Visit(1, 2, VisitKind.CLICK, Filtered.PERSON, NOW_US + DAY_US)
    assert sent.take(late, Visit(9, 2, VisitKind.CLICK, Filtered.PERSON, NOW_US)) == []
    many = [Visit(1, 2, VisitKind.CLICK, Filtered.PERSON, NOW_US + each) for each in range(100)]
    assert len(sent.take(*many)) == EVENTS_OF_A_PERSON_MAX


def test_a_restart_goes_on_with_the_same_addresses() -> None:
    sent = Sent()
    again = CampaignLinks(1, sent.room.registry, lambda: bytes(range(32)), [sent.room.links._links[1]])
    campaign = sent.room.registry.require_campaign("tea")
    link = again.open(campaign, NOW_US, sent.room.shard.changes)
    assert f"Chai: {link.address_of(2)}" == sent.texts["2"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"text": TEXT}, "belong together"),
        ({"terms": TERMS}, "belong together"),
        ({"text": TEXT, "terms": {"link": "https://tea.example/"}}, "text links to 'tea.example'"),
        ({"text": TEXT, "terms": {"link": "chai.example"}}, "no address such as"),
        ({"text": "{{ link | upper }}", "terms": TERMS}, "link stands alone"),
        ({"text": "https://chai.example/{{ plan | default('x') }}"}, "a place in a link"),
    ],
)
def test_what_no_order_may_link(asked: dict[str, Any], why: str) -> None:
    room = CampaignRoom(Shard(), link_host=HOST, url_hosts=("chai.example",))
    with pytest.raises(OperatorError, match=why.replace(".", r"\.")):
        room.order(**asked)


def test_a_link_needs_a_host_of_the_client() -> None:
    room = CampaignRoom(Shard())
    with pytest.raises(OperatorError, match="no host for short links is agreed"):
        room.order(text=TEXT, terms=TERMS)


def test_a_quote_counts_an_address_as_long_as_theirs() -> None:
    lengths: list[int] = []

    def counted(source: str, destination: str, text: str, account_no: int, traffic_class: int) -> int:
        lengths.append(len(text))
        return 1

    room = CampaignRoom(Shard(), counted, link_host=HOST)
    room.quoting.quote(ORDER | {"text": TEXT, "terms": TERMS}, room.quoted, NOW_US)
    assert set(lengths) == {len(f"Chai: {HOST}/") + 12}
