"""The laws of hearing; the many wordings are in tests/golden/words."""

from datetime import date

import pytest

from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.words import Heard, reader_for

READER = reader_for("us", date(2027, 1, 15))


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


def test_a_register_code_means_what_the_register_says() -> None:
    reader = reader_for("in", date(2027, 1, 15))
    assert reader.read("start 0").action is InboundAction.STOP_ALL
    assert reader.read("START 4").action is InboundAction.REVIEW
    assert reader.read("START").action is InboundAction.START


def test_the_stop_of_another_language_is_for_a_person() -> None:
    assert action("Abmelden") == "review"
    assert reader_for("eu", date(2027, 1, 15)).read("Abmelden").action is InboundAction.STOP


@pytest.mark.parametrize("text", ["start stop", "help me stop"])
def test_a_stop_beside_another_word_is_never_that_other_word(text: str) -> None:
    assert action(text) == "review"


def test_a_request_far_behind_in_an_endless_text_is_not_looked_for() -> None:
    assert action("la " * 1_000 + "stop") == "none"
