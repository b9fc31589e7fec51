"""Settings of invoices: who the operator is on paper, its numbers, zone, taxes and rounding."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from operator_push.config.field_types import Amount, Moment, Name, Whole, Zone
from operator_push.domain.invoicing.document import Party
from operator_push.domain.invoicing.taxes import DatedTax
from operator_push.kernel.instants import to_epoch_us
from operator_push.kernel.money import Rounding, parse_amount

PPM_PER_PERCENT = 10_000


class _TableSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InvoiceTaxSettings(_TableSettings):
    """[[invoices.tax]]: a tax that prices include."""

    name: str = Field(min_length=1, max_length=30, description="1..30 characters, such as GST")
    percent: Amount = Field(description='decimal text in quotes, such as "18"')
    valid_from: Moment | None = Field(
        default=None, description="a moment with its zone; leave out for always"
    )
    valid_until: Moment | None = Field(
        default=None, description="a moment with its zone, itself no longer in"
    )

    def as_tax(self) -> DatedTax:
        """The tax of domain.invoicing."""
        return DatedTax(
            name=self.name,
            ppm=parse_amount(self.percent) * PPM_PER_PERCENT // 1_000_000,
            valid_from_us=to_epoch_us(self.valid_from) if self.valid_from else None,
            valid_until_us=to_epoch_us(self.valid_until) if self.valid_until else None,
        )


class InvoicesSettings(_TableSettings):
    """[invoices]"""

    name: str = Field(default="", max_length=200, description="legal name; without it nothing is issued")
    address: tuple[str, ...] = Field(default=(), max_length=4, description="street lines, at most 4")
    city: str = Field(default="", max_length=200, description="city")
    postcode: str = Field(default="", max_length=200, description="postal code")
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$", description='ISO 3166-1 alpha-2, such as "IN"')
    tax_id: str = Field(default="", max_length=200, description="tax or VAT number")
    registration: str = Field(default="", max_length=200, description="number in the company register")
    email: str = Field(default="", max_length=200, description="where questions about invoices go")
    bank_account: str = Field(default="", max_length=200, description="where to pay: IBAN or account number")
    bank_name: str = Field(default="", max_length=200, description="the bank and its code")
    note: str = Field(default="", max_length=500, description="a sentence on every invoice")
    series: Name = Field(default="INV", description="begins the numbers of invoices")
    credit_series: Name = Field(default="CN", description="begins the numbers of credit notes")
    receipt_series: Name = Field(default="RCP", description="begins the numbers of top-up receipts")
    zone: Zone = Field(default="UTC", description="IANA time zone of months and dates")
    payment_days: Whole = Field(default=14, ge=0, le=365, description="days until an invoice is due, 0..365")
    rounding_step: Amount = Field(default="0.01", description='smallest amount to pay, such as "0.01"')
    rounding: Literal["half_even", "half_up", "up", "down"] = Field(
        default="half_even", description="half_even, half_up, up or down"
    )
    close_months: Literal["off", "asked", "all"] = Field(
        default="off", description="whose months the server closes: off, asked or all"
    )
    close_on_day: Whole = Field(default=1, ge=1, le=28, description="day of the next month, 1..28")
    close_at_hour: Whole = Field(default=4, ge=0, le=23, description="hour of that day in zone, 0..23")
    documents_folder: Path | None = Field(
        default=None, description="where what the server issues is written; left out: nowhere"
    )
    font_file: Path | None = Field(
        default=None, description="TrueType font of PDFs, for names that Latin-1 cannot write"
    )
    tax: tuple[InvoiceTaxSettings, ...] = Field(default=(), description="[[invoices.tax]] tables")

    @property
    def seller(self) -> Party:
        """The operator as a party of documents."""
        return Party(
            name=self.name,
            address=self.address,
            city=self.city,
            postcode=self.postcode,
            country=self.country,
            tax_id=self.tax_id,
            registration=self.registration,
            email=self.email,
            bank_account=self.bank_account,
            bank_name=self.bank_name,
        )

    @property
    def step_micros(self) -> int:
        """The smallest amount that is asked for."""
        return parse_amount(self.rounding_step)

    @property
    def rounding_rule(self) -> Rounding:
        """How what is to be paid becomes a multiple of it."""
        return Rounding(self.rounding)
