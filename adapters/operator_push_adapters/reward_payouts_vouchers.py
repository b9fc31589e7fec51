"""Reward payouts by vouchers: codes of a file, each given to one payout.

The file is CSV with the columns code and amount (decimal, in the house's currency). A payout gets the first
code of exactly its amount; who got which is written to the same folder, in FILE.given, before it is told, and
the same payout gets the same code again.
"""

import csv
import os
from pathlib import Path

from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.money import parse_amount
from operator_push.services.ports import RewardPayerSettings, RewardPayment, RewardPaymentAnswer


class VoucherPayer:
    """A services.ports.RewardPayer over one file; one at a time."""

    def __init__(self, settings: RewardPayerSettings) -> None:
        if settings.vouchers_file is None:
            raise OperatorError("names no file", key="payouts.vouchers_file")
        self._file = settings.vouchers_file
        self._given = self._file.with_name(self._file.name + ".given")
        _vouchers(self._file)

    def __call__(self, payment: RewardPayment) -> RewardPaymentAnswer:
        """Give a code; refused where there is none of this amount.

        Raises:
            ResourceError: one of the files cannot be read or written now.
        """
        try:
            given = _rows(self._given) if self._given.exists() else []
            for payout_id, code in given:
                if payout_id == str(payment.payout_id):
                    return RewardPaymentAnswer(True, code)
            used = {code for _, code in given}
            for code, micros in _vouchers(self._file):
                if micros == payment.amount_micros and code not in used:
                    self._give(payment.payout_id, code)
                    return RewardPaymentAnswer(True, code)
        except OSError as error:
            raise ResourceError(f"vouchers: {error.strerror}") from error
        return RewardPaymentAnswer(False, "there is no voucher of this amount")

    def _give(self, payout_id: int, code: str) -> None:
        descriptor = os.open(self._given, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow([payout_id, code])
            file.flush()
            os.fsync(file.fileno())


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.reader(file) if len(row) == 2]


def _vouchers(path: Path) -> list[tuple[str, int]]:
    try:
        rows = _rows(path)
        if not rows or rows[0] != ["code", "amount"]:
            raise OperatorError("must begin with the columns code,amount", file=str(path))
        return [(code, parse_amount(amount)) for code, amount in rows[1:]]
    except OSError as error:
        raise OperatorError(f"cannot be read: {error.strerror}", file=str(path)) from error
