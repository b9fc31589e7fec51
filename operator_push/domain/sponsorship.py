"""Sponsorship: a line at the end of a channel's issues that somebody else has bought, step by step.

offered  the channel has a slot of so many characters at a price an issue
asked    a sponsor has written a line for some issues; its money is set aside
agreed   somebody else than who asked has said yes; the oldest agreed line goes out with each issue
ended    carried as often as was bought, or refused, and what is left is free again
"""

from collections.abc import Iterable
from enum import Enum
from typing import Final

import msgspec

SLOT_CHARACTERS_MAX: Final = 160
ISSUES_MAX: Final = 1_000
PRICE_MICROS_MAX: Final = 10**12  # Ours: a million units an issue


class SponsorshipState(Enum):
    """Where a sponsorship stands; the value is what the store keeps."""

    ASKED = "asked"
    AGREED = "agreed"
    ENDED = "ended"
    REFUSED = "refused"


class Slot(msgspec.Struct, frozen=True):
    """What a channel offers: a line of at most `characters` (0: none any more), `price_micros` an issue."""

    channel_no: int
    characters: int
    price_micros: int
    changed_us: int
    changed_by: str


class Sponsorship(msgspec.Struct, frozen=True):
    """One line that a sponsor (`account_no`) bought for `issues` issues at `price_micros` each."""

    sponsorship_no: int
    channel_no: int
    account_no: int
    line: str
    issues: int
    price_micros: int
    state: str
    asked_by: str
    asked_us: int
    decided_by: str = ""
    decided_us: int = 0


class SponsoredIssue(msgspec.Struct, frozen=True):
    """An issue (by its campaign) that carried a line, and what was charged for it, the tax included."""

    campaign_no: int
    sponsorship_no: int
    charged_micros: int
    at_us: int


class Sponsorships(msgspec.Struct):
    """All of a store, as a start reads them back."""

    slots: dict[int, Slot]
    sponsorships: dict[int, Sponsorship]
    issues: list[SponsoredIssue]

    def carried(self, sponsorship_no: int) -> list[SponsoredIssue]:
        """The issues that carried a line."""
        return [issue for issue in self.issues if issue.sponsorship_no == sponsorship_no]

    def left(self, sponsorship: Sponsorship) -> int:
        """How many more issues it is bought for."""
        if sponsorship.state not in (SponsorshipState.ASKED.value, SponsorshipState.AGREED.value):
            return 0
        return sponsorship.issues - len(self.carried(sponsorship.sponsorship_no))

    def next_for(self, channel_no: int) -> Sponsorship | None:
        """The oldest agreed one of a channel; None where there is none."""
        agreed = (
            each
            for each in self.of_channel(channel_no)
            if each.state == SponsorshipState.AGREED.value and self.left(each) > 0
        )
        return min(agreed, key=lambda each: each.sponsorship_no, default=None)

    def of_channel(self, channel_no: int) -> Iterable[Sponsorship]:
        """Those of one channel, oldest first."""
        return [each for _, each in sorted(self.sponsorships.items()) if each.channel_no == channel_no]
