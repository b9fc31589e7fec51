"""An ESME knows some messages by another id than their own."""

from shard import NOW_US, Shard

from operator_push.kernel.ids import id_day
from operator_push.services.changes import Changes
from operator_push.services.shown_ids import ShownIds


def test_a_message_without_another_id_is_known_by_its_own():
    shown = ShownIds(0)
    assert shown.shown_of(5) == 5
    assert shown.members_of(5) == (5,)
    shown.forget(5)


def test_several_messages_share_the_id_of_the_first_and_the_row_has_its_day():
    first, second, third = (Shard().ids.next_id(NOW_US + 1000 * number) for number in range(3))
    shown, changes = ShownIds(3), Changes()
    shown.show_as(second, first, changes)
    shown.show_as(third, first, changes)
    assert [shown.shown_of(number) for number in (first, second, third)] == [first] * 3
    assert shown.members_of(first) == (first, second, third)
    assert changes.shown_message == [(3, id_day(first), first, second), (3, id_day(first), first, third)]


def test_what_has_ended_is_forgotten():
    shown = ShownIds(0, [(1, 2), (1, 3)])
    shown.forget(2)
    assert shown.members_of(1) == (1, 3)
    shown.forget(3)
    assert len(shown) == 0
    assert shown.members_of(1) == (1,)
