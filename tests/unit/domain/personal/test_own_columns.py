"""What a client says of the people whom it brought: typed, bounded, in no text beside an attribute."""

import pytest

from operator_push.domain.personal.own_columns import (
    COLUMNS_MAX,
    OwnColumns,
    checked_columns,
    parse_column,
    typed_value,
    values_of,
    values_text,
    words_of,
)
from operator_push.domain.personal.texts import CampaignTexts
from operator_push.kernel.errors import OperatorError

OWN = OwnColumns("customers", {"name": "text", "points": "number", "due": "date", "vip": "flag"})


def test_a_head_says_name_and_type() -> None:
    assert [parse_column(head) for head in ("name", "points:number")] == [
        ("name", "text"),
        ("points", "number"),
    ]


@pytest.mark.parametrize("head", ["Name", "", "1st", "a b", "x" * 31, "a.b", "points:int", "points:"])
def test_what_is_no_head(head: str) -> None:
    with pytest.raises(OperatorError, match=r"no name that a text|is no type"):
        parse_column(head)


def test_a_list_has_so_many_columns_at_most() -> None:
    with pytest.raises(OperatorError, match="20 at most"):
        checked_columns({f"c{number}": "text" for number in range(COLUMNS_MAX + 1)})


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", " Asha ", "Asha"),
        ("number", "1200", 1200),
        ("number", "-12.50", -12.5),
        ("date", "1970-02-01", 31),
        ("flag", "Yes", True),
        ("flag", "0", False),
        ("date", "  ", None),
    ],
)
def test_a_field_is_read_by_its_type(kind: str, text: str, value: object) -> None:
    assert typed_value("c", kind, text) == value


@pytest.mark.parametrize(("kind", "text"), [("number", "1e9"), ("date", "31.12.2026"), ("flag", "maybe")])
def test_what_is_not_of_its_type_is_named_without_being_repeated(kind: str, text: str) -> None:
    with pytest.raises(OperatorError, match="due is no") as error:
        typed_value("due", kind, text)
    assert text not in str(error.value)


def test_what_is_stored_comes_back_where_its_type_still_is_that() -> None:
    stored = values_text({"name": "Asha", "points": 12.5, "due": 31, "vip": True})
    assert values_of(stored, OWN.columns) == {"name": "Asha", "points": 12.5, "due": 31, "vip": True}
    assert values_of(stored, {"name": "number", "vip": "number", "points": "date", "none": "text"}) == {}
    assert values_of("", OWN.columns) == {}
    assert values_text({}) == ""
    assert words_of({"due": 31, "points": 12.5}, OWN.columns) == {"due": "1970-02-01", "points": "12.5"}


def test_columns_fill_a_text_with_their_fallbacks() -> None:
    text = "{{ own.name | default('Friend') }}: {{ own.points | round | default(0) }}"
    text += "{% if own.vip %}!{% endif %}"
    texts = CampaignTexts(text, own=OWN)
    texts.check()
    assert texts.own_names() == ("own.name", "own.points", "own.vip")
    assert texts.names() == ()
    assert not texts.is_one_for_all
    assert texts.filled(text, {"own.name": "Asha", "own.points": 12.6, "own.vip": True}) == "Asha: 13!"
    assert texts.filled(text) == "Friend: 0"
    declared = CampaignTexts("{{ own.name }}", own=OWN, fallbacks={"own.name": "you"})
    declared.check()
    assert declared.filled("{{ own.name }}") == "you"


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (CampaignTexts("{{ own.name | default('x') }}"), "--own LIST says of which list"),
        (CampaignTexts("{{ own.nam | default('x') }}", own=OWN), "its list has due, name, points, vip"),
        (CampaignTexts("{{ own.name }}", own=OWN), "own.name may not be known"),
        (CampaignTexts("{{ own.due | default('x') }}", own=OWN), "a date needs"),
        (CampaignTexts("{% if own.name >= 3 %}x{% endif %}", own=OWN), "cannot be compared"),
        (CampaignTexts("{% if own.vip and prepaid %}x{% endif %}", own=OWN), "own.vip.*prepaid.*not both"),
        (CampaignTexts("{% if own.vip %}x{% endif %}", {"hi": "y"}, own=OWN), "own.vip.*language.*not both"),
        (CampaignTexts("go.example/{{ own.name | default('x') }}", own=OWN), "place in a link"),
    ],
)
def test_what_no_text_may_do_with_columns(texts: CampaignTexts, why: str) -> None:
    with pytest.raises(OperatorError, match=why):
        texts.check()
