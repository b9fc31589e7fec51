"""Campaign rows: everybody of a campaign is counted in one place, on both databases."""

from proof_sample import PRICE
from pyroaring import BitMap
from sqlalchemy import Connection
from store_rows import NOON_US, SHARD, ids, keyed_row, message_row, row

from operator_push.domain.message import MessageState, TrafficClass, Verdict
from operator_push.kernel.ids import id_epoch_us
from operator_push.kernel.instants import day_of
from operator_push.services.campaign_people import CampaignPeople, Fixed, Weights
from operator_push.services.changes import Changes
from operator_push.store import schema, small_rows
from operator_push.store.campaign_reach import messages_of_brand, planned_messages, reached_on
from operator_push.store.campaign_rows import CampaignCount, count_campaign, fixed_recipients, received_before
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows

ENDS = (MessageState.DELIVERED, MessageState.DELIVERED, MessageState.EXPIRED, MessageState.WITHDRAWN)


def fill(connection: Connection) -> None:
    numbers = ids(8)
    messages = [
        message_row(number, campaign_no=1, not_before_us=NOON_US + place)
        for place, number in enumerate(numbers[:5])
    ]
    messages += [
        message_row(number, campaign_no=1, verdict=int(Verdict.REFUSE), reason=5, held_micros=0)
        for number in numbers[5:7]
    ]
    messages.append(message_row(numbers[7], campaign_no=2))
    insert_rows(connection, schema.message, messages)
    finals = [
        keyed_row(
            schema.message_final,
            number,
            state=int(state),
            settled_micros=PRICE * (state == MessageState.DELIVERED),
            released_micros=PRICE * (state != MessageState.DELIVERED),
        )
        for number, state in zip(numbers, ENDS, strict=False)
    ]
    insert_rows(connection, schema.message_final, finals)


def test_the_people_of_unfinished_campaigns_are_read_back(database: Database) -> None:
    people = BitMap([3, 70_000, 4_000_000_000])

    def fill_campaigns(connection: Connection) -> None:
        states = {1: "running", 2: "paused", 3: "finished"}
        campaigns = [
            row(schema.campaign, campaign_no=number, name=state, state=state, terms="{}", progress="{}")
            for number, state in states.items()
        ]
        insert_rows(connection, schema.campaign, campaigns)
        fixed = [
            row(schema.campaign_recipients, campaign_no=number, subscribers=people.serialize())
            for number in states
        ]
        insert_rows(connection, schema.campaign_recipients, fixed)

    database.run(fill_campaigns)
    fixed = Fixed(people, 0)
    assert database.read(fixed_recipients) == {1: fixed, 2: fixed}


def test_what_people_are_worth_is_read_back(database: Database) -> None:
    changes, people = Changes(), CampaignPeople()
    weights = Weights(BitMap([3]), (BitMap([3, 4]), BitMap(), BitMap()))
    people.fix(1, BitMap([3, 4]), NOON_US, changes, weights)
    database.run(lambda connection: small_rows.upsert_all(connection, changes.upserts))
    campaign = row(schema.campaign, campaign_no=1, state="approved", terms="{}", progress="{}")
    database.run(lambda connection: insert_rows(connection, schema.campaign, [campaign]))
    assert database.read(fixed_recipients) == {1: Fixed(BitMap([3, 4]), NOON_US, weights)}


def test_who_received_a_campaign_and_did_not_answer(database: Database) -> None:
    numbers = ids(10)

    def fill_step(connection: Connection) -> None:
        campaign = row(schema.campaign, campaign_no=1, account_no=2, name="Hello", source="56070")
        insert_rows(connection, schema.campaign, [campaign])
        people = (5, 6, 7, 8)
        insert_rows(
            connection,
            schema.message,
            [
                message_row(number, campaign_no=1, subscriber_no=person)
                for number, person in zip(numbers, people, strict=False)
            ],
        )
        ends = ((MessageState.DELIVERED, 0), (MessageState.DELIVERED, 0), (MessageState.EXPIRED, 0))
        finals = [
            keyed_row(schema.message_final, number, state=int(state), at_us=NOON_US + late)
            for number, (state, late) in zip(numbers, (*ends, (MessageState.DELIVERED, 9)), strict=False)
        ]
        insert_rows(connection, schema.message_final, finals)
        heard = [
            keyed_row(schema.mo_message, numbers[8], subscriber_no=6, destination="56070", at_us=NOON_US + 1),
            keyed_row(schema.mo_message, numbers[9], subscriber_no=5, destination="56070", at_us=NOON_US - 1),
        ]
        insert_rows(connection, schema.mo_message, heard)

    database.run(fill_step)
    asked = SHARD, 2, "Hello", NOON_US + 5
    assert database.read(lambda connection: received_before(connection, *asked)) == BitMap([5])
    others = SHARD, 3, "Hello", NOON_US + 5
    assert database.read(lambda connection: received_before(connection, *others)) == BitMap()


def test_whom_a_brand_wrote_to_how_often(database: Database) -> None:
    numbers = ids(6)
    people = (5, 5, 5, 5, 6, 7)
    rows = [
        message_row(number, brand_no=3, subscriber_no=person, traffic_class=int(TrafficClass.PROMOTIONAL))
        for number, person in zip(numbers, people, strict=True)
    ]
    database.run(lambda connection: insert_rows(connection, schema.message, rows))
    database.run(
        lambda connection: insert_rows(connection, schema.brand, [row(schema.brand, brand_no=3, name="Chai")])
    )
    found = database.read(lambda connection: messages_of_brand(connection, "Chai", 0, 3))
    assert found == (BitMap([5, 6, 7]), BitMap([5]), BitMap([5]))


def test_everybody_is_counted_in_one_place(database: Database) -> None:
    database.run(fill)
    count = database.read(lambda connection: count_campaign(connection, SHARD, 1))
    assert count == CampaignCount(
        suppressed={"WITHDRAWN": 3},  # two had said stop before, one while it waited
        ended={"DELIVERED": 2, "EXPIRED": 1},
        open=1,
        held_micros=5 * PRICE,
        settled_micros=2 * PRICE,
        released_micros=2 * PRICE,
        waits_until_us=NOON_US + len(ENDS),  # of the one that is open, which is the first without an end
    )
    assert count.handed_in == 7


def test_a_campaign_without_messages_is_all_zero(database: Database) -> None:
    count = database.read(lambda connection: count_campaign(connection, SHARD, 9))
    assert count.handed_in == count.held_micros == 0


def test_whom_campaigns_are_to_reach_and_when(database: Database) -> None:
    numbers = ids(4)
    messages = [
        message_row(numbers[0], campaign_no=1, subscriber_no=5, brand_no=3),
        message_row(numbers[1], campaign_no=2, subscriber_no=6, brand_no=4, not_before_us=NOON_US + 10**9),
        message_row(numbers[2], campaign_no=1, subscriber_no=7, verdict=int(Verdict.REFUSE)),
        message_row(numbers[3], campaign_no=0, subscriber_no=8),
    ]
    database.run(lambda connection: insert_rows(connection, schema.message, messages))
    today = day_of(NOON_US)
    found = database.read(lambda connection: sorted(planned_messages(connection, SHARD, today)))
    assert found == [(5, 3, id_epoch_us(numbers[0])), (6, 4, NOON_US + 10**9)]
    assert database.read(lambda connection: list(planned_messages(connection, SHARD, today + 1))) == []
    levels = database.read(lambda connection: reached_on(connection, today, 2))
    assert levels == (BitMap([5, 6]), BitMap())
