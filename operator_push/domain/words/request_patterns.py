"""Request patterns: what the word lists say of requests inside a sentence, as regular expressions.

The shapes are told at `language.RequestRow`.
"""

import re

from operator_push.domain.words.plain_text import phrase_tokens


def request_pattern(text: str) -> re.Pattern[str]:
    """A request pattern as a regular expression over tokens, each with a space behind it."""
    begins = text.startswith("^")
    out = "^" if begins else r"(?<!\S)"
    for element in text.removeprefix("^").split():
        if element == "..":
            out += r"(?:\S+ ){0,3}"
            continue
        if element == "$":
            out += "$"
            continue
        words = element.removesuffix("?").split("|")
        either = "|".join(" ".join(map(re.escape, phrase_tokens(word))) for word in words)
        out += f"(?:(?:{either}) )" + ("?" if element.endswith("?") else "")
    return re.compile(out)
