"""query_sm for what has no receipt: only where an id is known, a few at a time, ever more seldom."""

from collections.abc import Callable

from shard import LINK, NOW_US, SECOND_US, Shard

from operator_push.domain.message import MessageState
from operator_push.gateway.link_queries import AT_ONCE_MAX, LinkQueries
from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.constants import MessageState as SmppState
from operator_push.smpp.pdu import Pdu, QuerySm, QuerySmResp, SubmitSm

BODY = encode_pdu(SubmitSm(source_addr="SHOP", source_addr_ton=5, destination_addr="919812345678"))
HOUR_US = 3600 * SECOND_US


class Link:
    """Messages at the SMSC, and what it is asked."""

    def __init__(self, messages: int = 1) -> None:
        self.shard = shard = Shard(segments_paid=100)
        self.asked: list[tuple[QuerySm, Callable[[Pdu | None], None]]] = []
        for number in range(messages):
            shard.accept(shard.offer(destination=f"9198123456{number:02}"))
        for attempt in shard.outbox.fill(messages, NOW_US, shard.changes):
            attempt.message.body = BODY
            shard.outbox.answered(attempt, 0, f"a{attempt.message.message_id}", NOW_US, shard.changes)
        self.queries = LinkQueries(
            "main",
            3600,
            lambda: LINK,
            shard.messages,
            self.ask,
            lambda found, receipt, at_us: shard.receipts.record_answer(
                LINK, found, receipt, at_us, shard.changes
            ),
        )

    def ask(self, pdu: Pdu, told: Callable[[Pdu | None], None]) -> bool:
        assert isinstance(pdu, QuerySm)
        self.asked.append((pdu, told))
        return True

    def look(self, at_us: int) -> int:
        """Two turns, since the first one may only begin a round; returns how many queries that made."""
        before = len(self.asked)
        self.queries.look(at_us)
        self.queries.look(at_us)
        return len(self.asked) - before


def test_a_message_without_a_receipt_is_asked_about_and_ends_with_the_answer():
    link = Link()
    assert link.look(NOW_US + HOUR_US - 1) == 0
    assert link.look(NOW_US + HOUR_US) == 1
    pdu, told = link.asked[0]
    (message,) = link.shard.messages
    assert (pdu.message_id, pdu.source_addr, pdu.source_addr_ton) == (f"a{message.message_id}", "SHOP", 5)
    told(QuerySmResp(message_id=pdu.message_id, message_state=SmppState.DELIVERED))
    assert [state for _, state in link.shard.ends] == [MessageState.DELIVERED]


def test_one_that_is_still_on_its_way_is_asked_about_ever_more_seldom():
    link = Link()
    link.look(NOW_US + HOUR_US)
    link.asked[0][1](QuerySmResp(message_state=SmppState.ENROUTE))
    assert not link.shard.ends
    assert link.look(NOW_US + 2 * HOUR_US) == 0
    assert link.look(NOW_US + 3 * HOUR_US) == 1
    link.asked[1][1](None)  # no answer
    assert link.look(NOW_US + 6 * HOUR_US) == 0
    assert link.look(NOW_US + 7 * HOUR_US) == 1


def test_only_a_few_are_asked_at_once():
    link = Link(messages=30)
    assert link.look(NOW_US + HOUR_US) == AT_ONCE_MAX
    assert link.look(NOW_US + HOUR_US) == 0
    link.asked[0][1](None)
    assert link.look(NOW_US + HOUR_US) == 1


def test_what_the_smsc_never_answered_has_no_id_to_ask_by():
    link = Link(messages=0)
    link.shard.accept(link.shard.offer())
    (attempt,) = link.shard.outbox.fill(1, NOW_US, link.shard.changes)
    link.shard.outbox.unanswered(attempt)
    assert link.look(NOW_US + HOUR_US) == 0


def test_an_smsc_that_does_not_know_the_operation_is_not_asked_again():
    link = Link(messages=2)
    link.look(NOW_US + HOUR_US)
    for _, told in link.asked:
        told(QuerySmResp(command_status=CommandStatus.ESME_RINVCMDID))
    assert link.look(NOW_US + 10 * HOUR_US) == 0
    assert not link.shard.ends
