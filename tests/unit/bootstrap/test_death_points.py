"""Points of death: each is passed by the commits that it names, at its moment, and inert where unset."""

from collections.abc import Callable
from typing import Any

import pytest

from operator_push.bootstrap.death_points import (
    COMMIT_BEFORE_WRITE,
    INSIDE_THE_COMMIT,
    POINTS,
    RECEIPT_BEFORE_COMMIT,
    RESPONSE_BEFORE_COMMIT,
    VARIABLE,
    DeathPoint,
    DyingThread,
    DyingWriter,
    change_writer,
    death_point,
)
from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes
from operator_push.store.hot_rows import HotRowsWriter


class KilledError(Exception):
    """Stands for SIGKILL."""


def die() -> None:
    raise KilledError


class Writer:
    """Notes what is written and answers at once."""

    def __init__(self) -> None:
        self.written: list[Changes] = []

    def write(self, changes: Changes, done: Callable[[BaseException | None], None]) -> None:
        self.written.append(changes)
        done(None)


CASES = [
    (COMMIT_BEFORE_WRITE, Changes(attempt=[(1,)]), 1),
    (COMMIT_BEFORE_WRITE, Changes(message=[(1,)]), 1),
    (RESPONSE_BEFORE_COMMIT, Changes(submit_result=[(1,)]), 0),
    (RECEIPT_BEFORE_COMMIT, Changes(segment_outcome=[(1,)]), 0),
    (RECEIPT_BEFORE_COMMIT, Changes(message_final=[(1,)]), 0),
    (RECEIPT_BEFORE_COMMIT, Changes(receipt_aside=[(1,)]), 0),
]


@pytest.mark.parametrize(("point", "changes", "written"), CASES)
def test_a_point_is_before_or_after_its_commit(point: str, changes: Changes, written: int) -> None:
    writer, told = Writer(), []
    dying = DyingWriter(writer, DeathPoint(point, 1, die))
    with pytest.raises(KilledError):
        dying.write(changes, told.append)
    assert len(writer.written) == written
    assert told == []  # nobody heard of it, so nothing was answered and no octet left


@pytest.mark.parametrize("point", POINTS)
def test_other_commits_pass(point: str) -> None:
    writer, told = Writer(), []
    DyingWriter(writer, DeathPoint(point, 1, die)).write(Changes(consent_event=[(1,)]), told.append)
    assert told == [None]


def test_inside_the_commit_the_rows_are_written_and_their_transaction_is_open() -> None:
    class Thread:
        def submit(self, work: Callable[[Any], Any], done: Callable[[Any], None]) -> None:
            done(work("connection"))

    seen: list[Any] = []
    dying = DyingThread(Thread(), DeathPoint(INSIDE_THE_COMMIT, 2, die))
    dying.submit(seen.append, seen.append)
    with pytest.raises(KilledError):
        dying.submit(seen.append, seen.append)
    assert seen == ["connection", None, "connection"]


def test_the_count_and_the_arming_decide_which_commit_is_the_last() -> None:
    death = DeathPoint(RESPONSE_BEFORE_COMMIT, 3, die)
    death.passed(RESPONSE_BEFORE_COMMIT)
    death.passed(RECEIPT_BEFORE_COMMIT)
    death.passed(RESPONSE_BEFORE_COMMIT)
    with pytest.raises(KilledError):
        death.passed(RESPONSE_BEFORE_COMMIT)
    waits = DeathPoint(RESPONSE_BEFORE_COMMIT, 0, die)
    waits.passed(RESPONSE_BEFORE_COMMIT)
    waits.arm()
    with pytest.raises(KilledError):
        waits.passed(RESPONSE_BEFORE_COMMIT)


def test_nothing_is_wrapped_where_nothing_is_asked() -> None:
    assert death_point({}) is None
    assert type(change_writer(None, 0, {})) is HotRowsWriter  # type: ignore[arg-type]
    assert death_point({VARIABLE: ""}) is None


@pytest.mark.parametrize("asked", ["somewhere:1", RECEIPT_BEFORE_COMMIT, f"{RECEIPT_BEFORE_COMMIT}:0", ":1"])
def test_a_wrong_wish_is_told_with_what_is_allowed(asked: str) -> None:
    with pytest.raises(OperatorError, match=f"{COMMIT_BEFORE_WRITE}, {RESPONSE_BEFORE_COMMIT}"):
        death_point({VARIABLE: asked})
