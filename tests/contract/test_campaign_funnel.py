"""The funnel of a campaign, read from its rows on both databases."""

from pyroaring import BitMap
from sqlalchemy import Connection
from store_rows import NOON_US, SHARD, ids, keyed_row, message_row, row

from operator_push.domain.campaign_funnel import Step
from operator_push.domain.consent import ConsentAction
from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.message import MessageState, RefusalReason, Verdict
from operator_push.services.report_campaign import ExactCells, report_campaign
from operator_push.store import schema
from operator_push.store.campaign_funnel import FunnelAsked, read_funnel
from operator_push.store.database import Database
from operator_push.store.near_campaigns import near_campaigns
from operator_push.store.statements import insert_rows

HOUR_US = 3_600_000_000
ANSWER = next(int(action) for action in InboundAction if not action.is_for_us)
ASKED = FunnelAsked(SHARD, 7, 3, "56070", 0, 72 * HOUR_US)
REFUSED = {4: RefusalReason.CONTROL_GROUP, 5: RefusalReason.NO_PERMISSION, 6: RefusalReason.NO_CREDIT}


def fill(connection: Connection) -> None:
    numbers = ids(20)
    own = {"campaign_no": 7, "brand_no": 3, "source": "56070"}
    messages = [
        message_row(numbers[person], subscriber_no=person, **own, sent_link_no=1, sent_us=NOON_US)
        for person in (1, 2, 3)
    ]
    messages += [
        message_row(
            numbers[person], subscriber_no=person, **own, verdict=int(Verdict.REFUSE), reason=int(reason)
        )
        for person, reason in REFUSED.items()
    ]
    messages.append(
        message_row(numbers[7], subscriber_no=6, **own)
    )  # once there was money; its attempt has a row
    messages.append(message_row(numbers[8], subscriber_no=2, campaign_no=8, brand_no=3, source="56070"))
    insert_rows(connection, schema.message, messages)
    attempt = keyed_row(schema.attempt, numbers[7], segment_no=1, attempt_no=1, at_us=NOON_US + HOUR_US)
    insert_rows(connection, schema.attempt, [attempt])
    ends = [
        (1, MessageState.DELIVERED, 0, ""),
        (2, MessageState.DELIVERED, 0, ""),
        (3, MessageState.UNDELIVERABLE, 0, "00b"),
        (8, MessageState.DELIVERED, 2, ""),
    ]
    insert_rows(
        connection,
        schema.message_final,
        [
            keyed_row(
                schema.message_final,
                numbers[place],
                state=int(state),
                at_us=NOON_US + hour * HOUR_US,
                error_code=error,
                settled_micros=100_000 * (state is MessageState.DELIVERED),
            )
            for place, state, hour, error in ends
        ],
    )
    heard = [(1, 1), (1, 2), (2, 3)]  # the second person's answer is to the later campaign
    insert_rows(
        connection,
        schema.mo_message,
        [
            keyed_row(
                schema.mo_message,
                numbers[9 + place],
                subscriber_no=person,
                destination="56070",
                action=ANSWER,
                at_us=NOON_US + hour * HOUR_US,
            )
            for place, (person, hour) in enumerate(heard)
        ],
    )
    stops = [(4, 3), (1, 9)]  # one of the controls; and somebody who stops another brand
    insert_rows(
        connection,
        schema.consent_event,
        [
            keyed_row(
                schema.consent_event,
                numbers[13 + place],
                subscriber_no=person,
                brand_no=brand,
                action=int(ConsentAction.WITHDRAW),
                at_us=NOON_US + HOUR_US,
            )
            for place, (person, brand) in enumerate(stops)
        ],
    )


def test_everybody_is_read_as_far_as_they_came(database: Database) -> None:
    database.run(fill)
    funnel = database.read(lambda connection: read_funnel(connection, ASKED))
    came = {step: set(people) for step, people in funnel.people.items() if people}
    assert came == {
        Step.HANDED_IN: {1, 2, 3, 4, 5, 6},
        Step.HELD: {1, 2, 3, 6},
        Step.SUBMITTED: {1, 2, 3, 6},
        Step.DELIVERED: {1, 2},
        Step.FAILED: {3},
        Step.REPLIED: {1},
    }
    assert {cause: set(people) for cause, people in funnel.failed.items()} == {"UNDELIVERABLE 00b": {3}}
    assert {cause: set(people) for cause, people in funnel.suppressed.items() if people} == {
        "CONTROL_GROUP": {4},
        "NO_PERMISSION": {5},
    }
    assert (funnel.treated, funnel.control_group, funnel.stopped) == (
        BitMap([1, 2, 3, 6]),
        BitMap([4]),
        BitMap([4]),
    )
    assert funnel.quarters[Step.SUBMITTED] == {NOON_US: 3, NOON_US + HOUR_US: 1}
    assert (funnel.settled_micros, funnel.released_micros) == (200_000, 0)


def test_people_are_told_apart_by_channel(database: Database) -> None:
    database.run(fill)
    assert database.read(lambda connection: read_funnel(connection, ASKED)).by_channel() == {}
    numbers = ids(20)
    rows = [keyed_row(schema.message_channel, numbers[place], channel=1) for place in (2, 5, 8)]
    database.run(lambda connection: insert_rows(connection, schema.message_channel, rows))
    funnel = database.read(lambda connection: read_funnel(connection, ASKED))
    assert funnel.by_channel() == {"sms": BitMap([1, 3, 4, 6]), "ussd": BitMap([2, 5])}
    told = report_campaign(funnel, ExactCells(), "UTC")["channels"]
    steps = ("handed_in", "held", "delivered", "replied")
    assert [(row["channel"], *(row[step] for step in steps)) for row in told] == [
        ("sms", 4, 3, 1, 1),
        ("ussd", 2, 1, 1, 0),
    ]


def test_campaigns_for_nearly_the_same_people_are_found(database: Database) -> None:
    people = {1: range(500), 2: range(300), 3: range(450), 4: range(490), 5: range(500)}

    def fill_campaigns(connection: Connection) -> None:
        brands = dict.fromkeys(people, 3) | {5: 4}
        campaigns = [
            row(
                schema.campaign,
                campaign_no=number,
                name=str(number),
                brand_no=brands[number],
                terms="{}",
                progress="{}",
                source="56070",
                created_us=NOON_US,
            )
            for number in people
        ]
        insert_rows(connection, schema.campaign, campaigns)
        fixed = [
            row(schema.campaign_recipients, campaign_no=number, subscribers=BitMap(numbers).serialize())
            for number, numbers in people.items()
        ]
        insert_rows(connection, schema.campaign_recipients, fixed)

    database.run(fill_campaigns)
    near = database.read(lambda connection: near_campaigns(connection, 4, 3, 100))
    assert [each.campaign_no for each in near] == [1, 3]
    assert database.read(lambda connection: near_campaigns(connection, 9, 3, 100)) == []
