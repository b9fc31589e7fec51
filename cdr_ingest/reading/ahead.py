"""Ahead: an iterator whose next items are made while the last one is worked on."""

import threading
from collections.abc import Generator
from queue import Queue
from typing import TypeVar

T = TypeVar("T")


class _End:
    """What stands behind the last item: why there is none, if it is an error."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def ahead(items: Generator[T], depth: int = 1) -> Generator[T]:
    """The items, made in a thread of their own, at most `depth` of them waiting.

    Whatever `items` uses belongs to that thread until the last item was taken or the iterator is closed; an
    error in it is raised here, behind the items before it.
    """
    queue: Queue[T | _End] = Queue(depth)
    stopped = threading.Event()

    def make() -> None:
        error: BaseException | None = None
        try:
            for item in items:
                queue.put(item)
                del item  # who took it may let go of it while the next one is made
                if stopped.is_set():
                    break
            items.close()
        except BaseException as raised:  # it is raised in the other thread
            error = raised
        queue.put(_End(error))

    thread = threading.Thread(target=make, name="ahead", daemon=True)
    thread.start()
    ended = False
    try:
        while not isinstance(item := queue.get(), _End):
            taken = [item]
            del item
            yield taken.pop()  # nothing here holds it any longer
        ended = True
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        while not ended:  # make room, so that the thread comes to its end
            ended = isinstance(queue.get(), _End)
        thread.join()
