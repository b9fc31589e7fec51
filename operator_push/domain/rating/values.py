"""What goes into a rating and what comes out: the message, what the month has used, and priced lines."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from operator_push.domain.message import MessageState, TrafficClass
from operator_push.domain.rating.document import SenderKind
from operator_push.text.data_coding import Encoding

SHORT_CODE_DIGITS_MAX: Final = 8  # Ours: the longest short codes in use; a longer number is a subscriber's.
_NOTHING: Final[Mapping[str, int]] = MappingProxyType({})


class RatingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One message to be priced, of one or more segments.

    `country` (ISO 3166) and `ported_network` ("404-45", of a number-portability port) are found at the edge;
    None is unknown. `attributes` are the targeting attributes of the audience rule. `state` None: not known
    yet, so that the price is what the message costs where it becomes owed. `currency`: what the account's
    money is in, None where only the tariff says so.
    """

    account: str
    destination: str
    segments: int
    at_us: int
    traffic_class: TrafficClass = TrafficClass.PROMOTIONAL
    encoding: Encoding = Encoding.GSM7
    sender_kind: SenderKind = SenderKind.ALPHANUMERIC
    channel: str = "sms"
    country: str | None = None
    ported_network: str | None = None
    attributes: tuple[str, ...] = ()
    state: MessageState | None = None
    currency: str | None = None


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What one account has used in the month of the message, before it.

    `segments` by the name of a price or bundle; `contact_segments` by the name of a contact price: what this
    one contact has been covered for (absent: its month is not paid yet); `credit_micros` by the name of a
    credit, over its whole life and not this month alone.
    """

    segments: Mapping[str, int] = _NOTHING
    contact_segments: Mapping[str, int] = _NOTHING
    credit_micros: Mapping[str, int] = _NOTHING


NO_USAGE: Final = Usage()


class Line(msgspec.Struct, frozen=True):
    """One priced line. units × unit price is the amount, save where rounding was on lines."""

    what: str
    units: int
    unit_price_micros: int
    amount_micros: int


class Applied(msgspec.Struct, frozen=True):
    """A rule that had a say, and what it said, as a sentence for people."""

    rule: str
    sentence: str


class Rating(msgspec.Struct, frozen=True, kw_only=True):
    """A price with its reasons. The lines sum to the total; `usage` is the month's with this message.

    `price` names the price that was selected, `segments_micros` is what its segment lines come to.
    """

    segments: int
    lines: tuple[Line, ...]
    total_micros: int
    currency: str
    tariff: str
    version: int
    applied: tuple[Applied, ...]
    price: str
    segments_micros: int
    usage: Usage


class Unpriced(msgspec.Struct, frozen=True):
    """No price is for this message, or the account's currency has no rate then; it cannot be sent."""

    reason: str
    applied: tuple[Applied, ...] = ()


def sender_kind_of(sender: str) -> SenderKind:
    """What a sender address looks like: letters, a short code, or a whole number."""
    if not sender.removeprefix("+").isdigit():
        return SenderKind.ALPHANUMERIC
    return SenderKind.SHORT_CODE if len(sender) <= SHORT_CODE_DIGITS_MAX else SenderKind.NUMERIC
