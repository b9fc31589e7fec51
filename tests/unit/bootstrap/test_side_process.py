"""A child has a picture of what was true when it began, answers once, and leaves nothing of ours open."""

import logging
import os
import socket
import time
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet import threads

from operator_push.bootstrap.side_process import WAITING_MAX, SideProcess, collect, fork
from operator_push.kernel.errors import OperatorError, OperatorPushError, ResourceError


def test_a_child_answers_from_the_moment_at_which_it_began_and_changes_nothing_of_ours():
    seen = {"numbers": list(range(100_000)), "asked": 0}

    def work() -> Mapping[str, Any]:
        seen["asked"] = 1
        return {"count": len(seen["numbers"]), "pid": os.getpid()}  # type: ignore[arg-type]

    pid, read_end = fork(work)
    seen["numbers"] = []
    answer = collect(pid, read_end)
    assert answer == {"count": 100_000, "pid": pid}
    assert seen["asked"] == 0


def test_a_long_answer_comes_whole():
    pid, read_end = fork(lambda: {"text": "x" * 3_000_000})
    answer = collect(pid, read_end)
    assert isinstance(answer, Mapping)
    assert len(answer["text"]) == 3_000_000


def test_a_refusal_and_a_fault_are_told_in_words():
    def refuse() -> Mapping[str, Any]:
        raise OperatorError("no tariff row prices this")

    def fail() -> Mapping[str, Any]:
        raise ZeroDivisionError

    refused, failed = collect(*fork(refuse)), collect(*fork(fail))
    assert isinstance(refused, OperatorPushError)
    assert "no tariff row prices this" in str(refused)
    assert isinstance(failed, OperatorPushError)
    assert "failed inside the product" in str(failed)


def test_a_log_that_cannot_be_written_keeps_no_answer_back():
    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise OSError("the file is closed")

    def fail() -> Mapping[str, Any]:
        raise ZeroDivisionError

    broken = Broken()
    logging.getLogger().addHandler(broken)
    try:
        failed = collect(*fork(fail))
    finally:
        logging.getLogger().removeHandler(broken)
    assert "failed inside the product" in str(failed)


def test_a_child_that_dies_or_takes_too_long_is_an_error():
    died = collect(*fork(lambda: os._exit(9)))
    assert isinstance(died, ResourceError)

    def endless() -> Mapping[str, Any]:
        while True:
            time.sleep(60)

    pid, read_end = fork(endless)
    late = collect(pid, read_end, timeout_s=0.2)
    assert isinstance(late, ResourceError)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_stream_ends_for_its_peer_although_a_child_lives():
    ours, peers = socket.socketpair()

    def work() -> Mapping[str, Any]:
        time.sleep(60)
        return {}

    pid, read_end = fork(work)
    ours.close()
    peers.settimeout(10)
    assert peers.recv(1) == b""
    peers.close()
    collect(pid, read_end, timeout_s=0.0)


def test_one_child_after_the_other_and_not_too_many_wait(monkeypatch: pytest.MonkeyPatch):
    running: list[Any] = []

    def later(reactor: object, pool: object, call: Any, *args: Any) -> Any:
        deferred = threads.defer.Deferred()
        running.append((deferred, call, args))
        return deferred

    monkeypatch.setattr(threads, "deferToThreadPool", later)
    reactor = SimpleNamespace(addSystemEventTrigger=lambda *_: None, getThreadPool=lambda: None)
    side, told = SideProcess(reactor), []
    for number in range(WAITING_MAX + 2):
        side.run(lambda number=number: {"number": number}, told.append)  # type: ignore[misc]
    assert len(running) == 1
    assert [type(answer) for answer in told] == [ResourceError]
    for _ in range(WAITING_MAX + 1):
        deferred, call, args = running.pop()
        deferred.callback(call(*args))
    assert [answer["number"] for answer in told[1:]] == list(range(WAITING_MAX + 1))
    assert running == []
