"""Reward commands of the control socket: what a person could earn, and paying out what they have earned."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from operator_push.domain.purses import REWARD_ACCOUNTS_FROM
from operator_push.domain.transfers import LedgerAccount
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, who
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.award_incentives import AwardIncentives
from operator_push.services.correct_ledger import Sides
from operator_push.services.pay_rewards import PayoutState, PayRewards


class InTurn(Protocol):
    """Reads an account's sides on disk, one posting by hand at a time (gateway.ledger_commands)."""

    def __call__(self, account_no: int, work: Callable[[Sides | None, Callable[[], None]], None]) -> None: ...


class RewardCommands:
    """The handlers by name. `on_asked` is told of a payout once it is on disk."""

    def __init__(
        self,
        awards: AwardIncentives,
        pay: PayRewards,
        number_of: Callable[[str], int],
        in_turn: InTurn,
        on_asked: Callable[[int], None],
        committer: Committer,
    ) -> None:
        self._awards = awards
        self._pay = pay
        self._number_of = number_of
        self._in_turn = in_turn
        self._on_asked = on_asked
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {"reward.offers": self._offers, "reward.pay_out": self._pay_out}

    def _number(self, args: Mapping[str, Any]) -> int:
        number = self._number_of(normalise_msisdn(str(args["number"])) or "")
        if not number:
            raise OperatorError("number: no subscriber has this number")
        return number

    def _offers(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"number"} → {"offers": […], "held_back_micros"}: what this person could still earn."""
        number, at_us = self._number(args), now_us()
        offers = [
            {
                "name": each.name,
                "earned_by": each.earned_by.name.lower(),
                "brand": each.brand,
                "needs": list(each.needs),
                "amount": each.shown_amount()[0],
                "unit": each.shown_amount()[1],
                "terms": each.terms,
            }
            for each in self._awards.open_to(number, at_us)
        ]
        answer({"offers": offers, "held_back_micros": self._awards.held_back(number, at_us)})

    def _pay_out(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"number", "how", "by"} → {"payout_id", "amount_micros"}: all that may be paid out now."""
        number, how, by = self._number(args), str(args["how"]), who(args)

        def read(sides: Sides | None, done: Callable[[], None]) -> None:
            try:
                if sides is None:
                    raise OperatorError("the ledger could not be read, so nothing is paid out; try again")
                owed = sides.get(LedgerAccount.EARNED, 0)
                asked = self._pay.ask(number, how, owed, by, now_us(), self._committer.changes)
            except OperatorError as error:
                refuse(str(error))
                done()
                return
            self._committer.promise(done)
            self._committer.promise(lambda: self._on_asked(asked.payout_id))
            told = {"payout_id": str(asked.payout_id), "amount_micros": asked.amount_micros}
            after_commit(self._committer, answer, {**told, "state": PayoutState(asked.state).name.lower()})

        self._in_turn(REWARD_ACCOUNTS_FROM + number, read)
