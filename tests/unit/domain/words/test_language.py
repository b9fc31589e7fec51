"""A language file is complete or refused with file, line and key."""

import re

import pytest

from operator_push.domain.packs import shipped_packs
from operator_push.domain.words import language_files, read_language
from operator_push.kernel.errors import OperatorError

GOOD = """language = "xx"
name = "Some"

[[whole]]
action = "stop"
phrases = ["stop"]
source = "own"
date = 2026-11-01
verified = false
"""


def test_every_language_of_a_pack_is_there_and_can_be_read() -> None:
    shelf = shipped_packs()
    wanted = {code for name in shelf.names() for pack in shelf.versions(name) for code in pack.languages}
    assert wanted <= language_files().keys()
    for code, text in language_files().items():
        language = read_language(text, code)
        assert language.language == code
        assert {row.action for row in language.whole} >= {"stop", "stop_all", "start", "help", "why"}


def test_every_text_that_is_answered_has_the_places_it_may_have() -> None:
    allowed = {"brand", "what", "hours", "day", "rule", "consent", "consent_day", "code", "minutes"}
    for code, text in language_files().items():
        for name, words in read_language(text, code).texts.items():
            assert set(re.findall(r"{(\w+)}", words)) <= allowed, (code, name)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"stop"\np', '"halt"\np', "x.toml:5: whole[0].action"),
        ('["stop"]', '["stop", " "]', "x.toml:6: whole.0.phrases"),
        ("phrases", "words", "x.toml:6: whole[0].words"),
        ("name =", "title =", "x.toml:2: title"),
    ],
)
def test_an_error_names_file_line_and_key(old: str, new: str, place: str) -> None:
    with pytest.raises(OperatorError) as caught:
        read_language(GOOD.replace(old, new, 1), "x.toml")
    assert str(caught.value).startswith(place)
