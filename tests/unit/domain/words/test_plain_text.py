"""What is left of a text when its dress is taken away."""

import pytest

from operator_push.domain.words.plain_text import clauses, digits_as_letters, looks_latin, squeezed


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("S T O P", [["stop"]]),
        ("s.t.o.p all", [["stop", "all"]]),
        ("ＳＴＯＰ　ａｌｌ", [["stop", "all"]]),
        ("st\u200bo\u0301p", [["stop"]]),
        ("ARRÊT", [["arret"]]),
        ("Don’t, please!", [["dont", "please"]]),
        ("SТOP", [["stop"]]),  # its T is Cyrillic
        ("🆂🆃🅾🅿", [["stop"]]),
        ("🛑", [["stop"]]),
        ("Stop. Thank you", [["stop"], ["thank", "you"]]),
        ("बंद करो", [["बंद", "करो"]]),  # vowel signs are letters' business
        ("बन्द करें", [["बंद", "करें"]]),  # half a nasal is a dot
        ("सड़क", [["सडक"]]),  # and a nukta is often left out
        ("നിര്\u200dത്തുക", clauses("നിർത്തുക")),  # the chillu of old and of new
        ("تــوقف", [["توقف"]]),
        ("بند كرو", clauses("بند کرو")),  # an Arabic keyboard
        ("START ०", [["start", "0"]]),
        ("s†op st@rt", [["stop", "start"]]),
        ("退订", [["退", "订"]]),
        ("ΔΙΑΚΟΠΉ", [["διακοπη"]]),
        ("Größe łódź", [["grosse", "lodz"]]),
        ("a b", [["a", "b"]]),
        ("😀 ...", []),
        ("", []),
    ],
)
def test_a_text_becomes_clauses_of_plain_tokens(text: str, wanted: list[list[str]]) -> None:
    assert clauses(text) == wanted


@pytest.mark.parametrize(
    "below",
    [
        "\n-- \nAnn",
        "\n> Sale! Reply STOP to end",
        "\nOn Mon, Jan 4, 2027 Shop wrote:\nSale",
        "\n-----Original Message-----\nSale",
        "\nSent from my phone",
        " Sent from my iPhone",
    ],
)
def test_what_a_program_adds_below_an_answer_is_not_the_answer(below: str) -> None:
    assert clauses("yes" + below) == [["yes"]]


def test_letters_that_look_alike() -> None:
    assert digits_as_letters("st0p") == "stop"
    assert digits_as_letters("507") == "507"
    assert looks_latin("ѕтор") == "stop"
    assert squeezed("sttooop") == "stop"
