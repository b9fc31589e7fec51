"""Simulate a tariff: what a list of messages would have cost by it, months closed.

Messages are rated in the order of time, each on top of what its account has used in its month (in the
tariff's zone) before it. Nothing is stored.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from operator_push.domain.rating.closing import close_month
from operator_push.domain.rating.currencies import converter_for
from operator_push.domain.rating.document import TariffDocument
from operator_push.domain.rating.matching import local_time
from operator_push.domain.rating.pricing import rate
from operator_push.domain.rating.values import RatingRequest, Unpriced, Usage
from operator_push.domain.rating.versions import version_at

_Month = tuple[str, int, int]  # account, year, month


@dataclass(slots=True)
class Simulation:
    """What the messages come to: totals in micros by currency, of messages and of what closes months.

    `unpriced` counts messages that no price holds; they are in no total.
    """

    messages: int = 0
    segments: int = 0
    unpriced: int = 0
    messages_micros: dict[str, int] = field(default_factory=dict)
    closing_micros: dict[str, int] = field(default_factory=dict)

    def total_micros(self) -> dict[str, int]:
        """Messages and closing together, by currency."""
        names = sorted({*self.messages_micros, *self.closing_micros})
        return {name: self.messages_micros.get(name, 0) + self.closing_micros.get(name, 0) for name in names}


@dataclass(slots=True)
class _Used:
    """What one account has used in one month; `paid_micros` by the name of the price."""

    tariff: TariffDocument
    last_us: int
    segments: dict[str, int] = field(default_factory=dict)
    paid_micros: dict[str, int] = field(default_factory=dict)
    contacts: dict[str, dict[str, int]] = field(default_factory=dict)


def simulate_tariff(versions: Sequence[TariffDocument], messages: Iterable[RatingRequest]) -> Simulation:
    """Rate messages by the version in force at each one's moment.

    Raises:
        OperatorError: the versions are not of one tariff, or none is valid at the moment of a message.
    """
    found = Simulation()
    months: dict[_Month, _Used] = {}
    credit: dict[str, dict[str, int]] = {}
    for message in sorted(messages, key=lambda each: each.at_us):
        tariff = version_at(versions, message.at_us)
        local = local_time(message.at_us, tariff.zone)
        used = months.setdefault((message.account, local.year, local.month), _Used(tariff, message.at_us))
        used.tariff, used.last_us = tariff, message.at_us
        usage = Usage(
            segments=used.segments,
            contact_segments=used.contacts.get(message.destination, {}),
            credit_micros=credit.get(message.account, {}),
        )
        rating = rate(message, tariff, usage)
        found.messages += 1
        found.segments += message.segments
        if isinstance(rating, Unpriced):
            found.unpriced += 1
            continue
        _add(found.messages_micros, rating.currency, rating.total_micros)
        _add(used.paid_micros, rating.price, rating.segments_micros)
        used.segments = dict(rating.usage.segments)
        used.contacts[message.destination] = dict(rating.usage.contact_segments)
        credit[message.account] = dict(rating.usage.credit_micros)
    for (account, _, _), used in months.items():
        converter = converter_for(used.tariff, account, used.last_us)
        if converter is not None:
            lines = close_month(used.tariff, account, used.segments, used.paid_micros, converter)
            if lines:
                _add(found.closing_micros, converter.currency, sum(line.amount_micros for line in lines))
    return found


def _add(totals: dict[str, int], key: str, amount_micros: int) -> None:
    totals[key] = totals.get(key, 0) + amount_micros
