"""Which texts tell how to end them, and the words that are added to those that do not."""

import pytest

from operator_push.domain.words.way_out import says_way_out, way_out_words
from operator_push.text.gsm7 import is_gsm7

CODES = ("56070", "1909")


@pytest.mark.parametrize(
    ("text", "sender", "says"),
    [
        ("Sale! Reply STOP to 56070 to end", "ACME", True),
        ("Sale! STOP: 56070", "ACME", True),
        ("Sale. To opt out send stop to 1909.", "ACME", True),
        ("Soldes. STOP au 56070", "ACME", True),
        ("Angebot. Abmelden: STOPP an 56070", "ACME", True),
        ("Sale! Reply STOP to opt out", "56070", True),
        ("Sale! Txt STOP", "56070", True),
        ("Sale! Reply STOP to opt out", "ACME", False),  # whom? ACME cannot be replied to
        ("Sale! Reply STOP to 99999 to end", "ACME", False),
        ("Don't stop the music, half price today", "56070", False),
        ("The stop of bus 12 moved. Questions about our new timetable: call 56070", "ACME", False),
        ("Questions? 56070", "56070", False),
        ("", "56070", False),
    ],
)
def test_a_stop_word_counts_beside_the_code_it_is_sent_to(text: str, sender: str, says: bool) -> None:
    assert says_way_out(text, CODES, sender, ["de", "fr"]) is says


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "hi", "it", "nl", "pl", "pt", "sv", "xx"])
def test_the_words_that_are_added_say_it(language: str) -> None:
    words = way_out_words(language, "56070", lambda text: True)
    assert says_way_out(f"Sale! {words}", CODES, "ACME", [])
    assert len(words) < 40


def test_what_the_alphabet_lacks_is_said_in_english() -> None:
    assert way_out_words("hi", "56070", is_gsm7) == "Send STOP to 56070 to end."
    assert way_out_words("de", "56070", is_gsm7) == "STOP an 56070 beendet das."
