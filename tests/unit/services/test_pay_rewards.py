"""A payout is posted before it is asked for, answered once, and given back where it is refused."""

import pytest

from operator_push.domain.ledger import Balances
from operator_push.domain.purses import REWARD_ACCOUNTS_FROM
from operator_push.domain.transfers import LedgerAccount, TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.meters import Meters
from operator_push.services.changes import Changes
from operator_push.services.pay_rewards import PayoutState, PayRewards

NOW = 1_800_000_000_000_000
EARNED = (REWARD_ACCOUNTS_FROM + 1, int(LedgerAccount.EARNED))


class HeldBack:
    def held_back(self, subscriber_no: int, now_us: int) -> int:
        return 3_000_000


def pay(least: int = 5_000_000) -> PayRewards:
    return PayRewards(0, IdSequence(), Balances(), HeldBack(), least, Meters())


def test_all_but_what_is_held_back_is_paid_out() -> None:
    changes, house = Changes(), pay()
    asked = house.ask(1, "airtime", 10_000_000, "ann", NOW, changes)
    assert asked.amount_micros == 7_000_000
    assert changes.balance_micros[EARNED] == -7_000_000
    house.answered(asked.payout_id, True, "receipt 7", NOW + 1, changes)
    house.answered(asked.payout_id, False, "late", NOW + 2, changes)
    assert changes.balance_micros[EARNED] == -7_000_000
    states = [(row["state"], row["told"]) for _, row in changes.upserts]
    assert states == [(PayoutState.ASKED, ""), (PayoutState.PAID, "receipt 7")]
    assert house.waiting == []


def test_what_is_refused_is_owed_again() -> None:
    changes, house = Changes(), pay()
    asked = house.ask(1, "voucher", 10_000_000, "ann", NOW, changes)
    house.answered(asked.payout_id, False, "no vouchers", NOW + 1, changes)
    assert changes.balance_micros[EARNED] == 0
    kinds = [TransferKind(row[3]) for row in changes.ledger_transfer]
    assert kinds == [TransferKind.PAY_OUT, TransferKind.PAY_OUT_BACK]
    assert {row[2] for row in changes.ledger_transfer} == {asked.payout_id}


def test_too_little_and_unknown_ways_are_refused() -> None:
    changes, house = Changes(), pay()
    with pytest.raises(OperatorError, match=r"4\.999999 can be paid out now, and 3"):
        house.ask(1, "airtime", 7_999_999, "ann", NOW, changes)
    with pytest.raises(OperatorError, match="airtime, voucher, money"):
        house.ask(1, "gold", 90_000_000, "ann", NOW, changes)
    with pytest.raises(OperatorError, match="0 can be paid out"):
        pay(0).ask(1, "airtime", 3_000_000, "ann", NOW, changes)
    assert changes.is_empty()
