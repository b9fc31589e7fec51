"""Forbidden words are found however they are written, links wherever a handset would make one."""

import pytest

from operator_push.domain.campaign_content import forbidden_words, foreign_hosts, links_of


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("Half price today.Call us, half.price, v1.2 of 3.5, 10.30-11.00", []),
        ("see bit.ly/x or (shop.chai.in)!", ["bit.ly", "shop.chai.in"]),
        ("https://good.com@evil.com/a", ["evil.com"]),
        ("www.CHAI.in! and Ｅvil.com", ["www.chai.in", "evil.com"]),
        ("पुणे.भारत/x", ["पुणे.भारत"]),
    ],
)
def test_links_are_what_a_handset_would_open(text: str, hosts: list[str]) -> None:
    assert links_of(text) == hosts


def test_a_host_is_agreed_with_those_below_it() -> None:
    text = "chai.in www.chai.in notchai.in https://chai.in.evil.com"
    assert foreign_hosts(text, ["chai.in"]) == ["notchai.in", "chai.in.evil.com"]
    assert foreign_hosts(text, []) == links_of(text)


def test_words_are_whole_and_phrases_cross_spaces() -> None:
    text = "Win a FREE  loan - करना"
    assert forbidden_words(text, ["free loan", "win", "los", "कर", "करना", " "]) == [
        "free loan",
        "win",
        "करना",
    ]
