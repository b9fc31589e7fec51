"""Facts come back as they were written: consents in order, money to the micro, admissions for the caps."""

from sqlalchemy import Connection
from store_rows import NOON_US, SHARD, ids, keyed_row, message_row, row

from operator_push.domain.ledger import Balances, Transfer
from operator_push.domain.message import MessageState
from operator_push.domain.permission import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.kernel.ids import id_day, id_epoch_us
from operator_push.services.changes import Changes
from operator_push.services.ledger_rows import add_transfers
from operator_push.services.manage_permission import consent_row
from operator_push.store import schema
from operator_push.store.consent_rows import consent_events
from operator_push.store.database import Database
from operator_push.store.facts import (
    CountedAdmission,
    balances,
    counted_admissions,
    handed_in,
    transfers,
)
from operator_push.store.hot_rows import write_batch
from operator_push.store.statements import insert_rows

PROMOTIONAL = 3
REFUSE = 3


def test_consent_events_come_back_in_the_order_in_which_they_were_heard(database: Database) -> None:
    proof = Evidence("sms", "YES CHAI to 56070", "v3", "hi", "mo 17")
    events = [
        ConsentEvent(number, 2, 8, Purpose.MARKETING, "sms", action, NOON_US - number, proof)
        for number, action in enumerate((ConsentAction.GRANT, ConsentAction.WITHDRAW, ConsentAction.GRANT), 1)
    ]
    rows = [consent_row(SHARD, identifier, event) for identifier, event in zip(ids(3), events, strict=True)]
    database.run(lambda connection: insert_rows(connection, schema.consent_event, rows[::-1]))
    assert database.read(lambda connection: list(consent_events(connection, SHARD))) == events
    assert database.read(lambda connection: list(consent_events(connection, SHARD + 1))) == []


def test_transfers_rebuild_the_balances_that_were_stored(database: Database) -> None:
    memory, changes = Balances(SHARD), Changes()
    top_up, first, second, open_hold = ids(4)
    written: list[Transfer] = []
    for result in (
        memory.top_up(1, top_up, 1_000, NOON_US),
        memory.hold(1, first, 300, NOON_US),
        memory.hold(1, second, 200, NOON_US),
        memory.hold(1, open_hold, 100, NOON_US),
        memory.settle(1, first, 300, 250, NOON_US),
        memory.settle(1, second, 200, 0, NOON_US),
    ):
        add_transfers(changes, result.transfers)
        written += result.transfers
    database.run(lambda connection: write_batch(connection, changes, SHARD))
    found = database.read(lambda connection: list(transfers(connection, SHARD)))
    assert found == sorted(written, key=lambda each: (each.reference, each.kind))
    assert all(each.day == id_day(each.reference) for each in found)
    rebuilt: dict[tuple[int, int], int] = {}
    for each in found:
        for side, amount in ((each.debit, -each.amount_micros), (each.credit, each.amount_micros)):
            rebuilt[each.account_no, int(side)] = rebuilt.get((each.account_no, int(side)), 0) + amount
    assert database.read(lambda connection: balances(connection, SHARD)) == rebuilt
    assert rebuilt[1, 1] == memory.available(1) == 650
    assert rebuilt[1, 2] == memory.held(1) == 100


def test_admissions_are_counted_by_class_and_day(database: Database) -> None:
    promotional, refused, transactional = ids(3)

    def work(connection: Connection) -> list[CountedAdmission]:
        rows = [
            message_row(promotional, traffic_class=PROMOTIONAL, brand_no=2, subscriber_no=9),
            message_row(refused, traffic_class=PROMOTIONAL, verdict=REFUSE),
            message_row(transactional),
        ]
        insert_rows(connection, schema.message, rows)
        by_ussd = keyed_row(schema.message_channel, promotional, channel=1)
        insert_rows(connection, schema.message_channel, [by_ussd])
        return list(counted_admissions(connection, SHARD, id_day(promotional), PROMOTIONAL))

    planned_us = id_epoch_us(promotional)
    admission = CountedAdmission(promotional, 1, 2, PROMOTIONAL, 9, "919812345678", planned_us, 0, "ussd")
    assert database.run(work) == [admission]
    tomorrow = id_day(promotional) + 1
    assert database.read(lambda each: list(counted_admissions(each, SHARD, tomorrow, PROMOTIONAL))) == []


def test_an_admission_counts_when_it_left_and_not_where_it_never_did(database: Database) -> None:
    folded, retried, planned, expired, expired_there = ids(5)
    common = {"traffic_class": PROMOTIONAL, "brand_no": 2, "subscriber_no": 9}

    def work(connection: Connection) -> list[tuple[int, int]]:
        rows = [
            message_row(folded, sent_us=NOON_US + 7, sent_link_no=1, **common),
            message_row(retried, **common),
            message_row(planned, not_before_us=NOON_US + 9, **common),
            message_row(expired, **common),
            message_row(expired_there, sent_us=NOON_US + 5, sent_link_no=1, **common),
        ]
        insert_rows(connection, schema.message, rows)
        tries = [
            keyed_row(schema.attempt, retried, segment_no=1, attempt_no=number, at_us=NOON_US + 10 + number)
            for number in (1, 2)
        ]
        insert_rows(connection, schema.attempt, tries)
        ends = [
            keyed_row(schema.message_final, number, state=int(MessageState.EXPIRED))
            for number in (expired, expired_there)
        ]
        insert_rows(connection, schema.message_final, ends)
        found = counted_admissions(connection, SHARD, id_day(folded), PROMOTIONAL)
        return [(admission.message_id, admission.leaves_us) for admission in found]

    assert database.run(work) == [
        (folded, NOON_US + 7),
        (retried, NOON_US + 11),
        (planned, NOON_US + 9),
        (expired_there, NOON_US + 5),
    ]


def test_recipients_that_a_campaign_handed_in_are_known_whatever_became_of_them(database: Database) -> None:
    first, second, third, fourth = ids(4)

    def work(connection: Connection) -> list[tuple[int, int]]:
        campaigns = [
            row(schema.campaign, campaign_no=4, name="running", state="paused", created_us=NOON_US),
            row(schema.campaign, campaign_no=5, name="over", state="finished", created_us=NOON_US),
        ]
        insert_rows(connection, schema.campaign, campaigns)
        rows = [
            message_row(first, campaign_no=4, subscriber_no=11),
            message_row(second, campaign_no=4, subscriber_no=12, verdict=REFUSE),
            message_row(third, subscriber_no=13),
            message_row(fourth, campaign_no=5, subscriber_no=14),  # takes nobody any more
        ]
        insert_rows(connection, schema.message, rows)
        return [tuple(each) for each in handed_in(connection, SHARD)]

    assert sorted(database.run(work)) == [(4, 11), (4, 12)]
