"""Glued words: a token as the fewest words that make it up."""

import pytest

from operator_push.domain.words.glued_words import LETTERS_MAX, parted

WORDS = {"stop", "texting", "me", "text", "ing", "now", "st", "op"}


@pytest.mark.parametrize(
    ("token", "parts"),
    [
        ("stoptextingme", ("stop", "texting", "me")),
        ("stopnow", ("stop", "now")),
        ("stop", ("stop",)),
        ("stops", None),
        ("nonstop", None),
        ("", ()),
        ("stop" * (LETTERS_MAX // 4), ("stop",) * (LETTERS_MAX // 4)),
        ("stop" * LETTERS_MAX, None),
    ],
)
def test_a_token_is_parted_into_the_fewest_words(token: str, parts: tuple[str, ...] | None) -> None:
    assert parted(token, WORDS) == parts
