"""Who must be told how to end a brand's messages, and who was told already or asked for them."""

import pytest

from operator_push.domain.consent import IMPORTED, Basis, ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.message import Decision, RefusalReason, Verdict
from operator_push.domain.permission import PermissionBook
from operator_push.domain.policy import read_trail
from operator_push.domain.way_outs import MARK_ADDED, MARK_REFUSED, WayOuts, with_mark

BRAND, OTHER, PERSON = 7, 8, 3
GRANT, STOP = ConsentAction.GRANT, ConsentAction.WITHDRAW


def act(method: str, action: ConsentAction = GRANT, at_us: int = 10, **more: object) -> ConsentEvent:
    values = {"brand_no": BRAND, "category": 0, "purpose": Purpose.MARKETING, "channel": "sms", **more}
    return ConsentEvent(PERSON, action=action, at_us=at_us, evidence=Evidence(method), **values)  # type: ignore[arg-type]


def outs_after(*acts: ConsentEvent) -> WayOuts:
    book = PermissionBook()
    book.apply_many(acts)
    return WayOuts(book)


@pytest.mark.parametrize(
    ("acts", "due"),
    [
        ([act(IMPORTED)], True),
        ([act("web", basis=Basis.SOFT_OPT_IN)], True),
        ([act(IMPORTED, brand_no=0)], True),
        ([act(IMPORTED, channel="*", category=4)], False),  # asked is about no category
        ([act("web")], False),
        ([act("web"), act(IMPORTED, at_us=20)], False),
        ([act(IMPORTED), act("web", at_us=20)], False),
        ([act(IMPORTED, brand_no=0), act("sms", at_us=20)], False),
        ([act(IMPORTED), act("sms", STOP, at_us=20), act("sms", ConsentAction.RESUME, at_us=30)], True),
        ([act(IMPORTED), act("sms", STOP, at_us=20), act("sms", at_us=30)], False),
        ([act(IMPORTED, purpose=Purpose.SERVICE)], False),
        ([act(IMPORTED), act("x", ConsentAction.VOID, at_us=20)], False),
        ([], False),
    ],
)
def test_it_is_due_where_nothing_but_a_list_permits(acts: list[ConsentEvent], due: bool) -> None:
    assert outs_after(*acts).is_due(PERSON, BRAND, 0) is due


def test_an_own_act_after_a_list_is_heard_although_nothing_new_is_permitted() -> None:
    book = PermissionBook()
    assert book.apply(act(IMPORTED))
    assert not book.apply(act(IMPORTED, at_us=11))
    assert book.apply(act("web", at_us=12))
    assert not book.apply(act(IMPORTED, at_us=13))
    assert not WayOuts(book).is_due(PERSON, BRAND, 0)


def test_each_brand_tells_it_once_and_again_where_it_never_arrived() -> None:
    outs = outs_after(act(IMPORTED, brand_no=0))
    outs.put(BRAND, PERSON, 100)
    assert (outs.is_due(PERSON, BRAND, 0), outs.is_due(PERSON, OTHER, 0)) == (False, True)
    assert not outs.ended(99, PERSON, BRAND, has_arrived=False), "another message"
    assert outs.carrier_of(PERSON, BRAND) == 100
    assert outs.ended(100, PERSON, BRAND, has_arrived=False)
    assert outs.is_due(PERSON, BRAND, 0)
    outs.put(BRAND, PERSON, 101)
    assert not outs.ended(101, PERSON, BRAND, has_arrived=True)
    assert not outs.ended(101, PERSON, BRAND, has_arrived=False), "it has ended already"
    assert not outs.is_due(PERSON, BRAND, 0)


def test_the_trail_tells_it_and_another_rule_s_refusal_stays() -> None:
    admitted = Decision(Verdict.DEFER, RefusalReason.QUIET_HOURS, 5, b"")
    told = with_mark(admitted, MARK_ADDED)
    assert (told.verdict, told.defer_until_us) == (Verdict.DEFER, 5)
    assert read_trail(told.trail) == [("way out", "added")]
    refused = with_mark(admitted, MARK_REFUSED)
    assert (refused.verdict, refused.reason) == (Verdict.REFUSE, RefusalReason.NO_WAY_OUT)
    assert read_trail(refused.trail) == [("way out", "refused NO_WAY_OUT")]
    assert with_mark(refused, MARK_ADDED) is refused
