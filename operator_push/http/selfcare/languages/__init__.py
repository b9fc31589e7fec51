"""Languages: the words of the pages, one TOML file a language, and which one a browser gets.

Every file has the keys of en.toml, and says by `verified` whether a native reader has looked at it.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

DEFAULT = "en"
_HERE = "operator_push.http.selfcare.languages"


class Words(Mapping[str, str]):
    """The words of one language by key."""

    def __init__(self, language: str, name: str, words: Mapping[str, str]) -> None:
        self.language = language
        self.name = name
        self._words = words

    def __getitem__(self, key: str) -> str:
        return self._words[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)


@cache
def languages() -> Mapping[str, Words]:
    """Every language by its code (ISO 639-1), English first."""
    found = {}
    for file in files(_HERE).iterdir():
        if file.name.endswith(".toml"):
            told = tomllib.loads(file.read_text(encoding="utf-8"))
            code = str(told["language"])
            found[code] = Words(code, str(told["name"]), told["words"])
    return {DEFAULT: found.pop(DEFAULT), **dict(sorted(found.items()))}


def chosen(wanted: str, accepted: str) -> Words:
    """The language that a person chose, else the best that the browser accepts (RFC 9110 section 12.5.4)."""
    known = languages()
    if wanted in known:
        return known[wanted]
    best, best_weight = known[DEFAULT], 0.0
    for each in accepted[:500].split(","):
        tag, _, parameters = each.strip().partition(";")
        weight = _weight(parameters)
        code = tag.strip().lower().partition("-")[0]
        if code in known and weight > best_weight:
            best, best_weight = known[code], weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
