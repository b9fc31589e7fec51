"""Best channel: by which one a person answers, from what the person did with a brand's earlier messages.

The rule: of the channels by which at least MESSAGES_MIN messages arrived and something was answered, the one
with the higher answered share; SMS where there is none, and at a tie. An answer is a reply or a click within
the reply window. It is asked only of people who permit the use of call data, and only permitted channels are
chosen (services.choose_channel).
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from operator_push.domain.consent import SMS
from operator_push.domain.contact_channels import SENT_BY

BEST: Final = "best"  # as a campaign's channel: each person's own
CAMPAIGN_CHANNELS: Final = (*SENT_BY, BEST)
MESSAGES_MIN: Final = 5  # Ours: one answer to the only message says nothing.


class Answers(NamedTuple):
    """How many messages of a channel arrived at a person, and how many of them were answered."""

    delivered: int = 0
    answered: int = 0


def best_channel(by_channel: Mapping[str, Answers]) -> str:
    """The channel that somebody with this history answers best."""
    best = Answers(1, 0)
    chosen = SMS
    for channel in SENT_BY:  # SMS first, so that it wins a tie
        found = by_channel.get(channel, best)
        enough = found.delivered >= MESSAGES_MIN
        if enough and found.answered * best.delivered > best.answered * found.delivered:
            chosen, best = channel, found
    return chosen


def channels_tried(wanted: str | None) -> tuple[str, ...]:
    """By what a campaign's messages may go, by its term."""
    return SENT_BY if wanted == BEST else (wanted or SMS,)
