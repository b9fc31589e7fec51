"""Charging online: when something is asked of the charging system, and what happens while it is silent."""

from dataclasses import replace

import pytest
from ocs_books import OcsBooks

from operator_push.domain.ledger import Balances, LedgerStatus
from operator_push.domain.purses import Purse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.meters import Meters
from operator_push.kernel.money import Rounding
from operator_push.services.account_terms import AccountTerms
from operator_push.services.changes import Changes
from operator_push.services.charge_online import ChargeOnline
from operator_push.services.charged_account import SliceTerms
from operator_push.services.ports import ChargingRequest, ChargingStep
from operator_push.services.registry import Account, Registry

ACCOUNT = 1
TERMS = SliceTerms(slice_micros=1_000, refill_percent=50, denied_retry_s=60, resend_s=5)


class Desk:
    """One account, its balances, and a charging system that answers when told to."""

    def __init__(self, terms: SliceTerms = TERMS, money: int = 10_000) -> None:
        self.now_us = 1_800_000_000_000_000
        self.ids = IdSequence()
        self.balances = Balances()
        self.balances.purses[ACCOUNT] = Purse(ACCOUNT, ACCOUNT, [], [], 0, Rounding.DOWN, None, None, None)
        self.account = Account(
            account_no=ACCOUNT,
            name="shop",
            kind="esme",
            brand_no=1,
            password_hash="",
            active=True,
            traffic_class=1,
            category=0,
            allowed_sources=(),
            any_destination=True,
            window=10,
            binds_max=1,
            currency="INR",
            created_us=0,
            terms=AccountTerms(online_charging=True),
        )
        self.registry = Registry([], [self.account], [])
        self.books = OcsBooks({"shop": money})
        self.connected = False
        self.charge = ChargeOnline(
            0,
            self.ids,
            self.balances,
            self.registry,
            terms,
            "gw.test",
            [],
            self.now_us,
            Meters(),
            lambda account_no: self.connected,
        )

    def ask(self, after_s: float = 0.2) -> list[ChargingRequest]:
        self.now_us += int(after_s * 1_000_000)
        return self.charge.tick(self.now_us, Changes())

    def answer(self, *requests: ChargingRequest) -> None:
        for request in requests:
            self.charge.answered(request, self.books.answer(request), self.now_us, Changes())

    def open(self) -> "Desk":
        self.answer(*self.ask())
        return self

    def spend(self, micros: int) -> LedgerStatus:
        self.now_us += 1_000
        reference = self.ids.next_id(self.now_us)
        status = self.balances.place_hold(ACCOUNT, reference, micros)
        if status is LedgerStatus.HELD:
            self.balances.resolve_hold(ACCOUNT, reference, micros, micros)
        return status

    @property
    def available(self) -> int:
        return self.balances.available(ACCOUNT)


def test_a_first_slice_is_reserved_at_the_start_and_messages_spend_it() -> None:
    desk = Desk()
    (request,) = desk.ask()
    assert (request.step, request.requested_micros, request.is_copy) == (ChargingStep.OPEN, 1_000, False)
    assert desk.spend(1) is LedgerStatus.OVERDRAWN
    desk.answer(request)
    assert desk.spend(400) is LedgerStatus.HELD
    assert desk.ask() == []


def test_the_next_slice_is_asked_for_before_the_last_is_used_up() -> None:
    desk = Desk().open()
    desk.spend(500)
    (request,) = desk.ask()
    assert (request.step, request.number, request.used_micros) == (ChargingStep.UPDATE, 1, 500)
    assert desk.spend(300) is LedgerStatus.HELD
    assert desk.ask(60) == []
    desk.answer(request)
    assert desk.available == 700


def test_the_validity_time_is_obeyed() -> None:
    desk = Desk()
    desk.books.validity_s = 100
    desk.open()
    assert desk.ask(85) == []
    (request,) = desk.ask(5)
    assert request.step is ChargingStep.UPDATE
    desk.charge.unanswered(request, "nobody", desk.now_us)
    assert desk.spend(1) is LedgerStatus.HELD
    desk.ask(11)
    assert desk.spend(1) is LedgerStatus.OVERDRAWN


def test_final_units_are_used_up_then_the_session_ends_and_is_tried_again_later() -> None:
    desk = Desk(money=600).open()
    assert desk.spend(600) is LedgerStatus.HELD
    (request,) = desk.ask()
    assert (request.step, request.used_micros) == (ChargingStep.TERMINATE, 600)
    desk.answer(request)
    assert desk.ask(59) == []
    (request,) = desk.ask(1)
    desk.answer(request)
    assert desk.charge.usage(ACCOUNT)["online"]["state"] == "none"  # type: ignore[index]
    assert desk.ask(59) == []
    desk.books.money["shop"] = 5_000
    desk.answer(*desk.ask(1))
    assert desk.available == 1_000


def test_a_message_that_finds_too_little_asks_for_more_at_once() -> None:
    desk = Desk().open()
    desk.spend(499)
    assert desk.spend(600) is LedgerStatus.OVERDRAWN
    (request,) = desk.ask(1)
    assert request.step is ChargingStep.UPDATE


def test_a_silent_system_is_asked_again_with_a_copy_later_and_later() -> None:
    desk = Desk()
    (first,) = desk.ask()
    desk.charge.unanswered(first, "nobody", desk.now_us)
    assert desk.ask(4.9) == []
    (copy,) = desk.ask(0.2)
    assert (copy.session_id, copy.number, copy.is_copy) == (first.session_id, first.number, True)
    desk.charge.unanswered(copy, "nobody", desk.now_us)
    assert desk.ask(9.9) == []
    desk.answer(*desk.ask(0.2))
    desk.answer(first)  # late, and of no effect
    assert desk.available == 1_000


def test_terminate_gives_nothing_while_nobody_answers() -> None:
    desk = Desk()
    (request,) = desk.ask()
    desk.charge.unanswered(request, "nobody", desk.now_us)
    desk.ask()
    assert desk.available == 0


def test_continue_advances_up_to_its_limit_and_reports_it_afterwards() -> None:
    desk = Desk(SliceTerms(1_000, 50, True, 1_500, 0, 60, 5))
    (request,) = desk.ask()
    desk.charge.unanswered(request, "nobody", desk.now_us)
    desk.ask()
    assert desk.spend(1_000) is LedgerStatus.HELD
    desk.ask()
    assert desk.spend(500) is LedgerStatus.HELD
    desk.ask()
    assert desk.spend(1) is LedgerStatus.OVERDRAWN
    desk.answer(*desk.ask(60))  # the copy of what was asked before; the report of 1,500 follows
    desk.answer(*desk.ask())
    assert desk.available == 1_000
    desk.spend(600)
    desk.answer(*desk.ask(5))
    assert desk.books.used["shop"] == 2_100


def test_what_the_system_says_of_failures_comes_before_the_configuration() -> None:
    desk = Desk(SliceTerms(1_000, 50, True, 1_500, 0, 60, 5))
    desk.books.failure_handling = "terminate"
    desk.open()
    desk.spend(1_000)
    (request,) = desk.ask()
    desk.charge.unanswered(request, "nobody", desk.now_us)
    desk.ask()
    assert desk.spend(1) is LedgerStatus.OVERDRAWN


def test_a_stop_gives_back_what_is_not_used() -> None:
    desk = Desk().open()
    desk.spend(100)
    desk.charge.stop()
    assert not desk.charge.idle
    (request,) = desk.ask()
    assert (request.step, request.used_micros, desk.available) == (ChargingStep.TERMINATE, 100, 0)
    desk.answer(request)
    assert desk.charge.idle
    assert (desk.books.money["shop"], desk.books.used["shop"]) == (9_900, 100)


def test_a_stop_asks_a_silent_system_once_more_and_leaves_the_rest_to_the_next_start() -> None:
    desk = Desk().open()
    desk.spend(500)
    (request,) = desk.ask()
    desk.charge.unanswered(request, "nobody", desk.now_us)
    desk.charge.stop()
    (copy,) = desk.ask()
    assert (copy.number, copy.is_copy) == (request.number, True)
    desk.charge.unanswered(copy, "nobody", desk.now_us)
    assert desk.ask(100) == []
    assert desk.charge.idle


def test_a_stop_keeps_reserved_what_messages_on_their_way_hold() -> None:
    desk = Desk().open()
    desk.balances.place_hold(ACCOUNT, desk.ids.next_id(desk.now_us), 300)
    desk.charge.stop()
    (request,) = desk.ask()
    assert (request.step, request.requested_micros) == (ChargingStep.UPDATE, 300)
    desk.answer(request)
    assert desk.charge.idle
    assert (desk.available, desk.books.money["shop"]) == (0, 9_700)


def test_an_idle_account_gives_its_slice_back_and_gets_one_when_it_binds() -> None:
    desk = Desk(SliceTerms(1_000, idle_s=30)).open()
    desk.answer(*desk.ask(31))
    assert desk.available == 0
    assert desk.ask(100) == []
    desk.connected = True
    desk.answer(*desk.ask())
    assert desk.available == 1_000


def test_no_account_with_money_of_its_own_is_charged_online() -> None:
    desk = Desk()
    desk.balances.top_up(2, 5 << 22, 100)
    with pytest.raises(OperatorError, match=r"has 0\.0001 of its own"):
        desk.charge.check(replace(desk.account, account_no=2))
    with pytest.raises(OperatorError, match="top it up over there"):
        desk.charge.check_own_money(desk.account)


def test_a_suspended_account_gives_its_slice_back() -> None:
    desk = Desk().open()
    desk.registry.put_account(replace(desk.account, active=False), Changes())
    (request,) = desk.ask()
    assert request.step is ChargingStep.TERMINATE


def lost(desk: Desk, *, arrives: bool) -> ChargingRequest:
    """A report of 500 whose answer never comes, while the session is closed over there; its copy."""
    desk.spend(500)
    (request,) = desk.ask()
    if arrives:
        desk.books.answer(request)
    desk.charge.unanswered(request, "nobody", desk.now_us)
    desk.books.seen.clear()  # its supervision timer has ended the session, and nothing of it is kept
    desk.books.close(request.session_id)
    (copy,) = desk.ask(5)
    return copy


def test_an_answer_that_was_lost_reserves_and_reports_once() -> None:
    """What the system has carried out it answers again: the reservation is the one that it made then."""
    desk = Desk().open()
    desk.spend(500)
    (request,) = desk.ask()
    desk.books.answer(request)  # carried out, and its answer is lost
    desk.charge.unanswered(request, "nobody", desk.now_us)
    (copy,) = desk.ask(5)
    assert (copy.session_id, copy.number, copy.is_copy) == (request.session_id, request.number, True)
    desk.answer(copy)
    assert (desk.books.used["shop"], desk.available, desk.books.total("shop")) == (500, 1_000, 10_000)
    assert desk.charge.usage(ACCOUNT)["online"]["doubt_micros"] == 0  # type: ignore[index]


@pytest.mark.parametrize("arrives", [True, False])
def test_a_doubt_ends_by_what_the_records_of_the_system_say(arrives: bool) -> None:
    """Its session was closed before the copy came: whether the first was counted, only its records tell."""
    desk = Desk().open()
    desk.answer(lost(desk, arrives=arrives))
    shown = desk.charge.usage(ACCOUNT)["online"]
    assert (shown["doubt_micros"], shown["unreported_micros"]) == (500, 0)  # type: ignore[index]
    changes = Changes()
    assert desk.charge.settle_doubt(desk.account, arrives, desk.now_us, changes) == 500
    assert [table for table, _ in changes.upserts] == ["online_slice"]
    desk.answer(*desk.ask())  # a new session
    desk.charge.stop()
    desk.answer(*desk.ask())  # which reports what is left to report
    assert (desk.books.used["shop"], desk.books.money["shop"]) == (500, 9_500)
    with pytest.raises(OperatorError, match="nothing that shop used is in doubt"):
        desk.charge.settle_doubt(desk.account, arrives, desk.now_us, Changes())


def test_the_doubt_of_an_account_that_is_charged_online_no_longer_can_be_ended_too() -> None:
    desk = Desk().open()
    copy = lost(desk, arrives=False)
    desk.registry.put_account(replace(desk.account, terms=AccountTerms()), Changes())
    desk.answer(copy)
    again = Desk()
    again.charge = ChargeOnline(
        0,
        again.ids,
        again.balances,
        desk.registry,
        TERMS,
        "gw.test",
        [desk.charge._charged[ACCOUNT].row],
        again.now_us,
        Meters(),
    )
    assert again.ask() == []
    again.charge.settle_doubt(desk.account, False, again.now_us, Changes())
    again.answer(*again.ask(100))
    assert again.books.used["shop"] == 500
