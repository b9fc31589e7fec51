"""Touchpoints: where people can opt in, and to what: one brand's messages by SMS, for a category or all.

A keyword is matched as words are (case, width, accents and punctuation aside) and is all that a text says, or
stands at its beginning.
"""

from collections.abc import Iterable
from typing import NamedTuple

from operator_push.domain.words.plain_text import phrase_tokens

HOUR_US = 3_600_000_000


class Touchpoint(NamedTuple):
    """One of them. `keyword` "" where none opens it; `double`: the answer to a challenge is asked for, within
    `answer_within_us`; `notice_id` the registered text that is shown there; `valid_us` 0: the consent has no
    end; `called`: the number that people call and hang up, "" for none."""

    name: str
    brand: str
    short_code: str
    keyword: str = ""
    category: int = 0
    double: bool = True
    answer_within_us: int = 24 * HOUR_US
    notice_id: str = ""
    valid_us: int = 0
    called: str = ""


class Touchpoints:
    """All of them, by name and by keyword."""

    def __init__(self, touchpoints: Iterable[Touchpoint] = ()) -> None:
        self._by_name: dict[str, Touchpoint] = {}
        self._by_keyword: dict[tuple[str, tuple[str, ...]], Touchpoint] = {}
        self._longest = 0
        for touchpoint in touchpoints:
            self.put(touchpoint)

    def put(self, touchpoint: Touchpoint) -> None:
        """Add one; its keyword, where it has one, is heard from now on."""
        self._by_name[touchpoint.name] = touchpoint
        if touchpoint.keyword:
            tokens = phrase_tokens(touchpoint.keyword)
            self._by_keyword[(touchpoint.short_code, tokens)] = touchpoint
            self._longest = max(self._longest, len(tokens))

    def remove(self, name: str) -> None:
        """Take one away, if it is there."""
        gone = self._by_name.pop(name, None)
        if gone is not None and gone.keyword:
            self._by_keyword.pop((gone.short_code, phrase_tokens(gone.keyword)), None)

    def with_keyword(self, short_code: str, keyword: str) -> Touchpoint | None:
        """The touchpoint that has this very keyword at a code."""
        return self._by_keyword.get((short_code, phrase_tokens(keyword)))

    def __bool__(self) -> bool:
        return bool(self._by_name)

    def named(self, name: str) -> Touchpoint | None:
        """The touchpoint of this name."""
        return self._by_name.get(name)

    def called_at(self, number: str) -> Touchpoint | None:
        """The touchpoint whose number somebody called: its digits, however they are written."""
        digits = "".join(each for each in number if each.isdigit())
        found = (each for each in self._by_name.values() if each.called and each.called == digits)
        return next(found, None)

    def names(self) -> list[str]:
        """Their names in order."""
        return sorted(self._by_name)

    def opened_by(self, short_code: str, text: str) -> Touchpoint | None:
        """The touchpoint whose keyword begins this text; of several the one with the longest."""
        said = phrase_tokens(text[:160]) if self._longest else ()
        for length in range(min(self._longest, len(said)), 0, -1):
            found = self._by_keyword.get((short_code, said[:length]))
            if found is not None:
                return found
        return None
