"""Administration: the commands of the control socket, each a few lines over a use case.

Whatever changes something answers after its commit. Documented in docs/control-socket.md; the functions of
the command line in operator_push.cli call these and nothing else.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pyroaring import BitMap

from operator_push.domain.consent import SMS, channel_of
from operator_push.domain.ledger import Balances
from operator_push.domain.message import TrafficClass
from operator_push.domain.permission import DATA_PURPOSES, PURPOSE_BY_NAME, PermissionBook
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import (
    Aside,
    after_commit,
    encode_bitmap,
    imported,
    pass_on,
    rows_by_name,
    whole,
)
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.services.account_purses import family_of
from operator_push.services.changes import Changes
from operator_push.services.manage_accounts import ManageAccounts
from operator_push.services.manage_permission import ManagePermission
from operator_push.services.ports import VaultPort
from operator_push.services.registry import Account, Registry
from operator_push.services.resolve_unknown import ResolveUnknown

PASSWORD_OCTETS_MAX = 8  # SMPP v3.4 section 5.2.2: 9 octets with the final NUL

HashPassword = Callable[[str, Callable[[str], None]], None]
ActOnAccount = Callable[[Mapping[str, Any], str, int, Changes], Account]  # arguments, password hash, moment


class Administration:
    """The handlers by name."""

    def __init__(
        self,
        registry: Registry,
        committer: Committer,
        balances: Balances,
        permission: PermissionBook,
        vault: VaultPort,
        write_snapshot: Callable[[Path], int],
        aside: Aside,
        accounts: ManageAccounts,
        consents: ManagePermission,
        resolve: ResolveUnknown,
        hash_password: HashPassword,
        binds_of: Callable[[int], int],
        usage_of: Callable[[int], Mapping[str, Any]],
        stats: Callable[[], Mapping[str, Any]],
        stop: Callable[[], None],
    ) -> None:
        self._registry = registry
        self._committer = committer
        self._balances = balances
        self._permission = permission
        self._vault = vault
        self._write_snapshot = write_snapshot
        self._aside = aside
        self.accounts = accounts
        self.consents = consents
        self._resolve = resolve
        self._hash_password = hash_password
        self._binds_of = binds_of
        self._usage_of = usage_of
        self._stats = stats
        self._stop = stop

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {
            "ping": lambda args, answer, refuse: answer({}),
            "stats": lambda args, answer, refuse: answer(self._stats()),
            "stop": self._stop_command,
            "account.add": self._account_add,
            "account.set": self._account_set,
            "account.suspend": self._account_suspend,
            "account.show": self._account_show,
            "account.list": lambda args, answer, refuse: answer(
                {"accounts": [self._shown(account) for account in self._registry.accounts()]}
            ),
            "account.top_up": self._account_top_up,
            "consent.import": self._consent_import,
            "permission.snapshot": self._permission_snapshot,
            "permission.bitmap": self._permission_bitmap,
            "reconcile.resolve": self._reconcile_resolve,
        }

    def _after_commit(self, answer: Answer, result: Mapping[str, Any]) -> None:
        after_commit(self._committer, answer, result)

    def _stop_command(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        answer({})
        self._stop()

    # -- accounts ----------------------------------------------------------------------------------------

    def _account_add(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        self._with_hash(args, self.accounts.add, answer, refuse)

    def _account_set(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        self._registry.require_account(str(args["name"]))  # before a password is hashed for nobody
        if "password" in args:
            self._with_hash(args, self.accounts.change, answer, refuse)
            return
        account = self.accounts.change(args, None, now_us(), self._committer.changes)
        self._after_commit(answer, self.account_answer(account))

    def _with_hash(self, args: Mapping[str, Any], act: ActOnAccount, answer: Answer, refuse: Refuse) -> None:
        password = str(args.get("password") or "")
        if len(password) > PASSWORD_OCTETS_MAX or not password.isascii():
            raise OperatorError(f"password: at most {PASSWORD_OCTETS_MAX} ASCII characters, as SMPP carries")

        def hashed(password_hash: str) -> None:
            try:
                if password and not password_hash:
                    raise OperatorError("the password could not be hashed, so nothing is changed; try again")
                account = act(args, password_hash, now_us(), self._committer.changes)
            except (OperatorError, ValueError, TypeError) as error:
                refuse(str(error))
                return
            self._after_commit(answer, self.account_answer(account))

        if password:
            self._hash_password(password, hashed)
        else:
            hashed("")

    def _account_suspend(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        account = self.accounts.set_active(str(args["name"]), False, now_us(), self._committer.changes)
        self._after_commit(answer, self.account_answer(account))

    def _account_top_up(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        name, changes = str(args["name"]), self._committer.changes
        reference = str(args.get("reference") or "")
        fresh = self.accounts.top_up(
            name, whole(args["amount_micros"], "amount_micros"), reference, now_us(), changes
        )
        account = self._registry.require_account(name)
        result = {
            "duplicate": not fresh,
            "available_micros": self._balances.available(account.account_no),
            "currency": account.currency,
        }
        self._after_commit(answer, result)

    def _account_show(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        account = self._registry.require_account(str(args["name"]))
        answer({**self.account_answer(account), "family": family_of(self._registry.accounts(), account)})

    def account_answer(self, account: Account) -> dict[str, Any]:
        """What account.* answer."""
        return {"account": self._shown(account)}

    def _shown(self, account: Account) -> dict[str, Any]:
        return {
            "name": account.name,
            "kind": account.kind,
            "brand": self._registry.brand_name(account.brand_no),
            "category": account.category,
            "active": account.active,
            "traffic_class": TrafficClass(account.traffic_class).name.lower(),
            "senders": list(account.allowed_sources),
            "any_destination": account.any_destination,
            "window": account.window,
            "max_binds": account.binds_max,
            "binds": self._binds_of(account.account_no),
            "terms": account.terms.shown(),
            **self._usage_of(account.account_no),
            "currency": account.currency,
            "available_micros": self._balances.available(account.account_no),
            "held_micros": self._balances.held(account.account_no),
        }

    # -- subscribers and permission ----------------------------------------------------------------------

    def _consent_import(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"rows": [{"line", columns of consents.csv}]}, or with "columns" → as subscriber.import. With
        "account" its customer codes may stand in the place of numbers, as "customer_code"."""
        rows = rows_by_name(args)
        file = str(args.get("file") or "")
        client = str(args.get("account") or "")
        account_no = self._registry.require_account(client).account_no if client else 0
        changes = self._committer.changes
        applied, refused = self.consents.record(rows, now_us(), changes, file, account_no)
        rejected = [{"line": rows[index].get("line"), "reason": reason} for index, reason in refused]
        self._after_commit(answer, imported(len(rows), applied, rejected))

    def _permission_snapshot(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        path = Path(str(args["out"]))
        self._permission.expire(now_us())

        def write() -> Mapping[str, Any]:
            rows = self._write_snapshot(path)
            permitting = BitMap()
            for purpose, _ in DATA_PURPOSES:
                permitting |= self._permission.permitting(purpose)
            sequence = self._permission.sequence
            return {"subscribers": rows, "permitting": len(permitting), "sequence": sequence}

        self._aside(write, lambda told: pass_on(told, answer, refuse))

    def _permission_bitmap(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        purpose = PURPOSE_BY_NAME.get(str(args["purpose"]))
        if purpose is None:
            raise OperatorError(f"purpose {args['purpose']!r} is not one of {', '.join(PURPOSE_BY_NAME)}")
        brand = str(args.get("brand") or "*")
        brand_no = 0 if brand == "*" else self._registry.known_brand_no(brand)
        category = int(args.get("category") or 0)
        self._permission.expire(now_us())
        channel = channel_of(str(args.get("channel") or SMS))
        permitted = BitMap()
        if brand_no is not None:
            permitted = self._permission.permitting(purpose, brand_no, category, channel)
        answer({"bitmap": encode_bitmap(permitted), "sequence": self._permission.sequence})

    # -- proof -------------------------------------------------------------------------------------------

    def _reconcile_resolve(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"findings": […]} → counts by kind; see services.resolve_unknown."""
        result = self._resolve.resolve(args["findings"], now_us(), self._committer.changes)
        self._after_commit(answer, result)
