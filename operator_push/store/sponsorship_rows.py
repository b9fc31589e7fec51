"""Sponsorship rows: as a start reads them back; they are written as upserts."""

from sqlalchemy import Connection, select

from operator_push.domain.sponsorship import Slot, SponsoredIssue, Sponsorship, Sponsorships
from operator_push.store import schema


def sponsorships(connection: Connection) -> Sponsorships:
    """Everything about lines that somebody bought."""
    slots = [Slot(**dict(row)) for row in connection.execute(select(schema.channel_slot)).mappings()]
    bought = connection.execute(select(schema.channel_sponsorship)).mappings()
    carried = select(schema.sponsored_issue).order_by(schema.sponsored_issue.c.campaign_no)
    return Sponsorships(
        {slot.channel_no: slot for slot in slots},
        {row["sponsorship_no"]: Sponsorship(**dict(row)) for row in bought},
        [SponsoredIssue(**dict(row)) for row in connection.execute(carried).mappings()],
    )
