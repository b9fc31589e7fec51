"""Who a customer is on paper: a closed set of keys with texts that can stand on paper."""

import pytest

from operator_push.kernel.errors import OperatorError
from operator_push.services.account_terms import NO_TERMS, changed_terms, terms_from_text, terms_text
from operator_push.services.billing_identity import buyer_of, checked_billing


def test_what_was_said_comes_back_with_the_terms() -> None:
    said = {"name": "Chai Ltd", "address": "12 Road; Floor 2", "country": "IN", "payment_days": "30"}
    terms = terms_from_text(terms_text(changed_terms(NO_TERMS, {"billing": said})))
    assert terms.billing == said
    buyer = buyer_of("chai", terms.billing)
    assert (buyer.name, buyer.address, buyer.country) == ("Chai Ltd", ("12 Road", "Floor 2"), "IN")


def test_who_said_nothing_goes_by_its_account() -> None:
    assert buyer_of("chai", None).name == "chai"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"colour": "red"}, "colour unknown"),
        ({"name": ""}, "name must be"),
        ({"name": "a\nb"}, "name must be"),
        ({"country": "India"}, "two capital letters"),
        ({"payment_days": "366"}, r"0\.\.365"),
        ({"every_month": "maybe"}, "every_month 'maybe' is not yes or no"),
        ({"payment_days": "soon"}, "payment_days 'soon'"),
        ({"address": "1;2;3;4;5"}, "more than 4 lines"),
        ({"name": 7}, "not an object of texts"),
        ("Chai", "not an object of texts"),
    ],
)
def test_what_cannot_stand_on_paper_is_refused(said: object, error: str) -> None:
    with pytest.raises(OperatorError, match=error):
        checked_billing("billing", said)
