"""What is kept about one person comes back, and nobody else's, on every database."""

from sqlalchemy import Connection

from operator_push.domain.contact_wishes import EVERYTHING, Wish, WishScope
from operator_push.domain.purses import REWARD_ACCOUNTS_FROM
from operator_push.domain.transfers import LedgerAccount, TransferKind
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.person_rows import declared_by, messages_to, rewards_of, wishes
from operator_push.store.small_rows import upsert
from operator_push.store.statements import insert_rows
from operator_push.store.way_out_rows import messages_that_told, told_of_way_out

SHARD, NOW_US = 3, 1_800_000_000_000_000
IDS = IdSequence(SHARD)


def message_row(subscriber_no: int) -> tuple[object, ...]:
    number = IDS.next_id(NOW_US)
    given = {"shard": SHARD, "day": id_day(number), "message_id": number, "subscriber_no": subscriber_no}
    given |= {
        "source": "CHAI",
        "destination": "x",
        "trail": b"",
        "body": b"",
        "verdict": 1,
        "segment_count": 1,
    }
    return tuple(given.get(column.name, 0) for column in schema.message.columns)


def test_messages_are_the_persons_own_newest_first(database: Database) -> None:
    def work(connection: Connection) -> None:
        rows = [message_row(1), message_row(2), message_row(1)]
        insert_rows(connection, schema.message, rows)
        insert_rows(connection, schema.message_channel, [(*rows[2][:3], 1)])
        found = messages_to(connection, SHARD, 1, id_day(int(str(rows[0][2]))))
        assert [each.channel for each in found] == ["ussd", "sms"]
        assert [each.message_id for each in found] == [rows[2][2], rows[0][2]]
        assert (found[0].sender, found[0].account, found[0].campaign, found[0].state) == (
            "CHAI",
            "",
            "",
            None,
        )
        assert not messages_to(connection, SHARD, 1, id_day(int(str(rows[0][2]))) + 1)

    database.run(work)


def test_rewards_are_the_balance_and_its_postings(database: Database) -> None:
    account_no, earned = REWARD_ACCOUNTS_FROM + 1, int(LedgerAccount.EARNED)
    reference = IDS.next_id(NOW_US)
    kind = int(TransferKind.REWARD_IN)

    def work(connection: Connection) -> None:
        day = id_day(reference)
        clearing = int(LedgerAccount.CLEARING)
        posting = (SHARD, day, reference, kind, account_no, clearing, earned, 500, "INR", NOW_US)
        insert_rows(connection, schema.ledger_transfer, [posting])
        upsert(
            connection,
            "balance",
            {"shard": SHARD, "account_no": account_no, "side": earned, "amount_micros": 500},
        )
        owed, (found,) = rewards_of(connection, SHARD, 1, day)
        assert (owed, found.amount_micros, found.is_in) == (500, 500, True)
        assert rewards_of(connection, SHARD, 2, day) == (0, [])

    database.run(work)


def test_what_is_taken_back_is_not_there(database: Database) -> None:
    def work(connection: Connection) -> None:
        for name, value in (("age", "41"), ("language", "")):
            row = {"shard": SHARD, "subscriber_no": 1, "name": name, "value": value}
            upsert(connection, "declared_attribute", {**row, "declared_us": NOW_US, "declared_by": "ann"})
        (found,) = declared_by(connection, SHARD, 1)
        assert (found.name, found.value) == ("age", "41")
        assert declared_by(connection, SHARD, 2) == []

    database.run(work)


def test_wishes_come_back_by_person_and_all(database: Database) -> None:
    def work(connection: Connection) -> None:
        said = [
            (1, EVERYTHING, 3, 1),
            (2, EVERYTHING, -1, 1),
            (1, WishScope(7, 8, "sms"), 1, 2),
            (1, EVERYTHING, 5, 3),
        ]
        for number, scope, per_week, minutes in said:
            row = {"shard": SHARD, "subscriber_no": number, **scope._asdict()}
            row |= Wish(480, 1200, per_week)._asdict()
            changed = {"changed_us": NOW_US + minutes * 60_000_000, "changed_by": "ann"}
            upsert(connection, "contact_wish", row | changed)

    database.run(work)

    def held(subscriber_no: int | None = None, minutes: int = 9) -> set[tuple[int, WishScope, int]]:
        at_us = NOW_US + minutes * 60_000_000
        found = database.read(lambda each: wishes(each, SHARD, subscriber_no, at_us))
        return {(each.subscriber_no, each.scope, each.wish.per_week) for each in found}

    of_brand = (1, WishScope(7, 8, "sms"), 1)
    assert held(1) == {(1, EVERYTHING, 5), of_brand}
    assert held() == {(1, EVERYTHING, 5), of_brand, (2, EVERYTHING, -1)}
    assert held(1, minutes=2) == {(1, EVERYTHING, 3), of_brand}  # as it stood then
    assert held(1, minutes=0) == set()
    assert database.read(lambda each: wishes(each, SHARD + 1)) == []


def test_who_was_told_of_the_way_out_and_whose_message_never_came(database: Database) -> None:
    def work(connection: Connection) -> None:
        for subscriber_no, message_id in ((5, 100), (6, 101), (6, 0), (7, 102)):
            row = {"shard": SHARD, "brand_no": 2, "subscriber_no": subscriber_no, "message_id": message_id}
            upsert(connection, "way_out", dict(row))
            upsert(connection, "way_out", {**row, "shard": SHARD + 1, "message_id": 9})
        assert list(told_of_way_out(connection, SHARD)) == [(2, 5, 100), (2, 7, 102)]

    database.run(work)


def test_the_messages_that_told_it_by_their_ids(database: Database) -> None:
    def work(connection: Connection) -> None:
        rows = [message_row(1), message_row(2)]
        insert_rows(connection, schema.message, rows)
        ids = [int(str(row[2])) for row in rows]
        found = list(messages_that_told(connection, SHARD, [5, *ids]))
        assert [(each.message_id, each.source, each.destination) for each in found] == [
            (number, "CHAI", "x") for number in ids
        ]

    database.run(work)
