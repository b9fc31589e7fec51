"""Channels: content that people subscribe to; each is a sender of its own.

A channel has a brand of its own, so that an act about it is an act about that brand: subscribing is a grant
of marketing to it, STOP to the code whose last message was the channel's ends it, and the menu and the
self-care pages show it beside every other sender. Nobody but the channel sends under that brand. Who permits
every brand has not subscribed to any channel.
"""

import msgspec
from pyroaring import BitMap

from operator_push.domain.consent import Purpose
from operator_push.domain.permission import PermissionBook


class Channel(msgspec.Struct, frozen=True):
    """One of them: who pays (`account_no`), its brand and category (1..8, 0 for none), the code that it
    writes from and hears at; `keyword` "" where none opens it; `notice_id` of the text shown there;
    `closed_us` 0 while it is open."""

    channel_no: int
    name: str
    account_no: int
    brand_no: int
    category: int
    short_code: str
    keyword: str
    is_double: bool
    notice_id: str
    created_us: int
    created_by: str
    closed_us: int = 0

    @property
    def is_open(self) -> bool:
        """May be subscribed to and published in."""
        return not self.closed_us


class Issue(msgspec.Struct, frozen=True):
    """One text of a channel, from 1 in each; it is handed in as the campaign of this number."""

    campaign_no: int
    channel_no: int
    issue_no: int


def subscribers(book: PermissionBook, channel: Channel) -> BitMap:
    """Who subscribed by an act about this channel and permits it now."""
    asked = book.asked(channel.brand_no, channel.category, Purpose.MARKETING)
    granted = [record.granted for record in asked if record.scope.brand_no == channel.brand_no]
    if not granted:
        return BitMap()
    permitted = book.permitting(Purpose.MARKETING, channel.brand_no, channel.category)
    return permitted & BitMap.union(*granted)
