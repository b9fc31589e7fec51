"""Phrase books: every language can say all that English can."""

import re
from importlib.resources import files

import pytest

from operator_push.domain.audience.phrasebook import LANGUAGES, fill, phrase_book
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import FEATURES

ENGLISH = phrase_book("en")


def marks(phrase: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", phrase))


def test_every_file_is_a_language() -> None:
    folder = files("operator_push.domain.audience").joinpath("phrases")
    assert {each.name for each in folder.iterdir() if each.name.endswith(".toml")} == {
        f"{language}.toml" for language in LANGUAGES
    }
    with pytest.raises(OperatorError, match="not said in 'xx'; the languages are en, de"):
        phrase_book("xx")


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_language_has_every_phrase_with_the_same_parts(language: str) -> None:
    book = phrase_book(language)
    assert set(book.plain) == set(ENGLISH.plain)
    assert {key: marks(phrase) for key, phrase in book.plain.items()} == {
        key: {"condition"} if key == "for_whom" else marks(phrase) for key, phrase in ENGLISH.plain.items()
    }
    for name, table in ENGLISH.tables.items():
        if name != "attributes":
            assert {key: marks(each) for key, each in book.tables[name].items()} == {
                key: marks(each) for key, each in table.items()
            }
    assert set(book.tables["attributes"]) == {feature.name for feature in FEATURES}
    assert len(set(book.tables["attributes"].values())) == len(FEATURES)
    assert not [each for each in book.tables["attributes"].values() if "{" in each]


def test_braces_of_a_part_are_text() -> None:
    assert fill("{left} is {right}", {"left": "{right}", "right": "x"}) == "{right} is x"
