"""operator-push archive: a closed day leaves the store and message show still tells its story."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import write_config
from click.testing import CliRunner, Result
from proof_sample import transfer
from store_rows import SHARD, keyed_row, message_row, row

from operator_push.cli.main import main
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.ids import IdSequence
from operator_push.store import migrate, schema
from operator_push.store.database import Database
from operator_push.store.seal_rows import seal_what_is_not
from operator_push.store.statements import insert_rows

LONG_AGO = datetime.now(UTC) - timedelta(days=60)
MESSAGE = IdSequence(SHARD).next_id(int(LONG_AGO.timestamp()) * 1_000_000)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store whose one message ended two months ago."""
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))
    url = f"sqlite:///{tmp_path}/data/operator-push.db"
    migrate.upgrade(url)

    def fill(connection: Any) -> None:
        account = row(schema.account, account_no=1, name="chai", kind="esme", currency="INR")
        insert_rows(connection, schema.account, [account])
        insert_rows(connection, schema.message, [message_row(MESSAGE, held_micros=0, price_micros=0)])
        insert_rows(connection, schema.message_final, [keyed_row(schema.message_final, MESSAGE, state=2)])
        free = [transfer(MESSAGE, kind, 0) for kind in (TransferKind.HOLD, TransferKind.SETTLE)]
        insert_rows(connection, schema.ledger_transfer, free)
        seal_what_is_not(connection, SHARD)

    database = Database.open(url)
    database.run(fill)
    database.close()
    return tmp_path


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == code, result.output
    return result


def test_a_day_is_archived_listed_and_its_message_still_shown(store: Path) -> None:
    before = run("message", "show", str(MESSAGE), "--json").stdout
    day = LONG_AGO.date().isoformat()
    told = json.loads(run("archive", "run", "--json").stdout)
    assert told == {"archived": [day], "cleared_rows": 4, "waiting": {}}
    assert run("message", "show", str(MESSAGE), "--json").stdout == before
    assert run("ledger", "verify").stdout.startswith("The ledger balances.")
    file = store / "data" / "archive" / f"operator-push-0-{day}.db"
    (listed,) = json.loads(run("archive", "list", "--json").stdout)
    assert (listed["day"], listed["messages"], listed["file"], listed["here"]) == (day, 1, str(file), True)
    file.unlink()
    assert f"{file} (missing)" in run("archive", "list").stdout
    assert "this archived day is missing" in run("message", "show", str(MESSAGE), code=2).output


def test_no_retention_archives_nothing(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPERATOR_PUSH_RETENTION__HOT_DAYS", "0")
    assert "is 0, so nothing is archived" in run("archive", "run", code=2).output
    monkeypatch.setenv("OPERATOR_PUSH_RETENTION__HOT_DAYS", "2")
    assert "2 is too few" in run("archive", "run", code=2).output
