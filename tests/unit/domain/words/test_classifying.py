"""The laws of hearing; the many wordings are in tests/golden/words."""

from datetime import date

import pytest

from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.packs.shelf import shipped_packs
from operator_push.domain.words import Heard, reader_for
from operator_push.domain.words.readers import shipped_language

DAY = date(2027, 1, 15)
READER = reader_for("us", DAY)


def action(text: str, *names: str) -> str:
    return READER.read(text, names).action.name.lower()


def test_what_was_understood_is_told_with_its_phrase() -> None:
    assert READER.read("Great, but PLEASE stop texting me!") == Heard(
        InboundAction.STOP, "stop texting", "en"
    )
    assert READER.read("bus stop") == Heard(InboundAction.REVIEW, "stop")
    assert READER.read("hello") == Heard(InboundAction.NONE, "")


def test_the_strongest_wish_counts() -> None:
    assert action("Why? Stop. Unsubscribe me from everything.") == "stop_all"


def test_a_brand_may_stand_beside_the_word() -> None:
    assert action("STOP Chai Corner") == "review"
    assert action("STOP Chai Corner", "Chai Corner") == "stop"


def test_a_word_for_other_things_counts_alone_only() -> None:
    assert action("end") == "stop"
    assert action("end 5") == "review"
    assert action("stop 5") == "stop"
    assert action("The film. End. Good.") == "review"


def test_a_request_that_is_denied_or_asked_about_is_for_a_person() -> None:
    assert action("don't stop texting me") == "review"
    assert action("how can I stop the messages") == "review"
    assert action("I don't want this, please stop texting me") == "stop"


@pytest.mark.parametrize(
    ("text", "taken_for"),
    [
        ("bus\nstop", "review"),
        ("Please don't\r\nstop", "review"),
        ("never\nstop", "review"),
        ("🚌 stop", "review"),
        ("No\nSTOP", "stop"),
        ("Please\nstop\nthanks", "stop"),
        ("At the bus stop now\nSTOP", "stop"),
        ("I like the bus.\nSTOP", "stop"),
    ],
)
def test_what_turns_a_stop_round_does_so_over_the_end_of_a_line(text: str, taken_for: str) -> None:
    assert action(text) == taken_for


@pytest.mark.parametrize(
    ("text", "taken_for"),
    [
        ("This is spam, stop", "stop"),
        ("If you see the shop, stop", "review"),
        ("He stopped there, stop", "review"),
        ("Stop, you say", "review"),
        (", stop", "stop"),
    ],
)
def test_a_stop_behind_the_last_comma_counts_unless_it_is_asked_about(text: str, taken_for: str) -> None:
    assert action(text) == taken_for


@pytest.mark.parametrize(
    ("text", "taken_for"),
    [
        ("stoptextingme", "stop"),
        ("PleaseStop", "stop"),
        ("stop42", "stop"),
        ("end5", "none"),
        ("nonstop", "none"),
        ("stopover", "none"),
        ("doorstop", "none"),
    ],
)
def test_words_without_their_spaces(text: str, taken_for: str) -> None:
    assert action(text) == taken_for


def test_a_register_code_means_what_the_register_says() -> None:
    reader = reader_for("in", DAY)
    assert reader.read("start 0").action is InboundAction.STOP_ALL
    assert reader.read("START 4").action is InboundAction.REVIEW
    assert reader.read("START").action is InboundAction.START
    for written in (
        "START0",
        "start-0",
        "START ०",
        "START 3,0",
        "start 0 7",
        "START3,0",
    ):  # 0 stands above the others
        assert reader.read(written).action is InboundAction.STOP_ALL, written
    assert reader.read("START 1,3").action is InboundAction.REVIEW


def test_the_stop_of_another_language_is_for_a_person() -> None:
    assert action("Abmelden") == "review"
    assert reader_for("eu", DAY).read("Abmelden").action is InboundAction.STOP


@pytest.mark.parametrize("text", ["start stop", "help me stop"])
def test_a_stop_beside_another_word_is_never_that_other_word(text: str) -> None:
    assert action(text) == "review"


def test_a_request_far_behind_in_an_endless_text_is_not_looked_for() -> None:
    assert action("la " * 1_000 + "stop") == "none"


def test_a_filler_of_one_language_may_belong_to_a_phrase_of_another() -> None:
    assert action("please 不要了") == "stop"  # 了 is a filler in Chinese
    assert action("fuck off please") == "stop"


def test_what_is_said_twice_is_said_once() -> None:
    assert action("opt out opt out") == "stop"
    assert action("leave me alone! leave me alone") == "stop"


def test_several_stop_words_are_a_stop_and_a_word_for_other_things_does_not_begin_them() -> None:
    assert action("STOP UNSUBSCRIBE QUIT") == "stop"
    assert action("STOP ALL 🛑") == "stop_all"
    assert action("end stop") == "review"


def test_a_brand_may_be_called_stop() -> None:
    assert action("Stop & Shop", "Stop & Shop") == "review"
    assert action("STOP", "Stop & Shop") == "stop"


def test_a_doubtful_phrase_turns_a_request_round() -> None:
    reader = reader_for("in", DAY)
    assert reader.read("मैसेज बंद करो").action is InboundAction.STOP
    assert reader.read("मैसेज बंद मत करो").action is InboundAction.REVIEW


def test_start_in_words_that_hold_a_stop_word() -> None:
    assert action("un-stop") == "start"
    assert action("I don't want you to stop texting") == "review"


@pytest.mark.parametrize("pack", ["us", "eu", "gb", "in", "default"])
def test_every_listed_phrase_is_heard_politely_and_in_disguise(pack: str) -> None:
    reader = reader_for(pack, DAY)
    unheard = [
        (code, phrase, heard)
        for code in ("en", *shipped_packs().pack(pack, DAY).languages)
        for row in shipped_language(code).whole
        for phrase in row.phrases
        if (heard := reader.read(phrase).action) != reader.read(_disguised(phrase)).action
        or (heard.name.lower() != row.action and not heard.is_stop)  # a stop elsewhere is the stronger word
    ]
    assert not unheard


def _disguised(phrase: str) -> str:
    return f"Please {chr(0x200B).join(phrase)} 🙏"
