"""Ledger commands of the control socket: postings that people make, and what late messages are charged.

Each reads the balances on disk in the writer's own turn, posts, and answers after the commit; corrections
take their turns one after another. Documented in docs/control-socket.md.
"""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from operator_push.domain.purses import REWARD_ACCOUNTS_FROM
from operator_push.domain.transfers import LedgerAccount, TransferKind
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, who, whole
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.kernel.money import format_micros
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.changes import Changes
from operator_push.services.correct_ledger import CORRECTIONS, Correction, CorrectLedger, Sides
from operator_push.services.credited_shares import CreditedMessage
from operator_push.services.expire_holds import ExpireHolds
from operator_push.services.registry import Account, Registry

log = logging.getLogger(__name__)

# What brings an account money of its own, or takes it out of the house.
OWN_MONEY = frozenset({TransferKind.PAYMENT, TransferKind.REFUND, TransferKind.EARNINGS_USED})

# What is known of a reference, the sides of its account, and the money of the message that is credited.
Found = tuple[Correction | None, Sides, CreditedMessage | None]
Turn = Callable[[], None]


class ReadsLedger(Protocol):
    """Reads what is `Found` of a reference, its account and a message (0: of none), and tells it in the
    loop."""

    def __call__(
        self,
        account_no: int,
        client_reference: str,
        message_id: int,
        done: Callable[[Found | BaseException], None],
    ) -> None: ...


class LedgerCommands:
    """The handlers by name."""

    def __init__(
        self,
        registry: Registry,
        correct: CorrectLedger,
        expire: ExpireHolds,
        number_of: Callable[[str], int],
        read: ReadsLedger,
        reclaim: Callable[[int, Callable[[dict[int, int] | BaseException], None]], None],
        committer: Committer,
    ) -> None:
        self._registry = registry
        self._correct = correct
        self._expire = expire
        self._number_of = number_of
        self._read = read
        self._reclaim_of = reclaim
        self._committer = committer
        self._turns: deque[Turn] = deque()
        self._busy = False
        # Asked whether an account may be given or lose money of its own.
        self.check_own_money: Callable[[Account], None] = lambda account: None
        # Ends the doubt about a report to the charging system; micros.
        self.settle_doubt: Callable[[Account, bool, int, Changes], int] = _no_doubt
        # Micros of a reward account that are not paid out yet: (account_no) → micros.
        self.kept_back: Callable[[int], int] = lambda account_no: 0

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {
            "ledger.post": self._post,
            "ledger.charge_late": self._charge_late,
            "ledger.sides": self._sides,
            "ledger.reclaim": self._reclaim,
            "ledger.settle_doubt": self._settle_doubt,
        }

    def _account_no(self, args: Mapping[str, Any]) -> int:
        """The account of `account`, or the reward account of the subscriber `msisdn`."""
        text = str(args.get("msisdn") or "")
        if not text:
            return self._registry.require_account(str(args.get("account", ""))).account_no
        number = self._number_of(normalise_msisdn(text) or "")
        if not number:
            raise OperatorError("msisdn: no subscriber has this number")
        return REWARD_ACCOUNTS_FROM + number

    def _post(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        kind = CORRECTIONS.get(str(args.get("kind")))
        if kind is None:
            raise OperatorError(f"kind {args.get('kind')!r} is not one of {', '.join(CORRECTIONS)}")
        if kind in OWN_MONEY and not args.get("msisdn"):
            self.check_own_money(self._registry.require_account(str(args.get("account", ""))))
        asked = Correction(
            self._account_no(args),
            str(args.get("reference") or ""),
            int(kind),
            0,
            whole(args.get("amount_micros"), "amount_micros"),
            whole(args.get("tax_micros") or 0, "tax_micros"),
            whole(args.get("message_id") or 0, "message_id"),
            str(args.get("reason") or ""),
            0,
            who(args),
        )

        def found(result: Found | BaseException) -> None:
            try:
                if isinstance(result, BaseException):
                    raise OperatorError("the ledger could not be read, so nothing is posted; try again")
                known, sides, about = result
                if kind is TransferKind.PAY_OUT and (kept := self.kept_back(asked.account_no)):
                    earned = LedgerAccount.EARNED
                    sides = {**sides, earned: sides.get(earned, 0) - kept}
                changes = self._committer.changes
                about = about and self._without_kept_back(about)
                posted = self._correct.post(asked, known, sides, now_us(), changes, about)
            except OperatorError as error:
                refuse(str(error))
                self._next()
                return
            if posted.short_micros and known is None:
                log.warning(
                    "credit note %r: %s of shares and rewards was paid out already, and is the operator's",
                    posted.client_reference,
                    format_micros(posted.short_micros),
                )
            self._committer.promise(self._next)
            after_commit(self._committer, answer, {**_shown(posted), "duplicate": known is not None})

        message_id = asked.message_id if kind is TransferKind.CREDIT_NOTE else 0
        self._take_turn(lambda: self._read(asked.account_no, asked.client_reference, message_id, found))

    def _without_kept_back(self, about: CreditedMessage) -> CreditedMessage:
        """What is held back of a subscriber's incentives may go back to their sponsors alone."""
        parts = [
            msgspec.structs.replace(part, owed_micros=part.owed_micros - self.kept_back(part.account_no))
            if part.kind is TransferKind.REWARD_IN
            else part
            for part in about.parts
        ]
        return msgspec.structs.replace(about, parts=tuple(parts))

    def _charge_late(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        message_id = whole(args.get("message_id"), "message_id")
        micros = self._expire.charge_late(message_id, who(args), now_us(), self._committer.changes)
        after_commit(self._committer, answer, {"message_id": message_id, "charged_micros": micros})

    def _sides(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        def found(result: Found | BaseException) -> None:
            if isinstance(result, BaseException):
                refuse("the ledger could not be read; try again")
                return
            answer({side.name.lower(): micros for side, micros in sorted(result[1].items())})

        self._read(self._account_no(args), "", 0, found)

    def _reclaim(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        shard = whole(args.get("shard"), "shard")

        def done(returned: dict[int, int] | BaseException) -> None:
            if isinstance(returned, BaseException):
                refuse("nothing was reclaimed; try again")
                return
            log.warning("unused money of shard %d was reclaimed by %s", shard, who(args))
            names = {number: self._registry.account(number) for number in returned}
            answer(
                {
                    "reclaimed": {
                        account.name if account else str(number): returned[number]
                        for number, account in names.items()
                    }
                }
            )

        self._reclaim_of(shard, done)

    def _settle_doubt(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        account = self._registry.require_account(str(args.get("account", "")))
        was_counted = args.get("was_counted")
        if not isinstance(was_counted, bool):
            raise OperatorError(f"was_counted {was_counted!r} is not true or false")
        micros = self.settle_doubt(account, was_counted, now_us(), self._committer.changes)
        log.warning(
            "account %s: %s in doubt %s, says %s",
            account.name,
            format_micros(micros),
            "were counted" if was_counted else "were not counted and are reported again",
            who(args),
        )
        after_commit(self._committer, answer, {"account": account.name, "settled_micros": micros})

    def in_turn(self, account_no: int, work: Callable[[Sides | None, Callable[[], None]], None]) -> None:
        """Read an account's sides on disk, with no posting by hand between; None where they cannot be read.

        `work` calls its second argument once what it posts is on disk, or at once where it posts nothing.
        """

        def found(result: Found | BaseException) -> None:
            work(None if isinstance(result, BaseException) else result[1], self._next)

        self._take_turn(lambda: self._read(account_no, "", 0, found))

    def _take_turn(self, turn: Turn) -> None:
        if self._busy:
            self._turns.append(turn)
            return
        self._busy = True
        turn()

    def _next(self) -> None:
        self._busy = False
        if self._turns:
            self._take_turn(self._turns.popleft())


def _no_doubt(account: Account, was_counted: bool, at_us: int, changes: Changes) -> int:
    raise OperatorError("no account is charged online")


def _shown(posted: Correction) -> dict[str, Any]:
    return {
        "kind": TransferKind(posted.kind).name.lower(),
        "posting": posted.reference,
        "amount_micros": posted.amount_micros,
        "tax_micros": posted.tax_micros,
        "taken_back_micros": posted.taken_back_micros,
        "short_micros": posted.short_micros,
        "at": iso(posted.at_us),
    }
