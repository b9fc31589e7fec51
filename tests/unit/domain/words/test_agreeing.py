"""A yes is a yes in any language, nothing besides, and never a stop."""

from datetime import date

import pytest

from operator_push.domain.words import language_files, reader_for
from operator_push.domain.words.agreeing import agrees
from operator_push.domain.words.readers import shipped_language


@pytest.mark.parametrize("text", ["YES", " yes! ", "Ｙｅｓ", "Ja, bitte", "Sí", "हाँ", "d'accord", "y"])
def test_yes(text: str) -> None:
    assert agrees(text)


@pytest.mark.parametrize(
    "text", ["", "no", "yes stop", "yes if it is free", "not yes", "1", "STOP", "yesss but"]
)
def test_not_yes(text: str) -> None:
    assert not agrees(text)


@pytest.mark.parametrize("pack", ["us", "eu", "in", "gb", "default"])
def test_no_word_that_agrees_asks_for_anything(pack: str) -> None:
    reader = reader_for(pack, date.max)
    for code in language_files():
        for phrase in shipped_language(code).agreeing:
            assert reader.read(phrase).action.name == "NONE", (code, phrase)
