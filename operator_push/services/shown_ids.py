"""Shown ids: the id by which an ESME knows a message, where it is not the message's own.

Every destination of a submit_multi is a message of its own and all of them are known by the id of the first;
a text that replaced another is a new message (it is priced and held anew) under the id of the old one. What
is not in here is known by its own id. Only open messages are kept in memory; the rows tell of the others.
"""

from collections.abc import Collection, Iterable

from operator_push.kernel.ids import id_day
from operator_push.services.changes import Changes
from operator_push.services.open_messages import OpenMessage


class ShownIds:
    """The two look-ups of one shard."""

    def __init__(self, shard: int, known: Iterable[tuple[int, int]] = ()) -> None:
        """`known`: (shown_id, message_id) of the open messages that have one."""
        self._shard = shard
        self._shown: dict[int, int] = {}
        self.any: Collection[int] = self._shown  # true where there is one; asked for every receipt
        self._members: dict[int, list[int]] = {}
        for shown_id, message_id in known:
            self._enter(message_id, shown_id)

    def __len__(self) -> int:
        return len(self._shown)

    def shown_of(self, message_id: int) -> int:
        """The id that its ESME knows a message by."""
        return self._shown.get(message_id, message_id)

    def members_of(self, shown_id: int) -> tuple[int, ...]:
        """Every message that may be meant by an id: its own, and the open ones that are shown as it."""
        return (shown_id, *self._members.get(shown_id, ()))

    def show_as(self, message_id: int, shown_id: int, changes: Changes) -> None:
        """From now on a message is known as `shown_id`, which is not its own."""
        self._enter(message_id, shown_id)
        changes.shown_message.append((self._shard, id_day(shown_id), shown_id, message_id))

    def message_final(self, message: OpenMessage, state: int, now_us: int, changes: Changes) -> None:
        """services.finish_message.OnFinal."""
        if self._shown:
            self.forget(message.message_id)

    def forget(self, message_id: int) -> None:
        """The message has become final."""
        shown_id = self._shown.pop(message_id, None)
        if shown_id is None:
            return
        members = self._members[shown_id]
        members.remove(message_id)
        if not members:
            del self._members[shown_id]

    def _enter(self, message_id: int, shown_id: int) -> None:
        self._shown[message_id] = shown_id
        self._members.setdefault(shown_id, []).append(message_id)
