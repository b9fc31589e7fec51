"""Whom a brand's lists brought and who opted in themselves are told apart; others are in neither."""

from pyroaring import BitMap

from operator_push.domain.consent import IMPORTED, Basis, ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.databases import people_of_brand
from operator_push.domain.permission import PermissionBook

BRAND = 7


def act(
    number: int, method: str = "web", action: ConsentAction = ConsentAction.GRANT, **more: object
) -> ConsentEvent:
    values = {"brand_no": BRAND, "category": 0, "purpose": Purpose.MARKETING, "channel": "sms", **more}
    at_us = 10 if action is ConsentAction.GRANT else 20
    return ConsentEvent(number, action=action, at_us=at_us, evidence=Evidence(method), **values)  # type: ignore[arg-type]


def test_lists_and_opt_ins_of_just_this_brand() -> None:
    book = PermissionBook()
    book.apply_many(
        [
            act(1, IMPORTED),
            act(2, basis=Basis.SOFT_OPT_IN),
            act(3),
            act(4, category=8),
            act(5, IMPORTED),
            act(5, category=3),  # opted in to one category, imported for all
            act(6, brand_no=0),
            act(7, brand_no=8),
            act(8),
            act(8, action=ConsentAction.WITHDRAW, brand_no=0),
            act(9, IMPORTED, purpose=Purpose.SERVICE),
        ]
    )
    assert people_of_brand(book, BRAND) == (BitMap([1, 2]), BitMap([3, 4, 5]))
    assert people_of_brand(PermissionBook(), BRAND) == (BitMap(), BitMap())
