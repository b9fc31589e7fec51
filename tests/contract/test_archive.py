"""Archived days on both databases: what leaves, what waits, and that readers find the same as before."""

from pathlib import Path
from typing import Any

import pytest
from folding import fold
from proof_sample import PRICE, attempt, result, transfer
from sqlalchemy import Connection, func, select
from store_rows import NOON_US, SHARD, keyed_row, message_row, row

from operator_push.domain.ledger import LedgerAccount, TransferKind
from operator_push.domain.message import MessageState, Verdict
from operator_push.kernel.errors import MoneyInvariantError, OperatorError
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.store import archive, facts, loading, schema
from operator_push.store.archive import ARCHIVED, Archiving, run_archive
from operator_push.store.archive_reading import archived_days
from operator_push.store.database import Database
from operator_push.store.exports import export_ledger, export_messages
from operator_push.store.ledger_audit import verify_ledger
from operator_push.store.person_rows import messages_to
from operator_push.store.proof_rows import our_messages
from operator_push.store.seal_rows import LedgerChain, chain_tip, seals
from operator_push.store.shown_rows import messages_shown_as
from operator_push.store.statements import insert_rows
from operator_push.store.stories import story_of

DAY_US = 86_400_000_000
HOT_DAYS = 3
TODAY_US = NOON_US + 5 * DAY_US  # the sample's first two days are old, its third is hot
_IDS = IdSequence(SHARD)
(TOP_UP,) = (_IDS.next_id(NOON_US),)
OLD = [_IDS.next_id(NOON_US + 1000 * n) for n in range(1, 4)]
NEXT = [_IDS.next_id(NOON_US + DAY_US + 1000 * n) for n in range(3)]
HOT = [_IDS.next_id(NOON_US + 4 * DAY_US + 1000 * n) for n in range(3)]
ENDED = [*OLD, *NEXT, *HOT]
REFUSED = _IDS.next_id(NOON_US + 4 * DAY_US + 9000)
PERSON = 7  # has five of the nine messages
FIRST_DAY, SECOND_DAY = id_day(OLD[0]), id_day(NEXT[0])


def fill(connection: Connection) -> None:
    """Nine messages that were delivered and settled over three days, one refused, a receipt for each."""
    rows: dict[str, list[tuple[Any, ...]]] = {
        "account": [row(schema.account, account_no=1, name="chai", kind="esme", currency="INR")],
        "smsc_link": [row(schema.smsc_link, link_no=1, name="main")],
        "message": [
            *(
                message_row(each, destination=f"9198000000{place:02d}", subscriber_no=PERSON + place % 2)
                for place, each in enumerate(ENDED)
            ),
            message_row(REFUSED, verdict=int(Verdict.REFUSE), reason=8, price_micros=0, held_micros=0),
        ],
        "attempt": [attempt(each, 1, user_message_reference=n, at_us=1) for n, each in enumerate(ENDED)],
        "submit_result": [result(each, 1, 1, 0, f"A{each}") for each in ENDED],
        "segment_outcome": [
            keyed_row(
                schema.segment_outcome,
                each,
                segment_no=1,
                state=int(MessageState.DELIVERED),
                told_by=1,
                smsc_message_id=f"A{each}",
            )
            for each in ENDED
        ],
        "message_final": [final(each, place) for place, each in enumerate(ENDED, 1)],
        "ledger_transfer": [
            transfer(TOP_UP, TransferKind.TOP_UP, 9 * PRICE),
            *(transfer(each, TransferKind.HOLD, PRICE) for each in ENDED),
            *(transfer(each, TransferKind.SETTLE, PRICE) for each in ENDED),
        ],
        "balance": [
            row(schema.balance, shard=SHARD, account_no=1, side=int(side), amount_micros=amount)
            for side, amount in (
                (LedgerAccount.AVAILABLE, 0),
                (LedgerAccount.HELD, 0),
                (LedgerAccount.REVENUE, 9 * PRICE),
                (LedgerAccount.FUNDING, -9 * PRICE),
            )
        ],
        "esme_delivery": [
            keyed_row(schema.esme_delivery, each, account_no=1, kind=1, message_id=each) for each in ENDED
        ],
        "esme_delivery_ack": [
            keyed_row(schema.esme_delivery_ack, each, outcome=1, at_us=9) for each in ENDED
        ],
        "receipt_aside": [keyed_row(schema.receipt_aside, OLD[0], smsc_message_id=f"A{OLD[0]}", state=1)],
    }
    for table, some in rows.items():
        insert_rows(connection, schema.metadata.tables[table], some)
    chain = LedgerChain(SHARD)
    for day in (FIRST_DAY, SECOND_DAY, id_day(HOT[0])):
        chain.seal(connection, [posting for posting in rows["ledger_transfer"] if posting[1] == day])


def final(message_id: int, sequence: int) -> tuple[Any, ...]:
    return keyed_row(
        schema.message_final,
        message_id,
        sequence=sequence,
        state=int(MessageState.DELIVERED),
        segments_delivered=1,
        settled_micros=PRICE,
    )


@pytest.fixture(params=["rows of their own", "folded"])
def filled(request: pytest.FixtureRequest, database: Database) -> Database:
    database.run(fill)
    if request.param == "folded":
        database.run(fold)
    return database


def archiving(folder: Path, **more: Any) -> Archiving:
    return Archiving(SHARD, folder / "archive", HOT_DAYS, **more)


def what_readers_see(database: Database, folder: Path) -> dict[str, Any]:
    key = bytes(32)
    seen: dict[str, Any] = {
        "stories": [database.read(lambda c, each=each: repr_of(story_of(c, SHARD, each))) for each in ENDED],
        "transfers": sorted(database.read(lambda c: list(facts.transfers(c, SHARD))), key=repr),
        "ours": database.read(lambda c: list(our_messages(c, SHARD))),
        "history": database.read(lambda c: messages_to(c, SHARD, PERSON, FIRST_DAY)),
        "seals": database.read(lambda c: list(seals(c, SHARD))),
        "tip": database.read(lambda c: chain_tip(c, SHARD)),
        "proof": database.read(lambda c: verify_ledger(c, SHARD)),
        "highest": database.read(
            lambda c: (loading.highest_id(c, SHARD), loading.highest_sequence(c, SHARD))
        ),
    }
    database.read(lambda c: export_messages(c, SHARD, folder / "messages.csv", key))
    database.read(lambda c: export_ledger(c, SHARD, folder / "ledger.csv"))
    seen["messages.csv"] = (folder / "messages.csv").read_text()
    seen["ledger.csv"] = (folder / "ledger.csv").read_text()
    return seen


def repr_of(story: Any) -> Any:
    """A story whose message row compares as a tuple, wherever it was read from."""
    assert story is not None
    return tuple(story.stored.row), story.stored.attempts, story.stored.final, story.deliveries, story.asides


def hot_rows(database: Database) -> dict[str, int]:
    def count(connection: Connection) -> dict[str, int]:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in ARCHIVED
        }

    return database.read(count)


def test_closed_days_leave_and_every_reader_finds_them(filled: Database, tmp_path: Path) -> None:
    before = what_readers_see(filled, tmp_path)
    own = hot_rows(filled)["attempt"] // 3  # of three days one stays; none where they are folded
    assert before["proof"].ok
    assert [each.message_id for each in before["history"]] == ENDED[::-2]
    assert before["history"][-1].account == "chai"
    outcome = run_archive(filled, archiving(tmp_path), TODAY_US)
    assert outcome.archived == [FIRST_DAY, SECOND_DAY]
    assert outcome.waiting == {}
    assert hot_rows(filled) == {
        "attempt": own,
        "submit_result": 3,
        "segment_outcome": own,
        "message": 4,
        "message_price": 0,
        "deferral": 0,
        "message_channel": 0,
        "message_final": 3,
        "esme_delivery": own,
        "esme_delivery_ack": 3,
        "receipt_aside": 0,
        "ledger_transfer": 6,
        "ledger_seal": 1,
    }
    assert what_readers_see(filled, tmp_path) == before
    days = filled.read(lambda connection: archived_days(connection, SHARD))
    assert [(day.messages, day.held_micros, day.settled_micros) for day in days] == [
        (3, 3 * PRICE, 3 * PRICE)
    ] * 2
    assert all(day.path.stat().st_mode & 0o077 == 0 for day in days)
    again = run_archive(filled, archiving(tmp_path), TODAY_US)
    assert (again.archived, again.cleared_rows) == ([], 0)


def test_the_last_seal_stays_hot_when_its_day_leaves(filled: Database, tmp_path: Path) -> None:
    before = what_readers_see(filled, tmp_path)
    outcome = run_archive(filled, archiving(tmp_path), TODAY_US + 30 * DAY_US)
    assert outcome.archived == [FIRST_DAY, SECOND_DAY, id_day(HOT[0])]
    assert (hot_rows(filled)["ledger_transfer"], hot_rows(filled)["ledger_seal"]) == (0, 1)
    after = what_readers_see(filled, tmp_path)
    assert (after["seals"], after["tip"]) == (before["seals"], before["tip"])


def test_days_come_in_order_where_an_older_one_has_to_wait(filled: Database, tmp_path: Path) -> None:
    before = what_readers_see(filled, tmp_path)
    filled.run(
        lambda connection: connection.exec_driver_sql(
            f"UPDATE message_final SET message_id = 1 WHERE message_id = {OLD[0]}"
        )
    )
    outcome = run_archive(filled, archiving(tmp_path), TODAY_US)
    assert (outcome.archived, list(outcome.waiting)) == ([SECOND_DAY], [FIRST_DAY])
    after = what_readers_see(filled, tmp_path)
    assert (after["seals"], after["transfers"]) == (before["seals"], before["transfers"])


@pytest.mark.parametrize("pieces", [0, 7, 17, 30])
def test_a_run_that_is_killed_anywhere_goes_on(
    filled: Database, tmp_path: Path, pieces: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "CLEAR_ROWS", 1)
    before = what_readers_see(filled, tmp_path)
    left = pieces

    def rest() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_archive(filled, archiving(tmp_path, rest=rest), TODAY_US)
    assert what_readers_see(filled, tmp_path) == before
    # A start in the middle finds nothing open and nothing owed.
    assert filled.read(lambda connection: list(loading.open_messages(connection, SHARD))) == []
    assert filled.read(lambda connection: list(loading.open_attempts(connection, SHARD))) == []
    assert filled.read(lambda connection: list(loading.open_outcomes(connection, SHARD))) == []
    assert filled.read(lambda connection: list(loading.owed_deliveries(connection, SHARD))) == []
    run_archive(filled, archiving(tmp_path), TODAY_US)
    assert what_readers_see(filled, tmp_path) == before
    assert hot_rows(filled)["message"] == 4


def test_what_is_open_owed_or_untold_keeps_its_day(filled: Database, tmp_path: Path) -> None:
    early = NOON_US + 4 * DAY_US  # only the first day is old

    def waits() -> str:
        return run_archive(filled, archiving(tmp_path), early).waiting[FIRST_DAY]

    reasons = []
    for table in (schema.message_final, schema.esme_delivery_ack):
        key = list(table.primary_key.columns)[2]
        there = table.select().where(key == OLD[0])
        kept = filled.read(lambda connection, there=there: tuple(connection.execute(there).one()))
        gone = table.delete().where(key == OLD[0])
        filled.run(lambda connection, gone=gone: connection.execute(gone))
        reasons.append(waits())
        filled.run(lambda connection, table=table, kept=kept: insert_rows(connection, table, [kept]))
    cursor = row(schema.sink_cursor, sink="webhook", sequence=2)
    filled.run(lambda connection: insert_rows(connection, schema.sink_cursor, [cursor]))
    reasons.append(waits())
    assert reasons == [
        "1 messages are open",
        "1 deliveries are owed to ESMEs",
        "a sink of delivery events has been told up to 2, the day ends with 3",
    ]


def test_money_that_does_not_add_up_stays_where_it_is(filled: Database, tmp_path: Path) -> None:
    filled.run(
        lambda c: c.execute(
            schema.ledger_transfer.delete().where(
                schema.ledger_transfer.c.reference == OLD[1],
                schema.ledger_transfer.c.kind == int(TransferKind.SETTLE),
            )
        )
    )
    with pytest.raises(MoneyInvariantError, match=f"day {FIRST_DAY} held 300000 micros and resolved 200000"):
        run_archive(filled, archiving(tmp_path), TODAY_US)
    assert hot_rows(filled)["message"] == 10


def test_a_missing_file_is_named_and_a_moved_one_found_again(filled: Database, tmp_path: Path) -> None:
    run_archive(filled, archiving(tmp_path), TODAY_US)
    (tmp_path / "archive").rename(tmp_path / "elsewhere")
    with pytest.raises(OperatorError, match="this archived day is missing"):
        filled.read(lambda connection: story_of(connection, SHARD, OLD[0]))
    run_archive(filled, Archiving(SHARD, tmp_path / "elsewhere", HOT_DAYS), TODAY_US)
    assert filled.read(lambda connection: story_of(connection, SHARD, OLD[0])) is not None


def test_too_few_hot_days_are_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="2 is too few"):
        run_archive(database, Archiving(SHARD, tmp_path, 2), TODAY_US)


def test_an_esme_hears_of_an_archived_message_as_before(filled: Database, tmp_path: Path) -> None:
    def heard() -> list[object]:
        return [
            filled.read(lambda connection, each=each: messages_shown_as(connection, SHARD, each))  # type: ignore[misc]
            for each in (*ENDED, REFUSED)
        ]

    before = heard()
    assert run_archive(filled, archiving(tmp_path), TODAY_US).archived
    assert heard() == before
    (tmp_path / "archive").rename(tmp_path / "elsewhere")
    with pytest.raises(OperatorError, match="archived day is missing"):
        heard()
