"""Incentives: awards and payouts, made from a loaded state, and the thread that asks for payments."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap
from sqlalchemy import Connection

from operator_push.config import Settings
from operator_push.domain.incentives import Award, EarnedBy
from operator_push.domain.ledger import Balances
from operator_push.domain.permission import PermissionBook
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.kernel.errors import ResourceError
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.meters import Meters
from operator_push.services.award_incentives import AwardIncentives
from operator_push.services.pay_rewards import Payout, PayRewards
from operator_push.services.ports import RewardPayer, RewardPayment, RewardPaymentAnswer
from operator_push.services.registry import Registry
from operator_push.store.incentive_rows import awards, opted_in_to, waiting_payouts

log = logging.getLogger(__name__)

AGAIN_AFTER_S = 30.0  # Ours: how soon whoever pays is asked again where it had no answer.


@dataclass(slots=True)
class IncentiveMemory:
    """What a start reads back."""

    awards: list[Award]
    earlier: dict[str, BitMap]
    waiting: list[Payout]


def load_incentives(connection: Connection, settings: Settings) -> IncentiveMemory:
    """Read awards and payouts, and who had opted in to the brand of each offer."""
    shard = settings.shard
    opt_ins = [each for each in settings.incentive if each.earned_by == EarnedBy.OPT_IN.name.lower()]
    return IncentiveMemory(
        awards(connection, shard) if settings.incentive else [],
        {each.name: opted_in_to(connection, shard, each.brand) for each in opt_ins},
        waiting_payouts(connection, shard),
    )


class Incentives:
    """The running parts. All methods belong to the loop's thread."""

    def __init__(
        self,
        settings: Settings,
        memory: IncentiveMemory,
        ids: IdSequence,
        registry: Registry,
        permission: PermissionBook,
        balances: Balances,
        committer: Committer,
        meters: Meters,
        msisdn_of: Callable[[int], str],
    ) -> None:
        shard = settings.shard
        self.awards = AwardIncentives(
            shard,
            ids,
            [each.as_offer() for each in settings.incentive],
            registry,
            permission,
            balances,
            meters,
            memory.awards,
            memory.earlier,
        )
        least, waiting = settings.payouts.least_micros, memory.waiting
        self.pay = PayRewards(shard, ids, balances, self.awards, least, meters, waiting)
        self._committer = committer
        self._balances = balances
        self._msisdn_of = msisdn_of
        self._payer: RewardPayer | None = None
        self._reactor: Any = None
        self._ready = deque(each.payout_id for each in self.pay.waiting)
        self._asking = False
        committer.before_commit.append(self._before_commit)

    def start(self, reactor: Any, payer: RewardPayer | None) -> None:
        """From now on payments are asked for; without a payer they wait."""
        self._reactor, self._payer = reactor, payer
        self._next()

    def asked(self, payout_id: int) -> None:
        """A payout is on disk."""
        self._ready.append(payout_id)
        self._next()

    def _before_commit(self) -> None:
        changes = self._committer.changes
        if changes.consent_event:
            self.awards.hear(changes.consent_event, now_us(), changes)

    def _next(self) -> None:
        from twisted.internet.threads import deferToThreadPool

        if self._asking or self._payer is None or not self._ready:
            return
        payout_id = self._ready.popleft()
        payout = next((each for each in self.pay.waiting if each.payout_id == payout_id), None)
        if payout is None:
            self._next()
            return
        try:
            msisdn = self._msisdn_of(payout.subscriber_no)
        except LookupError:  # erased, or the number has a new owner
            self._answered(payout_id, RewardPaymentAnswer(False, "nobody has this number any more"))
            return
        self._asking = True
        payment = RewardPayment(
            payout_id,
            msisdn,
            payout.how,
            payout.amount_micros,
            self._balances.currency,
        )
        asking = deferToThreadPool(self._reactor, self._reactor.getThreadPool(), self._payer, payment)
        asking.addCallbacks(
            lambda answer: self._answered(payout_id, answer), lambda failure: self._failed(payout_id, failure)
        )

    def _answered(self, payout_id: int, answer: RewardPaymentAnswer) -> None:
        self._asking = False
        self.pay.answered(payout_id, answer.is_paid, answer.told, now_us(), self._committer.changes)
        self._committer.kick()
        self._next()

    def _failed(self, payout_id: int, failure: Any) -> None:
        self._asking = False
        known = isinstance(failure.value, ResourceError)
        log.warning("a payout waits: %s", failure.value if known else repr(failure.value))
        self._reactor.callLater(AGAIN_AFTER_S, self.asked, payout_id)
        self._next()
