"""Failover: what waits goes another way, what has left stays, and order survives both."""

from shard import ACCOUNT, BRAND, NOW_US, SECOND_US, Shard

from operator_push.domain.facts import AccountPolicy
from operator_push.domain.message import MessageState
from operator_push.domain.routing import Route, RoutingTable
from operator_push.services.choose_link import ChooseLink
from operator_push.services.dispatch_outbox import Attempt, DispatchOutbox

ESME_ROK, ESME_RTHROTTLED = 0x0, 0x58


class Links(Shard):
    """Two SMSCs: "a" first, "b" where it is down; "a2" is another link of the first one, reached by none."""

    def __init__(self) -> None:
        super().__init__(segments_paid=100)
        self.facts.accounts[ACCOUNT] = AccountPolicy(ACCOUNT, BRAND)
        self.facts.routes = RoutingTable([Route("", "a"), Route("", "b", priority=200)])
        self.choose = ChooseLink(self.facts)
        self.a, self.b, self.a2 = (
            DispatchOutbox(0, link_no, smsc_no, 1, self.policy, self.messages, self.finish)
            for link_no, smsc_no in ((1, 1), (2, 2), (3, 1))
        )
        for name, outbox in (("a", self.a), ("b", self.b), ("a2", self.a2)):
            self.choose.add(name, outbox)
        self.accept_use_case.on_admitted = self.choose.queue

    def fill(self, outbox: DispatchOutbox, at_us: int = NOW_US) -> list[Attempt]:
        return outbox.fill(100, at_us, self.changes)


def test_what_waits_at_a_link_that_goes_down_leaves_through_the_next_one():
    links = Links()
    accepted = links.accept(*[links.offer(destination=f"91981234567{last}") for last in range(5)])
    assert (len(links.a), len(links.b)) == (5, 0)
    assert links.choose.went_down("a") == 5
    assert [attempt.message.message_id for attempt in links.fill(links.b)] == [
        message.message_id for message in accepted
    ]
    assert links.fill(links.a) == []


def test_an_open_attempt_never_moves():
    links = Links()
    links.accept(links.offer())
    (attempt,) = links.fill(links.a)
    links.a.unanswered(attempt)
    links.choose.went_down("a")
    assert attempt.segment.state == MessageState.UNKNOWN
    assert len(links.b) == 0


def test_the_rest_of_a_message_stays_with_the_smsc_that_has_its_first_part():
    links = Links()
    links.accept(links.offer(segment_count=3))
    (first,) = links.fill(links.a)
    links.a.answered(first, ESME_ROK, "1", NOW_US, links.changes)
    links.choose.went_down("a")
    assert len(links.b) == 0
    (second,) = links.fill(links.a2)
    assert second.segment.segment_no == 2


def test_what_was_only_refused_may_go_another_way():
    links = Links()
    links.accept(links.offer())
    (attempt,) = links.fill(links.a)
    links.a.answered(attempt, ESME_RTHROTTLED, "", NOW_US, links.changes)
    assert links.choose.went_down("a") == 1
    (again,) = links.fill(links.b, NOW_US + SECOND_US)
    assert again.attempt_no == 2


def test_where_all_are_down_it_waits_for_the_best():
    links = Links()
    links.choose.went_down("b")
    links.choose.went_down("a")
    links.accept(links.offer())
    assert (len(links.a), len(links.b)) == (1, 0)
    links.choose.came_up("b")
    assert (len(links.a), len(links.b)) == (0, 1)


def test_order_survives_the_return_of_the_first_link():
    links = Links()
    links.choose.went_down("a")
    first, second = links.accept(links.offer(), links.offer())
    (out,) = links.fill(links.b)
    assert out.message.message_id == first.message_id
    assert links.choose.came_up("a") == 0  # the first one is out through b: the second follows it there
    links.accept(links.offer())
    assert (len(links.a), len(links.b)) == (0, 2)
    links.b.answered(out, ESME_ROK, "1", NOW_US, links.changes)
    (next_out,) = links.fill(links.b)
    assert next_out.message.message_id == second.message_id
    links.b.answered(next_out, ESME_ROK, "2", NOW_US, links.changes)
    (last_out,) = links.fill(links.b)
    links.b.answered(last_out, ESME_ROK, "3", NOW_US, links.changes)
    links.accept(links.offer())
    assert (len(links.a), len(links.b)) == (1, 0)


def test_what_waits_comes_back_with_the_first_link():
    links = Links()
    links.choose.went_down("a")
    links.accept(*[links.offer(destination=f"91981234567{last}") for last in range(5)])
    assert len(links.b) == 5
    assert links.choose.came_up("a") == 5
    assert (len(links.a), len(links.b)) == (5, 0)


def test_a_link_that_is_taken_away_leaves_its_messages_to_the_others():
    links = Links()
    links.accept(links.offer(), links.offer())
    assert links.choose.remove("a") == []
    assert len(links.b) == 2
    left_over = links.choose.remove("b")
    assert len(left_over) == 2
    assert not links.choose.is_up("b")


def test_new_routes_move_what_waits():
    links = Links()
    links.accept(links.offer())
    links.facts.routes = RoutingTable([Route("", "b")])
    assert links.choose.rebalance() == 1
    assert (len(links.a), len(links.b)) == (0, 1)
