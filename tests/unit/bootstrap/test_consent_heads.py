"""Each closed day's end of the chain is signed once, added to a file, and given to a receiver."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from campaign_desk import write_config
from click.testing import CliRunner
from sqlalchemy import Connection, update
from store_rows import NOON_US, SHARD

from operator_push.bootstrap.consent_heads import (
    publish_consent_file,
    publish_consent_heads,
    sign_consent_days,
)
from operator_push.bootstrap.ledger_key import signing_key
from operator_push.cli.main import main
from operator_push.config import Settings, load_settings
from operator_push.domain.consent import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.consent_receipt import HEAD_TYPE, read_compact
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.ids import IdSequence
from operator_push.services.changes import Changes
from operator_push.services.manage_permission import consent_row
from operator_push.store import migrate, schema
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch

DAY_US = 86_400_000_000


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    file = write_config(tmp_path)
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(file))
    asked = load_settings(file)
    migrate.upgrade(asked.database_url)
    return asked


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """An act at noon of each of three days."""
    database = Database.open(settings.database_url)
    ids = IdSequence()
    for day in range(3):
        act(database, ids, NOON_US + day * DAY_US)
    yield database
    database.close()


def act(database: Database, ids: IdSequence, at_us: int) -> None:
    def write(connection: Connection) -> None:
        event = ConsentEvent(1, 7, 0, Purpose.MARKETING, "*", ConsentAction.GRANT, at_us, Evidence("web"))
        changes = Changes(consent_event=[consent_row(SHARD, ids.next_id(at_us), event)])
        write_batch(connection, changes, SHARD)

    database.run(write)


def payload(settings: Settings, line: str) -> dict[str, object]:
    return read_compact(line, HEAD_TYPE, signing_key(settings.signing_key_file).public_key().verify)


def test_days_that_have_closed_are_signed_once(database: Database, settings: Settings) -> None:
    lines = sign_consent_days(database, settings, NOON_US + 2 * DAY_US)
    assert [payload(settings, line)["seal_no"] for line in lines] == [1, 2]
    assert sign_consent_days(database, settings, NOON_US + 2 * DAY_US) == []
    (third,) = sign_consent_days(database, settings, NOON_US + 4 * DAY_US)
    assert payload(settings, third)["day"] == "2027-01-17"


def test_the_file_is_only_added_to_and_proves_the_chain(database: Database, settings: Settings) -> None:
    sign_consent_days(database, settings, NOON_US + 2 * DAY_US)
    assert publish_consent_file(database, settings) == 2
    sign_consent_days(database, settings, NOON_US + 4 * DAY_US)
    assert (publish_consent_file(database, settings), publish_consent_file(database, settings)) == (1, 0)
    path = settings.consent_heads_file
    asked = ["consent", "verify", "--json", "--heads", str(path)]
    assert json.loads(CliRunner().invoke(main, asked).stdout)["ok"]
    database.run(
        lambda connection: connection.execute(
            update(schema.consent_seal).where(schema.consent_seal.c.seal_no == 2).values(head=b"x" * 32)
        )
    )
    broken = CliRunner().invoke(main, asked)
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["errors"] >= 2
    path.write_text("something else\n")
    assert "is not a JWS" in CliRunner().invoke(main, asked).stderr
    with pytest.raises(OperatorError, match="does not begin with the heads"):
        publish_consent_file(database, settings)


def test_a_receiver_that_is_away_is_offered_the_line_again(database: Database, settings: Settings) -> None:
    sign_consent_days(database, settings, NOON_US + 2 * DAY_US)
    taken: list[str] = []

    def away(line: str) -> None:
        if taken:
            raise ResourceError("away")
        taken.append(line)

    with pytest.raises(ResourceError):
        publish_consent_heads(database, SHARD, away)
    assert publish_consent_heads(database, SHARD, taken.append) == 1
    told = [json.loads(line) for line in taken]
    assert [(each["chain"], each["seal_no"]) for each in told] == [("consent", 1), ("consent", 2)]
    assert payload(settings, told[0]["jws"])["seal_no"] == 1


def test_a_head_of_another_kind_is_none(settings: Settings) -> None:
    for line in ("", "a.b", "e30.e30.e30"):
        with pytest.raises(ValueError, match="is not a JWS"):
            payload(settings, line)
