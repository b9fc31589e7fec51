"""The online slice: what the operator's charging system has reserved for one account, and what became of it.

Laws: the sums here and the account's balances explain each other to the micro: what was put in (granted,
advanced offline) less what went back is available, held or used; what was used is reported once. A grant
takes the place of the one before (RFC 8506 section 5.3), so after an answer exactly `quota_micros` is open. A
request stands in `asked_*` from before it leaves until it is answered, and is never asked differently.
Not here: when to ask (services.charge_online), who carries it (services.ports.OnlineCharging).
"""

from enum import Enum

import msgspec

from operator_push.domain.ledger import Balances
from operator_push.domain.transfers import Transfer, TransferKind
from operator_push.services.ports import ChargingAnswer, ChargingRequest, ChargingStep

SUCCESS = 2001
DENIALS = frozenset({4010, 4012})  # END_USER_SERVICE_DENIED, CREDIT_LIMIT_REACHED: RFC 8506 section 9.1
UNKNOWN_SESSION = 5002  # RFC 6733 section 7.1.5

MICROS_PER_SECOND = 1_000_000


class Outcome(Enum):
    """What a Result-Code means for a request."""

    DONE = "done"
    DENIED = "denied"  # carried out as far as it reports, and no more is granted
    UNKNOWN_SESSION = "unknown session"
    REFUSED = "refused"  # a permanent failure: nothing was carried out
    LATER = "later"  # a protocol error or a transient failure: ask the same again


def outcome_of(result_code: int) -> Outcome:
    """By the ranges of RFC 6733 section 7.1 and the codes of RFC 8506 section 9."""
    if result_code // 1000 == 2:
        return Outcome.DONE
    if result_code in DENIALS:
        return Outcome.DENIED
    if result_code == UNKNOWN_SESSION:
        return Outcome.UNKNOWN_SESSION
    return Outcome.REFUSED if result_code // 1000 == 5 else Outcome.LATER


class OnlineSlice(msgspec.Struct, gc=False):
    """A row of store.online_tables.online_slice; micros in the account's currency, moments in µs since 1970.

    `session_id` "" without a session; `number` the next CC-Request-Number in it. The four sums are of the
    account's whole life: `granted_micros` and `offline_micros` put in, `returned_micros` went back,
    `reported_micros` the charging system knows as used. `doubt_micros` were in a report whose fate is
    unknown for good. `advanced_micros` of the offline money is not answered for yet.
    """

    shard: int
    account_no: int
    session_id: str = ""
    number: int = 0
    quota_micros: int = 0
    granted_micros: int = 0
    offline_micros: int = 0
    returned_micros: int = 0
    reported_micros: int = 0
    doubt_micros: int = 0
    advanced_micros: int = 0
    valid_from_us: int = 0
    valid_until_us: int = 0
    is_final: int = 0
    failure_handling: str = ""
    asked_step: int = 0
    asked_session: str = ""
    asked_number: int = 0
    asked_micros: int = 0
    asked_used_micros: int = 0
    not_before_us: int = 0
    at_us: int = 0

    @property
    def open_micros(self) -> int:
        """What is in our hands and not reported: available, held, or used since the last report."""
        put_in = self.granted_micros + self.offline_micros - self.returned_micros
        return put_in - self.reported_micros - self.doubt_micros

    @property
    def excess_micros(self) -> int:
        """What of it nobody has granted: left from a grant that a smaller one has replaced."""
        return max(0, self.open_micros - self.quota_micros - self.advanced_micros)

    @property
    def is_closed(self) -> bool:
        """True where neither a session nor a request nor money is open."""
        return not (self.session_id or self.asked_step or self.open_micros)

    def unreported(self, balances: Balances) -> int:
        """Micros used since the last report; below 0 where something that was reported was given back."""
        number = self.account_no
        return self.open_micros - balances.available(number) - balances.held(number)

    def ask(
        self, step: ChargingStep, session_id: str, requested_micros: int = 0, used_micros: int = 0
    ) -> None:
        """Put a request down; nothing may be asked already."""
        self.asked_step = int(step)
        self.asked_session = session_id
        self.asked_number = self.number if session_id == self.session_id else 0
        self.asked_micros = requested_micros
        self.asked_used_micros = used_micros

    def asked(self, subscription: str, currency: str, is_copy: bool) -> ChargingRequest:
        """The request that stands, as it crosses the port."""
        return ChargingRequest(
            ChargingStep(self.asked_step),
            self.asked_session,
            self.asked_number,
            self.account_no,
            subscription,
            currency,
            self.asked_micros,
            self.asked_used_micros,
            is_copy,
        )

    def is_answered_by(self, request: ChargingRequest) -> bool:
        """True where an answer to `request` is one to what stands; false for a late copy."""
        stands = (self.asked_step, self.asked_session, self.asked_number)
        return stands == (int(request.step), request.session_id, request.number)

    def close_session(self) -> None:
        """Forget the session and what it had granted."""
        self.session_id = ""
        self.number = self.quota_micros = self.valid_from_us = self.valid_until_us = self.is_final = 0

    def apply(self, request: ChargingRequest, answer: ChargingAnswer, now_us: int) -> Outcome:
        """Take in an answer to what stands; the money follows by `level`. LATER changes nothing."""
        outcome = outcome_of(answer.result_code)
        if outcome is Outcome.LATER:
            return outcome
        self.asked_step = 0
        step, used = request.step, request.used_micros
        in_session = step in (ChargingStep.UPDATE, ChargingStep.TERMINATE)
        if outcome is Outcome.DONE or (outcome is Outcome.DENIED and in_session):
            self.reported_micros += -used if step is ChargingStep.REFUND else used
        elif outcome is Outcome.UNKNOWN_SESSION and in_session and request.is_copy:
            # The first copy may have been carried out before the session was closed over there.
            self.doubt_micros += used
        if step is ChargingStep.TERMINATE or (in_session and outcome is not Outcome.DONE):
            self.close_session()
        elif outcome is Outcome.DONE and step in (ChargingStep.OPEN, ChargingStep.UPDATE):
            self.session_id, self.number = request.session_id, request.number + 1
            self.quota_micros = max(0, answer.granted_micros)
            self.valid_from_us = now_us
            self.valid_until_us = now_us + answer.validity_s * MICROS_PER_SECOND if answer.validity_s else 0
            self.is_final = int(answer.is_final)
            self.failure_handling = answer.failure_handling or self.failure_handling
        if outcome is Outcome.DONE:
            self.advanced_micros = 0
        return outcome

    def settle_doubt(self, was_counted: bool) -> int:
        """End the doubt by what the records of the charging system say; the micros that were in doubt.

        Counted: they are reported. Not counted: they are used and unreported, so the next report has them.
        """
        micros, self.doubt_micros = self.doubt_micros, 0
        if was_counted:
            self.reported_micros += micros
        return micros

    def level(self, balances: Balances, reference: int, now_us: int) -> tuple[Transfer, ...]:
        """Bring the money to what is granted: post what is missing, or give back what nobody has granted.

        What is promised to messages cannot go back yet; it is kept from being spent again
        (Balances.keep_back) and follows when they release it.
        """
        number, missing = self.account_no, self.quota_micros + self.advanced_micros - self.open_micros
        transfers: tuple[Transfer, ...] = ()
        if missing > 0 and self.session_id:
            transfers = balances.move(TransferKind.OCS_GRANT, number, reference, missing, now_us).transfers
            self.granted_micros += missing
        elif missing < 0 and (back := min(-missing, balances.available(number))) > 0:
            transfers = self.give_back(balances, back, reference, now_us)
        balances.keep_back(number, self.excess_micros)
        return transfers

    def give_back(
        self, balances: Balances, amount_micros: int, reference: int, now_us: int
    ) -> tuple[Transfer, ...]:
        """Post that available money returns to the charging system."""
        kind = TransferKind.OCS_RETURN
        transfers = balances.move(kind, self.account_no, reference, amount_micros, now_us).transfers
        self.returned_micros += sum(transfer.amount_micros for transfer in transfers)
        return transfers

    def advance(
        self, balances: Balances, amount_micros: int, reference: int, now_us: int
    ) -> tuple[Transfer, ...]:
        """Post money that nobody has granted, while nobody answers."""
        kind = TransferKind.OCS_OFFLINE
        transfers = balances.move(kind, self.account_no, reference, amount_micros, now_us).transfers
        self.offline_micros += amount_micros
        self.advanced_micros += amount_micros
        return transfers
