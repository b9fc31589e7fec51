"""Sponsorships come back as they were, on both databases."""

from msgspec.structs import asdict
from sqlalchemy import Connection

from operator_push.domain.sponsorship import Slot, SponsoredIssue, Sponsorship
from operator_push.store.database import Database
from operator_push.store.small_rows import upsert
from operator_push.store.sponsorship_rows import sponsorships

SLOT = Slot(3, 40, 250_000, 5, "desk")
BOUGHT = Sponsorship(1, 3, 2, "By Acme", 5, 250_000, "agreed", "mira", 6, "desk", 7)
CARRIED = SponsoredIssue(9, 1, 250_000, 8)


def test_what_was_bought_and_carried_is_read_back(database: Database) -> None:
    def work(connection: Connection) -> None:
        upsert(connection, "channel_slot", asdict(SLOT))
        upsert(connection, "channel_sponsorship", asdict(BOUGHT))
        upsert(connection, "sponsored_issue", asdict(CARRIED))
        known = sponsorships(connection)
        assert (known.slots, known.sponsorships, known.issues) == ({3: SLOT}, {1: BOUGHT}, [CARRIED])
        assert known.left(BOUGHT) == 4
        assert known.next_for(3) == BOUGHT
        assert known.next_for(4) is None

    database.run(work)
