"""Pay rewards: what is owed to a person leaves the house through a port, once.

    asked (pay_out is posted: earned → funding) → paid
                                                → refused (pay_out_back is posted: funding → earned)

Laws: the posting is on disk before anybody is asked to pay; whoever pays is asked again by the same payout_id
until it has answered, and pays a payout_id once; what may still be taken back is not paid out.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Protocol

import msgspec

from operator_push.domain.ledger import Balances
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.meters import Meters
from operator_push.kernel.money import format_micros
from operator_push.services.changes import Changes
from operator_push.services.share_rows import RewardPostings

HOW = ("airtime", "voucher", "money")


class PayoutState(IntEnum):
    """What became of a payout; the numbers stand in rows."""

    ASKED = 1
    PAID = 2
    REFUSED = 3


class Payout(msgspec.Struct, frozen=True):
    """A row of store.incentive_tables.reward_payout."""

    shard: int
    payout_id: int
    subscriber_no: int
    how: str
    amount_micros: int
    state: int
    told: str
    asked_by: str
    asked_us: int
    ended_us: int = 0


class Rewards(Protocol):
    """What is asked of services.award_incentives."""

    def held_back(self, subscriber_no: int, now_us: int) -> int: ...


class PayRewards:
    """The use case for one shard; owned by the loop's thread."""

    def __init__(
        self,
        shard: int,
        ids: IdSequence,
        balances: Balances,
        rewards: Rewards,
        least_micros: int,
        meters: Meters,
        waiting: Iterable[Payout] = (),
    ) -> None:
        """`waiting`: payouts of before a restart that nobody has answered for."""
        self._shard = shard
        self._ids = ids
        self._postings = RewardPostings(shard, balances)
        self._rewards = rewards
        self._least_micros = least_micros
        self._meters = meters
        self._waiting = {each.payout_id: each for each in waiting}

    @property
    def waiting(self) -> list[Payout]:
        """Those that are to be asked for, oldest first; their postings may still be on their way to disk."""
        return sorted(self._waiting.values(), key=lambda each: each.payout_id)

    def ask(
        self, subscriber_no: int, how: str, owed_micros: int, by: str, now_us: int, changes: Changes
    ) -> Payout:
        """Pay out all that a person may have now. `owed_micros`: what the ledger on disk says is earned.

        Raises:
            OperatorError: not a way of paying, or less than is paid out at all.
        """
        if how not in HOW:
            raise OperatorError(f"how {how!r} is not one of {', '.join(HOW)}")
        kept = self._rewards.held_back(subscriber_no, now_us)
        micros = owed_micros - kept
        if micros < max(1, self._least_micros):
            raise OperatorError(
                f"{format_micros(max(0, micros))} can be paid out now, and {format_micros(kept)} later; "
                f"at least {format_micros(max(1, self._least_micros))} is"
            )
        payout_id = self._ids.next_id(now_us)
        self._postings.add(changes, TransferKind.PAY_OUT, subscriber_no, payout_id, micros, now_us)
        asked = Payout(
            self._shard, payout_id, subscriber_no, how, micros, int(PayoutState.ASKED), "", by, now_us
        )
        changes.upserts.append(("reward_payout", msgspec.structs.asdict(asked)))
        self._waiting[payout_id] = asked
        self._meters.count("payouts.asked")
        return asked

    def answered(self, payout_id: int, is_paid: bool, told: str, now_us: int, changes: Changes) -> None:
        """Whoever pays has answered for good; a second answer changes nothing."""
        asked = self._waiting.pop(payout_id, None)
        if asked is None:
            return
        state = PayoutState.PAID if is_paid else PayoutState.REFUSED
        ended = msgspec.structs.replace(asked, state=int(state), told=told, ended_us=now_us)
        changes.upserts.append(("reward_payout", msgspec.structs.asdict(ended)))
        if not is_paid:
            kind = TransferKind.PAY_OUT_BACK
            self._postings.add(changes, kind, asked.subscriber_no, payout_id, asked.amount_micros, now_us)
        self._meters.count(f"payouts.{state.name.lower()}")
