"""What has not left is taken back at once; what is at the SMSC waits for the SMSC's word."""

import pytest
from shard import ACCOUNT, LINK, MSISDN, NOW_US, PRICE_MICROS, Shard

from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.ledger import Balances
from operator_push.domain.message import MessageState
from operator_push.services.cancel_message import CANCELLED, CancelMessage, is_unsent
from operator_push.services.open_messages import OpenMessage
from operator_push.services.shown_ids import ShownIds

DELETED = MessageState.DELETED


class _Desk:
    def __init__(self) -> None:
        self.shard = Shard()
        self.shown = ShownIds(0)
        self.cancel = CancelMessage(
            self.shard.messages,
            self.shown,
            self.shard.finish,
            self.shard.policy,
            lambda: (LINK,),
            lambda message: message.body.decode(),
        )

    @property
    def balances(self) -> Balances:
        return self.shard.balances

    def admit(self, subscriber_no: int = 1, **more: int) -> OpenMessage:
        (accepted,) = self.shard.accept(self.shard.offer(subscriber_no, **more))  # type: ignore[arg-type]
        assert accepted.message is not None
        return accepted.message

    def withdraw(self, message: OpenMessage) -> int:
        return len(self.cancel.withdraw(message, CANCELLED, NOW_US, self.shard.changes))


@pytest.fixture
def desk() -> _Desk:
    return _Desk()


def test_an_unsent_message_ends_as_deleted_and_its_hold_is_released(desk: _Desk):
    message = desk.admit(segment_count=3)
    assert desk.withdraw(message) == 0
    assert desk.shard.ends == [(message.message_id, DELETED)]
    assert desk.balances.held(ACCOUNT) == 0
    assert desk.balances.available(ACCOUNT) == 10 * PRICE_MICROS
    assert desk.shard.outbox.fill(10, NOW_US, desk.shard.changes) == []


def test_a_cancelled_message_gives_its_slot_of_the_caps_back(desk: _Desk):
    desk.shard.facts.caps = FrequencyCaps(per_handset=1)
    desk.withdraw(desk.admit())
    assert desk.admit() is not None


def test_what_is_at_the_smsc_ends_when_the_smsc_has_cancelled_it(desk: _Desk):
    message = desk.admit()
    (attempt,) = desk.shard.outbox.fill(1, NOW_US, desk.shard.changes)
    assert not is_unsent(message)
    desk.shard.outbox.answered(attempt, 0, "smsc-1", NOW_US, desk.shard.changes)
    (segment,) = desk.cancel.withdraw(message, CANCELLED, NOW_US, desk.shard.changes)
    assert desk.shard.ends == []
    assert desk.cancel.smsc_no_of(message, segment) == LINK
    desk.cancel.cancelled_there(message, segment, NOW_US, desk.shard.changes)
    desk.cancel.cancelled_there(message, segment, NOW_US, desk.shard.changes)
    assert desk.shard.ends == [(message.message_id, DELETED)]
    assert desk.shard.messages.find_by_smsc_id(LINK, "smsc-1") is None
    assert desk.balances.held(ACCOUNT) == 0


def test_only_one_s_own_and_only_where_the_addresses_match(desk: _Desk):
    message = desk.admit()
    by_id = desk.cancel.by_id
    assert by_id(ACCOUNT, message.message_id) == [message]
    assert by_id(ACCOUNT, message.message_id, "CHAI", MSISDN) == [message]
    assert by_id(ACCOUNT + 1, message.message_id) == []
    assert by_id(ACCOUNT, message.message_id, "OTHER") == []
    assert by_id(ACCOUNT, message.message_id, "", "911") == []


def test_by_addresses_and_service_type_all_that_match_are_found(desk: _Desk):
    one, two = desk.admit(), desk.admit()
    find = desk.cancel.by_addresses
    assert find(ACCOUNT, "CHAI", MSISDN, "body") == [one, two]
    assert find(ACCOUNT, "CHAI", MSISDN, "OTP") == []
    assert find(ACCOUNT, "TEA", MSISDN, "body") == []
    assert find(ACCOUNT + 1, "CHAI", MSISDN, "body") == []
    desk.withdraw(one)
    three = desk.admit()
    assert find(ACCOUNT, "CHAI", MSISDN, "body") == [two, three]
    for message in (two, three):
        desk.withdraw(message)
    assert find(ACCOUNT, "CHAI", MSISDN, "body") == []


def test_replace_if_present_takes_the_place_of_the_unsent_ones_only(desk: _Desk):
    sent = desk.admit()
    desk.shard.outbox.fill(1, NOW_US, desk.shard.changes)
    waiting, new = desk.admit(), desk.admit()
    assert desk.cancel.replace_present(new, NOW_US, desk.shard.changes) == 1
    assert desk.shard.ends == [(waiting.message_id, DELETED)]
    assert sent.message_id in desk.shard.messages.by_id
    assert new.message_id in desk.shard.messages.by_id


def test_an_id_that_several_messages_share_finds_all_of_them(desk: _Desk):
    one, two = desk.admit(), desk.admit(2)
    desk.shown.show_as(two.message_id, one.message_id, desk.shard.changes)
    assert desk.cancel.by_id(ACCOUNT, one.message_id) == [one, two]
