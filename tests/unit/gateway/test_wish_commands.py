"""A wish holds at once and is on disk before it is answered."""

import pytest
from control_desk import Written, call, committer_over

from operator_push.domain.contact_wishes import ContactWishes, Wish
from operator_push.gateway.wish_commands import WishCommands
from operator_push.kernel.errors import OperatorError


def test_a_wish_is_kept_whole() -> None:
    written, wishes = Written(), ContactWishes()
    numbers = {"919812345678": 7}
    commands = WishCommands(0, wishes, lambda msisdn: numbers.get(msisdn, 0), committer_over(written))
    asked = {"number": "+919812345678", "from_minute": 600, "until_minute": 1200, "per_week": 3, "by": "me"}
    assert call(commands.handlers(), "wish.set", **asked) == {}
    assert wishes.of(7) == Wish(600, 1200, 3)
    ((table, row),) = written.upserts
    assert (table, row["subscriber_no"], row["per_week"], row["changed_by"]) == ("contact_wish", 7, 3, "me")
    for wrong in ({"number": "919800000000"}, {"from_minute": 1440}, {"per_week": "many"}):
        with pytest.raises(OperatorError):
            call(commands.handlers(), "wish.set", **(asked | wrong))
    assert len(written.upserts) == 1
