"""Law 1: promises run after the commit that holds what was staged before them, and commits group."""

from collections.abc import Callable

import pytest

from operator_push.gateway.committer import Committer
from operator_push.kernel.errors import ResourceError
from operator_push.services.changes import Changes


class SlowDisk:
    """Writes when told to."""

    def __init__(self) -> None:
        self.writing: list[tuple[Changes, Callable[[BaseException | None], None]]] = []
        self.written: list[Changes] = []

    def write(self, changes: Changes, done: Callable[[BaseException | None], None]) -> None:
        self.writing.append((changes, done))

    def finish(self, error: BaseException | None = None) -> None:
        changes, done = self.writing.pop(0)
        if error is None:
            self.written.append(changes)
        done(error)


class Bind:
    def __init__(self) -> None:
        self.flushes = 0

    def flush(self) -> None:
        self.flushes += 1


@pytest.fixture
def disk() -> SlowDisk:
    return SlowDisk()


@pytest.fixture
def later() -> list[Callable[[], None]]:
    return []


@pytest.fixture
def committer(disk: SlowDisk, later: list[Callable[[], None]]) -> Committer:
    def fail(error: BaseException) -> None:
        raise AssertionError(f"the committer gave up: {error}")

    return Committer(disk, lambda seconds, call: later.append(call), fail)


def stage(committer: Committer, row: int, told: list[int]) -> None:
    committer.changes.message.append((row,))
    committer.promise(lambda: told.append(row))
    committer.kick()


def test_nothing_is_told_before_the_disk_has_it(committer: Committer, disk: SlowDisk):
    told: list[int] = []
    stage(committer, 1, told)
    assert told == []
    disk.finish()
    assert told == [1]


def test_what_other_sockets_hold_already_goes_into_the_same_commit(disk: SlowDisk):
    turn: list[Callable[[], None]] = []
    told: list[int] = []
    committer = Committer(disk, lambda seconds, call: None, pytest.fail, turn.append)
    stage(committer, 1, told)
    stage(committer, 2, told)
    assert (len(turn), disk.writing, committer.idle) == (1, [], False)
    turn.pop()()
    stage(committer, 3, told)
    assert [len(changes.message) for changes, _ in disk.writing] == [2]
    assert not turn, "the next commit begins when this one is done"
    disk.finish()
    assert told == [1, 2]
    turn.pop()()
    disk.finish()
    assert told == [1, 2, 3]
    while turn:
        turn.pop()()
    assert committer.idle


def test_what_arrives_meanwhile_goes_into_one_commit(committer: Committer, disk: SlowDisk):
    told: list[int] = []
    for row in range(5):
        stage(committer, row, told)
    assert len(disk.writing) == 1
    disk.finish()
    assert told == [0]
    disk.finish()
    assert told == [0, 1, 2, 3, 4]
    assert [len(changes.message) for changes in disk.written] == [1, 4]


def test_a_bind_is_flushed_once_after_its_promises(committer: Committer, disk: SlowDisk):
    bind = Bind()
    for row in range(3):
        committer.changes.message.append((row,))
        committer.promise(lambda: committer.touch(bind))
    committer.kick()
    disk.finish()
    assert bind.flushes == 1


def test_a_locked_database_stalls_and_is_tried_again(
    committer: Committer, disk: SlowDisk, later: list[Callable[[], None]]
):
    told: list[int] = []
    stage(committer, 1, told)
    disk.finish(ResourceError("locked"))
    assert committer.stalled
    assert told == []
    later.pop()()
    disk.finish()
    assert told == [1]
    assert not committer.stalled


def test_hooks_stage_more_before_a_commit(committer: Committer, disk: SlowDisk):
    rows = [(7,)]
    committer.before_commit.append(lambda: committer.changes.attempt.extend([rows.pop()] if rows else []))
    committer.kick()
    disk.finish()
    assert [changes.attempt for changes in disk.written] == [[(7,)]]
    assert committer.idle


def test_a_broken_promise_stops_the_product_instead_of_freezing_it(disk: SlowDisk):
    failures: list[BaseException] = []
    committer = Committer(disk, lambda seconds, call: None, failures.append)
    committer.changes.message.append((1,))
    committer.promise(lambda: {}["missing"])
    committer.kick()
    disk.finish()
    assert [type(failure) for failure in failures] == [KeyError]
