"""consent verify, head, receipt, key: over a store, and checked by a stranger's library."""

import json
from pathlib import Path

import pytest
from campaign_desk import write_config
from click.testing import CliRunner, Result
from jwcrypto import jwk, jws
from sqlalchemy import update
from store_rows import NOON_US, SHARD, ids

from operator_push.cli.main import main
from operator_push.domain.consent import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.services.changes import Changes
from operator_push.services.manage_permission import consent_row
from operator_push.store import migrate, schema
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch

(EVENT_ID,) = ids(1)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))
    url = f"sqlite:///{tmp_path}/data/operator-push.db"
    migrate.upgrade(url)
    opened = Database.open(url)
    act = ConsentEvent(
        7, 0, 8, Purpose.MARKETING, "sms", ConsentAction.GRANT, NOON_US, Evidence("web", "form")
    )
    changes = Changes()
    changes.consent_event.append(consent_row(SHARD, EVENT_ID, act))
    opened.run(lambda connection: write_batch(connection, changes, SHARD))
    return opened


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["consent", *words])
    assert result.exit_code == code, result.output
    return result


def checked(signed: str) -> dict[str, object]:
    (key,) = json.loads(run("key").stdout)["keys"]
    token = jws.JWS()
    token.deserialize(signed.strip())
    token.verify(jwk.JWK.from_json(json.dumps(key)))
    payload: dict[str, object] = json.loads(token.payload)
    return payload


def test_a_receipt_is_made_once_and_verifies(database: Database) -> None:
    signed = run("receipt", str(EVENT_ID)).stdout
    assert checked(signed)["record_id"] == str(EVENT_ID)
    assert run("receipt", str(EVENT_ID)).stdout == signed
    assert json.loads(run("receipt", str(EVENT_ID), "--json").stdout)["jws"] == signed.strip()
    assert "no act has the id 5" in run("receipt", "5", code=2).stderr
    database.close()


def test_the_head_is_signed_and_the_chain_is_verified(database: Database) -> None:
    told = json.loads(run("verify", "--json").stdout)
    assert (told["ok"], told["events"]) == (True, 1)
    assert checked(run("head").stdout)["head"] == told["head"]
    assert "The chain holds." in run("verify").stdout
    changed = update(schema.consent_event).values(detail="forged")
    database.run(lambda connection: connection.execute(changed))
    database.close()
    broken = json.loads(run("verify", "--json", code=1).stdout)
    assert not broken["ok"]
    assert str(EVENT_ID) in broken["first_error"]
