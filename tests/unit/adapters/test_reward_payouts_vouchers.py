"""A voucher is given once, the same payout gets the same one, and none left is a refusal."""

from pathlib import Path

import pytest

from operator_push.kernel.errors import OperatorError
from operator_push.services.ports import RewardPayerSettings, RewardPayment
from operator_push_adapters.reward_payouts_vouchers import VoucherPayer


def payment(payout_id: int, micros: int = 5_000_000) -> RewardPayment:
    return RewardPayment(payout_id, "919812345678", "voucher", micros, "INR")


def test_each_code_is_given_to_one_payout(tmp_path: Path) -> None:
    file = tmp_path / "vouchers.csv"
    file.write_text("code,amount\nTEN,10\nFIVE-A,5.00\nFIVE-B,5\n")
    pay = VoucherPayer(RewardPayerSettings(vouchers_file=file))
    assert pay(payment(1)).told == "FIVE-A"
    again = VoucherPayer(RewardPayerSettings(vouchers_file=file))
    assert again(payment(1)).told == "FIVE-A"
    assert (again(payment(2)).told, again(payment(3)).is_paid) == ("FIVE-B", False)
    assert again(payment(4, 10_000_000)).told == "TEN"


def test_a_file_that_is_none_stops_the_start(tmp_path: Path) -> None:
    for settings in (RewardPayerSettings(), RewardPayerSettings(vouchers_file=tmp_path / "none.csv")):
        with pytest.raises(OperatorError):
            VoucherPayer(settings)
    (tmp_path / "x.csv").write_text("serial,value\n")
    with pytest.raises(OperatorError, match="code,amount"):
        VoucherPayer(RewardPayerSettings(vouchers_file=tmp_path / "x.csv"))
