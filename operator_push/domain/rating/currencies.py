"""Currencies: the dated rate by which a tariff's amounts become an account's currency.

Law: unit prices are converted, once and in whole micros, so that units × unit price stays exact.
"""

from fractions import Fraction

import msgspec

from operator_push.domain.rating.document import ExchangeRate, TariffDocument
from operator_push.kernel.instants import to_epoch_us
from operator_push.kernel.money import Rounding, divide_micros


class Converter(msgspec.Struct, frozen=True):
    """Converts amounts of a tariff; `rate` None: the account pays in the tariff's own currency."""

    currency: str
    rounding: Rounding
    rate: ExchangeRate | None = None

    def convert(self, micros: int) -> int:
        """The amount in `currency`, in whole micros."""
        if self.rate is None:
            return micros
        exact = micros * Fraction(self.rate.rate)
        return divide_micros(exact.numerator, exact.denominator, self.rounding)


def converter_for(
    tariff: TariffDocument, account: str, at_us: int, currency: str | None = None
) -> Converter | None:
    """The conversion for an account at a moment, None where its currency has no rate yet.

    `currency` is that of the account's money; None: what the tariff says about the account.
    """
    part = tariff.accounts.get(account)
    currency = currency or (part.currency if part and part.currency else tariff.currency)
    rounding = tariff.contract_of(account).rounding
    if currency == tariff.currency:
        return Converter(currency, rounding)
    begun = [
        each for each in tariff.exchange_rate if each.to == currency and to_epoch_us(each.valid_from) <= at_us
    ]
    if not begun:
        return None
    return Converter(currency, rounding, max(begun, key=lambda each: each.valid_from))
