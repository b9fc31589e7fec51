"""A table of control handlers without a socket: call one and get its answer, after a commit that succeeds."""

from collections.abc import Callable, Mapping
from typing import Any

from operator_push.gateway.committer import Committer
from operator_push.gateway.control_server import Handler
from operator_push.services.changes import Changes


class Written:
    """A store that takes every commit at once and remembers its rows."""

    def __init__(self) -> None:
        self.upserts: list[tuple[str, dict[str, object]]] = []
        self.committed: list[Changes] = []

    def write(self, changes: Changes, done: Callable[[BaseException | None], None]) -> None:
        self.upserts += changes.upserts
        self.committed.append(changes)
        done(None)


def committer_over(written: Written) -> Committer:
    """A committer that fails its test where the product would stop."""

    def fail(error: BaseException) -> None:
        raise error

    return Committer(written, lambda delay, work: None, fail)


def call(handlers: Mapping[str, Handler], do: str, **args: Any) -> dict[str, Any]:
    """The answer of one call; an OperatorError of the handler passes through."""
    answers: list[Mapping[str, Any]] = []
    refusals: list[str] = []
    handlers[do](args, answers.append, refusals.append)
    assert not refusals, refusals
    (answer,) = answers
    return dict(answer)
