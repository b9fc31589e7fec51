"""Outbind: only who is owed something, wants it and does not listen is called, in vain ever more rarely."""

from collections.abc import Callable
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from twisted.internet.task import Clock

from operator_push.gateway.outbind_calls import LOOK_EVERY_S, OutbindCalls
from operator_push.kernel.meters import Meters
from operator_push.services.account_terms import AccountTerms
from operator_push.services.changes import Changes
from operator_push.services.registry import Account, Registry


class World:
    """One account that may be called, and every call that was placed."""

    def __init__(self, terms: AccountTerms, active: bool = True) -> None:
        self.registry = Registry()
        account = Account(1, "shop", "esme", 1, "", active, 1, 0, (), True, 10, 2, "INR", 0, terms)
        self.registry.put_account(account, Changes())
        self.owed, self.receivers = 1, 0
        self.clock = Clock()
        self.placed: list[tuple[str, int, str]] = []
        self.end: Callable[[bool, str], None] = lambda was_bound, reason: None
        deliveries = SimpleNamespace(
            owed_to=lambda account_no: self.owed, receivers_of=lambda account_no: self.receivers
        )
        self.calls = OutbindCalls(
            self.registry,
            cast(Any, deliveries),
            self._place,
            cast(Any, self.clock.callLater),
            self.clock.seconds,
            Random(1),
            Meters(),
        )
        self.calls.start()

    def _place(self, host: str, port: int, password: str, ended: Callable[[bool, str], None]) -> None:
        self.placed.append((host, port, password))
        self.end = ended

    def pass_time(self, seconds: float) -> None:
        self.clock.pump([LOOK_EVERY_S] * round(seconds / LOOK_EVERY_S))


CALLED = AccountTerms(outbind_to="[::1]:2775", outbind_password="pw")


def test_who_is_owed_something_and_does_not_listen_is_called_once_at_a_time() -> None:
    world = World(CALLED)
    world.pass_time(10)
    assert world.placed == [("::1", 2775, "pw")]


@pytest.mark.parametrize(
    ("terms", "active", "owed", "receivers"),
    [(AccountTerms(), True, 1, 0), (CALLED, False, 1, 0), (CALLED, True, 0, 0), (CALLED, True, 1, 1)],
)
def test_nobody_else_is_called(terms: AccountTerms, active: bool, owed: int, receivers: int) -> None:
    world = World(AccountTerms(), active)
    world.registry.put_account(
        Account(1, "shop", "esme", 1, "", active, 1, 0, (), True, 10, 2, "INR", 0, terms), Changes()
    )
    world.owed, world.receivers = owed, receivers
    world.pass_time(10)
    assert world.placed == []


def test_calls_in_vain_wait_longer_each_time() -> None:
    world = World(CALLED)
    gaps = []
    for _ in range(4):
        placed, began = len(world.placed), world.clock.seconds()
        world.end(False, "connection refused")
        while len(world.placed) == placed:
            world.pass_time(1)
        gaps.append(world.clock.seconds() - began)
    assert 2.5 <= gaps[0] <= 6
    assert gaps[0] < gaps[1] < gaps[2] < gaps[3] <= 41


def test_a_stop_calls_nobody_any_more() -> None:
    world = World(AccountTerms())
    world.calls.stop()
    assert world.clock.getDelayedCalls() == []
