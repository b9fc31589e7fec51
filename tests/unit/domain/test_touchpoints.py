"""A keyword opens its touchpoint however it is dressed; the longest one counts."""

import pytest

from operator_push.domain.touchpoints import Touchpoint, Touchpoints

POINTS = Touchpoints(
    [
        Touchpoint("join", "Acme", "56070", "join"),
        Touchpoint("bank", "Bank", "56070", "JOIN bank"),
        Touchpoint("other", "Acme", "57000", "join"),
        Touchpoint("web", "Acme", "56070"),
    ]
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("JOIN", "join"),
        ("join!!", "join"),
        ("ＪＯＩＮ　ｂａｎｋ", "bank"),
        ("Join bank please", "bank"),
        ("join us", "join"),
        ("I join", None),
        ("joining", None),
        ("", None),
    ],
)
def test_what_a_text_opens(text: str, name: str | None) -> None:
    found = POINTS.opened_by("56070", text)
    assert (found.name if found else None) == name


def test_other_codes_have_their_own_and_names_are_known() -> None:
    found = POINTS.opened_by("57000", "join")
    assert found is not None
    assert found.name == "other"
    assert POINTS.named("web") is not None
    assert POINTS.named("none") is None
    assert POINTS.names() == ["bank", "join", "other", "web"]
    assert not Touchpoints().opened_by("56070", "join")
