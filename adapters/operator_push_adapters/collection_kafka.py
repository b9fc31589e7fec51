"""Collection from Kafka: the messages of a topic, each range of a partition's offsets as one file.

The position of every partition stands in our ledger with the file that was made of it, not with the brokers:
what has landed is known by the same commit, so that a crash repeats nothing and loses nothing. Messages are
joined by a newline (records as lines) or by nothing (records of BER).
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Literal

import msgspec
from confluent_kafka import (
    OFFSET_INVALID,
    Consumer,
    KafkaException,
    TopicPartition,
)

from cdr_ingest.collection.port import Arrival, read_options
from operator_push.kernel.errors import OperatorError, ResourceError

_CALL_S = 10.0  # Ours: how long a broker may take to answer
_PULL_MESSAGES = 5_000


class KafkaOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[source.options] of the kind kafka. `properties_file` holds further settings of librdkafka, key=value,
    such as those of TLS and SASL; `file_messages` bounds a file."""

    servers: str
    topic: str
    join: Literal["lines", "octets"] = "lines"
    suffix: str = ".jsonl"
    file_messages: int = 100_000
    properties_file: str | None = None


class KafkaSource:
    """A cdr_ingest.collection.port.Source over one topic."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Make the consumer; it joins no group and commits nothing to the brokers.

        Raises:
            OperatorError: an option cannot be.
        """
        self._options = chosen = read_options(options, KafkaOptions)
        if chosen.file_messages < 1:
            raise OperatorError("a file has at least 1 message", key="source.options.file_messages")
        properties = {
            "bootstrap.servers": chosen.servers,
            "group.id": "cdr-ingest-collect",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "error",
            "isolation.level": "read_committed",
        }
        try:
            self._consumer = Consumer(properties | _properties(chosen.properties_file), logger=None)
        except KafkaException as error:
            raise OperatorError(_told(error), key="source.options") from None

    def arrivals(self, cursor: str, _now_us: int) -> Iterator[Arrival]:
        """As Source.arrivals; `cursor` is JSON, partition → the next offset.

        A partition that lost messages before they were collected, by its retention, says so in a note.
        """
        chosen = self._options
        positions: dict[str, int] = msgspec.json.decode(cursor, type=dict[str, int]) if cursor else {}
        try:
            topic = self._consumer.list_topics(chosen.topic, timeout=_CALL_S).topics[chosen.topic]
            if topic.error is not None:
                raise ResourceError(f"kafka {chosen.topic}: {topic.error.str()}")
            for partition in sorted(topic.partitions):
                low, high = self._consumer.get_watermark_offsets(
                    TopicPartition(chosen.topic, partition), timeout=_CALL_S
                )
                yield from self._of_partition(partition, low, high, positions)
        except KafkaException as error:
            raise ResourceError(f"kafka {chosen.servers}, topic {chosen.topic}: {_told(error)}") from None

    def _of_partition(
        self, partition: int, low: int, high: int, positions: dict[str, int]
    ) -> Iterator[Arrival]:
        chosen = self._options
        expected = positions.get(str(partition), low)
        first, note = max(expected, low), ""
        if low > expected:
            note = f"topic {chosen.topic}, partition {partition}: offsets {expected} to {low - 1} are gone"
        while first < high:
            end = min(high, first + chosen.file_messages)
            positions[str(partition)] = end
            yield Arrival(
                f"{chosen.topic}-{partition:04}-{first:012}{chosen.suffix}",
                f"{first}-{end}",
                msgspec.json.encode(positions).decode(),
                note,
            )
            first, note = end, ""

    def fetch(self, arrival: Arrival, target: BinaryIO) -> None:
        """As Source.fetch; offsets that hold no message (compacted, markers of transactions) are passed."""
        chosen = self._options
        first, end = map(int, arrival.version.split("-"))
        partition = int(arrival.name.removesuffix(chosen.suffix).split("-")[-2])
        after = b"\n" if chosen.join == "lines" else b""
        place = TopicPartition(chosen.topic, partition, first)
        try:
            self._consumer.assign([place])
            for value in self._values(place, end):
                target.write(value + after)
        except KafkaException as error:
            raise ResourceError(f"kafka {chosen.servers}, topic {chosen.topic}: {_told(error)}") from None
        finally:
            self._consumer.unassign()

    def _values(self, place: TopicPartition, end: int) -> Iterable[bytes]:
        quiet_since = time.monotonic()
        at = place.offset
        while at < end:
            messages = self._consumer.consume(min(_PULL_MESSAGES, end - at), timeout=0.5)
            for message in messages:
                if (error := message.error()) is not None:
                    raise KafkaException(error)
                offset = message.offset() or 0
                if offset >= end:
                    return
                at = offset + 1
                if (value := message.value()) is not None:
                    yield value
            if messages:
                quiet_since = time.monotonic()
                continue
            # The position moves on over offsets without a message.
            position = self._consumer.position([place])[0].offset
            at = at if position == OFFSET_INVALID else max(at, position)
            if at < end and time.monotonic() - quiet_since > _CALL_S:
                raise ResourceError(
                    f"kafka {self._options.servers}: {self._options.topic} gave no message for {_CALL_S:g} s"
                )

    def close(self) -> None:
        """As Source.close."""
        self._consumer.close()


def _properties(file: str | None) -> dict[str, str]:
    if file is None:
        return {}
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise OperatorError(f"cannot be read ({error.strerror})", file=file) from None
    pairs = (line.partition("=") for line in lines if line.strip() and not line.startswith("#"))
    return {key.strip(): value.strip() for key, _, value in pairs}


def _told(error: KafkaException) -> str:
    return str(error.args[0].str() if error.args and hasattr(error.args[0], "str") else error)
