"""Items are made ahead, in order, and no thread is left behind."""

import threading
import weakref
from collections.abc import Generator
from contextlib import closing

import pytest

from cdr_ingest.reading.ahead import ahead


def test_the_items_come_in_order_from_another_thread() -> None:
    threads = set()

    def numbers() -> Generator[int]:
        for number in range(50):
            threads.add(threading.current_thread())
            yield number

    assert list(ahead(numbers())) == list(range(50))
    assert threading.current_thread() not in threads
    assert not any(thread.is_alive() for thread in threads)


def test_an_error_is_raised_behind_the_items_before_it() -> None:
    def numbers() -> Generator[int]:
        yield 1
        raise ValueError("no more")

    items = ahead(numbers())
    assert next(items) == 1
    with pytest.raises(ValueError, match="no more"):
        next(items)


def test_who_stops_early_ends_the_thread_and_closes_what_it_reads() -> None:
    closed = []

    def numbers() -> Generator[int]:
        try:
            yield from range(1_000_000)
        finally:
            closed.append(threading.current_thread())

    with closing(ahead(numbers())) as items:
        assert [next(items), next(items)] == [0, 1]
    assert len(closed) == 1
    assert not closed[0].is_alive()


def test_nobody_holds_an_item_that_was_worked_on_while_the_next_is_made() -> None:
    class Item:
        pass

    worked_on = threading.Semaphore(0)
    held = []

    def items() -> Generator[Item]:
        for _ in range(4):
            item = Item()
            made = weakref.ref(item)
            yield item
            del item
            worked_on.acquire(timeout=30)
            held.append(made() is not None)

    found = ahead(items())
    for _ in range(4):
        item = next(found)
        del item
        worked_on.release()
    assert list(found) == []
    assert held == [False] * 4
