"""The port of collection: what a source is asked."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol, TypeVar

import msgspec

from operator_push.kernel.errors import OperatorError

SOURCES_GROUP = "cdr_ingest.collection"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A complete file that a source has.

    `version` tells it from another one of the same name (a time and a size, an ETag, a range of offsets);
    the same name and version are the same file. `cursor` is what `arrivals` wants to know the next time once
    this file has landed; `note` is what an operator should hear of it.
    """

    name: str
    version: str
    cursor: str = ""
    note: str = ""


class Source(Protocol):
    """Where files come from. Errors of the other side are ResourceError; the next round tries again."""

    def arrivals(self, cursor: str, now_us: int) -> Iterable[Arrival]:
        """What is complete there, oldest first; `cursor` is that of the file which landed last, or ""."""
        ...

    def fetch(self, arrival: Arrival, target: BinaryIO) -> None:
        """Write the file's octets."""
        ...

    def close(self) -> None:
        """Let go of the other side."""
        ...


SourceFactory = Callable[[Mapping[str, Any]], Source]
"""Makes a source from its [source.options]; raises OperatorError where one cannot be."""


def read_options(options: Mapping[str, Any], form: type[T]) -> T:
    """The options of a source as a msgspec.Struct.

    Raises:
        OperatorError: one is missing, unknown or of another type; says which.
    """
    try:
        return msgspec.convert(dict(options), form)
    except msgspec.ValidationError as error:
        raise OperatorError(str(error), key="source.options") from None
