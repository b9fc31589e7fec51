"""Campaign rows: everybody of a campaign is counted in one place, on both databases."""

from proof_sample import PRICE
from pyroaring import BitMap
from sqlalchemy import Connection
from store_rows import SHARD, ids, keyed_row, message_row, row

from operator_push.domain.message import MessageState, Verdict
from operator_push.store import schema
from operator_push.store.campaign_rows import CampaignCount, count_campaign, fixed_recipients
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows

ENDS = (MessageState.DELIVERED, MessageState.DELIVERED, MessageState.EXPIRED, MessageState.WITHDRAWN)


def fill(connection: Connection) -> None:
    numbers = ids(8)
    messages = [message_row(number, campaign_no=1) for number in numbers[:5]]
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
    assert database.read(fixed_recipients) == {1: people, 2: people}


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
    )
    assert count.handed_in == 7


def test_a_campaign_without_messages_is_all_zero(database: Database) -> None:
    count = database.read(lambda connection: count_campaign(connection, SHARD, 9))
    assert count.handed_in == count.held_micros == 0
