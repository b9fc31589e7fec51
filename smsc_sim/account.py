"""Accounts: who may bind, where an account's receipts wait, and the ids of its messages.

A message id is a number of 19 decimal digits: run (3, from the seed), account (3), lane (3), count (10).
A lane is the place of a bind among the account's binds that are up at once, and its count goes on after a
reconnect. So ids never repeat in a run, runs with different seeds rarely share one, and the same seed gives
every bind the same ids again, whatever the other binds do.
"""

from collections.abc import Callable, Sequence
from hmac import compare_digest

from operator_push.smpp.constants import CommandStatus
from smsc_sim import scenario_accounts
from smsc_sim.account_limits import AccountLimits
from smsc_sim.keyed_chance import KeyedChance
from smsc_sim.mailbox import Mailbox

ACCOUNTS_MAX = 999  # With `any = true` every new system_id is an account; the id has three digits for it.
LANES_MAX = 1000
_COUNTS_PER_LANE = 10**10
_RUNS = 800


class Lane:
    """One ascending series of message ids."""

    __slots__ = ("_count", "_first", "_is_hex", "_prefix", "taken")

    def __init__(self, first: int, base: str) -> None:
        self._first = first
        self._count = 0
        self._is_hex = base == "hex"
        self._prefix = str(first // _COUNTS_PER_LANE)  # `first` ends in the ten zeros of the count.
        self.taken = False

    def next_id(self) -> str:
        """The next smsc_message_id in the scenario's base."""
        self._count = count = self._count + 1
        return f"{self._first + count:x}" if self._is_hex else f"{self._prefix}{count:010d}"


class Account:
    """One system_id: its binds, its limits, its mailbox, its lanes."""

    def __init__(
        self, row: scenario_accounts.Account, system_id: str, mailbox: Mailbox, first_id: int, id_base: str
    ) -> None:
        self.system_id = system_id
        self.mailbox = mailbox
        self.binds_made = 0
        self.set_limits(row)
        self._first_id = first_id
        self._id_base = id_base
        self._lanes: list[Lane] = []

    def set_limits(self, row: scenario_accounts.Account) -> None:
        """The limits of this row hold from now on; binds that are up stay."""
        self.limits = AccountLimits(row)
        self._binds_max = min(row.binds_max, LANES_MAX)

    def take_lane(self) -> Lane | None:
        """A free lane for a new bind, or None where the account has as many binds as it may."""
        if sum(lane.taken for lane in self._lanes) >= self._binds_max:
            return None
        for lane in self._lanes:
            if not lane.taken:
                break
        else:
            lane = Lane(self._first_id + len(self._lanes) * _COUNTS_PER_LANE, self._id_base)
            self._lanes.append(lane)
        lane.taken = True
        self.binds_made += 1
        return lane


class Accounts:
    """All accounts of a scenario, and those that came under `any = true`."""

    def __init__(
        self,
        rows: Sequence[scenario_accounts.Account],
        seed: int,
        id_base: str,
        new_mailbox: Callable[[], Mailbox],
    ) -> None:
        self._named = {row.system_id: row for row in rows if not row.any}
        self._anybody = next((row for row in rows if row.any), None)
        run = 100 + int(KeyedChance(seed, "message ids").two_units("")[0] * _RUNS)
        self._first_id = run * 1000 * LANES_MAX * _COUNTS_PER_LANE
        self._id_base = id_base
        self._new_mailbox = new_mailbox
        self._open: dict[str, Account] = {}
        self._numbers = {system_id: index for index, system_id in enumerate(self._named, start=1)}

    def replace_rows(self, rows: Sequence[scenario_accounts.Account]) -> None:
        """Other rows from now on. Accounts that were used keep their ids, mailboxes and binds."""
        self._named = {row.system_id: row for row in rows if not row.any}
        self._anybody = next((row for row in rows if row.any), None)
        for system_id, account in self._open.items():
            row = self._named.get(system_id) or self._anybody
            if row is not None:
                account.set_limits(row)

    def admit(self, system_id: str, password: str) -> Account | CommandStatus:
        """The account of a bind request, or the command_status that refuses it."""
        row = self._named.get(system_id)
        if row is None:
            if self._anybody is None:
                return CommandStatus.ESME_RINVSYSID
        elif not compare_digest(row.password.encode(), password.encode()):
            return CommandStatus.ESME_RINVPASWD
        return self.account(system_id) or CommandStatus.ESME_RBINDFAIL

    def account(self, system_id: str) -> Account | None:
        """The account of a system_id, made at its first use; None beyond ACCOUNTS_MAX."""
        known = self._open.get(system_id)
        if known is not None:
            return known
        row = self._named.get(system_id) or self._anybody
        number = self._numbers.setdefault(system_id, len(self._numbers) + 1)
        if row is None or number > ACCOUNTS_MAX:
            return None
        first_id = self._first_id + number * LANES_MAX * _COUNTS_PER_LANE
        made = Account(row, system_id, self._new_mailbox(), first_id, self._id_base)
        self._open[system_id] = made
        return made

    def mailboxes(self) -> list[Mailbox]:
        """The mailboxes of all accounts that were used."""
        return [account.mailbox for account in self._open.values()]

    def used(self) -> list[Account]:
        """All accounts that were used."""
        return list(self._open.values())
