"""Transfers: every kind joins two sides, and money can only travel the ways that exist."""

from operator_push.domain.transfers import LEGS, LedgerAccount, TransferKind


def test_every_kind_has_two_different_sides() -> None:
    assert set(LEGS) == set(TransferKind)
    assert all(debit is not credit for debit, credit in LEGS.values())


def test_only_named_kinds_take_from_what_was_earned_or_pay_out_of_the_house() -> None:
    from_revenue = {kind for kind, (debit, _) in LEGS.items() if debit is LedgerAccount.REVENUE}
    to_outside = {kind for kind, (_, credit) in LEGS.items() if credit is LedgerAccount.FUNDING}
    assert from_revenue == {
        TransferKind.TAX,
        TransferKind.CREDIT_NOTE,
        TransferKind.CHARGE_TAX,
        TransferKind.FAILED_REFUND,
        TransferKind.SHARE_OUT,
        TransferKind.REWARD_OUT,
    }
    assert to_outside == {TransferKind.PAY_OUT, TransferKind.REFUND, TransferKind.OCS_RETURN}
