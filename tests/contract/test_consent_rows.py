"""Challenges and notices as a start reads them back, on both databases."""

from sqlalchemy import Connection
from store_rows import NOON_US, SHARD, ids, keyed_row

from operator_push.domain.consent import ConsentAction
from operator_push.store import schema
from operator_push.store.consent_rows import challenges_since
from operator_push.store.database import Database
from operator_push.store.notice_rows import add_notice, registered
from operator_push.store.statements import insert_rows

OPEN, OVER, GRANT, ERASED = ids(4)
PLAIN = {"subscriber_no": 7, "purpose": 1, "channel": "sms", "basis": 1, "jurisdiction": "*"}


def fill(connection: Connection) -> None:
    challenge = {**PLAIN, "action": int(ConsentAction.CHALLENGE), "expires_us": NOON_US + 1}
    rows = [
        keyed_row(schema.consent_event, OPEN, **challenge),
        keyed_row(schema.consent_event, OVER, **{**challenge, "expires_us": NOON_US}),
        keyed_row(schema.consent_event, GRANT, **{**challenge, "action": int(ConsentAction.GRANT)}),
        keyed_row(schema.consent_event, ERASED, **{**challenge, "subscriber_no": 0}),
    ]
    insert_rows(connection, schema.consent_event, rows)


def test_challenges_that_could_be_answered_after_a_moment(database: Database) -> None:
    database.run(fill)
    found = database.read(lambda connection: list(challenges_since(connection, SHARD, NOON_US)))
    assert [(event.subscriber_no, event.expires_us) for event in found] == [(7, NOON_US + 1)]


def test_registered_notices(database: Database) -> None:
    kept = database.run(
        lambda connection: add_notice(connection, "offers", "v1", "en", "Text.", NOON_US, "me")
    )
    found = database.read(registered)
    assert ("offers", "v1", "en", kept.sha256, NOON_US) in found
