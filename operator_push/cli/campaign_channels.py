"""operator-push campaign, channel best: who answers a brand's messages best on the screen.

Read from the brand's own earlier campaigns beside the server, of people who permit the use of call data. The
server decides: it asks for the permission of each channel, and of that use, once more for everybody.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pyroaring import BitMap

from operator_push.cli.audience_counting import Server, permitting
from operator_push.cli.campaign_lookup import Campaign, channel_of_campaign
from operator_push.cli.campaign_report import window_us
from operator_push.cli.personal_values import ValueReader
from operator_push.cli.store_reading import read_store
from operator_push.config import Settings
from operator_push.domain.best_channel import BEST
from operator_push.kernel.instants import day_of, to_epoch_us
from operator_push.store.channel_answers import answers_by_channel, who_answers_on_screen

HISTORY_DAYS = 180  # Ours: five messages on the screen take a while; archived days are not read.


def answering_on_screen(settings: Settings, server: Server, found: Campaign) -> BitMap:
    """Who answers this brand best by USSD and lets us know it; nobody where the campaign does not ask."""
    if channel_of_campaign(found) != BEST:
        return BitMap()
    since_day = day_of(to_epoch_us(datetime.now(UTC))) - HISTORY_DAYS
    asked = settings.shard, found["brand_no"], since_day, window_us(found)
    history = read_store(settings, lambda rows: answers_by_channel(rows, *asked))
    return who_answers_on_screen(history) & permitting(server, "use_call_data")


def recipient_arguments(
    settings: Settings, server: Server, found: Campaign, recipients: BitMap
) -> Callable[[list[int]], dict[str, Any]]:
    """The further arguments of campaign.hand_in for some of the recipients: what fills their texts, and who
    of them answers best on the screen.

    Raises:
        OperatorError: as ValueReader.
    """
    values = ValueReader(settings, server, found, recipients).wire
    on_screen = answering_on_screen(settings, server, found) & recipients
    if not on_screen:
        return values

    def arguments(numbers: list[int]) -> dict[str, Any]:
        return {**values(numbers), "by_ussd": [number for number in numbers if number in on_screen]}

    return arguments
