"""Disputes: which steps follow which, and what one that is upheld may give back."""

import pytest
from store_rows import NOON_US

from operator_push.domain.invoicing.document import Document, DocumentKind, DocumentLine, Party, TaxRate
from operator_push.domain.transfers import LEGS, Transfer, TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.services.correct_ledger import Correction
from operator_push.services.disputes import (
    Dispute,
    DisputeEvent,
    DisputeState,
    amount_to_give,
    check_step,
    check_words,
    is_upheld_so,
    line_with_taxes_of,
    money_of,
    tax_to_give,
)

MESSAGE = 1 << 40


def dispute(*states: str, amount_micros: int = 0) -> Dispute:
    events = [DisputeEvent(DisputeState(each), "ann", "", NOON_US, amount_micros) for each in states]
    return Dispute(7, 0, MESSAGE, 1, 1, "client", "", "never came", NOON_US, tuple(events))


STEPS = """
open          under_review  yes
open          upheld        yes
open          rejected      yes
open          withdrawn     yes
open          open          no
under_review  under_review  yes
under_review  upheld        yes
under_review  open          no
upheld        rejected      no
upheld        upheld        no
rejected      upheld        no
withdrawn     under_review  no
"""


@pytest.mark.parametrize("row", [each.split() for each in STEPS.split("\n") if each])
def test_steps(row: list[str]) -> None:
    before, after, allowed = row
    it = dispute(*dict.fromkeys(("open", before)))
    if allowed == "yes":
        check_step(it, DisputeState(after))
    else:
        with pytest.raises(OperatorError, match=f"dispute 7 was {before}"):
            check_step(it, DisputeState(after))


def test_the_same_result_again_is_no_step() -> None:
    it = dispute("open", "upheld", amount_micros=5)
    assert is_upheld_so(it, None)
    assert is_upheld_so(it, 5)
    assert not is_upheld_so(it, 6)
    assert not is_upheld_so(dispute("open"), None)


def posted(*amounts: tuple[TransferKind, int]) -> tuple[Transfer, ...]:
    return tuple(
        Transfer(0, 0, MESSAGE, kind, 1, *LEGS[kind], amount, "INR", NOON_US) for kind, amount in amounts
    )


def by_hand(kind: TransferKind, amount: int, tax: int = 0) -> Correction:
    return Correction(1, "c", int(kind), 9, amount, tax, MESSAGE, "r", NOON_US, "ann")


def test_what_a_message_has_cost_is_what_was_charged_less_what_was_given_back() -> None:
    hold, settle = (TransferKind.HOLD, 300), (TransferKind.SETTLE, 236)
    assert money_of(posted(hold), []) is None
    assert money_of(posted(hold, (TransferKind.RELEASE, 300)), []) is None
    money = money_of(posted(hold, settle, (TransferKind.TAX, 36)), [by_hand(TransferKind.CREDIT_NOTE, 50, 9)])
    assert money is not None
    assert (money.payer_no, money.charged_micros, money.credited_micros) == (1, 236, 59)
    assert amount_to_give(money, None) == 177
    assert amount_to_give(money, 100) == 100
    with pytest.raises(OperatorError, match="of what the message was charged is left"):
        amount_to_give(money, 178)
    assert amount_to_give(None, None) == 0
    charged = money_of(posted(hold, (TransferKind.RELEASE, 300)), [by_hand(TransferKind.CHARGE, 70)])
    assert charged is not None
    assert charged.left_micros == 70


def test_the_tax_that_is_given_back_is_the_messages() -> None:
    postings = posted((TransferKind.HOLD, 236), (TransferKind.SETTLE, 236), (TransferKind.TAX, 36))
    assert tax_to_give(postings, 118) == 18
    assert tax_to_give(posted((TransferKind.HOLD, 236), (TransferKind.SETTLE, 236)), 118) == 0


def test_what_went_back_by_the_end_of_a_message_is_not_given_back_again() -> None:
    postings = posted(
        (TransferKind.HOLD, 236),
        (TransferKind.SETTLE, 236),
        (TransferKind.TAX, 36),
        (TransferKind.TAX_BACK, 18),
        (TransferKind.FAILED_REFUND, 118),
    )
    money = money_of(postings, [])
    assert money is not None
    assert (money.charged_micros, tax_to_give(postings, 118)) == (118, 18)
    all_of_it = (*postings[:3], *posted((TransferKind.TAX_BACK, 36), (TransferKind.FAILED_REFUND, 236)))
    gone = money_of(all_of_it, [])
    assert gone is not None
    assert (amount_to_give(gone, None), tax_to_give(all_of_it, 0)) == (0, 0)


def test_the_line_of_an_invoice_is_found_by_the_messages_tax() -> None:
    def line(what: str, *rates: int, net: int = 1) -> DocumentLine:
        taxes = tuple(TaxRate(name=f"T{rate}", ppm=rate) for rate in rates)
        return DocumentLine(what=what, amount_micros=1, net_micros=net, unit_price_micros=1, taxes=taxes)

    def invoice(*lines: DocumentLine) -> Document:
        party = Party(name="x")
        return Document(
            kind=DocumentKind.INVOICE, number="", account="a", currency="INR", issue_date="2027-01-01",
            zone="UTC", seller=party, buyer=party, lines=lines, taxes=(), total_micros=0, payable_micros=0,
        )  # fmt: skip

    taxed = posted((TransferKind.HOLD, 236), (TransferKind.SETTLE, 236), (TransferKind.TAX, 36))
    both = invoice(line("a", 50_000), line("b", 180_000), line("tax", 180_000, net=0))
    assert line_with_taxes_of(both, taxed) == 2
    assert line_with_taxes_of(both, taxed[:2]) is None
    assert line_with_taxes_of(invoice(line("a", 180_000), line("b", 180_000)), taxed) is None


@pytest.mark.parametrize("text", ["", "x" * 1_001, "two\nlines"])
def test_a_reason_can_stand_in_the_ledger(text: str) -> None:
    with pytest.raises(OperatorError, match="reason: say it in"):
        check_words("reason", text)
