"""A wish holds at once and is on disk before it is answered."""

import pytest
from control_desk import Written, call, committer_over

from operator_push.domain.contact_wishes import WISHES_MAX, ContactWishes, Wish, WishScope
from operator_push.gateway.wish_commands import WishCommands
from operator_push.kernel.errors import OperatorError


def commands_over(written: Written, wishes: ContactWishes) -> WishCommands:
    numbers, brands = {"919812345678": 7}, {"Chai Point": 3}
    return WishCommands(0, wishes, lambda msisdn: numbers.get(msisdn, 0), brands.get, committer_over(written))


def test_a_wish_is_kept_whole() -> None:
    written, wishes = Written(), ContactWishes()
    commands = commands_over(written, wishes)
    asked = {"number": "+919812345678", "from_minute": 600, "until_minute": 1200, "per_week": 3, "by": "me"}
    assert call(commands.handlers(), "wish.set", **asked) == {}
    assert wishes.of(7) == Wish(600, 1200, 3)
    ((table, row),) = written.upserts
    assert (table, row["subscriber_no"], row["per_week"], row["changed_by"]) == ("contact_wish", 7, 3, "me")
    for wrong in ({"number": "919800000000"}, {"from_minute": 1440}, {"per_week": "many"}):
        with pytest.raises(OperatorError):
            call(commands.handlers(), "wish.set", **(asked | wrong))
    assert len(written.upserts) == 1


def test_a_wish_of_a_brand_stands_beside_that_of_all() -> None:
    written, wishes = Written(), ContactWishes()
    commands = commands_over(written, wishes)
    asked = {"number": "919812345678", "by": "me"}
    call(commands.handlers(), "wish.set", **asked, per_week=5)
    call(commands.handlers(), "wish.set", **asked, brand="Chai Point", category=8, channel="sms", per_week=2)
    assert wishes.of(7) == Wish(per_week=5)
    assert wishes.of(7, WishScope(3, 8, "sms")) == Wish(per_week=2)
    row = written.upserts[-1][1]
    assert (row["brand_no"], row["category"], row["channel"], row["per_week"]) == (3, 8, "sms", 2)
    for wrong in ({"brand": "nobody"}, {"category": 9}, {"channel": "pigeon"}):
        with pytest.raises(OperatorError):
            call(commands.handlers(), "wish.set", **asked, **wrong)
    assert len(written.upserts) == 2


def test_nobody_has_more_wishes_than_may_be() -> None:
    wishes = ContactWishes()
    for brand_no in range(1, WISHES_MAX + 1):
        wishes.put(7, Wish(per_week=1), WishScope(brand_no))
    with pytest.raises(OperatorError, match="at most 40"):
        wishes.put(7, Wish(per_week=1))
    wishes.put(7, Wish(per_week=2), WishScope(1))  # in the place of the one before
    wishes.put(7, Wish(), WishScope(2))
    wishes.put(7, Wish(per_week=1))
    assert len(wishes.all_of(7)) == WISHES_MAX
