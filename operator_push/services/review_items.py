"""Review items: texts that hold a word for stopping and leave open what is meant; a person decides.

Nothing here changes a permission. Who finds that a stop was meant records it as a consent act, with the text
as its evidence, and resolves the item as `stop_recorded`.
"""

from collections.abc import Mapping

import msgspec

from operator_push.kernel.errors import OperatorError

HOW: Mapping[str, str] = {
    "no_stop": "the person did not ask for a stop",
    "stop_recorded": "a stop was meant, and was recorded (operator-push consent record)",
    "asked_back": "the person was asked what is meant",
}


class ReviewEvent(msgspec.Struct, frozen=True):
    """What somebody decided; the columns of store.review_tables."""

    how: str
    who: str
    note: str
    at_us: int


class ReviewItem(msgspec.Struct, frozen=True):
    """A text that waits, or waited, for a person; `subscriber_no` 0: of nobody whom we know."""

    mo_id: int
    subscriber_no: int
    short_code: str
    matched: str
    text: str
    at_us: int
    events: tuple[ReviewEvent, ...] = ()

    @property
    def is_open(self) -> bool:
        """Nobody has decided, or the last word was to ask back."""
        return not self.events or self.events[-1].how == "asked_back"


def resolve(item: ReviewItem, event: ReviewEvent) -> ReviewItem:
    """The item with a decision more.

    Raises:
        OperatorError: `how` is unknown, or the item is decided already.
    """
    if event.how not in HOW:
        raise OperatorError(f"{event.how!r} is not one of {', '.join(HOW)}")
    if not item.is_open:
        last = item.events[-1]
        raise OperatorError(f"review item {item.mo_id} is resolved already: {last.how} by {last.who}")
    return msgspec.structs.replace(item, events=(*item.events, event))
