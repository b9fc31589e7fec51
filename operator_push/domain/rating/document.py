"""A tariff document: one version of a tariff as data, in the words in which people write it.

Every rule says in its scope what it is for; a key that is not stated is for everything. Amounts are micros,
percentages millionths of the whole. What types cannot say about a document is in `checks`.
"""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Final

import msgspec

from operator_push.domain.rating.contract import Contract
from operator_push.kernel.instants import to_epoch_us
from operator_push.text.data_coding import Encoding

NETWORK_PATTERN: Final = r"^\d{3}-\d{2,3}$"  # MCC-MNC, ITU-T E.212
HOURS_PATTERN: Final = r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]  # ISO 4217
Prefix = Annotated[str, msgspec.Meta(pattern=r"^\d{0,15}$")]  # of an E.164 number without +
Network = Annotated[str, msgspec.Meta(pattern=NETWORK_PATTERN)]
Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]  # ISO 3166-1 alpha-2
Word = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Attribute = Annotated[  # of an audience rule, such as age or home.city
    str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=64)
]
Count = Annotated[int, msgspec.Meta(ge=1, le=10**15)]


class Micros(int):
    """An amount of money in a document: written as a decimal ("0.10"), kept in micros, never negative."""


class Ppm(int):
    """A percentage in a document: written as a decimal (18 or "12.5"), kept in millionths of the whole."""


class ClassName(Enum):
    """Traffic classes by the names of domain.message.TrafficClass."""

    TRANSACTIONAL = "transactional"
    SERVICE = "service"
    PROMOTIONAL = "promotional"


class SenderKind(Enum):
    """What a sender address looks like to the person who receives it."""

    ALPHANUMERIC = "alphanumeric"
    SHORT_CODE = "short_code"
    NUMERIC = "numeric"


class Weekday(Enum):
    """Days of the week in the tariff's zone; the order is that of datetime.weekday."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Volume(Enum):
    """How volume tiers count: each segment by its own tier, or all by the tier that was reached."""

    GRADUATED = "graduated"
    ALL_UNITS = "all_units"


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a document; a key it does not know is refused."""


class Scope(_Part, frozen=True, kw_only=True):
    """What a rule is for. Unstated is any; validity is half-open; hours are local to the tariff's zone.

    `hours` "09:00-21:00" may run over midnight; a weekday is that of the message's own local date.
    """

    name: Name
    prefix: Prefix | None = None
    network: Network | None = None
    country: Country | None = None
    traffic_class: ClassName | None = None
    channel: Word | None = None
    encoding: Encoding | None = None
    sender_kind: SenderKind | None = None
    hours: Annotated[str, msgspec.Meta(pattern=HOURS_PATTERN)] | None = None
    weekdays: tuple[Weekday, ...] | None = None
    accounts: tuple[Name, ...] | None = None
    valid_from: Moment | None = None
    valid_until: Moment | None = None

    def is_valid_at(self, at_us: int) -> bool:
        """True within the half-open validity."""
        return (self.valid_from is None or to_epoch_us(self.valid_from) <= at_us) and (
            self.valid_until is None or at_us < to_epoch_us(self.valid_until)
        )


class Tier(_Part, frozen=True, kw_only=True):
    """A step of a volume price: up to and with the month's segment number `up_to`; None: all further ones."""

    per_segment: Micros
    up_to: Count | None = None


class Price(Scope, frozen=True, kw_only=True):
    """What segments cost: one price, or tiers by the segments this price has counted this month.

    `minimum`: what a message that this price prices costs at least.
    """

    per_segment: Micros | None = None
    tiers: tuple[Tier, ...] | None = None
    volume: Volume = Volume.GRADUATED
    minimum: Micros | None = None


class Bundle(Scope, frozen=True, kw_only=True):
    """Segments that are included in every month; what it costs a month is a line of the invoice."""

    segments: Count
    per_month: Micros = Micros(0)


class ContactPrice(Scope, frozen=True, kw_only=True):
    """A monthly price per contact ("hotline"): its first message of a month pays, and covers `segments`."""

    per_month: Micros
    segments: Count


class Surcharge(Scope, frozen=True, kw_only=True):
    """For a targeting attribute that the audience rule uses: so much per segment, per message, or both."""

    attribute: Attribute
    per_segment: Micros = Micros(0)
    per_message: Micros = Micros(0)


class Discount(Scope, frozen=True, kw_only=True):
    """So many per cent off what segments, surcharges and minimum come to; discounts add up."""

    percent: Ppm


class Credit(Scope, frozen=True, kw_only=True):
    """Promotional credit: pays net amounts until it is used up or expires; valid_until is required."""

    amount: Micros


class Tax(Scope, frozen=True, kw_only=True):
    """A tax on the net amount; accounts named by its name in their `exempt` do not pay it."""

    percent: Ppm


class NumberRange(_Part, frozen=True, kw_only=True):
    """Which network a number belongs to where nobody says that it was ported; the longest prefix wins."""

    network: Network
    prefixes: tuple[Prefix, ...]


class ExchangeRate(_Part, frozen=True, kw_only=True):
    """Units of `to` for one unit of the tariff's currency, from a moment until the next rate begins."""

    to: Currency
    rate: Decimal
    valid_from: Moment


class AccountPart(_Part, frozen=True, kw_only=True):
    """What a tariff says about one account: its currency, its exemptions, and a contract of its own."""

    currency: Currency | None = None
    exempt: tuple[Name, ...] = ()
    contract: Contract | None = None


class TariffDocument(_Part, frozen=True, kw_only=True):
    """One version of a tariff. In force at a moment: the highest version that is valid then."""

    tariff: Name
    version: Annotated[int, msgspec.Meta(ge=1)]
    currency: Currency
    zone: str = "UTC"
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    contract: Contract = Contract()
    accounts: dict[str, AccountPart] = {}
    price: tuple[Price, ...]
    bundle: tuple[Bundle, ...] = ()
    contact: tuple[ContactPrice, ...] = ()
    surcharge: tuple[Surcharge, ...] = ()
    discount: tuple[Discount, ...] = ()
    credit: tuple[Credit, ...] = ()
    tax: tuple[Tax, ...] = ()
    number_range: tuple[NumberRange, ...] = ()
    exchange_rate: tuple[ExchangeRate, ...] = ()

    def is_valid_at(self, at_us: int) -> bool:
        """True within the half-open validity of this version."""
        return (self.valid_from is None or to_epoch_us(self.valid_from) <= at_us) and (
            self.valid_until is None or at_us < to_epoch_us(self.valid_until)
        )

    def has_currency(self, currency: str) -> bool:
        """True where an account in this currency can be priced, at some time at least."""
        return currency == self.currency or any(each.to == currency for each in self.exchange_rate)

    def contract_of(self, account: str) -> Contract:
        """The contract by which an account pays: its own, or the tariff's."""
        part = self.accounts.get(account)
        return part.contract if part and part.contract else self.contract
