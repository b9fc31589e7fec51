"""Patterns: texts with * and ? over addresses, remembered because the same few addresses come again."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

_TEXTS_KEPT = 10_000  # Source addresses are few; this bounds those of a client that makes them up.


class Patterns:
    """A row of patterns; the first that fits counts."""

    __slots__ = ("_known", "_patterns", "is_any")

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = tuple(patterns)
        self.is_any = "*" in self._patterns
        self._known: dict[str, int] = {}

    def first(self, text: str) -> int:
        """The place of the first pattern that fits, or -1."""
        known = self._known.get(text)
        if known is None:
            if len(self._known) >= _TEXTS_KEPT:
                self._known.clear()
            fitting = (at for at, pattern in enumerate(self._patterns) if fnmatchcase(text, pattern))
            known = self._known[text] = next(fitting, -1)
        return known

    def fits(self, text: str) -> bool:
        """Whether any of them fits."""
        return self.is_any or self.first(text) >= 0
