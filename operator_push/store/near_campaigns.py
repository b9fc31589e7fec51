"""Near campaigns: the earlier campaigns of a brand whose people are nearly those of another one."""

from typing import NamedTuple

from pyroaring import BitMap
from sqlalchemy import Connection, select

from operator_push.store import schema

CAMPAIGNS_MAX = 200  # Ours: so many of a brand before it are held against it


class NearCampaign(NamedTuple):
    """A campaign as a report of it needs it."""

    campaign_no: int
    source: str
    created_us: int


def people_of(connection: Connection, campaign_no: int) -> BitMap | None:
    """For whom a campaign was launched; None where that was not fixed."""
    row = schema.campaign_recipients.c
    octets = connection.execute(select(row.subscribers).where(row.campaign_no == campaign_no)).scalar()
    return None if octets is None else BitMap.deserialize(octets)


def near_campaigns(connection: Connection, campaign_no: int, brand_no: int, floor: int) -> list[NearCampaign]:
    """Those before it whose people differ from its own in fewer than `floor`, oldest first."""
    own = people_of(connection, campaign_no)
    if own is None:
        return []
    row, campaign = schema.campaign_recipients.c, schema.campaign.c
    statement = (
        select(campaign.campaign_no, campaign.source, campaign.created_us, row.subscribers)
        .where(
            campaign.brand_no == brand_no,
            campaign.campaign_no < campaign_no,
            row.campaign_no == campaign.campaign_no,
        )
        .order_by(campaign.campaign_no.desc())
        .limit(CAMPAIGNS_MAX)
    )
    found = [
        NearCampaign(number, source, created_us)
        for number, source, created_us, octets in connection.execute(statement)
        if own.symmetric_difference_cardinality(BitMap.deserialize(octets)) < floor
    ]
    return found[::-1]
