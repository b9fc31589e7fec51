"""Transfers: every kind joins two sides, and money can only travel the ways that exist."""

from operator_push.domain.transfers import LEGS, LedgerAccount, TransferKind


def test_every_kind_has_two_different_sides_and_revenue_is_never_taken_back() -> None:
    assert set(LEGS) == set(TransferKind)
    for debit, credit in LEGS.values():
        assert debit is not credit
        assert debit is not LedgerAccount.REVENUE
        assert credit is not LedgerAccount.FUNDING
