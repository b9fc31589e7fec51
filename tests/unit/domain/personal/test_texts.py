"""Which text somebody gets: by variant, by language, with places filled."""

import pytest

from operator_push.domain.personal.texts import CampaignTexts
from operator_push.domain.variants import Variant
from operator_push.kernel.errors import OperatorError

HINDI = {"hi": "नमस्ते {{ plan | default('आप') }}"}


def test_a_language_that_is_not_known_gets_the_text_of_everybody() -> None:
    texts = CampaignTexts("Hello", HINDI)
    for values, filled in (
        ({"language": "hi", "plan": "Gold"}, "नमस्ते Gold"),
        ({"language": "hi"}, "नमस्ते आप"),
        ({"language": "mr"}, "Hello"),
        ({}, "Hello"),
    ):
        assert texts.filled(texts.chosen(1, 7, "", values), values) == filled
    assert texts.names() == ("language", "plan")


def test_a_text_for_all_asks_nothing_of_anybody() -> None:
    assert CampaignTexts("Hello").is_one_for_all
    assert CampaignTexts("Hello").names() == ()
    assert not CampaignTexts("Hello", HINDI).is_one_for_all


def test_the_winner_is_everybodys_text() -> None:
    texts = CampaignTexts("", variants=(Variant("a", "A"), Variant("b", "B")))
    assert {texts.chosen(1, number, "", {}) for number in range(20)} == {"A", "B"}
    assert {texts.chosen(1, number, "b", {}) for number in range(20)} == {"B"}


def test_each_variant_has_its_own_languages() -> None:
    texts = CampaignTexts("", variants=(Variant("a", "A", HINDI), Variant("b", "B")))
    hindi, other = {"language": "hi", "plan": "Gold"}, {"language": "mr"}
    assert {texts.filled(texts.chosen(1, number, "", hindi), hindi) for number in range(20)} == {
        "नमस्ते Gold",
        "B",
    }
    assert {texts.chosen(1, number, "", other) for number in range(20)} == {"A", "B"}
    assert {texts.chosen(1, number, "a", hindi) for number in range(20)} == {HINDI["hi"]}
    assert texts.names() == ("language", "plan")
    assert texts.possible({}) == ["A", "B"]
    assert not texts.is_one_for_all


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (CampaignTexts("a", {"hindi": "b"}), "no language by two letters"),
        (CampaignTexts("a", {"hi": "b"}, (Variant("a", "A"), Variant("b", "B"))), "never be sent"),
        (
            CampaignTexts("a", variants=(Variant("a", "A", {"hindi": "b"}), Variant("b", "B"))),
            "by two letters",
        ),
        (CampaignTexts("a", fallbacks={"plan": "x"}), "for nothing that the text uses"),
        (CampaignTexts("a", fallbacks={"name": "x"}), "no attribute of the catalogue"),
        (CampaignTexts("a", {"hi": "{{ plan }}"}), "plan may not be known"),
    ],
)
def test_what_no_order_may_say(texts: CampaignTexts, why: str) -> None:
    with pytest.raises(OperatorError, match=why):
        texts.check()
