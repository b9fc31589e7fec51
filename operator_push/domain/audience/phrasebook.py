"""Phrase books: how rules are said in a language; one TOML file each in `phrases`, English the first."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import FEATURES

LANGUAGES = ("en", "de", "es", "fr", "hi")  # ISO 639-1
_TABLES = (
    "comparisons",
    "arithmetic",
    "members",
    "strangers",
    "membership",
    "units",
    "attributes",
)


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """The phrases of a language: `plain` by their keys, and tables of them."""

    language: str
    plain: Mapping[str, str]
    tables: Mapping[str, Mapping[str, str]]

    def say(self, key: str, **parts: str) -> str:
        """A plain phrase with its parts in place."""
        return fill(self.plain[key], parts)

    def say_of(self, table: str, key: str, **parts: str) -> str:
        """A phrase of a table with its parts in place."""
        return fill(self.tables[table][key], parts)


def fill(phrase: str, parts: Mapping[str, str]) -> str:
    """A phrase with its parts; what stands in braces within a part is text."""
    for name, part in parts.items():
        before, mark, after = phrase.partition("{" + name + "}")
        # The part may hold braces of its own, such as a client's list called {name}: keep them apart.
        phrase = before + part.replace("{", "\0") + after if mark else phrase
    return phrase.replace("\0", "{")


@cache
def phrase_book(language: str) -> PhraseBook:
    """The phrases of a language.

    Raises:
        OperatorError: there are none.
    """
    if language not in LANGUAGES:
        raise OperatorError(f"rules are not said in {language!r}; the languages are {', '.join(LANGUAGES)}")
    text = files(__package__).joinpath("phrases", f"{language}.toml").read_text(encoding="utf-8")
    written: dict[str, Any] = tomllib.loads(text)
    windows = written.pop("windows", {})
    tables = {name: written.pop(name) for name in _TABLES}
    tables["attributes"] = _attributes(tables["attributes"], windows)
    return PhraseBook(language, written, tables)


def _attributes(bases: Mapping[str, str], windows: Mapping[str, str]) -> dict[str, str]:
    """The phrases of features by name; those of a window are said by the phrase of all windows."""
    found = {}
    for feature in FEATURES:
        base, _, window = feature.name.rpartition("_")
        if feature.name in bases:
            found[feature.name] = bases[feature.name]
        elif base in bases and window in windows:
            found[feature.name] = fill(bases[base], {"window": windows[window]})
    return found
