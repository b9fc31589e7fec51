"""Plans: the versions of one tariff made ready, so that a message like an earlier one costs a look-up.

What two messages must share to have one plan is what the version looks at: an account, leading digits, class,
and only where some rule asks for it country, network, alphabet, kind of sender.
"""

from collections.abc import Callable, Sequence
from typing import Final

from operator_push.domain.message import TrafficClass
from operator_push.domain.rating.boundaries import next_change_us
from operator_push.domain.rating.charge import ChargePlan, plan_for
from operator_push.domain.rating.checks import SCOPED
from operator_push.domain.rating.document import Scope, TariffDocument
from operator_push.domain.rating.values import RatingRequest, Unpriced, sender_kind_of
from operator_push.text.data_coding import Encoding

PLANS_REMEMBERED: Final = 65_536  # Ours: bounds the memory of answers; beyond it they are found again.

CountryOf = Callable[[str], str | None]
PortedNetworkOf = Callable[[str, int], str | None]


class Asked:
    """What is to be priced, as far as a tariff may look at it; `encoding` is asked for only where it counts.

    `currency` is that of the account's money; `attributes` those of the audience rule.
    """

    __slots__ = (
        "account",
        "attributes",
        "channel",
        "currency",
        "destination",
        "encoding",
        "sender",
        "traffic_class",
    )

    def __init__(
        self,
        account: str,
        currency: str | None,
        destination: str,
        traffic_class: TrafficClass,
        sender: str,
        encoding: Callable[[], Encoding],
        channel: str = "sms",
        attributes: tuple[str, ...] = (),
    ) -> None:
        self.account = account
        self.currency = currency
        self.destination = destination
        self.traffic_class = traffic_class
        self.sender = sender
        self.encoding = encoding
        self.channel = channel
        self.attributes = attributes


class _Looks:
    """What one version looks at."""

    __slots__ = ("country", "digits", "encoding", "network", "sender_kind")

    def __init__(self, document: TariffDocument) -> None:
        scopes: list[Scope] = [scope for kind in SCOPED for scope in getattr(document, kind)]
        prefixes = [scope.prefix or "" for scope in scopes]
        prefixes += [prefix for each in document.number_range for prefix in each.prefixes]
        self.digits = max(map(len, prefixes), default=0)
        self.country = any(scope.country for scope in scopes)
        self.network = any(scope.network for scope in scopes)
        self.encoding = any(scope.encoding for scope in scopes)
        self.sender_kind = any(scope.sender_kind for scope in scopes)


class TariffPlans:
    """The plans of one tariff; `versions` by the numbers of their documents.

    `country_of` and `ported_network_of` are asked only where the version in force looks at them.
    """

    def __init__(
        self,
        versions: Sequence[tuple[int, TariffDocument]],
        country_of: CountryOf = lambda msisdn: None,
        ported_network_of: PortedNetworkOf = lambda msisdn, at_us: None,
    ) -> None:
        self._versions = versions
        self._country_of = country_of
        self._ported_network_of = ported_network_of
        self._from_us = self._until_us = 0
        self._plans: dict[tuple[object, ...], ChargePlan | Unpriced] = {}
        self._in_force: tuple[int, TariffDocument] | None = None
        self._looks: _Looks | None = None

    @property
    def name(self) -> str:
        """The tariff's name."""
        return self._versions[0][1].tariff if self._versions else "no tariff"

    def version_at(self, at_us: int) -> tuple[int, TariffDocument] | None:
        """The number and document of the highest version that is valid at a moment, None where none is."""
        valid = [each for each in self._versions if each[1].is_valid_at(at_us)]
        return max(valid, key=lambda each: each[1].version, default=None)

    def plan(self, asked: Asked, at_us: int) -> ChargePlan | Unpriced:
        """The plan of a message at a moment; a look-up where one like it was asked for before."""
        if not self._from_us <= at_us < self._until_us:
            self._turn(at_us)
        looks = self._looks
        if looks is None:
            return Unpriced(f"no version of {self.name} is valid then")
        destination = asked.destination
        key = (
            asked.account,
            destination[: looks.digits],
            asked.traffic_class,
            self._country_of(destination) if looks.country else None,
            self._ported_network_of(destination, at_us) if looks.network else None,
            asked.encoding() if looks.encoding else Encoding.GSM7,
            sender_kind_of(asked.sender) if looks.sender_kind else None,
            asked.channel,
            asked.attributes,
            asked.currency,
        )
        found = self._plans.get(key)
        if found is None:
            found = self._make(key, asked, at_us)
        return found

    def _make(self, key: tuple[object, ...], asked: Asked, at_us: int) -> ChargePlan | Unpriced:
        if self._in_force is None or self._looks is None:
            return Unpriced(f"no version of {self.name} is valid then")
        _, head, _, country, network, encoding, *_ = key
        request = RatingRequest(
            account=asked.account,
            destination=str(head),
            segments=1,
            at_us=at_us,
            traffic_class=asked.traffic_class,
            encoding=encoding,  # type: ignore[arg-type]
            sender_kind=sender_kind_of(asked.sender),
            channel=asked.channel,
            country=country,  # type: ignore[arg-type]
            ported_network=network,  # type: ignore[arg-type]
            attributes=asked.attributes,
            currency=asked.currency,
        )
        if len(self._plans) >= PLANS_REMEMBERED:
            self._plans.clear()
        found = self._plans[key] = plan_for(*self._in_force, request)
        return found

    def _turn(self, at_us: int) -> None:
        """Make ready for a moment outside of the time for which the plans were made."""
        self._plans.clear()
        self._in_force = self.version_at(at_us)
        self._looks = _Looks(self._in_force[1]) if self._in_force else None
        self._from_us, self._until_us = at_us, next_change_us([each for _, each in self._versions], at_us)
