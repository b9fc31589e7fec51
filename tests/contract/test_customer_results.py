"""What became of a campaign by the client's own customer codes, on both databases."""

import msgspec
from sqlalchemy import Connection
from store_rows import NOON_US, SHARD, ids, keyed_row, message_row, row

from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.link_visits import VisitKind
from operator_push.domain.message import MessageState, Verdict
from operator_push.domain.person_links import PersonLink
from operator_push.store import schema
from operator_push.store.customer_results import CustomerResult, customer_results
from operator_push.store.database import Database
from operator_push.store.small_rows import upsert
from operator_push.store.statements import insert_rows

ANSWER = next(int(action) for action in InboundAction if not action.is_for_us)
DELIVERED, EXPIRED = MessageState.DELIVERED, MessageState.EXPIRED
WITHDRAWN = MessageState.WITHDRAWN


def fill(connection: Connection) -> None:
    numbers = ids(12)
    insert_rows(
        connection,
        schema.campaign,
        [row(schema.campaign, campaign_no=7, name="tea", account_no=1, source="56070", created_us=5)],
    )
    people = (1, 2, 3, 4, 5, 6, 6)
    verdicts = {4: Verdict.REFUSE, 5: Verdict.REFUSE}  # 6 was refused first: no money, and then was not
    insert_rows(
        connection,
        schema.message,
        [
            message_row(
                numbers[place],
                subscriber_no=person,
                campaign_no=7,
                verdict=int(verdicts.get(place, Verdict.ADMIT)),
            )
            for place, person in enumerate(people)
        ],
    )
    insert_rows(
        connection,
        schema.message_final,
        [
            keyed_row(schema.message_final, numbers[place], state=int(state), at_us=NOON_US)
            for place, state in ((0, DELIVERED), (1, EXPIRED), (3, WITHDRAWN), (6, DELIVERED))
        ],
    )
    heard = [
        keyed_row(
            schema.mo_message,
            numbers[8 + place],
            subscriber_no=person,
            destination="56070",
            action=ANSWER,
            at_us=NOON_US,
        )
        for place, person in enumerate((1, 2))
    ]
    insert_rows(connection, schema.mo_message, heard)
    for account_no, person, code in (
        *((1, person, f"C-{person}") for person in (1, 2, 3, 4, 5, 6, 8)),
        (2, 1, "other"),
        (1, 9, ""),
    ):
        link = PersonLink(account_no, person, code, asked_us=1, linked_us=1)
        upsert(connection, "vault_link", {"shard": SHARD, "is_linked": 1, **msgspec.structs.asdict(link)})
    visit = {"event_id": 1, "why": 0, "at_us": NOON_US + 9_000_000, "value_micros": 0, "order_ref": ""}
    visit |= {"shard": SHARD, "campaign_no": 7, "subscriber_no": 1, "kind": int(VisitKind.CLICK)}
    upsert(connection, "link_event", visit)


def test_each_linked_customer_is_told_once_by_its_code(database: Database) -> None:
    database.run(fill)
    assert database.read(lambda rows: customer_results(rows, SHARD, 1, 7)) == [
        CustomerResult("C-1", "delivered", True, True, False),
        CustomerResult("C-2", "failed", False, False, False),
        CustomerResult("C-3", "on the way", False, False, False),
        CustomerResult("C-4", "not sent", False, False, False),
        CustomerResult("C-5", "not sent", False, False, False),
        CustomerResult("C-6", "delivered", False, False, False),
    ]
    assert [
        each.customer_code for each in database.read(lambda rows: customer_results(rows, SHARD, 2, 7))
    ] == ["other"]
