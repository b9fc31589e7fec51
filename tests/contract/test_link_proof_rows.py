"""Links of people come back as they were, and what was unlinked is gone, on every database."""

import msgspec
from sqlalchemy import Connection, func, select

from operator_push.domain.person_links import PersonLink
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.link_proof_rows import (
    drop_unlinked,
    link_events,
    person_links,
    persons_of_several_numbers,
)
from operator_push.store.small_rows import upsert

SHARD, NOW_US = 3, 1_800_000_000_000_000
ASKED = PersonLink(2, 7, "C-1", "a@b.example", b"\x00\xff", b"e" * 16, NOW_US, NOW_US + 9, guesses=1)
LINKED = PersonLink(2, 7, "C-1", "a@b.example", asked_us=NOW_US, sms_proved_us=NOW_US, linked_us=NOW_US)


def test_what_waits_and_what_is_linked_stand_beside_each_other(database: Database) -> None:
    def put(connection: Connection, link: PersonLink, is_linked: int) -> None:
        row = {"shard": SHARD, "is_linked": is_linked, **msgspec.structs.asdict(link)}
        upsert(connection, "vault_link", row)

    def work(connection: Connection) -> None:
        other = msgspec.structs.replace(LINKED, subscriber_no=8, customer_code="C-2")
        for link in (LINKED, other):
            put(connection, link, 1)
        put(connection, ASKED, 0)
        assert person_links(connection, SHARD) == [ASKED, LINKED, other]
        assert person_links(connection, SHARD, 8) == [other]
        put(connection, PersonLink(2, 8), 1)
        assert person_links(connection, SHARD, 8) == []
        drop_unlinked(connection, SHARD)
        assert connection.execute(select(func.count()).select_from(schema.vault_link)).scalar() == 2
        event = {"shard": SHARD, "event_id": 5, "account_no": 2, "subscriber_no": 7, "what": "linked"}
        more = {"told": "", "named": b"d", "at_us": NOW_US, "by_whom": "asha"}
        upsert(connection, "person_link_event", {**event, **more})
        assert link_events(connection, SHARD, 7) == [(NOW_US, 2, "linked", "", "asha")]
        assert link_events(connection, SHARD, 8) == []

    database.run(work)


def test_a_person_with_several_numbers_is_told_by_one_address(database: Database) -> None:
    def work(connection: Connection) -> None:
        for account_no, number, email, is_linked in (
            (2, 1, "a@b.example", 1),
            (2, 2, "A@b.example", 1),
            (0, 3, "a@b.example", 1),  # linked by the operator
            (9, 4, "a@b.example", 1),  # another client's
            (2, 5, "a@b.example", 0),  # waits for its codes
            (2, 6, "", 1),
            (2, 7, "", 1),
        ):
            link = PersonLink(account_no, number, "", email, asked_us=1, linked_us=is_linked)
            row = {"shard": SHARD, "is_linked": is_linked, **msgspec.structs.asdict(link)}
            upsert(connection, "vault_link", row)
        assert persons_of_several_numbers(connection, 2) == [(1, 2, 3)]
        assert persons_of_several_numbers(connection, 9) == [(3, 4)]

    database.run(work)
