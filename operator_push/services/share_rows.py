"""Share rows: what others get of a message's earnings, in the same transaction as its settle.

Out of the payer's revenue into clearing, and from there to what the operator owes the parents and the
subscriber; reference by reference, clearing comes to zero.
"""

from operator_push.domain.ledger import Balances
from operator_push.domain.purses import REWARD_ACCOUNTS_FROM, Purse
from operator_push.domain.transfers import LEGS, TransferKind
from operator_push.kernel.ids import id_day
from operator_push.services.changes import Changes

_SHARE_IN = (TransferKind.SHARE_IN, TransferKind.SHARE_IN_SECOND, TransferKind.SHARE_IN_THIRD)


def add_parts(
    changes: Changes,
    key: tuple[int, int, int],
    purse: Purse,
    payer_no: int,
    earned_micros: int,
    subscriber_no: int,
    currency: str,
    at_us: int,
) -> None:
    """Stage the parts of what one message has earned; `key` is (shard, day, reference).

    `earned_micros` what was settled, without the tax in it; `subscriber_no` whom to reward, 0 for nobody.
    """
    shares, reward = purse.parts_of(earned_micros, subscriber_no)
    if out := sum(part.micros for part in shares):
        add_posting(changes, key, TransferKind.SHARE_OUT, payer_no, out, currency, at_us)
        for kind, part in zip(_SHARE_IN, shares, strict=False):
            if part.micros:
                add_posting(changes, key, kind, part.account_no, part.micros, currency, at_us)
    if reward is not None:
        add_posting(changes, key, TransferKind.REWARD_OUT, payer_no, reward.micros, currency, at_us)
        add_posting(changes, key, TransferKind.REWARD_IN, reward.account_no, reward.micros, currency, at_us)


class RewardPostings:
    """Postings on the reward accounts of subscribers, each under the day of its reference."""

    def __init__(self, shard: int, balances: Balances) -> None:
        self._shard = shard
        self._balances = balances

    def add(
        self,
        changes: Changes,
        kind: TransferKind,
        subscriber_no: int,
        reference: int,
        micros: int,
        at_us: int,
    ) -> None:
        """Stage one posting."""
        key = (self._shard, id_day(reference), reference)
        account_no = REWARD_ACCOUNTS_FROM + subscriber_no
        add_posting(changes, key, kind, account_no, micros, self._balances.currency, at_us)


def add_posting(
    changes: Changes,
    key: tuple[int, int, int],
    kind: TransferKind,
    account_no: int,
    micros: int,
    currency: str,
    at_us: int,
) -> None:
    """Stage one posting that the ledger's memory does not keep; `key` is (shard, day, reference)."""
    debit, credit = map(int, LEGS[kind])
    changes.ledger_transfer.append((*key, int(kind), account_no, debit, credit, micros, currency, at_us))
    changes.move(account_no, debit, -micros)
    changes.move(account_no, credit, micros)
