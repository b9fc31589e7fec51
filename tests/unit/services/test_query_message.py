"""A query tells an account of its own messages: the newest text of each recipient, of several the gravest."""

import pytest
from shard import ACCOUNT, NOW_US, SECOND_US, Shard

from operator_push.domain.message import MessageState
from operator_push.services.query_message import KnownMessage, QueryMessage, known_of, status_of
from operator_push.services.shown_ids import ShownIds

DELIVERED, REJECTED = int(MessageState.DELIVERED), int(MessageState.REJECTED)
ACCEPTED, SENT = int(MessageState.ACCEPTED), int(MessageState.SENT)


def known(message_id: int = 1, state: int = DELIVERED, **more: object) -> KnownMessage:
    plain: dict[str, object] = {"account_no": 1, "source": "SHOP", "destination": "91981"}
    final = {} if state in (ACCEPTED, SENT) else {"final_us": NOW_US}
    return KnownMessage(message_id, state=state, **(plain | final | more))  # type: ignore[arg-type]


def test_somebody_else_s_message_and_another_sender_s_are_unknown():
    assert status_of([known()], 2, "") is None
    assert status_of([known()], 1, "OTHER") is None
    assert status_of([], 1, "") is None
    assert status_of([known()], 1, "SHOP") is not None


def test_an_end_is_told_with_its_moment_and_error():
    status = status_of([known(state=REJECTED, error_code="034")], 1, "")
    assert status is not None
    assert (status.state, status.final_us, status.error_code) == (MessageState.REJECTED, NOW_US, 34)


@pytest.mark.parametrize("error_code", ["", "permission", "00000058", "999", "٣"])
def test_what_is_no_octet_of_the_network_is_no_error_code(error_code: str):
    status = status_of([known(error_code=error_code)], 1, "")
    assert status is not None
    assert status.error_code == 0


def test_of_a_replaced_text_only_the_new_one_counts():
    old, new = known(1, int(MessageState.DELETED)), known(2, ACCEPTED)
    status = status_of([old, new], 1, "")
    assert status is not None
    assert (status.state, status.final_us) == (MessageState.ACCEPTED, 0)


def test_several_recipients_are_under_way_until_the_last_has_ended_then_the_gravest_counts():
    one, two = known(1), known(2, SENT, destination="91982")
    status = status_of([one, two], 1, "")
    assert status is not None
    assert status.state is MessageState.SENT
    status = status_of([one, known(2, REJECTED, destination="91982", final_us=NOW_US + 5)], 1, "")
    assert status is not None
    assert (status.state, status.final_us) == (MessageState.REJECTED, NOW_US + 5)


def test_open_messages_are_told_from_memory_and_all_others_from_their_rows():
    shard, shown = Shard(), ShownIds(0)
    query = QueryMessage(shard.messages, shown)
    (accepted,) = shard.accept(shard.offer())
    (found,) = query.from_memory(accepted.message_id, NOW_US) or []
    assert (found.state, found.account_no, found.scheduled) == (ACCEPTED, ACCOUNT, False)
    assert query.from_memory(12345, NOW_US) is None
    shown.show_as(77, accepted.message_id, shard.changes)
    assert query.from_memory(accepted.message_id, NOW_US) is None
    (together,) = query.together([known(accepted.message_id, SENT)], NOW_US)
    assert together.state == ACCEPTED


def test_a_message_that_waits_for_its_time_is_scheduled_until_it_has_left():
    shard = Shard()
    (accepted,) = shard.accept(shard.offer())
    message = accepted.message
    assert message is not None
    message.not_before_us = NOW_US + SECOND_US
    assert known_of(message, NOW_US).scheduled
    assert not known_of(message, NOW_US + SECOND_US).scheduled
    message.segments[0].state = MessageState.SENT
    assert not known_of(message, NOW_US).scheduled
