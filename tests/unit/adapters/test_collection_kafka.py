"""Collection from Kafka, against the broker that librdkafka carries for tests: the protocol is the real one,
the broker is not Apache's."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push_adapters.collection_kafka import KafkaSource


@pytest.fixture(scope="module")
def broker() -> Iterator[tuple[Producer, str]]:
    """A producer that holds the broker, and the broker's address."""
    producer = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none", "log_level": 0})
    [found] = producer.list_topics(timeout=30).brokers.values()
    yield producer, f"{found.host}:{found.port}"
    producer.flush(5)


def send(producer: Producer, topic: str, partition: int, *values: bytes) -> None:
    for value in values:
        producer.produce(topic, value, partition=partition)
    assert producer.flush(10) == 0


def drained(source: KafkaSource, cursor: str) -> tuple[dict[str, bytes], str]:
    found = {}
    for one in source.arrivals(cursor, 0):
        target = io.BytesIO()
        source.fetch(one, target)
        found[one.name], cursor = target.getvalue(), one.cursor
    return found, cursor


def make(address: str, topic: str, **more: Any) -> KafkaSource:
    return KafkaSource({"servers": address, "topic": topic, **more})


def test_ranges_of_offsets_are_files_and_the_cursor_goes_on(broker: tuple[Producer, str]) -> None:
    producer, address = broker
    send(producer, "cdrs", 0, b"a", b"b", b"c")
    send(producer, "cdrs", 1, b"x")
    source = make(address, "cdrs", file_messages=2)
    found, cursor = drained(source, "")
    assert found == {
        "cdrs-0000-000000000000.jsonl": b"a\nb\n",
        "cdrs-0000-000000000002.jsonl": b"c\n",
        "cdrs-0001-000000000000.jsonl": b"x\n",
    }
    assert json.loads(cursor) == {"0": 3, "1": 1}
    assert drained(source, cursor) == ({}, cursor)
    send(producer, "cdrs", 0, b"d")
    source.close()
    later = make(address, "cdrs", join="octets", suffix=".ber")
    assert drained(later, cursor)[0] == {"cdrs-0000-000000000003.ber": b"d"}
    later.close()


def test_what_the_broker_does_not_hold_any_more_is_told(broker: tuple[Producer, str]) -> None:
    source = make(broker[1], "cdrs")
    arrivals = list(source._of_partition(0, low=7, high=9, positions={"0": 5}))
    assert [one.note for one in arrivals] == ["topic cdrs, partition 0: offsets 5 to 6 are gone"]
    assert arrivals[0].version == "7-9"
    source.close()


def test_a_broker_that_is_not_there_is_a_matter_of_the_next_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operator_push_adapters.collection_kafka._CALL_S", 0.3)
    source = make("127.0.0.1:9", "cdrs")
    with pytest.raises(ResourceError, match=r"kafka 127.0.0.1:9, topic cdrs"):
        list(source.arrivals("", 0))
    source.close()


def test_options_that_cannot_be_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="at least 1"):
        make("h:1", "t", file_messages=0)
    with pytest.raises(OperatorError, match="cannot be read"):
        make("h:1", "t", properties_file=str(tmp_path / "none"))
    (tmp_path / "p").write_text("no.such.property=1\n")
    with pytest.raises(OperatorError, match=r"no\.such\.property"):
        make("h:1", "t", properties_file=str(tmp_path / "p"))
