"""Clocks of subscribers and entries of the register come back as they were put, the last one for a number."""

from store_rows import NOON_US, SHARD, ids, message_row

from operator_push.bootstrap.policy import load_reach
from operator_push.domain.campaign_reach import CampaignReach, ReachLimit
from operator_push.domain.policy import PolicyFacts, standard_policy
from operator_push.kernel.instants import MICROS_PER_DAY, day_of
from operator_push.services.changes import Changes
from operator_push.store import schema
from operator_push.store.clock_rows import subscriber_clocks
from operator_push.store.database import Database
from operator_push.store.dlt_rows import dlt_registrations
from operator_push.store.dnd_rows import StoredDndEntry, dnd_entries, dnd_entry_of
from operator_push.store.hot_rows import write_batch
from operator_push.store.rule_set_rows import rule_sets
from operator_push.store.statements import insert_rows


def test_the_last_of_what_was_noted_of_a_person_counts(database: Database) -> None:
    changes = Changes()
    for number, zone, country in ((7, "Asia/Kolkata", ""), (8, "", "404"), (7, "Asia/Tokyo", "440")):
        row = {"shard": SHARD, "subscriber_no": number, "home_zone": zone, "network_country": country}
        changes.upserts.append(("subscriber_clock", {**row, "changed_us": NOON_US}))
    database.run(lambda connection: write_batch(connection, changes, SHARD))
    found = database.read(lambda connection: [tuple(row) for row in subscriber_clocks(connection, SHARD)])
    assert found == [(7, "Asia/Tokyo", "440"), (8, "", "404")]
    assert database.read(lambda connection: list(subscriber_clocks(connection, SHARD + 1))) == []


def test_an_entry_of_the_register_stands_in_the_place_of_the_one_before(database: Database) -> None:
    changes = Changes()
    for msisdn, blocked in ((919812345678, "*"), (12125550100, "1;4"), (919812345678, "")):
        row = {
            "shard": SHARD,
            "msisdn": msisdn,
            "blocked": blocked,
            "channels": "",
            "days": "sun",
            "bands": "",
        }
        changes.upserts.append(("dnd_entry", {**row, "changed_us": NOON_US}))
    database.run(lambda connection: write_batch(connection, changes, SHARD))
    first = StoredDndEntry("12125550100", "1;4", "", "sun", "", NOON_US)
    second = StoredDndEntry("919812345678", "", "", "sun", "", NOON_US)
    assert database.read(lambda connection: list(dnd_entries(connection, SHARD))) == [first, second]
    assert database.read(lambda connection: dnd_entry_of(connection, SHARD, "919812345678")) == second
    assert database.read(lambda connection: dnd_entry_of(connection, SHARD, "919812345679")) is None


def test_rule_sets_come_back_by_number(database: Database) -> None:
    changes = Changes()
    for number in (2, 1):
        row = {"shard": SHARD, "rule_set_no": number, "content": '{"rules":{}}', "first_used_us": NOON_US}
        changes.upserts.append(("rule_set", row))
    database.run(lambda connection: write_batch(connection, changes, SHARD))
    found = database.read(lambda connection: rule_sets(connection, SHARD))
    assert found == [(1, '{"rules":{}}', NOON_US), (2, '{"rules":{}}', NOON_US)]


def test_what_is_registered_comes_back_as_it_was_said(database: Database) -> None:
    changes = Changes()
    plain = {"entity": "", "brand": "", "kinds": "", "text": ""}
    rows = [
        {"kind": "entity", "code": "1101", **plain, "brand": "Chai"},
        {
            "kind": "template",
            "code": "7",
            **plain,
            "entity": "1101",
            "kinds": "P",
            "text": "Dear {#var#}, चाय",
        },
    ]
    for row in rows:
        changes.upserts.append(("dlt_registration", {**row, "changed_us": NOON_US}))
    database.run(lambda connection: write_batch(connection, changes, SHARD))
    assert database.read(lambda connection: list(dlt_registrations(connection))) == [
        (row, NOON_US) for row in rows
    ]


def test_a_start_knows_whom_rivals_of_running_campaigns_have_reached(database: Database) -> None:
    """The people were fixed yesterday: what was sent before, their launch left out by itself."""
    number = ids(1)[0]
    messages = [
        message_row(number, campaign_no=1, subscriber_no=5, brand_no=3),
        message_row(number + 1, day=day_of(NOON_US) - 3, campaign_no=1, subscriber_no=6, brand_no=3),
    ]
    database.run(lambda connection: insert_rows(connection, schema.message, messages))
    limit = ReachLimit(None, {3: 7})

    def reached(*limited: tuple[ReachLimit, int]) -> list[int]:
        reach = CampaignReach(lambda campaign_no: limit)
        policy = standard_policy(PolicyFacts(reach=reach))
        database.read(lambda connection: load_reach(connection, SHARD, policy, limited, NOON_US))
        return [person for person in (5, 6) if reach.refuses(9, person, NOON_US, is_admitted=False)]

    assert reached((limit, NOON_US - MICROS_PER_DAY)) == [5]
    assert reached() == [], "no campaign that runs keeps to anything: nothing is read"
