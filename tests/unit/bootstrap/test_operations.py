"""The id that an ESME is told of a message: its own unless something else is known."""

from operator_push.bootstrap.operations import _name_of
from operator_push.services.changes import Changes
from operator_push.services.message_names import MessageNames
from operator_push.services.shown_ids import ShownIds

MESSAGE, FIRST = 1_152_921_504_606_846_978, 1_152_921_504_606_846_977


def test_a_message_is_named_where_it_is_not_known_by_its_own_id() -> None:
    names, shown, changes = MessageNames(0), ShownIds(0), Changes()
    assert _name_of(names, shown, MESSAGE) == b""
    shown.show_as(MESSAGE, FIRST, changes)
    assert _name_of(names, shown, MESSAGE) == b"%d" % FIRST
    short = names.give(1, FIRST, changes)
    assert _name_of(names, shown, MESSAGE) == short.encode()
    shown.message_final(type("Ended", (), {"message_id": MESSAGE})(), 2, 0, changes)  # type: ignore[arg-type]
    assert _name_of(names, shown, MESSAGE) == b"%d" % MESSAGE
