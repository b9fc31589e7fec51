"""Answers: what a call of the HTTP API is given and what it gives back, before anybody thinks of HTTP."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from operator_push.kernel.errors import OperatorError
from smsc_sim.value_errors import explain

JSON = "application/json"


class CallError(Exception):
    """A call that cannot be done: the HTTP status and a sentence for a person."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Answer(msgspec.Struct, frozen=True):
    """`content` whole, or in `pieces` that are made while they leave; `then` is done once it has left."""

    content: bytes = b""
    content_type: str = JSON
    status: int = 200
    pieces: Iterator[bytes] | None = None
    file_name: str = ""
    then: Callable[[], None] | None = None


def json_answer(content: Any, status: int = 200) -> Answer:
    """`content` as JSON with a line end, so that a terminal stays readable."""
    return Answer(msgspec.json.encode(content) + b"\n", status=status)


class Call(msgspec.Struct, frozen=True):
    """One request: the parts of its path that vary, its query and its body."""

    parts: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    body: bytes = b""

    def only(self, *names: str) -> "Call":
        """Itself, where the query has no other names: a filter with a slip of the pen does not find all."""
        for name in self.query:
            if name not in names:
                known = ", ".join(names) or "none"
                raise CallError(400, f"unknown parameter {name!r}; known here: {known}")
        return self

    def integer(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number of the query."""
        text = self.query.get(name)
        if text is None:
            return default
        if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
            raise CallError(400, f"{name} = {text!r} is not allowed: a whole number from {least} to {most}")
        return int(text)

    def text(self, name: str) -> str:
        """A text of the query that must be there."""
        text = self.query.get(name, "").strip()
        if not text:
            raise CallError(400, f"the parameter {name!r} is missing")
        return text

    def read(self, kind: type[Any]) -> Any:
        """The body as one of our structs."""
        try:
            found = msgspec.json.decode(self.body or b"{}")
        except msgspec.DecodeError as error:
            raise CallError(400, f"the body is not JSON: {error}") from error
        try:
            return msgspec.convert(found, kind)
        except msgspec.ValidationError as error:
            key, sentence = explain(error, found, kind)
            raise CallError(400, f"the body is not right: {key}{': ' if key else ''}{sentence}") from error


Handler = Callable[[Call], Answer]


def answered(handler: Handler, call: Call) -> Answer:
    """The handler's answer, or the error that it told as one."""
    try:
        return handler(call)
    except CallError as error:
        return json_answer({"error": error.sentence}, error.status)
    except OperatorError as error:
        return json_answer({"error": str(error)}, 400)
