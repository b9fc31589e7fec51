"""Evaluate triggers: something happened to one person; which campaigns is that for?

The event is judged when it comes, by what the person permits at that moment: marketing of the campaign's
brand in its category, and every use of data that the trigger and the rules need. Both rules of a campaign,
that of its people and its condition on the event, are asked of the PermittedProfile with the attributes of
the event, by the same language as audiences. Nothing is sent here: what fits is handed in through the one
door, which decides anew (law 4) and takes each person once.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from pyroaring import BitMap

from operator_push.domain.audience.rule import Rule
from operator_push.domain.audience.to_python import RuleFunction
from operator_push.domain.consent import SMS
from operator_push.domain.mobile_countries import country_of_network
from operator_push.domain.profile import FeatureValue, PermittedProfile
from operator_push.kernel.contracts import DataPurpose, TriggerEvent
from operator_push.kernel.instants import MICROS_PER_SECOND
from operator_push.kernel.trigger_catalogue import TRIGGERS_BY_NAME

MAX_AGE_US = 15 * 60 * MICROS_PER_SECOND  # Ours: later, "welcome to Pune" reaches whoever has left again
COUNTRY, NETWORK = "event.country", "event.network"


class Fit(Enum):
    """What becomes of an event at one campaign; the value is the word that is printed."""

    FITS = "fits"
    NOT_PERMITTED = "not permitted"
    NO_FIT = "does not fit"  # a rule is false, or not known
    TOO_LATE = "too late"


Asks = tuple[str, int, str]  # brand, category, channel as ordered


@dataclass(frozen=True, slots=True)
class Waiting:
    """A running campaign that waits for a trigger. `rule` is that of its people, `when` its condition on the
    event (None: any); `sets`: the people of every set that `rule` asks for, by key; `channel`: as ordered."""

    campaign: str
    brand: str
    category: int
    trigger: str
    rule: Rule
    when: Rule | None = None
    sets: Mapping[str, BitMap] = field(default_factory=dict)
    channel: str = SMS
    functions: tuple[RuleFunction, ...] = field(init=False)
    names: frozenset[str] = field(init=False)

    @property
    def asks(self) -> Asks:
        """Whose marketing of what by which channel must be permitted."""
        return self.brand, self.category, self.channel

    def __post_init__(self) -> None:
        rules = [self.rule] if self.when is None else [self.rule, self.when]
        object.__setattr__(self, "functions", tuple(each.function() for each in rules))
        names = frozenset(feature.name for each in rules for feature in each.attributes)
        object.__setattr__(self, "names", names)


class Held(NamedTuple):
    """What one person permits: `data`, and for each campaign that was asked for its marketing."""

    data: DataPurpose
    marketing: Sequence[bool]


# Who, and [Waiting.asks] → what the person permits now.
HeldOf = Callable[[int, Sequence[Asks]], Held]
# Who, what is held, names of attributes, brand, now, the event's attributes → what may be asked.
ProfileOf = Callable[
    [int, DataPurpose, Collection[str], str, int, Mapping[str, FeatureValue]], PermittedProfile
]


class EvaluateTriggers:
    """The use case; of one thread."""

    def __init__(self, held_of: HeldOf, profile_of: ProfileOf, max_age_us: int = MAX_AGE_US) -> None:
        self._held_of = held_of
        self._profile_of = profile_of
        self._max_age_us = max_age_us

    def judge(self, event: TriggerEvent, waiting: Sequence[Waiting], now_us: int) -> dict[str, Fit]:
        """What becomes of an event at every campaign that waits for it, by name."""
        row = TRIGGERS_BY_NAME.get(event.trigger)
        asked = [each for each in waiting if each.trigger == event.trigger]
        if row is None or not asked:
            return {}
        if now_us - event.at_us > self._max_age_us:
            return dict.fromkeys((each.campaign for each in asked), Fit.TOO_LATE)
        held = self._held_of(event.subscriber_no, [each.asks for each in asked])
        permitted = row.purposes & held.data == row.purposes
        told = {}
        for each, markets in zip(asked, held.marketing, strict=True):
            if not (permitted and markets):
                told[each.campaign] = Fit.NOT_PERMITTED
            else:
                told[each.campaign] = self._fit(event, each, held.data, now_us)
        return told

    def _fit(self, event: TriggerEvent, asked: Waiting, data: DataPurpose, now_us: int) -> Fit:
        number = event.subscriber_no
        happened = told_of(event)
        profile = self._profile_of(number, data, asked.names, asked.brand, now_us, happened)
        known: dict[str, object] = {**profile}
        known.update((key, True) for key, people in asked.sets.items() if number in people)
        fits = all(function(known, now_us) is True for function in asked.functions)
        return Fit.FITS if fits else Fit.NO_FIT


def told_of(event: TriggerEvent) -> dict[str, FeatureValue]:
    """The attributes of an event by their names in rules, with the country of a network."""
    told: dict[str, FeatureValue] = {f"event.{name}": value for name, value in event.attributes.items()}
    country = country_of_network(str(told.get(NETWORK, ""))[:3])
    return told if country is None else {**told, COUNTRY: country}
