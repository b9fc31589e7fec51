"""Request patterns: the shapes of the word lists as regular expressions over tokens."""

import pytest

from operator_push.domain.words.request_patterns import request_pattern


@pytest.mark.parametrize(
    ("pattern", "line", "found"),
    [
        ("stop|quit texting me?", "please stop texting ", "stop texting "),
        ("stop|quit texting me?", "quit texting me now ", "quit texting me "),
        ("stop texting", "nonstop texting ", None),
        ("stop texting", "stop textings ", None),
        ("stop .. me", "stop it all on me ", "stop it all on me "),
        ("stop .. me", "stop it all on top me ", None),
        ("^stop", "please stop ", None),
        ("please stop $", "please stop by ", None),
        ("please stop $", "so please stop ", "please stop "),
        ("Don’t text", "dont text ", "dont text "),
    ],
)
def test_a_pattern_finds_what_it_says(pattern: str, line: str, found: str | None) -> None:
    match = request_pattern(pattern).search(line)
    assert (match and match[0]) == found
