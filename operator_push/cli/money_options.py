"""Options for the money terms of an account: amounts and percents at the door, integers in the call."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import click

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import format_micros, parse_amount
from operator_push.services.account_terms import PAYS_FROM, ROUNDINGS

_PPM_OF_PERCENT = 10_000


class AmountType(click.ParamType[int]):
    """A decimal amount such as 250 or 0.50, as micros."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Micros, not below 0."""
        try:
            micros = parse_amount(str(value))
        except OperatorError as error:
            self.fail(str(error), param, ctx)
        if micros < 0:
            self.fail(f"{value!r} is below 0", param, ctx)
        return micros


class PercentType(click.ParamType[int]):
    """A percentage such as 12.5 or 12.5%, as millionths."""

    name = "percent"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Millionths in 0..1,000,000."""
        text = str(value).strip().removesuffix("%")
        try:
            ppm = Decimal(text) * _PPM_OF_PERCENT
            if ppm != int(ppm) or not 0 <= ppm <= 100 * _PPM_OF_PERCENT:
                raise InvalidOperation
        except (InvalidOperation, ValueError, OverflowError):
            self.fail(f"{value!r} is not a percentage in 0..100 with at most four decimals", param, ctx)
        return int(ppm)


AMOUNT = AmountType()
PERCENT = PercentType()

MONEY_OPTIONS = (
    click.option(
        "--parent", metavar="NAME", help="The account it belongs to: a reseller, an agency, a house."
    ),
    click.option("--pays-from", type=click.Choice(PAYS_FROM), help="Whose money it spends [default: own]."),
    click.option(
        "--parent-share",
        "parent_share_ppm",
        type=PERCENT,
        help="What its parent gets of what its messages earn.",
    ),
    click.option(
        "--reward",
        "reward_ppm",
        type=PERCENT,
        help="What the subscriber gets of what a message delivered to it earns.",
    ),
    click.option(
        "--share-rounding", type=click.Choice(ROUNDINGS), help="How those parts are rounded [default: down]."
    ),
    click.option(
        "--credit-limit",
        "credit_limit_micros",
        type=AMOUNT,
        help="Postpaid, with so much credit; left out: prepaid.",
    ),
    click.option(
        "--monthly-cap",
        "monthly_cap_micros",
        type=AMOUNT,
        help="The most that it and its children spend in a month of --quota-zone.",
    ),
    click.option(
        "--warn-below", "warn_below_micros", type=AMOUNT, help="Warn when less than this is available."
    ),
    click.option(
        "--warn-at",
        "warn_at_percent",
        type=click.IntRange(0, 100),
        metavar="PERCENT",
        help="Warn when so much of the monthly cap or the credit line is used.",
    ),
    click.option(
        "--lease-slice",
        "lease_slice_micros",
        type=AMOUNT,
        help="Share its money between the owners of shards, in slices of this size.",
    ),
    click.option(
        "--online-charging",
        is_flag=True,
        default=None,
        help="Its money is what the operator's charging system grants ([online_charging]); none of its own.",
    ),
    click.option(
        "--ocs-subscription", metavar="TEXT", help="Its name in the charging system [default: NAME]."
    ),
)


def money_words(key: str, value: Any) -> str | None:
    """A money term for people; None where the term is none of ours."""
    if key.endswith("_micros"):
        return format_micros(int(value))
    if key.endswith("_ppm"):
        percent = Decimal(int(value)) / _PPM_OF_PERCENT
        return f"{percent.normalize():f}%"
    return f"{value}%" if key.endswith("_percent") else None


def money_shown(shown: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Lines of `account show` about a purse: who pays, the month, the credit line, warnings that stand."""
    lines = []
    if shown.get("pays") and shown["pays"] != shown["name"]:
        lines.append(("paid by", shown["pays"]))
    if shown.get("month_used_micros") is not None:
        lines.append(("this month", format_micros(shown["month_used_micros"])))
    if shown.get("credit_micros"):
        lines.append(("credit line", format_micros(shown["credit_micros"])))
    if online := shown.get("online"):
        lines.append(("charged online", online_words(online)))
    for each in shown.get("warnings", ()):
        words = f"{each['kind'].replace('_', ' ')}: {format_micros(each['micros'])}"
        lines.append(("WARNING", f"{words} of {format_micros(each['limit_micros'])}"))
    return lines


def online_words(online: Mapping[str, Any]) -> str:
    """The slice of an account that is charged online, in one line for people."""
    words = [f"session {online['state']}", f"quota {format_micros(online['quota_micros'])}"]
    words.append(f"used since the last report {format_micros(online['unreported_micros'])}")
    for key, what in (("advanced_micros", "advanced offline"), ("doubt_micros", "IN DOUBT")):
        if online[key]:
            words.append(f"{what} {format_micros(online[key])}")
    if online["is_final"]:
        words.append("the last that it gets")
    return ", ".join(words)
