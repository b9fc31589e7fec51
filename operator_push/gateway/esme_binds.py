"""ESME binds: who may bind, who is bound, and how binds end.

One instance serves all binds of a listener. A bind is looked at in this order: the wait that its own failures
have earned (bind_guard), the account's terms (bind_checks), its password, which is verified off the loop, and
then what can change meanwhile: whether the account is active and has a bind left.
Not here: what a bind sends once it is up (esme_server), what it is owed (esme_deliveries).
"""

import logging
from collections.abc import Callable

from operator_push.gateway.bind_checks import bind_fault, version_fault
from operator_push.gateway.bind_guard import BindGuard
from operator_push.gateway.esme_deliveries import EsmeDeliveries
from operator_push.kernel.meters import Meters
from operator_push.services.registry import Account, Registry
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import BindPdu
from operator_push.smpp.session import SessionState
from operator_push.smpp_twisted.peer_identity import certificate_names, peer_address
from operator_push.smpp_twisted.protocol import SmppProtocol

log = logging.getLogger(__name__)

# Verifies a password off the loop: (password, hash, callback with the verdict).
VerifyPassword = Callable[[str, str, Callable[[bool], None]], None]


class EsmeBinds:
    """The binds that ESMEs have with us, and the account of each."""

    def __init__(
        self,
        system_id: str,
        registry: Registry,
        deliveries: EsmeDeliveries,
        verify: VerifyPassword,
        meters: Meters,
        monotonic: Callable[[], float],
        call_later: Callable[[float, Callable[[], None]], object],
        guard: BindGuard,
    ) -> None:
        self._system_id = system_id
        self._registry = registry
        self._deliveries = deliveries
        self._verify = verify
        self._meters = meters
        self._monotonic = monotonic
        self._call_later = call_later
        self._guard = guard
        self._account_nos: dict[SmppProtocol, int] = {}
        self.accepting = True

    @property
    def count(self) -> int:
        """How many ESME binds are up."""
        return len(self._account_nos)

    def of_account(self, account_no: int) -> int:
        """How many binds an account has now."""
        return sum(number == account_no for number in self._account_nos.values())

    def account_of(self, bind: SmppProtocol) -> Account | None:
        """The account that a bind belongs to, as it is now; None where the bind has ended."""
        return self._registry.account(self._account_nos.get(bind, 0))

    def asked(self, bind: SmppProtocol, pdu: BindPdu) -> None:
        """A bind request: answered once its wait is over and its password is verified."""
        wait_s = self._guard.wait_s(peer_address(bind), pdu.system_id, self._monotonic())
        if wait_s is None:
            self._meters.count("bind.too_many_waiting")
            self._refuse(bind, pdu, CommandStatus.ESME_RBINDFAIL)
        elif wait_s > 0:
            self._meters.count("bind.delayed")
            self._call_later(wait_s, lambda: self._look_at(bind, pdu))
        else:
            self._look_at(bind, pdu)

    def _look_at(self, bind: SmppProtocol, pdu: BindPdu) -> None:
        if bind.session.state is not SessionState.OPEN:
            return  # it went away while it waited
        fault = version_fault(pdu)
        if fault is not None:
            log.warning("bind of %r from %s refused: %s", pdu.system_id[:16], bind.peer, fault.reason)
            self._refuse(bind, pdu, fault.status)
            return
        account = self._registry.account_named(pdu.system_id)
        if account is None or not account.password_hash:
            self._failed(bind, pdu, CommandStatus.ESME_RINVSYSID, "no such account may bind")
            return
        fault = bind_fault(account.terms, pdu, peer_address(bind), certificate_names(bind))
        if fault is not None:
            self._failed(bind, pdu, fault.status, fault.reason)
            return
        self._verify(
            pdu.password, account.password_hash, lambda right: self._answer(bind, pdu, account, right)
        )

    def bound(self, bind: SmppProtocol) -> None:
        """The answer to its bind is on the way: a bind that can receive gets what it is owed."""
        account_no = self._account_nos[bind]
        if bind.session.binding in ("receiver", "transceiver"):
            account = self._registry.account(account_no)
            self._deliveries.bound(account_no, bind, account.window if account else 1)

    def closed(self, bind: SmppProtocol, reason: str) -> None:
        """The bind is gone; what it was owed stays owed."""
        account_no = self._account_nos.pop(bind, None)
        if account_no is not None:
            self._deliveries.closed(account_no, bind)
            log.info("esme %s unbound: %s", self._name(account_no), reason)

    def unbind_all(self, reason: str) -> None:
        """Ask every bind to end (graceful stop)."""
        now = self._monotonic()
        for bind in list(self._account_nos):
            bind.session.unbind(now)
            bind.flush()
            log.info("unbinding esme %s: %s", self._name(self._account_nos[bind]), reason)

    def _answer(self, bind: SmppProtocol, pdu: BindPdu, verified: Account, right: bool) -> None:
        if bind.session.state is not SessionState.OPEN:
            return  # it went away while its password was checked
        account = self._registry.account(verified.account_no) or verified  # as it is now
        if not right:
            self._failed(bind, pdu, CommandStatus.ESME_RINVPASWD, "wrong password")
            return
        self._guard.succeeded(peer_address(bind), pdu.system_id)
        if not account.active or not self.accepting:
            log.warning("bind of esme %s refused: it is suspended or the product stops", account.name)
            self._refuse(bind, pdu, CommandStatus.ESME_RBINDFAIL)
        elif self.of_account(account.account_no) >= account.binds_max:
            log.warning("bind of esme %s refused: it has its %d binds", account.name, account.binds_max)
            self._refuse(bind, pdu, CommandStatus.ESME_RALYBND)
        else:
            self._account_nos[bind] = account.account_no
            bind.accept_bind(pdu, self._system_id)
            log.info("esme %s bound as %s from %s", account.name, bind.session.binding, bind.peer)

    def _failed(self, bind: SmppProtocol, pdu: BindPdu, status: CommandStatus, reason: str) -> None:
        """Refuse somebody who has not shown who he is: the next try waits; the log has one line a step."""
        address = peer_address(bind)
        failures = self._guard.failed(address, pdu.system_id, self._monotonic())
        if failures:
            log.warning(
                "bind of %r from %s refused (%s): %s; failures so far: %d",
                pdu.system_id[:16],
                address,
                status.name,
                reason,
                failures,
            )
        self._refuse(bind, pdu, status)

    def _refuse(self, bind: SmppProtocol, pdu: BindPdu, status: CommandStatus) -> None:
        self._meters.count("bind.refused")
        bind.refuse_bind(pdu, status)

    def _name(self, account_no: int) -> str:
        account = self._registry.account(account_no)
        return account.name if account else str(account_no)
