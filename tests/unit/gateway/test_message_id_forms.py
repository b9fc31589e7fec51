"""Ids of one SMSC in two forms: stated, or found out from pairs that are one message beyond doubt."""

import pytest

from operator_push.gateway.message_id_forms import MessageIdForms
from operator_push.smpp.message_id import MessageIdForm, form_pairs, ids_in_response

DECIMAL, HEXADECIMAL = MessageIdForm.DECIMAL, MessageIdForm.HEXADECIMAL


@pytest.mark.parametrize(
    ("forms", "response_id", "receipt_id"),
    [
        ((DECIMAL, HEXADECIMAL), "6699", "1A2B"),
        ((DECIMAL, HEXADECIMAL), "6699", "00001a2b"),
        ((DECIMAL, HEXADECIMAL), "0000006699", "1a2b"),
        ((HEXADECIMAL, DECIMAL), "1a2b", "6699"),
        ((HEXADECIMAL, DECIMAL), "1A2B", "0006699"),
        ((HEXADECIMAL, DECIMAL), "00001A2B", "6699"),
        ((HEXADECIMAL, HEXADECIMAL), "1a2b", "1A2B"),
        ((DECIMAL, DECIMAL), "0042", "42"),
        ((DECIMAL, DECIMAL), "42", "0042"),
        ((MessageIdForm.CASELESS, MessageIdForm.CASELESS), "mx-7f", "MX-7F"),
    ],
)
def test_stated_forms_lead_from_a_receipt_to_the_response(
    forms: tuple[MessageIdForm, MessageIdForm], response_id: str, receipt_id: str
) -> None:
    known = MessageIdForms("north", forms)
    known.note(response_id)
    assert response_id in known.ids(receipt_id)
    assert known.guesses(receipt_id) == ()
    assert known.are_stated


def test_what_is_not_stated_is_a_text_until_a_pair_tells() -> None:
    forms = MessageIdForms("north")
    assert forms.are_texts
    assert forms.ids("1A2B") == ("1A2B",)
    assert "6699" in forms.guesses("1A2B")
    forms.learn("6699", "1A2B")
    assert not forms.are_texts
    assert forms.ids("1A2C")[0] == "6700"


def test_two_forms_that_both_explain_a_pair_are_not_chosen_between() -> None:
    forms = MessageIdForms("north")
    forms.learn("0012", "12")  # both decimal or both hexadecimal
    assert forms.are_texts
    forms.note("001F")
    forms.learn("001F", "1f")
    assert not forms.are_texts
    assert "002A" in forms.ids("2a")


def test_equal_texts_and_unlike_ones_teach_nothing() -> None:
    assert form_pairs("42", "42") == frozenset()
    assert form_pairs("42", "43") == frozenset()
    assert form_pairs("6699", "1A2B") == {(DECIMAL, HEXADECIMAL)}
    assert form_pairs("1a2b", "6699") == {(HEXADECIMAL, DECIMAL)}


def test_a_stated_form_is_never_questioned() -> None:
    forms = MessageIdForms("north", (DECIMAL, DECIMAL))
    forms.learn("6699", "1A2B")
    assert forms.ids("1A2B") == ()


def test_an_smsc_that_writes_otherwise_than_before_is_learned_anew() -> None:
    forms = MessageIdForms("north")
    forms.learn("6699", "1A2B")
    forms.learn("1A2B", "6699")
    assert "1a2b" in forms.ids("6699")


def test_text_is_only_itself() -> None:
    assert ids_in_response("a-1", MessageIdForm.TEXT, MessageIdForm.TEXT) == ("a-1",)


def test_what_was_found_out_is_told_and_holds_after_a_restart() -> None:
    told: list[tuple[str, str, tuple[int, ...]]] = []
    forms = MessageIdForms("north", on_found=lambda *found: told.append(found))
    forms.note("001E")
    assert told == []  # a width alone tells no form
    forms.learn("001F", "1f")
    forms.note("00000020")
    forms.note("00000021")
    assert told == [("hexadecimal", "hexadecimal", (4,)), ("hexadecimal", "hexadecimal", (4, 8))]
    later = MessageIdForms("north")
    later.recall(*told[-1])
    assert "0030" in later.ids("30")
    later.learn("0012", "12")  # fits what is known, and so changes nothing
    assert "0030" in later.ids("30")


def test_what_the_configuration_states_or_nobody_can_read_is_not_recalled() -> None:
    stated = MessageIdForms("north", (DECIMAL, DECIMAL))
    stated.recall("hexadecimal", "decimal", ())
    assert "16" in stated.ids("16")
    later = MessageIdForms("north")
    later.recall("base64", "decimal", (4,))
    assert later.are_texts
