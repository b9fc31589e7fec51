"""Another text for what waits: priced and held anew, the new hold before the old one goes back."""

import msgspec
import pytest
from shard import ACCOUNT, LINK, NOW_US, PRICE_MICROS, Shard

from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.message import MessageState, RefusalReason
from operator_push.services.cancel_message import CancelMessage
from operator_push.services.replace_message import ReplaceMessage
from operator_push.services.shown_ids import ShownIds


class _Desk:
    def __init__(self, segments_paid: int = 10) -> None:
        self.shard = Shard(segments_paid)
        self.shown = ShownIds(0)
        cancel = CancelMessage(
            self.shard.messages,
            self.shown,
            self.shard.finish,
            self.shard.policy,
            lambda: (LINK,),
            lambda message: "",
        )
        self.use_case = ReplaceMessage(self.shard.accept_use_case, cancel, self.shown, self.shard.policy)

    def replace(self, segment_count: int, first_count: int = 1) -> tuple[int, int, RefusalReason | None]:
        """(id of the old, id of the new, reason) for a message that gets another text."""
        (accepted,) = self.shard.accept(self.shard.offer(segment_count=first_count))
        assert accepted.message is not None
        offer = msgspec.structs.replace(self.shard.offer(segment_count=segment_count), body=b"new")
        outcome = self.use_case.replace(accepted.message, offer, NOW_US, self.shard.changes)
        return accepted.message_id, outcome.message_id, outcome.reason


@pytest.mark.parametrize(("first", "then"), [(1, 3), (3, 1), (2, 2)])
def test_the_hold_is_exactly_that_of_the_new_text(first: int, then: int):
    desk = _Desk()
    old, new, reason = desk.replace(then, first)
    assert reason is None
    assert desk.shard.balances.open_holds(ACCOUNT) == {new: then * PRICE_MICROS}
    assert desk.shard.balances.available(ACCOUNT) == (10 - then) * PRICE_MICROS
    assert desk.shard.ends == [(old, MessageState.DELETED)]
    assert len(desk.shard.outbox.waiting) >= then


def test_its_esme_knows_the_new_text_by_the_first_id_also_after_a_second_change():
    desk = _Desk()
    old, new, _ = desk.replace(1)
    assert desk.shown.shown_of(new) == old
    message = desk.shard.messages.by_id[new]
    again = desk.use_case.replace(message, desk.shard.offer(), NOW_US, desk.shard.changes)
    assert desk.shown.shown_of(again.message_id) == old


def test_where_credit_lacks_for_both_holds_nothing_changes():
    desk = _Desk(segments_paid=3)
    old, _, reason = desk.replace(3)  # the new hold comes before the old one is released
    assert reason is RefusalReason.NO_CREDIT
    assert desk.shard.balances.open_holds(ACCOUNT) == {old: PRICE_MICROS}
    assert desk.shard.ends == []
    assert old in desk.shard.messages.by_id


def test_the_new_text_may_have_the_old_one_s_slot_of_the_caps():
    desk = _Desk()
    desk.shard.facts.caps = FrequencyCaps(per_handset=1)
    _, _, reason = desk.replace(1)
    assert reason is None
    (another,) = desk.shard.accept(desk.shard.offer())
    assert another.reason is RefusalReason.FREQUENCY_CAP


def test_the_end_of_the_old_text_is_no_receipt():
    desk = _Desk()
    wanted: list[int] = []
    desk.shard.finish.on_final.append(
        lambda message, state, now_us, changes: wanted.append(message.registered_delivery)
    )
    desk.replace(1)
    assert wanted == [0]
