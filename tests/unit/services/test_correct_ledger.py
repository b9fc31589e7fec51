"""Corrections: further postings with a reason, within what they correct, and harmless to repeat."""

import pytest

from operator_push.domain.ledger import Balances, TransferKind
from operator_push.domain.transfers import LedgerAccount
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.services.changes import Changes
from operator_push.services.correct_ledger import CORRECTIONS, Correction, CorrectLedger

NOW_US = 1_800_000_000_000_000
SIDES = {
    LedgerAccount.AVAILABLE: 300,
    LedgerAccount.HELD: 100,
    LedgerAccount.REVENUE: 500,
    LedgerAccount.TAX: 50,
    LedgerAccount.CREDIT: -600,
    LedgerAccount.EARNED: 40,
}


class Desk:
    """The use case for account 1, which has 300 available."""

    def __init__(self) -> None:
        self.balances, self.changes = Balances(), Changes()
        self.balances.restore(1, 300, {})
        self.correct = CorrectLedger(self.balances, IdSequence())

    def post(self, kind: str, micros: int, known: Correction | None = None, **more: object) -> Correction:
        asked = {"client_reference": "R1", "tax_micros": 0, "reason": "agreed", **more}
        correction = Correction(
            account_no=1,
            kind=int(CORRECTIONS[kind]),
            reference=0,
            amount_micros=micros,
            message_id=0,
            at_us=0,
            changed_by="ann",
            **asked,  # type: ignore[arg-type]
        )
        return self.correct.post(correction, known, SIDES, NOW_US, self.changes)


@pytest.mark.parametrize(
    ("kind", "most", "available"),
    [
        ("credit-note", 500, 800),
        ("write-off", 200, 500),
        ("pay-out", 40, 300),
        ("use-earnings", 40, 340),
        ("charge", 300, 0),
        ("payment", 10**15, 10**15 + 300),
    ],
)
def test_a_posting_is_made_up_to_what_it_corrects(kind: str, most: int, available: int) -> None:
    desk = Desk()
    with pytest.raises(OperatorError):
        desk.post(kind, most + 1)
    assert desk.changes.is_empty()
    posted = desk.post(kind, most)
    (row,) = desk.changes.ledger_transfer
    assert (row[2], row[3], row[7]) == (posted.reference, int(CORRECTIONS[kind]), most)
    assert desk.balances.available(1) == available
    ((table, kept),) = desk.changes.upserts
    assert (table, kept["reason"], kept["changed_by"]) == ("correction", "agreed", "ann")
    assert kept["at_us"] == NOW_US


def test_a_refund_takes_only_the_clients_own_money() -> None:
    with pytest.raises(OperatorError, match="own money"):
        Desk().post("refund", 1)  # all that is available is credit


def test_a_credit_note_gives_its_tax_back_under_the_same_reference() -> None:
    desk = Desk()
    posted = desk.post("credit-note", 100, tax_micros=18)
    assert [(row[2], row[3], row[7]) for row in desk.changes.ledger_transfer] == [
        (posted.reference, int(TransferKind.CREDIT_NOTE), 100),
        (posted.reference, int(TransferKind.TAX_CREDIT), 18),
    ]
    assert desk.balances.available(1) == 418
    with pytest.raises(OperatorError, match="is more than the"):
        Desk().post("credit-note", 100, tax_micros=51)


def test_the_tax_in_a_charge_goes_on_to_the_tax_side() -> None:
    desk = Desk()
    before = desk.balances.available(1)
    posted = desk.post("charge", 118, tax_micros=18)
    assert [(row[2], row[3], row[7]) for row in desk.changes.ledger_transfer] == [
        (posted.reference, int(TransferKind.CHARGE), 118),
        (posted.reference, int(TransferKind.CHARGE_TAX), 18),
    ]
    assert desk.balances.available(1) == before - 118
    with pytest.raises(OperatorError, match="within its amount"):
        Desk().post("charge", 18, tax_micros=18)


def test_the_same_again_is_known_and_another_amount_is_refused() -> None:
    desk = Desk()
    posted = desk.post("credit-note", 100)
    rows = list(desk.changes.ledger_transfer)
    assert desk.post("credit-note", 100, known=posted) == posted
    assert desk.changes.ledger_transfer == rows
    for kind, micros in (("credit-note", 101), ("payment", 100)):
        with pytest.raises(OperatorError, match="used for another posting"):
            desk.post(kind, micros, known=posted)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"reason": ""}, "reason: give one"),
        ({"client_reference": ""}, "reference: give one"),
        ({"reason": "a\nb"}, "printable"),
        ({"tax_micros": 1}, "belongs to a credit note or to a charge"),
    ],
)
def test_a_posting_has_its_words(more: dict[str, object], words: str) -> None:
    with pytest.raises(OperatorError, match=words):
        Desk().post("payment", 5, **more)  # type: ignore[arg-type]
    with pytest.raises(OperatorError, match="is not in 1"):
        Desk().post("payment", 0)
