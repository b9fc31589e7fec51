"""Every language says everything, with the same blanks to fill in; a browser gets the best it accepts."""

import string

import pytest

from operator_push.http.selfcare.languages import DEFAULT, chosen, languages


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", list(languages()))
def test_a_language_has_every_key_with_the_same_blanks(code: str) -> None:
    english, words = languages()[DEFAULT], languages()[code]
    assert set(words) == set(english)
    assert {key: blanks(words[key]) for key in words} == {key: blanks(english[key]) for key in english}
    assert all(text.strip() for text in words.values())


def test_five_languages_are_there() -> None:
    assert set(languages()) >= {"en", "de", "fr", "es", "hi"}


@pytest.mark.parametrize(
    ("wanted", "accepted", "code"),
    [
        ("", "", "en"),
        ("", "de-AT,de;q=0.9,en;q=0.5", "de"),
        ("", "xx, en;q=0.3, hi;q=0.8", "hi"),
        ("", "en;q=0, fr;q=0.1", "fr"),
        ("", "fr;q=oops, es;q=0.2", "es"),
        ("fr", "de", "fr"),
        ("../etc", "de", "de"),
    ],
)
def test_the_choice_of_a_language(wanted: str, accepted: str, code: str) -> None:
    assert chosen(wanted, accepted).language == code
