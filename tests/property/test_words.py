"""How a stop is dressed never makes it unheard, and hearing never fails."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from operator_push.domain.words import reader_for
from operator_push.domain.words.near_words import slips

READER = reader_for("us", date(2027, 1, 15))
STOPS = (
    "stop",
    "unsubscribe",
    "opt out",
    "stop all",
    "please stop texting me",
    "remove my number",
    "leave me alone",
)
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\ufe0f"
ACCENTS = "\u0300\u0301\u0302\u0308\u0327\u030a\u0336"
AROUND = " \t\n.!?*\"'()-_…"


@st.composite
def dressed(draw: st.DrawFn) -> str:
    """A stop with case, width, accents, invisible characters and punctuation put on."""
    out = draw(st.text(AROUND, max_size=4))
    for letter in draw(st.sampled_from(STOPS)):
        shown = letter.upper() if draw(st.booleans()) else letter
        if shown.isalpha() and draw(st.booleans()):
            shown = chr(ord(shown) + 0xFEE0)  # full width
        out += shown
        if letter != " ":
            out += draw(st.text(INVISIBLE + ACCENTS, max_size=2))
    return out + draw(st.text(AROUND, max_size=4))


@given(text=dressed())
@settings(max_examples=120, deadline=None)
def test_dress_never_hides_a_stop(text: str) -> None:
    assert READER.read(text).action.is_stop, text


@given(text=st.text(max_size=200))
@settings(max_examples=120, deadline=None)
def test_every_text_is_taken_for_something_and_twice_for_the_same(text: str) -> None:
    first = READER.read(text)
    assert first == READER.read(text)
    assert (first.matched == "") == (first.action.name == "NONE")


@given(typed=st.text("stop", max_size=6), word=st.text("stop", max_size=6))
def test_slips_count_alike_in_both_directions(typed: str, word: str) -> None:
    assert slips(typed, word) == slips(word, typed)
    assert (slips(typed, word) == 0) == (typed == word)
