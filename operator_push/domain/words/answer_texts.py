"""Answer texts: what is said to somebody who wrote a word, in their language, short enough for two segments.

The texts are data: [texts] of each language's file. A language without a text of some name says it in
English. What is put in is cut to a length, so that no brand's name makes an answer long.
"""

from collections.abc import Mapping
from string import Formatter

from operator_push.domain.words.language import TextName
from operator_push.domain.words.readers import shipped_language

FALLBACK = "en"
FIELD_CHARACTERS_MAX: Mapping[str, int] = {"brand": 20, "what": 26}
OTHER_CHARACTERS_MAX = 64


def answer_text(name: TextName, language: str, fields: Mapping[str, str]) -> str:
    """The text of this name with its fields filled in; a field that is not given is left out.

    Raises:
        KeyError: English has no text of this name: the installation is damaged.
    """
    return _Filling().vformat(template(name, language), (), {key: _cut(key, fields[key]) for key in fields})


def template(name: TextName, language: str) -> str:
    """The text with its fields in braces, of this language or in English."""
    try:
        own = shipped_language(language).texts.get(name)
    except KeyError:
        own = None
    return own or shipped_language(FALLBACK).texts[name]


def _cut(key: str, value: str) -> str:
    return " ".join(value.split())[: FIELD_CHARACTERS_MAX.get(key, OTHER_CHARACTERS_MAX)].strip()


class _Filling(Formatter):
    """Fields by name alone: no attributes, no positions, nothing that a brand's name could reach."""

    def get_field(self, field_name: str, args: object, kwargs: Mapping[str, object]) -> tuple[object, str]:
        return kwargs.get(field_name, ""), field_name
