"""Sources by their kind, found by entry point and never imported by name."""

from importlib.metadata import entry_points
from typing import cast

from cdr_ingest.collection.config import SourceConfig
from cdr_ingest.collection.port import SOURCES_GROUP, Source, SourceFactory
from operator_push.kernel.errors import OperatorError


def open_source(config: SourceConfig) -> Source:
    """The source of a [[source]] table.

    Raises:
        OperatorError: no installed part has that kind, it cannot be loaded, or it refuses its options.
    """
    known = {entry.name: entry for entry in entry_points(group=SOURCES_GROUP)}
    if (entry := known.get(config.kind)) is None:
        raise OperatorError(
            f"no source of kind {config.kind!r} is installed; there are {', '.join(sorted(known))}",
            key=f"source {config.name}, kind",
        )
    try:
        factory = cast(SourceFactory, entry.load())
    except ImportError as error:
        raise OperatorError(
            f"sources of kind {config.kind} need {error.name}; pip install operator-push[collect]",
            key=f"source {config.name}, kind",
        ) from None
    return factory(config.options)
