"""Plain rows: columns decide as whole messages do, on both databases."""

from typing import Any

import pytest
from folding import fold
from proof_sample import OPEN, PRICE, TWO, WITHDRAWN, add_whole, attempt, fill, result, transfer
from sqlalchemy import Connection
from store_rows import SHARD, ids, keyed_row, message_row, row

from operator_push.domain.ledger import TransferKind
from operator_push.domain.message import MessageState
from operator_push.services.reconcile import Reconciliation, ReconciliationClass, SmscRecord, reconcile
from operator_push.store import schema
from operator_push.store.correction_rows import corrected_by_message
from operator_push.store.database import Database
from operator_push.store.plain_rows import PlainRows
from operator_push.store.proof_rows import our_messages
from operator_push.store.statements import insert_rows

DELIVERED, EXPIRED = MessageState.DELIVERED, MessageState.EXPIRED
PLAIN = ids(12)[7:]


def add_plain(connection: Connection) -> None:
    """Messages of one and of two segments with nothing strange about them, the last paid for late."""
    rows: dict[str, list[tuple[Any, ...]]] = {}

    def add(table: str, *some: tuple[Any, ...]) -> None:
        rows.setdefault(table, []).extend(some)

    for number, message_id in enumerate(PLAIN):
        count, state = 1 + number % 2, EXPIRED if number == 2 else DELIVERED
        settled = count * PRICE if state is DELIVERED else 0
        late = message_id == PLAIN[-1]
        add(
            "message",
            message_row(
                message_id,
                segment_count=count,
                held_micros=count * PRICE,
                destination=f"91981234500{number}",
            ),
        )
        for segment_no in range(1, count + 1):
            smsc_id = f"P{number}{segment_no}"
            add(
                "attempt",
                attempt(
                    message_id, segment_no, user_message_reference=100 + 2 * number + segment_no, at_us=100
                ),
            )
            add("submit_result", result(message_id, segment_no, 1, 0, smsc_id))
            add(
                "segment_outcome",
                keyed_row(
                    schema.segment_outcome, message_id, segment_no=segment_no, state=int(state), told_by=1
                ),
            )
        add(
            "message_final",
            keyed_row(
                schema.message_final,
                message_id,
                sequence=10 + number,
                state=int(state),
                settled_micros=settled,
                released_micros=count * PRICE - settled,
            ),
        )
        add("ledger_transfer", transfer(message_id, TransferKind.HOLD, count * PRICE))
        if late:
            add("ledger_transfer", transfer(message_id, TransferKind.EXPIRE, count * PRICE))
            add("ledger_transfer", transfer(message_id, TransferKind.LATE_CHARGE, count * PRICE))
        elif settled:
            add("ledger_transfer", transfer(message_id, TransferKind.SETTLE, settled))
        else:
            add("ledger_transfer", transfer(message_id, TransferKind.RELEASE, count * PRICE))
    for table, some in rows.items():
        insert_rows(connection, schema.metadata.tables[table], some)


@pytest.fixture(params=["rows of their own", "folded"])
def filled(request: pytest.FixtureRequest, database: Database) -> Database:
    for fills in (fill, add_whole, add_plain):
        database.run(fills)
    if request.param == "folded":
        database.run(fold)
    return database


def truth(database: Database) -> list[SmscRecord]:
    """The SMSC's rows of whatever has an end, as an honest one writes them."""
    records = []
    for message in database.read(lambda connection: list(our_messages(connection, SHARD))):
        for segment in message.segments:
            if segment.taken:
                named = (segment.source, segment.destination, segment.user_message_reference)
                state = MessageState(segment.state)
                count = segment.count if segment.count > 1 else segment.parts
                records.append(
                    SmscRecord(segment.smsc_message_id, "op", *named, 200, 700, state, "0", 0, count)
                )
    return records


def both(database: Database, records: list[SmscRecord]) -> tuple[Reconciliation, Reconciliation]:
    """(from whole messages, from columns)."""
    return (
        database.read(lambda connection: reconcile(our_messages(connection, SHARD), records)),
        database.read(lambda connection: reconcile(PlainRows(connection, SHARD), records)),
    )


def test_columns_say_what_whole_messages_say(filled: Database) -> None:
    records = truth(filled)
    whole, columns = both(filled, records)
    assert columns.as_json() == whole.as_json()
    assert (columns.messages, columns.matched) == (10, 3 + 2 + 7)


def test_a_correction_about_a_message_counts_on_both_ways(filled: Database) -> None:
    """A credit note of 12 with 3 of tax, and a charge by hand of 20 that has its tax within it."""
    records = truth(filled)
    values = {"client_reference": "c", "amount_micros": 12, "tax_micros": 3, "reason": "r", "changed_by": "a"}
    for number, kind in enumerate((TransferKind.CREDIT_NOTE, TransferKind.CHARGE, TransferKind.PAYMENT)):
        named = {**values, "client_reference": f"c{number}", "kind": int(kind), "reference": 50 + number}
        named |= {"message_id": PLAIN[0] if number < 1 else PLAIN[2], "account_no": 1, "at_us": 1}
        found = row(schema.correction, **named)
        filled.run(lambda connection, found=found: insert_rows(connection, schema.correction, [found]))  # type: ignore[misc]
    told = filled.read(lambda connection: corrected_by_message(connection))
    assert told == {PLAIN[0]: -15, PLAIN[2]: 12}
    wrong = [
        SmscRecord(
            *(
                EXPIRED if name == "state" and record.destination == "919812345000" else getattr(record, name)
                for name in FIELDS
            )
        )
        for record in records
    ]
    whole, columns = both(filled, wrong)
    assert columns.as_json() == whole.as_json()
    differs = whole.classes[ReconciliationClass.OUTCOME_DIFFERS]
    assert (differs.segments, differs.charged_micros, differs.at_risk_micros) == (1, PRICE - 15, PRICE - 15)


def _state(record: SmscRecord) -> list[SmscRecord]:
    other = EXPIRED if record.state is DELIVERED else DELIVERED
    return [SmscRecord(*(other if name == "state" else getattr(record, name) for name in FIELDS))]


def _again(record: SmscRecord) -> list[SmscRecord]:
    other = f"{record.smsc_message_id}-2"
    twin = SmscRecord(*(other if name == "smsc_message_id" else getattr(record, name) for name in FIELDS))
    return [record, twin]


def _count(record: SmscRecord) -> list[SmscRecord]:
    return [SmscRecord(*(7 if name == "segments" else getattr(record, name) for name in FIELDS))]


FIELDS = SmscRecord.__struct_fields__
LIES = {"lost": lambda record: [], "state": _state, "twice": _again, "repeated": lambda row: [row, row]}


@pytest.mark.parametrize("lie", [*LIES.values(), _count], ids=[*LIES, "count"])
def test_every_lie_about_every_row_comes_out_alike(filled: Database, lie: Any) -> None:
    records = truth(filled)
    for place, record in enumerate(records):
        whole, columns = both(filled, [*records[:place], *lie(record), *records[place + 1 :]])
        assert columns.as_json() == whole.as_json()


def test_money_of_another_currency_than_the_houses_is_told_by_itself(filled: Database) -> None:
    records, rows = truth(filled), schema.ledger_transfer

    def change(connection: Connection) -> None:
        insert_rows(connection, schema.tariff_row, [row(schema.tariff_row, row_no=1, currency="INR")])
        connection.execute(rows.update().values(currency="INR"))
        connection.execute(rows.update().where(rows.c.reference == PLAIN[0]).values(currency="USD"))

    filled.run(change)
    whole, columns = both(filled, records)
    assert columns.as_json() == whole.as_json()
    matched = columns.classes[ReconciliationClass.MATCHED]
    assert {name: each.charged_micros for name, each in matched.other_currencies.items()} == {"USD": PRICE}
    assert columns.matched == 3 + 2 + 7


def test_money_that_does_not_fit_is_seen(filled: Database) -> None:
    records = truth(filled)
    row = schema.ledger_transfer
    filled.run(lambda connection: connection.execute(row.update().values(amount_micros=PRICE - 1)))
    whole, columns = both(filled, records)
    assert columns.as_json() == whole.as_json()
    assert columns.matched == 0


def test_days_bound_what_is_read(filled: Database) -> None:
    def rows(days: range) -> list[int]:
        return filled.read(lambda connection: [row[1] for row in PlainRows(connection, SHARD, days).rows()])

    day = truth_day(filled)
    assert {TWO, OPEN, WITHDRAWN, *PLAIN} < set(rows(range(day, day + 1)))
    assert rows(range(day + 1, day + 2)) == []


def truth_day(database: Database) -> int:
    """The day of every row."""
    return int(database.read(lambda connection: next(iter(PlainRows(connection, SHARD).rows()))[0]))


def test_a_message_that_was_tried_again_is_read_whole(database: Database) -> None:
    (again,) = ids(1)
    ended = {"segment_no": 1, "state": int(DELIVERED), "told_by": 1, "smsc_message_id": "A2"}
    rows = {
        schema.message: [message_row(again)],
        schema.attempt: [attempt(again, 1), attempt(again, 1, 2)],
        schema.submit_result: [result(again, 1, 1, 0x58), result(again, 1, 2, 0, "A2")],
        schema.segment_outcome: [keyed_row(schema.segment_outcome, again, **ended)],
        schema.message_final: [
            keyed_row(schema.message_final, again, sequence=1, state=int(DELIVERED), settled_micros=PRICE)
        ],
        schema.ledger_transfer: [
            transfer(again, TransferKind.HOLD, PRICE),
            transfer(again, TransferKind.SETTLE, PRICE),
        ],
    }
    for table, some in rows.items():
        database.run(lambda connection, table=table, some=some: insert_rows(connection, table, some))
    database.run(fold)
    numbers = database.read(lambda connection: [row[5] for row in PlainRows(connection, SHARD).rows()])
    assert numbers == [None]
    whole, columns = both(database, truth(database))
    assert columns.as_json() == whole.as_json()
    assert columns.matched == 1
