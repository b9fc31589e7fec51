"""Signing and giving away: days that have closed, a file that is only added to, a receiver that is away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from proof_sample import PRICE, transfer
from sqlalchemy import Connection
from store_rows import NOON_US, SHARD
from threadless_clock import ThreadlessClock

from operator_push.bootstrap.ledger_key import public_key, public_key_text, signing_key
from operator_push.bootstrap.ledger_sealing import (
    EVERY_S,
    FIRST_S,
    LedgerSealing,
    given_away,
    publish_file,
    publish_to,
    seal_days,
)
from operator_push.config import Settings, load_settings
from operator_push.domain.ledger_heads import head_of_line
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.ids import IdSequence
from operator_push.services.sign_heads import check_lines
from operator_push.store import migrate
from operator_push.store.database import Database
from operator_push.store.ledger_audit import verify_ledger
from operator_push.store.seal_rows import LedgerChain

DAY_US = 86_400_000_000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "operator-push.toml"
    file.write_text(
        'data_dir = "."\n[[smsc]]\nname = "main"\nhost = "127.0.0.1"\nsystem_id = "x"\npassword = "x"\n'
        '[[tariff]]\nprice_per_segment = "0.10"\ncurrency = "INR"\n'
    )
    asked = load_settings(file)
    migrate.upgrade(asked.database_url)
    return asked


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """Commits at noon of three days, two of them on the second."""
    database = Database.open(settings.database_url)
    post(database, NOON_US, NOON_US + DAY_US, NOON_US + DAY_US + 5_000, NOON_US + 2 * DAY_US)
    yield database
    database.close()


def post(database: Database, *moments: int) -> None:
    def work(connection: Connection) -> None:
        chain = LedgerChain(SHARD)
        for moment in moments:
            reference = IdSequence(SHARD).next_id(moment)
            chain.seal(connection, [transfer(reference, TransferKind.TOP_UP, PRICE)])

    database.run(work)


def seal_numbers(lines: list[str]) -> list[int]:
    return [head_of_line(line).seal_no for line in lines]


def test_each_day_is_signed_once_it_has_closed(database: Database, settings: Settings) -> None:
    third_noon = NOON_US + 2 * DAY_US
    assert seal_numbers(seal_days(database, settings, third_noon)) == [1, 3]
    assert seal_days(database, settings, third_noon) == []
    assert seal_numbers(seal_days(database, settings, third_noon, today_too=True)) == [4]
    midnight = third_noon // DAY_US * DAY_US + DAY_US
    post(database, third_noon + 60_000_000)
    assert seal_days(database, settings, midnight + 599_000_000) == []  # the grace is not over
    assert seal_numbers(seal_days(database, settings, midnight + 600_000_000)) == [5]
    assert publish_file(database, settings) == 4
    assert publish_file(database, settings) == 0
    lines = settings.heads_file.read_text().splitlines()
    heads = check_lines(lines, [signing_key(settings.signing_key_file).public_key()], "heads")
    assert [head.seal_no for head in heads] == [1, 3, 4, 5]
    assert [head.day for head in heads] == ["2027-01-15", "2027-01-16", "2027-01-17", "2027-01-17"]
    proof = database.read(lambda connection: verify_ledger(connection, SHARD, given_away(heads)))
    assert "ledger_seal" not in str(proof.first_error)  # the heads are those of the chain


def test_a_file_that_was_changed_is_not_added_to(database: Database, settings: Settings) -> None:
    seal_days(database, settings, NOON_US + 2 * DAY_US)
    publish_file(database, settings)
    settings.heads_file.write_text(settings.heads_file.read_text().replace('"seal_no":1,', '"seal_no":2,'))
    with pytest.raises(OperatorError, match="one of the two was changed"):
        publish_file(database, settings)


def test_what_a_receiver_does_not_take_is_offered_again(database: Database, settings: Settings) -> None:
    taken: list[str] = []
    away = True

    def receiver(line: str) -> None:
        if away and taken:
            raise ResourceError("no answer")
        taken.append(line)

    lines = seal_days(database, settings, NOON_US + 3 * DAY_US)
    with pytest.raises(ResourceError):
        publish_to(database, SHARD, receiver)
    assert taken == lines[:1]
    away = False
    assert publish_to(database, SHARD, receiver) == 2
    assert taken == lines
    assert publish_to(database, SHARD, receiver) == 0


def test_it_runs_beside_the_server_until_it_is_stopped(
    database: Database, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    clock, told = ThreadlessClock(), list[str]()
    sealing = LedgerSealing(clock, settings, told.append)
    sealing.start()
    assert settings.signing_key_file.exists()
    with caplog.at_level("INFO"):
        clock.advance(FIRST_S)
    closed = (
        told == settings.heads_file.read_text().splitlines() if settings.heads_file.exists() else not told
    )
    assert closed
    clock.advance(EVERY_S)
    sealing.stop()
    assert not clock.getDelayedCalls()


def test_the_key_is_made_once_and_its_public_half_can_be_given_away(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "signing.key"
    key = signing_key(path)
    assert path.stat().st_mode & 0o077 == 0
    assert signing_key(path).private_bytes_raw() == key.private_bytes_raw()
    public = tmp_path / "public.pem"
    public.write_text(public_key_text(key))
    assert public_key(public).public_bytes_raw() == key.public_key().public_bytes_raw()
    with pytest.raises(OperatorError, match="must hold a public key"):
        public_key(path)
    with pytest.raises(OperatorError, match="must hold an Ed25519 private key"):
        signing_key(public)
    with pytest.raises(OperatorError, match="cannot be read"):
        public_key(tmp_path / "none")
