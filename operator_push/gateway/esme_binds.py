"""ESME binds: who may bind, who is bound, and how binds end.

One instance serves all binds of a listener. A password is verified off the loop; everything that decides on
a bind is looked at again when the verdict comes, because the world went on meanwhile.
Not here: what a bind sends once it is up (esme_server), what it is owed (esme_deliveries).
"""

import logging
from collections.abc import Callable

from operator_push.gateway.esme_deliveries import EsmeDeliveries
from operator_push.kernel.meters import Meters
from operator_push.services.registry import Account, Registry
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import BindPdu
from operator_push.smpp.session import SessionState
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
    ) -> None:
        self._system_id = system_id
        self._registry = registry
        self._deliveries = deliveries
        self._verify = verify
        self._meters = meters
        self._monotonic = monotonic
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
        """A bind request: answered once its password is verified."""
        account = self._registry.account_named(pdu.system_id)
        if account is None or not account.password_hash:
            self._refuse(bind, pdu, CommandStatus.ESME_RINVSYSID)
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

    def _answer(self, bind: SmppProtocol, pdu: BindPdu, account: Account, right: bool) -> None:
        if bind.session.state is not SessionState.OPEN:
            return  # it went away while its password was checked
        if not right:
            self._refuse(bind, pdu, CommandStatus.ESME_RINVPASWD)
        elif not account.active or not self.accepting:
            self._refuse(bind, pdu, CommandStatus.ESME_RBINDFAIL)
        elif self.of_account(account.account_no) >= account.binds_max:
            self._refuse(bind, pdu, CommandStatus.ESME_RALYBND)
        else:
            self._account_nos[bind] = account.account_no
            bind.accept_bind(pdu, self._system_id)
            log.info("esme %s bound as %s", account.name, bind.session.binding)

    def _refuse(self, bind: SmppProtocol, pdu: BindPdu, status: CommandStatus) -> None:
        log.warning("bind of %r refused: %s", pdu.system_id[:16], status.name)
        self._meters.count("bind.refused")
        bind.refuse_bind(pdu, status)

    def _name(self, account_no: int) -> str:
        account = self._registry.account(account_no)
        return account.name if account else str(account_no)
