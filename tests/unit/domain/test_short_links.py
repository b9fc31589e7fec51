"""Short links: every person's own, nobody else's, and nothing in them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_push.domain.short_links import (
    ShortLink,
    TokenIndex,
    campaign_of,
    checked_target,
    code_of,
    conversion_token,
    parts_of,
    specimen,
)
from operator_push.kernel.errors import OperatorError

KEY = bytes(range(32))
LINK = ShortLink(77, "go.chai.example", "https://chai.example/x?c={token}", KEY, 1, 1_000)
PEOPLE = range(1, 2_001)


def test_every_address_leads_to_the_person_that_it_was_made_for() -> None:
    index = TokenIndex(KEY, PEOPLE)
    addresses = {LINK.address_of(number): number for number in PEOPLE}
    assert len(addresses) == len(PEOPLE)
    for address, number in addresses.items():
        campaign_no, token = parts_of(address.removeprefix("go.chai.example/"))
        assert (campaign_no, index.follower(token), index.converted(token)) == (77, number, 0)


def test_the_token_that_a_client_sees_follows_no_link() -> None:
    index = TokenIndex(KEY, PEOPLE)
    campaign_no, token = parts_of(conversion_token(LINK, 5))
    assert (campaign_no, index.converted(token), index.follower(token)) == (77, 5, 0)
    assert LINK.target_of(5) == f"https://chai.example/x?c={conversion_token(LINK, 5)}"


def test_tokens_of_another_key_are_nobodys() -> None:
    other = ShortLink(77, "h.example", "", bytes(32), 1, 2)
    _, token = parts_of(other.address_of(5).removeprefix("h.example/"))
    assert TokenIndex(KEY, PEOPLE).follower(token) == 0


def test_all_addresses_of_a_campaign_are_as_long_as_its_specimen() -> None:
    assert {len(LINK.address_of(number)) for number in PEOPLE} == {len(specimen(LINK.host, 77))}
    assert len(specimen(LINK.host, 77)) == len("go.chai.example/") + 12


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 2**40))
def test_a_code_names_its_campaign(number: int) -> None:
    assert campaign_of(code_of(number)) == number


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=24))
def test_whatever_is_asked_for_is_a_link_or_none(said: str) -> None:
    campaign_no, token = parts_of(said)
    assert (campaign_no, token) == (0, 0) or code_of(campaign_no) == said[:-10]


def test_a_link_ends_with_its_time_or_its_key() -> None:
    assert LINK.is_open_at(999)
    assert not LINK.is_open_at(1_000)
    assert not ShortLink(77, "h.example", "", b"", 1, 1_000).is_open_at(5)


@pytest.mark.parametrize("target", ["https://chai.example", "http://chai.example:8/a?b={token}#c"])
def test_a_link_leads_to_an_address_of_the_web(target: str) -> None:
    assert checked_target(target) == target


@pytest.mark.parametrize(
    "target",
    [
        "chai.example",
        "javascript:alert(1)",
        "https://",
        "https://chai.example/a b",
        "https://chai.example/\nSet-Cookie: a",
        "https://chai.example/{{ plan }}",
        "https://{token}.chai.example/",
        "https://chai.example/" + "x" * 2_000,
        "https://çay.example/",
    ],
)
def test_a_link_leads_nowhere_else(target: str) -> None:
    with pytest.raises(OperatorError, match="link "):
        checked_target(target)
