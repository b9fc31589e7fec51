"""Campaign money: what an account has set aside for its campaigns, out of reach of everything else it sends.

A reservation is no posting: the money stays on the account's available side, and nothing but the campaign may
hold it. Each recipient's message then places a hold of its own, as every message does, so the ledger tells
what was promised and spent message by message. What is reserved stands in the campaign's row, written with
the commit that changes it.

Money that is not the account's to set aside is not: of leased slices and of an online charging system.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from operator_push.domain.ledger import Balances
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import format_micros
from operator_push.services.registry import Account


class CampaignMoney:
    """The reservations of one shard, by campaign_no."""

    def __init__(self, balances: Balances) -> None:
        self._balances = balances
        self._reserved: dict[int, tuple[int, int]] = {}  # campaign_no → (account_no, micros)

    def reserve(self, account: Account, campaign_no: int, micros: int, now_us: int) -> int:
        """Set so much aside for a campaign; returns what is, 0 where the account's money cannot be.

        Raises:
            OperatorError: the account can spend less than that now.
        """
        if account.terms.online_charging or self._leases(account.account_no):
            return 0
        free = self._balances.spendable(account.account_no, now_us)
        if micros > free:
            currency = account.currency
            raise OperatorError(
                f"NO_CREDIT: this campaign may cost {format_micros(micros)} {currency}, and {account.name} "
                f"has {format_micros(max(free, 0))} {currency} that is not promised; top up, or order with a "
                "budget"
            )
        self._put_aside(account.account_no, campaign_no, micros)
        return micros

    def restore(self, kept: Iterable[tuple[int, int, int]]) -> None:
        """Set aside again at a start: (campaign_no, account_no, micros), as far as the money is there."""
        for campaign_no, account_no, micros in kept:
            there = self._balances.available(self._payer_no(account_no))
            self._put_aside(account_no, campaign_no, min(micros, there))

    def reserved(self, campaign_no: int) -> int:
        """Micros set aside for a campaign."""
        return self._reserved.get(campaign_no, (0, 0))[1]

    def reserved_of(self, account_no: int) -> int:
        """Micros that an account has set aside for its campaigns."""
        return sum(micros for number, micros in self._reserved.values() if number == account_no)

    def release(self, campaign_no: int) -> None:
        """Give back what is left of a reservation; harmless where there is none."""
        account_no, micros = self._reserved.pop(campaign_no, (0, 0))
        if micros:
            self._balances.lent(self._payer_no(account_no), micros)

    @contextmanager
    def spending(self, campaign_no: int) -> Iterator[None]:
        """While this lasts the campaign's messages may hold what is set aside for it, and nobody else's may:
        nothing comes between, since one thread owns the balances. Free money is used when it is used up."""
        account_no, micros = self._reserved.get(campaign_no, (0, 0))
        if not micros:
            yield
            return
        payer_no = self._payer_no(account_no)
        before = self._balances.available(payer_no)
        self._balances.lent(payer_no, micros)
        try:
            yield
        finally:
            spent = before + micros - self._balances.available(payer_no)
            left = max(0, micros - spent)
            self._balances.lent(payer_no, -left)
            self._reserved[campaign_no] = (account_no, left)

    def _put_aside(self, account_no: int, campaign_no: int, micros: int) -> None:
        if micros > 0:
            self._balances.lent(self._payer_no(account_no), -micros)
            self._reserved[campaign_no] = (account_no, micros)

    def _payer_no(self, account_no: int) -> int:
        purse = self._balances.purses.get(account_no)
        return purse.payer_no if purse is not None else account_no

    def _leases(self, account_no: int) -> bool:
        payer = self._balances.purses.get(self._payer_no(account_no))
        own = self._balances.purses.get(account_no)
        return any(purse is not None and purse.lease_slice_micros is not None for purse in (own, payer))
