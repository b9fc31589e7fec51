"""Taxes: a line each on the net amount, with rate, validity and exempt accounts."""

from collections.abc import Sequence
from typing import Final

from operator_push.domain.rating.document import TariffDocument
from operator_push.domain.rating.draft import Draft, percent_text
from operator_push.domain.rating.matching import holds

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
