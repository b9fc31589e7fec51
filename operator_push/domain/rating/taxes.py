"""Taxes: a line each on the net amount, with rate, validity and exempt accounts."""

from collections.abc import Iterable, Sequence
from typing import Final

from operator_push.domain.rating.document import Bundle, TariffDocument, Tax
from operator_push.domain.rating.draft import Draft, percent_text
from operator_push.domain.rating.matching import holds
from operator_push.kernel.money import Rounding, divide_micros

MILLION: Final = 1_000_000
# What a scope asks of a message, and of no account or moment.
_OF_A_MESSAGE: Final = (
    *("prefix", "network", "country", "traffic_class", "channel"),
    *("encoding", "sender_kind", "hours", "weekdays"),
)
TAX_LINE: Final = "tax "  # how a tax's line begins, and no other line does


def apply_taxes(draft: Draft) -> None:
    """Add every tax that holds this message, each on the net amount and none on another tax."""
    net = draft.total_micros
    part = draft.tariff.accounts.get(draft.request.account)
    exempt = part.exempt if part else ()
    for tax in draft.tariff.tax:
        if not holds(tax, draft.facts):
            continue
        if tax.name in exempt:
            draft.say("tax", f"{tax.name}: {draft.request.account} is exempt")
            continue
        amount = draft.share(net, tax.percent)
        draft.say("tax", f"{tax.name}: {percent_text(tax.percent)} of {draft.amount(net)}")
        draft.add(f"{TAX_LINE}{tax.name}", 1, amount)


def taxes_without_message(
    tariff: TariffDocument, account: str, at_us: int, bundle: Bundle | None = None
) -> tuple[Tax, ...]:
    """The taxes of a version on what is charged without a message: those that ask nothing of one.

    The monthly price of a `bundle` bears those that each message which it can cover would bear: a tax on
    messages to one country is on the price of a bundle for that country, and not on that of one for any.
    """
    part = tariff.accounts.get(account)
    exempt = part.exempt if part else ()
    return tuple(
        tax
        for tax in tariff.tax
        if tax.name not in exempt
        and tax.is_valid_at(at_us)
        and (tax.accounts is None or account in tax.accounts)
        and all(getattr(tax, name) in (None, getattr(bundle, name, None)) for name in _OF_A_MESSAGE)
    )


def tax_on(net_micros: int, taxes: Iterable[Tax]) -> int:
    """The sum of taxes on a net amount, each rounded half to even."""
    return sum(divide_micros(net_micros * int(tax.percent), MILLION, Rounding.HALF_EVEN) for tax in taxes)


def two_taxes(tariff: TariffDocument, configured: Sequence[str]) -> str | None:
    """A warning where a version states taxes and the configuration has some too ([[invoices.tax]], by name);
    None where there is nothing to warn of. Nobody pays both, but somebody may have meant one of them."""
    if not (tariff.tax and configured):
        return None
    stated = ", ".join(sorted({tax.name for tax in tariff.tax}))
    return (
        f"tariff {tariff.tariff} version {tariff.version} states taxes ({stated}) and [[invoices.tax]] has "
        f"{', '.join(configured)}: messages that this tariff prices bear its own taxes only; fees, and "
        "messages that others price, have those of the configuration in their prices"
    )
