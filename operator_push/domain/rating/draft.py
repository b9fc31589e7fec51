"""The draft of a rating: lines as the rules add them, with what each rule said.

Each rule takes the draft and changes it; the order of rules is `pricing.rate`'s alone.
"""

from operator_push.domain.rating.contract import Contract, RoundingAt
from operator_push.domain.rating.currencies import Converter
from operator_push.domain.rating.document import TariffDocument
from operator_push.domain.rating.matching import Facts
from operator_push.domain.rating.values import Applied, Line, RatingRequest, Usage
from operator_push.kernel.money import MICROS_PER_UNIT, divide_micros, format_micros


class Draft:
    """A rating that is being made, of one message by one tariff.

    `open_segments` are those that nothing has covered or priced yet.
    """

    __slots__ = (
        "_converter",
        "applied",
        "contract",
        "credit_micros",
        "facts",
        "lines",
        "open_segments",
        "request",
        "segments_micros",
        "tariff",
        "used_contacts",
        "used_segments",
    )

    def __init__(
        self, request: RatingRequest, tariff: TariffDocument, facts: Facts, usage: Usage, converter: Converter
    ) -> None:
        self.request = request
        self.tariff = tariff
        self.facts = facts
        self.contract: Contract = tariff.contract_of(request.account)
        self.open_segments = request.segments
        self.segments_micros = 0
        self.lines: list[Line] = []
        self.applied: list[Applied] = []
        self.used_segments = dict(usage.segments)
        self.used_contacts = dict(usage.contact_segments)
        self.credit_micros = dict(usage.credit_micros)
        self._converter = converter

    @property
    def total_micros(self) -> int:
        """The sum of the lines so far, in the account's currency."""
        return sum(line.amount_micros for line in self.lines)

    def converted(self, micros: int) -> int:
        """An amount of the document in the account's currency, in whole micros."""
        return self._converter.convert(micros)

    def amount(self, micros: int) -> str:
        """An amount in the account's currency, for sentences."""
        return f"{format_micros(micros)} {self._converter.currency}"

    def say(self, rule: str, sentence: str) -> None:
        """Write down that a rule had a say."""
        self.applied.append(Applied(rule, sentence))

    def add(self, what: str, units: int, unit_price_micros: int) -> None:
        """Add a line, rounded here where the contract rounds lines."""
        amount = units * unit_price_micros
        if self.contract.rounding_at is RoundingAt.LINE:
            amount = self.rounded(amount)
        self.lines.append(Line(what, units, unit_price_micros, amount))

    def share(self, of_micros: int, ppm: int) -> int:
        """A percentage of an amount in whole micros, by the contract's rounding."""
        return divide_micros(of_micros * ppm, MICROS_PER_UNIT, self.contract.rounding)

    def rounded(self, micros: int) -> int:
        """An amount as a multiple of the contract's step, by its rounding."""
        step = self.contract.step_micros
        return divide_micros(micros, step, self.contract.rounding) * step

    def usable(self, left_micros: int) -> int:
        """What of a balance can pay lines: whole steps where lines are rounded, so that none runs over."""
        if self.contract.rounding_at is RoundingAt.LINE:
            return left_micros - left_micros % self.contract.step_micros
        return left_micros


def percent_text(ppm: int) -> str:
    """Millionths as a percentage for people."""
    return f"{format_micros(ppm * 100, decimals=0)} %"
