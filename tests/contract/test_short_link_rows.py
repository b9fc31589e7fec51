"""Short links and their visits on both databases: who clicked, who bought, and which rule finds them."""

from functools import partial

from pyroaring import BitMap
from sqlalchemy import Connection
from store_rows import NOON_US, SHARD, ids, keyed_row, message_row, row

from operator_push.domain.link_visits import Filtered, VisitKind
from operator_push.domain.message import MessageState
from operator_push.domain.short_links import ShortLink
from operator_push.store import schema
from operator_push.store.audience_sets import read_set, set_keys
from operator_push.store.database import Database
from operator_push.store.short_link_rows import (
    erase_visits,
    filtered_visits,
    link_people,
    people_of_visits,
    short_link_of,
    short_links,
    visits_by,
    visits_of,
)
from operator_push.store.small_rows import upsert
from operator_push.store.statements import insert_rows

LINK = ShortLink(7, "go.chai.example", "https://chai.example/", b"key", 1, 2)
CLICK, CONVERSION, FILTERED = VisitKind.CLICK, VisitKind.CONVERSION, VisitKind.FILTERED
SECOND_US = 1_000_000
# Sent at noon; received a second later by all but 4. person, kind, µs after noon
EVENTS = (
    (1, CLICK, 30 * SECOND_US),
    (1, CLICK, 40 * SECOND_US),
    (2, CLICK, 900_000),  # sooner than a second after it left
    (3, CLICK, SECOND_US + 400_000),  # sooner than half a second after it came
    (4, CLICK, SECOND_US + 400_000),  # no receipt yet
    (5, FILTERED, 30 * SECOND_US),
    (1, CONVERSION, 60 * SECOND_US),
    (6, CONVERSION, 900_000),
)


def fill(connection: Connection) -> None:
    numbers = ids(10)
    campaign = row(schema.campaign, campaign_no=7, name="tea", account_no=1, source="56070")
    insert_rows(connection, schema.campaign, [campaign])
    insert_rows(
        connection,
        schema.message,
        [
            message_row(numbers[person], subscriber_no=person, campaign_no=7, sent_link_no=1, sent_us=NOON_US)
            for person in range(1, 7)
        ],
    )
    insert_rows(
        connection,
        schema.message_final,
        [
            keyed_row(
                schema.message_final,
                numbers[person],
                state=int(MessageState.DELIVERED),
                at_us=NOON_US + SECOND_US,
            )
            for person in (1, 2, 3, 5, 6)
        ],
    )
    for place, (person, kind, after_us) in enumerate(EVENTS):
        event = {
            "shard": SHARD,
            "campaign_no": 7,
            "event_id": place,
            "subscriber_no": person,
            "kind": int(kind),
            "why": int(Filtered.PREVIEW if kind is FILTERED else Filtered.PERSON),
            "at_us": NOON_US + after_us,
            "value_micros": 5 if kind is CONVERSION else 0,
            "order_ref": "",
        }
        upsert(connection, "link_event", event)
        upsert(connection, "link_event", event)  # told again


def test_people_are_those_who_could_have_clicked(database: Database) -> None:
    database.run(fill)

    def read(rows: Connection) -> None:
        assert people_of_visits(rows, 7, CLICK) == BitMap([1, 4])
        assert people_of_visits(rows, 7, CONVERSION) == BitMap([1, 6])
        assert [visit[0] for visit in visits_of(rows, 7, CLICK)] == [4, 1, 1]
        assert sum(visit[2] for visit in visits_of(rows, 7, CONVERSION)) == 10
        kinds = [(each.source, each.kind) for each in visits_by(rows, SHARD, 1)]
        assert kinds == [("56070", CLICK), ("56070", CLICK), ("56070", CONVERSION)]
        assert filtered_visits(rows, 7) == {int(Filtered.PREVIEW): 1}
        assert link_people(rows, 7) == BitMap(range(1, 7))
        assert {"clicked:tea", "bought:tea"} <= set_keys(rows, 1)
        assert read_set(rows, 1, "clicked:tea") == BitMap([1, 4])
        assert read_set(rows, 1, "bought:tea") == BitMap([1, 6])
        assert read_set(rows, 2, "bought:tea") == BitMap()  # another client's

    database.read(read)


def test_a_link_is_read_as_it_was_put(database: Database) -> None:
    values = {name: getattr(LINK, name) for name in LINK.__struct_fields__}
    database.run(lambda rows: upsert(rows, "short_link", values))
    assert database.read(lambda rows: short_link_of(rows, 7)) == LINK
    assert database.read(lambda rows: short_link_of(rows, 8)) is None
    assert database.read(short_links) == [LINK]


def test_visits_that_are_too_old_are_erased_some_at_a_time(database: Database) -> None:
    values = {name: getattr(LINK, name) for name in LINK.__struct_fields__}
    database.run(lambda rows: upsert(rows, "short_link", values))
    database.run(fill)
    before_us = NOON_US + 35 * SECOND_US  # all but the second click and the first sale of person 1
    erased = [
        database.run(partial(erase_visits, shard=shard, before_us=before_us, most=4))
        for shard in (SHARD + 1, SHARD, SHARD, SHARD)
    ]
    assert erased == [0, 4, 2, 0]
    left = database.read(lambda rows: visits_by(rows, SHARD, 1))
    assert [each.at_us - NOON_US for each in left] == [40 * SECOND_US, 60 * SECOND_US]
