"""Subscriber clocks: which local clock a person lives by.

In this order: the home zone of the subscriber record; the country of the serving network; a zone that the
operator has given to a prefix of numbers; and, where nothing is known, every zone of the number's country at
once, so that what is allowed is allowed wherever in it the person may be. The windows are always those of the
law of the number's country.

Of most numbers the first three digits tell the clock, of those in plans that countries share the digits that
decide; of others, and of people of whom something is noted, it is found once and its number kept, in two
octets a person, six with what is noted. Belongs to one thread.
"""

from array import array
from collections.abc import Callable, Iterable
from datetime import tzinfo
from functools import partial

from pyroaring import BitMap

from operator_push.domain.country_zones import zone_named, zones_of_country
from operator_push.domain.local_clock import Face, LocalClock
from operator_push.domain.mobile_countries import country_of_network
from operator_push.domain.prefixes import HEADS_REMEMBERED, PrefixTable
from operator_push.domain.quiet_rules import QuietRules

NOTED = 0xFFFF  # among the numbers of clocks: something is noted of the person, and is to be looked at
HEAD_DIGITS = 3  # ITU-T E.164: calling codes have one to three digits
UNKNOWN_ZONE = "UTC"

CountryOf = Callable[[str], str | None]


class SubscriberClocks:
    """The clocks of one shard's people."""

    def __init__(
        self,
        rules: QuietRules | None = None,
        country_of: CountryOf = lambda msisdn: None,
        zone: str = UNKNOWN_ZONE,
        zones_by_prefix: Iterable[tuple[str, str]] = (),
        country_of_head: CountryOf = lambda head: None,
        deciding_head: Callable[[str], int] = lambda msisdn: 0,
    ) -> None:
        """`country_of` gives the country (ISO 3166-1) of a number, None unknown, `country_of_head` that of
        all numbers with the same three first digits, `deciding_head` how many digits decide the country of
        all numbers of one length that begin alike (0: not known); `zone`: the clock of numbers of no known
        country.

        Raises:
            OperatorError: a zone that there is not.
        """
        self.rules = rules or QuietRules()
        self._country_of = country_of
        self._zone = zone
        self._prefixes = dict(zones_by_prefix)
        self._by_prefix = PrefixTable(self._prefixes.items())
        self._country_of_head = country_of_head
        self._deciding_head = deciding_head
        self._digits: dict[tuple[str, int], int] = {}  # by first digits and length: what _deciding_head says
        self._alike: dict[tuple[str, int], LocalClock] = {}
        self._heads: dict[str, LocalClock | None] = {}
        self._clocks: list[LocalClock] = []
        self._clock_nos: dict[tuple[str | None, tuple[str, ...]], int] = {}
        self._zones: list[str] = [""]
        self._zone_nos: dict[str, int] = {"": 0}
        self._noted = BitMap()  # of whom something is noted
        self._is_any_noted = False
        self._found = array("H")  # by subscriber_no: number of the clock, 0 not looked for yet
        self._home = array("H")  # by subscriber_no: place in _zones
        self._network = array("H")  # by subscriber_no: mobile country code, 0 unknown
        self.changes = 0
        self._last_clock = self._clocks[
            self._clock((None, (zone,))) - 1
        ]  # raises where there is no such zone
        self._last_msisdn: str | None = None
        self._last_number = 0

    def clock_of(self, subscriber_no: int, msisdn: str) -> LocalClock:
        """The clock of a person, or of a number outside the vault (subscriber_no 0)."""
        if msisdn is self._last_msisdn and subscriber_no == self._last_number:
            return self._last_clock  # several rules ask about one message
        clock = self._heads.get(msisdn[:HEAD_DIGITS])
        if clock is None or (self._is_any_noted and subscriber_no in self._noted):
            clock = self._look_up(subscriber_no, msisdn)
        self._last_msisdn, self._last_number, self._last_clock = msisdn, subscriber_no, clock
        return clock

    def _look_up(self, subscriber_no: int, msisdn: str) -> LocalClock:
        """The clock whose number is kept, or the one of all numbers with this beginning, or what is found."""
        if subscriber_no not in self._noted:
            clock = self._clock_of_head(msisdn[:HEAD_DIGITS]) or self._clock_of_alike(msisdn)
            if clock is not None:
                return clock
        found = self._found
        number = found[subscriber_no] if subscriber_no < len(found) else 0
        if number and number != NOTED:
            return self._clocks[number - 1]
        return self._find(subscriber_no, msisdn)

    def note(
        self, subscriber_no: int, home_zone: str | None = None, network_country: str | None = None
    ) -> bool:
        """Learn a home zone (IANA) or the mobile country code of the serving network; None leaves what was
        known, "" forgets it. True where that changed something.

        Raises:
            OperatorError: a zone that there is not.
            ValueError: a code that is not three digits.
        """
        changed = False
        if home_zone is not None:
            if home_zone:
                zone_named(home_zone)
            changed |= _set(self._home, subscriber_no, self._zone_no(home_zone))
        if network_country is not None:
            if network_country and not (len(network_country) == 3 and network_country.isdecimal()):
                raise ValueError(f"{network_country!r} is not a mobile country code of three digits")
            changed |= _set(self._network, subscriber_no, int(network_country or 0))
        if changed:
            self.changes += 1
            _set(self._found, subscriber_no, NOTED)
            self._noted.add(subscriber_no)
            self._is_any_noted = True
            self._last_msisdn = None
        return changed

    def noted(self, subscriber_no: int) -> tuple[str, str]:
        """(home zone, mobile country code) as noted, "" where not known."""
        home = self._home[subscriber_no] if subscriber_no < len(self._home) else 0
        code = self._network[subscriber_no] if subscriber_no < len(self._network) else 0
        return self._zones[home], f"{code:03d}" if code else ""

    def _find(self, subscriber_no: int, msisdn: str) -> LocalClock:
        country = self._country_of(msisdn)
        number = self._clock((country, self._zones_of(subscriber_no, msisdn, country)))
        if subscriber_no:
            _set(self._found, subscriber_no, number)
        return self._clocks[number - 1]

    def _clock_of_head(self, head: str) -> LocalClock | None:
        """The clock of everybody of whom nothing is noted and whose number begins so, None where not one."""
        if head in self._heads:
            return None
        country = self._country_of_head(head)
        differ = any(prefix.startswith(head) or head.startswith(prefix) for prefix in self._prefixes)
        zones = zones_of_country(country) if country and not differ else ()
        clock = self._clocks[self._clock((country, zones)) - 1] if zones else None
        self._heads[head] = clock
        return clock

    def _clock_of_alike(self, msisdn: str) -> LocalClock | None:
        """The clock of all numbers of a shared plan that begin and are as long as this one, None where the
        beginning does not tell it. Of people of whom nothing is noted."""
        length = len(msisdn)
        kind = msisdn[:HEAD_DIGITS], length
        digits = self._digits.get(kind)
        if digits is None:
            digits = self._digits[kind] = 0 if self._prefixes else self._deciding_head(msisdn)
        if not digits:
            return None
        key = msisdn[:digits], length
        clock = self._alike.get(key)
        if clock is None and self._deciding_head(msisdn) == digits:
            country = self._country_of(msisdn)
            clock = self._clocks[self._clock((country, self._zones_of(0, msisdn, country))) - 1]
            if len(self._alike) >= HEADS_REMEMBERED:
                self._alike.clear()
            self._alike[key] = clock
        return clock

    def _zones_of(self, subscriber_no: int, msisdn: str, country: str | None) -> tuple[str, ...]:
        home, network = self.noted(subscriber_no)
        if home:
            return (home,)
        at = country_of_network(network)
        zones = zones_of_country(at) if at else ()
        if zones:
            return zones
        by_prefix = self._by_prefix.along(msisdn)
        if by_prefix:
            return by_prefix[:1]
        return (zones_of_country(country) if country else ()) or (self._zone,)

    def _clock(self, key: tuple[str | None, tuple[str, ...]]) -> int:
        number = self._clock_nos.get(key)
        if number is None:
            country, zones = key
            name = f"{country or 'unknown country'}: {', '.join(zones)}"
            self._clocks.append(LocalClock(name, [self._face(country, zone) for zone in zones]))
            number = self._clock_nos[key] = len(self._clocks)
        return number

    def _face(self, country: str | None, zone: str) -> Face:
        clock: tzinfo = zone_named(zone)
        return clock, partial(self.rules.windows_on, country, zone)

    def _zone_no(self, zone: str) -> int:
        number = self._zone_nos.get(zone)
        if number is None:
            number = self._zone_nos[zone] = len(self._zones)
            self._zones.append(zone)
        return number


def _set(numbers: "array[int]", place: int, value: int) -> bool:
    """Put a value at a place, growing the array; True where it is another one."""
    if place >= len(numbers):
        if not value:
            return False
        numbers.frombytes(bytes(numbers.itemsize * (place + 1 + place // 16 - len(numbers))))
    if numbers[place] == value:
        return False
    numbers[place] = value
    return True
