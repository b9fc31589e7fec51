"""Campaign funnel: how far the people of a campaign came, from being handed in to what they did about it."""

from collections import Counter, defaultdict
from enum import Enum
from typing import Final

from pyroaring import BitMap

from operator_push.domain.consent import SMS
from operator_push.domain.message import RefusalReason

QUARTER_US: Final = 900 * 1_000_000  # zones differ by quarters of an hour
_CONTROLS: Final = (RefusalReason.HOLDOUT, RefusalReason.CONTROL_GROUP)
# Refused before rule 9 was asked, so nobody knows in which group these people would be.
_BEFORE_THE_DRAW: Final = frozenset(
    {
        RefusalReason.BAD_DESTINATION,
        RefusalReason.BAD_SOURCE,
        RefusalReason.NO_ROUTE,
        RefusalReason.NO_PERMISSION,
        RefusalReason.WITHDRAWN,
        RefusalReason.DO_NOT_DISTURB,
        RefusalReason.ACCOUNT_SUSPENDED,
    }
)


class Step(Enum):
    """In the order of the way; the value is what a report says."""

    HANDED_IN = "handed_in"
    HELD = "held"  # admitted, and its money held
    SUBMITTED = "submitted"  # its first octets are on the way to an SMSC
    DELIVERED = "delivered"
    FAILED = "failed"
    REPLIED = "replied"
    CLICKED = "clicked"  # followed the short link in it
    CONVERTED = "converted"  # the client says so, by the token of that link
    OPTED_OUT = "opted_out"


# What a report tells hour by hour.
HOURLY: Final = tuple(step for step in Step if step is not Step.HANDED_IN)


class Funnel:
    """What became of one campaign's people.

    `people`: step → who came so far; `suppressed` and `failed`: cause → who; `quarters`: step → start of a
    quarter of an hour (µs) → how many; `treated` and `controls`: the groups that rule 9 drew, be it that a
    cap or an empty purse kept a treated one from getting it; `stopped`: who of either stopped the brand;
    `other_channels`: channel → whose message was for it, where that is not SMS.
    """

    def __init__(self) -> None:
        self.people: dict[Step, BitMap] = defaultdict(BitMap)
        self.suppressed: dict[str, BitMap] = defaultdict(BitMap)
        self.failed: dict[str, BitMap] = defaultdict(BitMap)
        self.quarters: dict[Step, Counter[int]] = defaultdict(Counter)
        self.treated = BitMap()
        self.controls: dict[RefusalReason, BitMap] = {reason: BitMap() for reason in _CONTROLS}
        self.stopped = BitMap()
        self.other_channels: dict[str, BitMap] = defaultdict(BitMap)
        self.settled_micros = 0
        self.released_micros = 0
        self.converted_micros = 0  # what the client says that its conversions were worth

    def note(self, step: Step, subscriber_no: int, at_us: int) -> None:
        """Somebody came to a step; the first time counts."""
        reached = self.people[step]
        if subscriber_no not in reached:
            reached.add(subscriber_no)
            self.quarters[step][at_us // QUARTER_US * QUARTER_US] += 1

    def refused(self, reason: RefusalReason, subscriber_no: int) -> None:
        """Somebody never got it."""
        self.suppressed[reason.name].add(subscriber_no)
        if reason in self.controls:
            self.controls[reason].add(subscriber_no)
        elif reason not in _BEFORE_THE_DRAW:
            self.treated.add(subscriber_no)

    def by_channel(self) -> dict[str, BitMap]:
        """Channel → whose message was for it; nothing where all were SMS."""
        if not self.other_channels:
            return {}
        sms = BitMap(self.people[Step.HANDED_IN])
        for others in self.other_channels.values():
            sms -= others
        return {**({SMS: sms} if sms else {}), **self.other_channels}

    @property
    def control_group(self) -> BitMap:
        """The campaign's own group; where it has none, that of all promotions."""
        return self.controls[RefusalReason.CONTROL_GROUP] or self.controls[RefusalReason.HOLDOUT]
