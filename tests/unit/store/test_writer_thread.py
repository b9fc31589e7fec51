"""The writer thread answers everything, in order, in the loop, and only after the commit."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest
from sqlalchemy import Connection

from operator_push.kernel.errors import OperatorError
from operator_push.store.database import Database
from operator_push.store.writer_thread import WriterThread


class Loop:
    """A double of the reactor: what is called from elsewhere runs here, in the thread of the test."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def call(self, function: Callable[[], None]) -> None:
        self._calls.put(function)

    def run(self, calls: int) -> None:
        for _ in range(calls):
            self._calls.get(timeout=30)()

    def waiting(self) -> int:
        return self._calls.qsize()


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/store.db"
    database = Database.open(url)
    database.run(lambda connection: connection.exec_driver_sql("CREATE TABLE note (number INTEGER UNIQUE)"))
    database.close()
    return url


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def writer(url: str, loop: Loop) -> Iterator[WriterThread]:
    writer = WriterThread(url, loop.call)
    yield writer
    writer.stop()


def note(number: int) -> Callable[[Connection], int]:
    def work(connection: Connection) -> int:
        connection.exec_driver_sql("INSERT INTO note VALUES (?)", (number,))
        return number

    return work


def stored(url: str) -> list[int]:
    database = Database.open(url)
    numbers = database.read(
        lambda connection: connection.exec_driver_sql("SELECT * FROM note").scalars().all()
    )
    database.close()
    return list(numbers)


def test_done_is_called_in_the_loop_after_the_commit(writer: WriterThread, loop: Loop, url: str) -> None:
    heard: list[tuple[object, bool, list[int]]] = []

    def done(outcome: object) -> None:
        in_loop = threading.current_thread() is threading.main_thread()
        heard.append((outcome, in_loop, stored(url)))

    writer.submit(note(1), done)
    loop.run(1)
    assert heard == [(1, True, [1])]


def test_work_is_done_in_order_and_failures_are_answered(writer: WriterThread, loop: Loop, url: str) -> None:
    heard: list[object] = []
    for number in (1, 2, 2, 3):
        writer.submit(note(number), heard.append)
    loop.run(4)
    assert [answer if isinstance(answer, int) else type(answer).__name__ for answer in heard] == [
        1,
        2,
        "IntegrityError",
        3,
    ]
    assert stored(url) == [1, 2, 3]


def test_even_an_exit_is_answered_and_does_not_end_the_thread(writer: WriterThread, loop: Loop) -> None:
    heard: list[object] = []

    def leave(connection: Connection) -> None:
        raise SystemExit(1)

    writer.submit(leave, heard.append)
    writer.submit(note(1), heard.append)
    loop.run(2)
    assert isinstance(heard[0], SystemExit)
    assert heard[1] == 1


def test_stop_finishes_what_was_submitted(writer: WriterThread, loop: Loop, url: str) -> None:
    for number in range(50):
        writer.submit(note(number), lambda outcome: None)
    writer.stop()
    writer.stop()
    assert stored(url) == list(range(50))
    assert loop.waiting() == 50
    with pytest.raises(RuntimeError, match="stopped"):
        writer.submit(note(99), lambda outcome: None)


def test_a_database_that_cannot_be_opened_is_told_at_once(loop: Loop) -> None:
    with pytest.raises(OperatorError, match="No such file"):
        WriterThread("sqlite:////nowhere/at/all/store.db", loop.call)


def test_the_thread_can_own_a_postgresql_connection(postgresql_url: str, loop: Loop) -> None:
    writer = WriterThread(postgresql_url, loop.call)
    heard: list[object] = []
    writer.submit(lambda connection: connection.exec_driver_sql("SELECT 40 + 2").scalar(), heard.append)
    loop.run(1)
    writer.stop()
    assert heard == [42]


def test_one_that_only_reads_sees_what_is_committed_and_writes_nothing(
    url: str, writer: WriterThread, loop: Loop
) -> None:
    told: list[object] = []
    writer.submit(note(1), told.append)
    loop.run(1)
    reader = WriterThread(url, loop.call, reads_only=True)
    reader.submit(
        lambda connection: connection.exec_driver_sql("SELECT * FROM note").scalars().all(), told.append
    )
    reader.submit(note(2), told.append)
    loop.run(2)
    reader.stop()
    assert told[:2] == [1, [1]]
    assert isinstance(told[2], BaseException)
    assert stored(url) == [1]
