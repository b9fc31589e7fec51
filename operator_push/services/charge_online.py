"""Charge online: accounts whose money is what the operator's charging system grants, slice by slice.

Laws: a message never waits for the charging system, it holds and settles on the slice that is there; a
request is in the store before it leaves, and is repeated with the same name until it is answered; one request
of an account at a time. What is no longer wanted goes back. Time comes as an argument; who sends, and in
which thread, is the rim's (bootstrap.online_charging). The arithmetic is services.online_slice.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from operator_push.domain.ledger import Balances
from operator_push.domain.purses import Purse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.instants import MICROS_PER_SECOND
from operator_push.kernel.meters import Meters
from operator_push.kernel.money import format_micros
from operator_push.services.changes import Changes
from operator_push.services.charged_account import ChargedAccount, SliceTerms
from operator_push.services.ledger_rows import add_transfers
from operator_push.services.online_slice import OnlineSlice, Outcome
from operator_push.services.ports import ChargingAnswer, ChargingRequest, ChargingStep
from operator_push.services.registry import Account, Registry

log = logging.getLogger(__name__)

_ROW_FIELDS = OnlineSlice.__struct_fields__


class ChargeOnline:
    """The use case for one shard."""

    def __init__(
        self,
        shard: int,
        ids: IdSequence,
        balances: Balances,
        registry: Registry,
        terms: SliceTerms | None,
        origin_host: str,
        rows: Iterable[OnlineSlice],
        now_us: int,
        meters: Meters,
        is_connected: Callable[[int], bool] = lambda account_no: False,
    ) -> None:
        """`terms` None: nothing is configured, no account may be charged online."""
        self._shard = shard
        self._ids = ids
        self._balances = balances
        self._registry = registry
        self._terms = terms
        self._origin_host = origin_host
        self._meters = meters
        self._is_connected = is_connected
        self._stopping = False
        below = self._below(terms.slice_micros) if terms else 0
        rows = [*rows]
        self._charged = {
            row.account_no: ChargedAccount(row, below, now_us) for row in rows if not row.is_closed
        }
        self._kept = {row.account_no: row for row in rows if row.is_closed}
        for it in self._charged.values():
            balances.keep_back(it.account_no, it.row.excess_micros)
        balances.on_overdrawn = self._overdrawn
        if terms is not None:
            for account in registry.accounts():
                self.account_changed(account, now_us)

    @property
    def idle(self) -> bool:
        """True where nobody waits for an answer and nothing is left to give back."""
        return not any(it.under_way or it.owes(self._balances) for it in self._charged.values())

    def check(self, account: Account) -> None:
        """Refuse to charge an account online that has money of its own.

        Raises:
            OperatorError: nothing is configured, or there is such money.
        """
        number = account.account_no
        if not account.terms.online_charging or self._is_open(number):
            return
        if self._terms is None:
            raise OperatorError("online_charging: set [online_charging] kind in the configuration first")
        own = self._balances.available(number) + self._balances.held(number)
        if own or self._balances.credit(number):
            raise OperatorError(
                f"online_charging: {account.name} has {format_micros(own)} of its own or a credit line; "
                "refund it and let its messages end first"
            )

    def check_own_money(self, account: Account) -> None:
        """Refuse money from elsewhere for an account whose money comes from the charging system.

        Raises:
            OperatorError: it is charged online, or what it was granted is not all given back yet.
        """
        if account.terms.online_charging or self._is_open(account.account_no):
            raise OperatorError(
                f"{account.name} is charged online: its money comes from the charging system and goes back "
                "there; top it up over there"
            )

    def account_changed(self, account: Account, now_us: int) -> None:
        """An account was added or changed, or is there at the start."""
        number = account.account_no
        if self._terms is not None and account.terms.online_charging and number not in self._charged:
            row = self._kept.pop(number, None) or OnlineSlice(self._shard, number)
            self._charged[number] = ChargedAccount(row, self._below(self._terms.slice_micros), now_us)

    def settle_doubt(self, account: Account, was_counted: bool, now_us: int, changes: Changes) -> int:
        """What the charging system's records say about a report whose fate nobody here knows; micros.

        Raises:
            OperatorError: nothing of this account is in doubt.
        """
        number = account.account_no
        it = self._charged.get(number)
        row = it.row if it is not None else self._kept.get(number)
        if row is None or not row.doubt_micros:
            raise OperatorError(f"nothing that {account.name} used is in doubt")
        if it is None:  # it is charged online no longer, and may have something to report now
            it = ChargedAccount(self._kept.pop(number), 0, now_us)
            self._charged[number] = it
        micros = row.settle_doubt(was_counted)
        self._put(it, now_us, changes)
        return micros

    def stop(self) -> None:
        """Nothing is reserved any more; what is not promised to a message goes back with the next ticks.

        What nobody has answered is sent once more at once, and then left to the next start.
        """
        self._stopping = True
        for it in self._charged.values():
            it.failures = it.resend_us = 0

    def tick(self, now_us: int, changes: Changes) -> list[ChargingRequest]:
        """What is to be asked now, each to be sent once `changes` are on disk; to be called often."""
        if self._terms is None:
            return []
        return [
            request
            for it in [*self._charged.values()]
            if (request := self._next(it, self._terms, now_us, changes)) is not None
        ]

    def answered(
        self, request: ChargingRequest, answer: ChargingAnswer, now_us: int, changes: Changes
    ) -> None:
        """An answer came, whichever copy of the request it answers."""
        it = self._charged.get(request.account_no)
        if it is None or self._terms is None or not it.row.is_answered_by(request):
            self._meters.count("online_charging.late_answer")
            return
        was_final = bool(it.row.is_final)
        outcome = it.row.apply(request, answer, now_us)
        if outcome is Outcome.LATER:
            self.unanswered(request, f"Result-Code {answer.result_code}", now_us)
            return
        it.under_way, it.failures, it.overdrawn = False, 0, False
        self._note(it, request, answer, outcome, was_final, now_us)
        add_transfers(changes, it.row.level(self._balances, self._ids.next_id(now_us), now_us))
        it.refill_below = min(
            self._below(self._terms.slice_micros), self._below(self._balances.available(it.account_no))
        )
        self._put(it, now_us, changes)

    def unanswered(self, request: ChargingRequest, reason: str, now_us: int) -> None:
        """Nobody answered within Tx, or nobody could be asked; a copy follows later."""
        it = self._charged.get(request.account_no)
        if it is None or self._terms is None or not it.row.is_answered_by(request):
            return
        if not it.failures:
            log.warning("online charging of %s: no answer (%s); it is asked again", self._name(it), reason)
        self._meters.count("online_charging.unanswered")
        it.back_off(self._terms.resend_s, now_us)

    def usage(self, account_no: int) -> dict[str, object]:
        """For show: the slice of an account; empty for one that is not charged online."""
        it = self._charged.get(account_no)
        if it is None:
            return {}
        return {"online": it.shown(self._balances)}

    # -- what to ask ---------------------------------------------------------------------------------------

    def _next(
        self, it: ChargedAccount, terms: SliceTerms, now_us: int, changes: Changes
    ) -> ChargingRequest | None:
        row = it.row
        if it.under_way:
            return None
        wanted = self._is_wanted(it, terms, now_us)
        if row.asked_step:
            self._while_unanswered(it, terms, wanted, now_us, changes)
            if self._stopping and it.failures:
                return None
            return self._send(it, now_us) if now_us >= it.resend_us else None
        if row.excess_micros and self._balances.available(it.account_no):
            add_transfers(changes, row.level(self._balances, self._ids.next_id(now_us), now_us))
            self._put(it, now_us, changes)
        self._choose(it, terms, wanted, now_us, changes)
        if not row.asked_step:
            return None
        it.asked_us, it.sent, it.resend_us = now_us, False, 0
        self._put(it, now_us, changes)
        return self._send(it, now_us)

    def _choose(
        self, it: ChargedAccount, terms: SliceTerms, wanted: bool, now_us: int, changes: Changes
    ) -> None:
        """Put down the one request that is due, if any."""
        row, number = it.row, it.account_no
        if now_us < row.not_before_us and not self._stopping:
            return
        available, held = self._balances.available(number), self._balances.held(number)
        unreported = row.unreported(self._balances)
        if unreported < 0 and available and now_us >= row.not_before_us:
            back = min(-unreported, available)
            row.ask(ChargingStep.REFUND, self._session(number, now_us), 0, back)
            self._give_back(row, back, now_us, changes)
        elif not row.session_id:
            if wanted:
                wish = held + max(0, unreported) + terms.slice_micros
                row.ask(ChargingStep.OPEN, self._session(number, now_us), wish)
            elif unreported > 0 and now_us >= row.not_before_us:
                row.ask(ChargingStep.DEBIT, self._session(number, now_us), 0, unreported)
        elif not held and (not wanted or (row.is_final and (not available or it.overdrawn))):
            row.ask(ChargingStep.TERMINATE, row.session_id, 0, max(0, unreported))
            if available:
                self._give_back(row, available, now_us, changes)
        elif it.is_update_due(wanted, available, now_us):
            wish = held + terms.slice_micros if wanted else held
            row.ask(ChargingStep.UPDATE, row.session_id, wish, max(0, unreported))

    def _while_unanswered(
        self, it: ChargedAccount, terms: SliceTerms, wanted: bool, now_us: int, changes: Changes
    ) -> None:
        """Failure handling (RFC 8506 section 5.6): go on for a while, or spend nothing that has run out."""
        row, number = it.row, it.account_no
        if not it.failures:
            return
        continues = row.failure_handling == "continue" if row.failure_handling else terms.continues
        if not continues:
            if row.valid_until_us and now_us >= row.valid_until_us:
                self._balances.keep_back(number, self._balances.available(number))
            return
        room = min(terms.slice_micros, terms.offline_limit_micros - row.advanced_micros)
        if wanted and room > 0 and self._balances.available(number) <= it.refill_below:
            add_transfers(changes, row.advance(self._balances, room, self._ids.next_id(now_us), now_us))
            self._put(it, now_us, changes)
            self._meters.count("online_charging.advanced")

    def _is_wanted(self, it: ChargedAccount, terms: SliceTerms, now_us: int) -> bool:
        account = self._registry.account(it.account_no)
        if self._stopping or account is None or not (account.active and account.terms.online_charging):
            return False
        if not terms.idle_s:
            return True
        used = it.row.unreported(self._balances) + it.row.reported_micros + self._balances.held(it.account_no)
        if used != it.used_seen or it.overdrawn or self._is_connected(it.account_no):
            it.used_seen, it.active_us = used, now_us
        return now_us - it.active_us < terms.idle_s * MICROS_PER_SECOND

    def _is_open(self, account_no: int) -> bool:
        it = self._charged.get(account_no)
        return it is not None and not it.row.is_closed

    # -- small parts ---------------------------------------------------------------------------------------

    def _note(
        self,
        it: ChargedAccount,
        request: ChargingRequest,
        answer: ChargingAnswer,
        outcome: Outcome,
        was_final: bool,
        now_us: int,
    ) -> None:
        """After an answer: when to ask again, and what people should know."""
        self._meters.count(f"online_charging.{request.step.name.lower()}.{outcome.name.lower()}")
        reserves = request.step in (ChargingStep.OPEN, ChargingStep.UPDATE)
        no_more = outcome in (Outcome.DENIED, Outcome.REFUSED) or (
            request.requested_micros > answer.granted_micros == 0 if reserves else was_final
        )
        if no_more and outcome is not Outcome.UNKNOWN_SESSION and self._terms is not None:
            pause_us = int(self._terms.denied_retry_s * MICROS_PER_SECOND)
            it.row.not_before_us = now_us + pause_us
        if outcome is Outcome.UNKNOWN_SESSION and request.is_copy and request.used_micros:
            log.error(
                "online charging of %s: the session was closed before a repeated report of %s was answered; "
                "whether it was counted is for the charging system's records to tell",
                self._name(it),
                format_micros(request.used_micros),
            )
        elif outcome is Outcome.REFUSED:
            log.error(
                "online charging of %s: %s was refused with Result-Code %d",
                self._name(it),
                request.step.name.lower(),
                answer.result_code,
            )

    def _give_back(self, row: OnlineSlice, micros: int, now_us: int, changes: Changes) -> None:
        reference = self._ids.next_id(now_us)
        add_transfers(changes, row.give_back(self._balances, micros, reference, now_us))

    def _send(self, it: ChargedAccount, now_us: int) -> ChargingRequest:
        account = self._registry.account(it.account_no)
        name = (account.terms.ocs_subscription or account.name) if account else str(it.account_no)
        # What another run has put down may have left with it.
        is_copy = it.sent or it.asked_us == 0
        it.under_way = it.sent = True
        return it.row.asked(name, self._balances.currency_of(it.account_no), is_copy)

    def _put(self, it: ChargedAccount, now_us: int, changes: Changes) -> None:
        it.row.at_us = now_us
        row: dict[str, Any] = {name: getattr(it.row, name) for name in _ROW_FIELDS}
        changes.upserts.append(("online_slice", row))

    def _session(self, account_no: int, now_us: int) -> str:
        """A Session-Id that was never used (RFC 6733 section 8.8): ours; two numbers; for people."""
        unique = self._ids.next_id(now_us)
        return f"{self._origin_host};{unique >> 32};{unique & 0xFFFFFFFF};{self._shard}-{account_no}"

    def _below(self, micros: int) -> int:
        return micros * (self._terms.refill_percent if self._terms else 0) // 100

    def _overdrawn(self, purse: Purse) -> None:
        it = self._charged.get(purse.payer_no)
        if it is not None:
            it.overdrawn = True

    def _name(self, it: ChargedAccount) -> str:
        account = self._registry.account(it.account_no)
        return account.name if account else str(it.account_no)
