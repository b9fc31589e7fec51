"""STOP is heard first whatever the route; then code and keyword, then whoever wrote last, then nobody."""

import msgspec
from shard import ACCOUNT, BRAND, LINK, MSISDN, NOW_US, SECOND_US, Shard

from operator_push.domain.concatenated_parts import Part
from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.mo_routing import MoRoute, MoRoutes
from operator_push.domain.permission import Purpose
from operator_push.services.hear_subscribers import HearSubscribers, Inbound
from operator_push.services.reassemble_mo import ReassembleMo
from operator_push.services.route_mo import CONVERSATIONS_MAX, Conversations, RouteMo

KEPT_US = 3600 * SECOND_US
WAIT_US = 60 * SECOND_US


class _Desk:
    def __init__(self, *routes: MoRoute) -> None:
        self.shard = Shard()
        self.owed: list[tuple[int, str]] = []
        self.conversations = Conversations(["56070"], KEPT_US)
        self.hear = HearSubscribers(
            0,
            self.shard.ids,
            self.shard.permission,
            lambda msisdn: 1 if msisdn == MSISDN else 0,
            self.shard.meters,
        )
        routing = RouteMo(
            MoRoutes(routes),
            self.conversations,
            lambda name: {"shop": 5, "quiz": 6}.get(name, 0),
            lambda account_no, mo_id, inbound, now_us, changes: self.owed.append((account_no, inbound.text)),
            self.shard.meters,
        )
        self.hear.route = routing.route
        self.hear.reassembly = ReassembleMo(WAIT_US)
        self.hear.join = lambda parts: msgspec.structs.replace(
            parts[0], text="".join(part.text for part in parts), part=None
        )

    def say(
        self, text: str, part: Part | None = None, at_us: int = NOW_US, code: str = "56070"
    ) -> InboundAction:
        inbound = Inbound(MSISDN, code, text, b"pdu", part)
        return self.hear.hear(LINK, inbound, at_us, self.shard.changes)

    @property
    def may_be_written_to(self) -> bool:
        return self.shard.permission.allows(1, BRAND, 0, Purpose.MARKETING)


SHOP, QUIZ = MoRoute("56070", "shop"), MoRoute("56070", "quiz", "quiz")


def test_routing_is_by_keyword_then_by_code():
    desk = _Desk(SHOP, QUIZ)
    desk.say("hello")
    desk.say("quiz b")
    assert desk.owed == [(5, "hello"), (6, "quiz b")]


def test_stop_is_heard_first_whatever_the_route():
    desk = _Desk(SHOP, MoRoute("56070", "quiz", "stop"))
    assert desk.say("STOP") is InboundAction.STOP
    assert not desk.may_be_written_to
    assert desk.owed == []
    assert len(desk.shard.changes.mo_message) == 1


def test_without_a_route_the_last_conversation_counts_for_its_time():
    desk = _Desk()
    message = desk.shard.accept(desk.shard.offer())[0].message
    assert message is not None
    message.source = "56070"
    desk.conversations.note(message)
    desk.say("yes please", at_us=NOW_US + KEPT_US)
    assert desk.owed == [(ACCOUNT, "yes please")]
    desk.say("too late", at_us=NOW_US + KEPT_US + SECOND_US)
    assert len(desk.owed) == 1


def test_the_account_that_wrote_last_is_meant():
    desk = _Desk()
    desk.conversations.remember("56070", MSISDN, 5, desk.shard.ids.next_id(NOW_US), 50)
    desk.conversations.remember("56070", MSISDN, 6, desk.shard.ids.next_id(NOW_US), 60)
    desk.say("who is it")
    assert desk.owed == [(6, "who is it")]


def test_what_is_nobody_s_is_stored_only_and_counted():
    desk = _Desk(MoRoute("56070", "gone"))
    desk.say("hello")
    assert desk.owed == []
    assert len(desk.shard.changes.mo_message) == 1
    assert desk.shard.meters.snapshot()["mo.unrouted"] == 1


def test_senders_that_are_no_short_code_of_ours_are_not_remembered_and_memory_is_bounded():
    desk = _Desk()
    message = desk.shard.accept(desk.shard.offer())[0].message
    assert message is not None
    desk.conversations.note(message)  # from CHAI
    assert len(desk.conversations) == 0
    for number in range(CONVERSATIONS_MAX + 10):
        desk.conversations.remember("56070", str(number), 1, 1, 1)
    assert len(desk.conversations) == CONVERSATIONS_MAX


def test_a_long_message_goes_on_as_one():
    desk = _Desk(SHOP)
    desk.say("dear ", Part(7, 2, 1))
    assert desk.owed == []
    desk.say("shop", Part(7, 2, 2))
    assert desk.owed == [(5, "dear shop")]
    assert len(desk.shard.changes.mo_message) == 2


def test_stop_is_heard_in_a_part_at_once_and_in_the_whole():
    desk = _Desk(SHOP)
    desk.say("stop", Part(7, 2, 1))
    assert not desk.may_be_written_to
    other = _Desk(SHOP)
    other.say("st", Part(7, 2, 1))
    assert other.may_be_written_to
    assert other.say("op", Part(7, 2, 2)) is InboundAction.STOP
    assert not other.may_be_written_to
    assert other.owed == []


def test_parts_that_find_no_others_go_on_as_they_are():
    desk = _Desk(SHOP)
    desk.say("one", Part(7, 3, 1))
    desk.say("three", Part(7, 3, 3))
    assert desk.hear.expire(NOW_US + WAIT_US - 1, desk.shard.changes) == 0
    assert desk.hear.expire(NOW_US + WAIT_US, desk.shard.changes) == 2
    assert desk.owed == [(5, "one"), (5, "three")]
