"""operator-push campaign, pace own: everybody is written to in the hour that is busiest in their own records.

The hour is an attribute like any other: it is known of whoever permits the use of call data, at the moment at
which it is asked, and of nobody else. Whoever it is not known of comes whenever the campaign runs.
"""

from typing import Final
from zoneinfo import ZoneInfo

from pyroaring import BitMap

from operator_push.cli.audience_answering import find_for
from operator_push.cli.audience_counting import Server
from operator_push.cli.campaign_lookup import Campaign, channel_of_campaign
from operator_push.cli.store_reading import open_store
from operator_push.config import Settings
from operator_push.domain.pacing import HOUR_US, Pace
from operator_push.kernel.instants import from_epoch_us

ATTRIBUTE: Final = "busiest_hour_30d"


def due_now(settings: Settings, server: Server, found: Campaign, rest: BitMap, now_us: int) -> BitMap:
    """Of those who are still to be handed in, whoever has no other hour than this one.

    In the last hour before the campaign's end everybody is due: late is better than never.

    Raises:
        OperatorError: the operator does not sell the attribute to this client, or there are no features.
    """
    terms = found.get("terms", {})
    ends_us = terms.get("ends_us")
    if terms.get("pace") != Pace.OWN.value or not rest or (ends_us and now_us >= ends_us - HOUR_US):
        return rest
    zone = terms.get("zone") or settings.policy.quiet_hours.zone
    hour = from_epoch_us(now_us).astimezone(ZoneInfo(zone)).hour
    with open_store(settings) as store:
        asked = other_hours(hour), found["account"], found["category"]
        later = find_for(settings, server, store, *asked, channel=channel_of_campaign(found))
    return rest - later.subscribers


def other_hours(hour: int) -> str:
    """The rule that finds whose busiest hour is another one."""
    return f"{ATTRIBUTE} != {hour}"
