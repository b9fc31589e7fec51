"""The texts of the options: by language, by variant, by both."""

import pytest

from operator_push.cli.text_options import text_or_variants, text_terms
from operator_push.kernel.errors import OperatorError


def test_texts_by_language_belong_to_their_variant() -> None:
    said = {"variants": ("warm=Hot: chai", "bold=Chai!"), "texts": ("warm:hi=गरम: चाय", "warm:mr=गरम")}
    assert text_terms(said) == {
        "variants": [
            {"name": "warm", "text": "Hot: chai", "texts": {"hi": "गरम: चाय", "mr": "गरम"}},
            {"name": "bold", "text": "Chai!"},
        ]
    }


def test_a_text_of_no_variant_stays_and_is_refused_by_the_order() -> None:
    assert text_terms({"texts": ("hi=चाय",)}) == {"texts": {"hi": "चाय"}}
    said = {"variants": ("a=A", "b=B"), "texts": ("hi=चाय",)}
    assert text_terms(said)["texts"] == {"hi": "चाय"}


def test_a_text_of_an_unknown_variant_names_those_that_there_are() -> None:
    with pytest.raises(OperatorError, match="no variant 'cold'; there are warm, bold"):
        text_terms({"variants": ("warm=A", "bold=B"), "texts": ("cold:hi=चाय",)})


def test_variants_stand_in_the_place_of_a_text() -> None:
    terms = text_terms({"variants": ("warm=A", "bold=B")})
    assert [text_or_variants(text, terms) for text in (None, "Hello")] == ["A", "Hello"]
    with pytest.raises(OperatorError, match="--text, or two or more of --variant"):
        text_or_variants(None, {})
