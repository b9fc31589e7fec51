"""What is said fits into two segments in every language, and is a word to nobody who sends it back."""

from datetime import date
from string import Formatter
from typing import get_args

import pytest

from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.words import language_files, reader_for
from operator_push.domain.words.answer_texts import answer_text, template
from operator_push.domain.words.language import TextName
from operator_push.domain.words.readers import shipped_language
from operator_push.text.segmentation import count_segments

NAMES = get_args(TextName)
LANGUAGES = sorted(language_files())
LONG = {
    "brand": "Brandname Incorporated & Sons",
    "what": '"' + "spring sale " * 4 + '"',
    "day": "2027-01-15",
    "consent": "9" * 19,
    "consent_day": "2026-12-31",
    "code": "123456789012345",
    "minutes": "15",
}


def said(name: TextName, language: str) -> str:
    return answer_text(name, language, LONG | {"rule": template("because_soft_opt_in", language)})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_fits_into_two_segments(language: str) -> None:
    for name in NAMES:
        text = said(name, language)
        assert count_segments(text).segments <= 2, (name, text)
        assert "{" not in text, text


def test_english_has_every_text_and_no_language_has_a_field_of_its_own() -> None:
    english = {name: fields_of(template(name, "en")) for name in NAMES}
    for language in LANGUAGES:
        for name, text in shipped_language(language).texts.items():
            assert fields_of(text) <= english[name], (language, name)


def fields_of(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}


@pytest.mark.parametrize("pack", ["us", "eu", "in", "gb", "default"])
def test_an_answer_that_comes_back_asks_for_nothing(pack: str) -> None:
    reader = reader_for(pack, date.max)
    for language in LANGUAGES:
        for name in shipped_language(language).texts:
            heard = reader.read(said(name, language))
            assert heard.action in (InboundAction.NONE, InboundAction.REVIEW), (language, name, heard)


def test_a_name_reaches_nothing_and_a_missing_field_is_left_out() -> None:
    assert answer_text("started", "en", {"brand": "{brand.__class__}"}).startswith("{brand.__class__}:")
    assert answer_text("stopped", "xx", {}).startswith(": done, our messages")
