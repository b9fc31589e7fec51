"""One text that differs from person to person is quoted, held, checked and sent as each gets it."""

from typing import Any

import pytest
from campaign_room import ORDER, CampaignRoom
from shard import NOW_US, PRICE_MICROS, Shard

from operator_push.domain.personal.values import PersonalValues
from operator_push.kernel.errors import OperatorError

TEXT = "Chai {{ plan | default('today') }}"


def by_length(source: str, destination: str, text: str, account_no: int, traffic_class: int) -> int:
    return -(-len(text) // 10)


class Wall:
    """A room whose messages are written down, a segment for ten characters."""

    def __init__(self, floor: int = 1, forbidden: tuple[str, ...] = (), **terms: Any) -> None:
        self.room = CampaignRoom(Shard(), by_length, forbidden, quoted=(1, 2, 3), **terms)
        self.sent: dict[str, str] = {}
        self.room.quoting._floor = floor
        self.room.running._renders = {"sms": self._render}

    def _render(self, source: str, destination: str, text: str, *rest: int) -> tuple[bytes, int, None, bool]:
        self.sent[destination] = text
        return b"body", by_length(source, destination, text, 0, 0), None, False

    def values(self, **plans: Any) -> PersonalValues:
        known = {int(number[1:]): plan for number, plan in plans.items()}
        return PersonalValues.of_people((1, 2, 3), {"plan": known})

    def order(self, values: PersonalValues, **asked: Any) -> Any:
        quote = self.room.quoting.quote(ORDER | asked, self.room.quoted, NOW_US, values)
        return self.room.ordering.order(ORDER | asked, quote, NOW_US, self.room.shard.changes)

    def hand_in(self, values: PersonalValues) -> dict[str, str]:
        self.room.approve("ravi", "client")
        self.room.approve("desk")
        self.room.launch(1, 2, 3)
        self.sent.clear()
        self.room.running.hand_in("tea", (1, 2, 3), NOW_US, self.room.shard.changes, values)
        return {number[-1]: text for number, text in self.sent.items()}


def test_everybody_gets_the_text_of_what_is_known_of_them() -> None:
    wall = Wall()
    values = wall.values(p1="Gold", p3="Silver")
    wall.order(values, text=TEXT)
    assert wall.hand_in(values) == {"1": "Chai Gold", "2": "Chai today", "3": "Chai Silver"}


def test_a_quote_counts_the_segments_that_each_gets() -> None:
    wall = Wall()
    values = wall.values(p1="x" * 10, p2="x" * 20)
    quote = wall.room.quoting.quote(ORDER | {"text": TEXT}, wall.room.quoted, NOW_US, values)
    assert quote["segments"] == 3
    assert quote["quoted_micros"] == (2 + 3 + 1) * PRICE_MICROS


def test_a_longer_text_of_fewer_people_than_are_counted_is_neither_quoted_nor_sent() -> None:
    """Else the price would tell that somebody with such a value exists."""
    wall = Wall(floor=2)
    values = wall.values(p1="x" * 10, p2="x" * 20)
    assert wall.order(values, text=TEXT).segments == 2
    assert wall.hand_in(values) == {"1": "Chai " + "x" * 10, "2": "Chai today", "3": "Chai today"}


def test_texts_are_shown_as_people_get_them_where_enough_get_the_same() -> None:
    wall = Wall(floor=2)
    values = wall.values(p1="Gold", p2="Gold", p3="Silver")
    quote = wall.room.quoting.quote(ORDER | {"text": TEXT}, wall.room.quoted, NOW_US, values, shown=5)
    assert [(each["text"], each["people"], each["segments"]) for each in quote["texts"]] == [
        ("Chai Gold", 2, 1)
    ]
    assert quote["texts"][0]["message_micros"] == PRICE_MICROS


def test_a_filled_text_that_may_not_be_sent_goes_out_with_its_fallback() -> None:
    wall = Wall(forbidden=("chai gold",))
    values = wall.values(p1="Gold", p2="Silver")
    wall.order(values, text=TEXT)
    assert wall.hand_in(values) == {"1": "Chai today", "2": "Chai Silver", "3": "Chai today"}


def test_languages_are_chosen_by_person() -> None:
    wall = Wall()
    values = PersonalValues.of_people((1, 2, 3), {"language": {1: "hi", 2: "mr"}})
    wall.order(values, text="Hello", terms={"texts": {"hi": "नमस्ते"}})
    assert wall.hand_in(values) == {"1": "नमस्ते", "2": "Hello", "3": "Hello"}


def test_every_text_of_an_order_is_held_against_what_was_agreed() -> None:
    wall = Wall(url_hosts=("chai.example",))
    with pytest.raises(OperatorError, match=r"text links to 'evil\.example'"):
        wall.order(wall.values(), text="Hello", terms={"texts": {"hi": "evil.example/x"}})
    with pytest.raises(OperatorError, match="did you mean plan"):
        wall.order(wall.values(), text="{{ plam | default('x') }}")


def test_terms_of_texts_are_kept_with_the_order() -> None:
    wall = Wall()
    made = wall.order(wall.values(), text="{{ plan }}", terms={"fallbacks": {"plan": "you"}})
    assert wall.hand_in(wall.values(p1="Gold")) == {"1": "Gold", "2": "you", "3": "you"}
    assert made.terms.fallbacks == {"plan": "you"}
