"""Triggers from Kafka, against the broker that librdkafka carries for tests: JSON messages by a mapping."""

import json
from pathlib import Path

from confluent_kafka import Producer
from trigger_stream import ASHA, NOW_US, TriggerStream

from cdr_ingest.collection.config import SourceConfig
from cdr_ingest.collection.sources import open_source
from cdr_ingest.triggers.watching import StreamSource, Watching
from operator_push.kernel.instants import iso

MAPPING = """
name = "recharges"
kind = "top_up"
[text]
form = "jsonl"
[fields]
record_id = { from = "id" }
msisdn = { from = "who.number" }
topped_up_at = { from = "at", date = "iso" }
amount_rupees = { from = "rupees" }
"""


def test_messages_of_a_topic_are_told_once_over_a_restart(tmp_path: Path) -> None:
    producer = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none", "log_level": 0})
    [broker] = producer.list_topics(timeout=30).brokers.values()
    (tmp_path / "recharges.toml").write_text(MAPPING)
    stream = TriggerStream(tmp_path, more=f'mappings = ["{tmp_path}/recharges.toml"]')
    options = {"servers": f"{broker.host}:{broker.port}", "topic": "recharges"}
    source = SourceConfig("kafka", "kafka", "topups", options)

    def send(record: str, rupees: str) -> None:
        value = {"id": record, "who": {"number": f"+{ASHA}"}, "at": iso(NOW_US), "rupees": rupees}
        producer.produce("recharges", json.dumps(value).encode(), partition=0)
        assert producer.flush(10) == 0

    def look() -> int:
        opened = open_source(source)
        watching = Watching(stream.config(), [StreamSource("kafka", opened, "topups")], NOW_US)
        try:
            found = watching.look(NOW_US)
            assert found.errors == []
            return found.rows
        finally:
            watching.close()
            opened.close()

    send("r1", "100")
    send("r2", "250.50")
    assert look() == 2
    send("r3", "10")
    assert look() == 1
    assert [told["amount"] for _, _, told in stream.told()] == [100.0, 250.5, 10.0]
