"""How people answered messages, written for the ingester on the command line."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from campaign_desk import Desk, write_config, write_store
from click.testing import CliRunner
from pyroaring import BitMap
from sqlalchemy import Connection
from store_rows import SHARD, keyed_row, message_row

from cdr_ingest.records.responses import check_responses
from operator_push.cli import control_client
from operator_push.cli.main import main
from operator_push.domain.message import MessageState
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.instants import MICROS_PER_DAY, to_epoch_us
from operator_push.store import schema
from operator_push.store.statements import insert_rows

COMMAND = ("campaign", "responses", "--out")
KEY = bytes.fromhex("5e" * 32)  # as write_store leaves it


def fill(connection: Connection, now_us: int) -> None:
    """A message each to the people 1 and 2 of 89 days ago, and one to person 1 that is too old."""
    sequence = IdSequence(SHARD)
    sent = [(1, 100), (1, 89), (2, 89)]
    moments = [now_us - back * MICROS_PER_DAY for _, back in sent]
    numbers = [sequence.next_id(at_us) for at_us in moments]
    insert_rows(
        connection,
        schema.message,
        [
            message_row(number, subscriber_no=person, campaign_no=1, brand_no=3, source="56070")
            for number, (person, _) in zip(numbers, sent, strict=True)
        ],
    )
    delivered = int(MessageState.DELIVERED)
    insert_rows(
        connection,
        schema.message_final,
        [
            keyed_row(schema.message_final, number, state=delivered, at_us=at_us)
            for number, at_us in zip(numbers, moments, strict=True)
        ],
    )


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A server where person 1 alone permits the use of call data, and its store."""
    desk = Desk(BitMap([1, 2]))
    desk.permitting["use_call_data"] = BitMap([1])
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))
    database = write_store(tmp_path)
    database.run(lambda connection: fill(connection, to_epoch_us(datetime.now(UTC))))
    database.close()

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        return desk.call(do, **args)

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    return desk


def test_the_file_is_of_people_who_permit_it_and_of_ninety_days(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "responses.parquet"
    done = CliRunner().invoke(main, [*COMMAND, str(out), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"permitting": 1, "rows": 1}
    [found] = pq.read_table(out).to_pylist()
    assert (datetime.now(UTC).date() - found.pop("day")).days in (89, 90)
    assert found == {"subscriber_no": 1, "delivered": 1, "replied": 0, "clicked": 0, "opted_out": 0}
    check_responses(out, KEY)
    said = CliRunner().invoke(main, [*COMMAND, str(out)]).stdout
    assert said == f"{out}: 1 days of people, of 1 who permit the use of call data\n"


def test_a_folder_that_is_not_there_is_said(desk: Desk, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, [*COMMAND, str(tmp_path / "none" / "responses.parquet")])
    assert done.exit_code == 2
    assert "the file cannot be written (No such file or directory)" in done.stderr
