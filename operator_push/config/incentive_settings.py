"""Settings of incentives: what people are rewarded for, by whom, and how rewards leave the house."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from operator_push.config.field_types import (
    Amount,
    Count,
    Moment,
    Name,
    OptionValue,
    SystemId,
    WebAddress,
    Whole,
)
from operator_push.domain.declared import CORRECTABLE, INTERESTS
from operator_push.domain.incentives import EarnedBy, Offer
from operator_push.kernel.instants import to_epoch_us
from operator_push.kernel.money import parse_amount

DAY_US = 86_400_000_000


class IncentiveSettings(BaseModel):
    """[[incentive]]: one offer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name = Field(description="1..31 letters, digits, - and _; unique, and never used for another offer")
    earned_by: Literal["opt_in", "profile"] = Field(description="opt_in or profile")
    brand: str = Field(default="", max_length=100, description="whose messages are opted in to; with opt_in")
    needs: tuple[str, ...] = Field(
        default=(), description="what makes a profile complete, such as age and interest.music; with profile"
    )
    sponsor: SystemId = Field(description="the account that pays, in the house's currency")
    amount: Amount = Field(description='decimal text in quotes, such as "5.00"')
    unit: Literal["money", "airtime", "points"] = Field(
        default="money", description="money, airtime or points: how it is shown"
    )
    point: Amount = Field(default="0.01", description="what a point is worth; with points")
    terms: str = Field(min_length=1, max_length=1_000, description="what the person is shown, and agrees to")
    valid_from: Moment | None = Field(default=None, description="a moment with its zone; left out: always")
    valid_until: Moment | None = Field(default=None, description="a moment with its zone, itself outside")
    keep_days: Whole = Field(
        default=30, ge=0, le=366, description="0..366 days in which a stop takes the reward back"
    )
    per_day_max: Count = Field(default=1_000, le=1_000_000, description="awards in 24 hours, 1..1000000")
    per_address_max: Count = Field(
        default=3, le=10_000, description="awards in 24 hours to one browser address, 1..10000"
    )

    by_keyword: bool = Field(
        default=False,
        description="true where an [[opt_in]] without a question earns it, too",
    )

    def as_offer(self) -> Offer:
        """The offer of domain.incentives."""
        return Offer(
            self.name,
            EarnedBy[self.earned_by.upper()],
            self.sponsor,
            parse_amount(self.amount),
            self.terms,
            self.brand,
            self.unit,
            parse_amount(self.point),
            self.needs,
            to_epoch_us(self.valid_from) if self.valid_from else 0,
            to_epoch_us(self.valid_until) if self.valid_until else 0,
            self.keep_days * DAY_US,
            self.per_day_max,
            self.per_address_max,
            self.by_keyword,
        )

    def problems(self) -> list[tuple[str, str]]:
        """(key, what is wrong) between the keys of one offer."""
        found = []
        if self.earned_by == "opt_in" and not self.brand:
            found.append(("brand", "an opt-in is to one brand's messages; name it"))
        if self.earned_by == "profile" and not self.needs:
            found.append(("needs", "name the attributes that make a profile complete"))
        known = (*CORRECTABLE, *INTERESTS)
        found += [
            ("needs", f"{each!r} is not one of {', '.join(known)}")
            for each in self.needs
            if each not in known
        ]
        if not parse_amount(self.amount):
            found.append(("amount", "a reward of nothing is none"))
        if self.unit == "points" and (
            not parse_amount(self.point) or parse_amount(self.amount) % parse_amount(self.point)
        ):
            found.append(("point", "the amount must be a whole number of points"))
        return found


class PayoutsSettings(BaseModel):
    """[payouts]: who pays rewards out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Name | None = Field(
        default=None, description='an installed plugin; "http" and "vouchers" ship with the product'
    )
    least: Amount = Field(default="10", description="the least that is paid out at once, in quotes")
    url: WebAddress | None = Field(default=None, description="http:// or https:// address; of http")
    secret: SecretStr | None = Field(default=None, description="key of the signature; of http")
    vouchers_file: Path | None = Field(default=None, description="CSV of code and amount; of vouchers")
    options: dict[str, OptionValue] = Field(default={}, description="keys that only this kind knows")

    @property
    def least_micros(self) -> int:
        """In micros of the house's currency."""
        return parse_amount(self.least)
