"""Vault commands of the control socket: another key for look-up values, and the values made anew by it.

A rotation is there as soon as the next key is on disk: new values are made by it, older rows follow in the
background, and a start goes on where the one before stopped. A key that nothing needs any more is removed.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection

from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, who
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.lookup_keys import FIRST_VERSION, LookupKeys

log = logging.getLogger(__name__)
PAUSE_S = 0.02  # Ours: as long again as a page takes, so that messages have half of the writer at least


class RotatingVault(Protocol):
    """What is asked of the vault."""

    keys: LookupKeys
    is_behind: bool

    def rotated(self, *, actor: str, audit_id: int, at_us: int) -> tuple[Any, ...]: ...


class Submits(Protocol):
    """What is needed of a WriterThread."""

    def submit(self, work: Callable[[Connection], Any], done: Callable[[Any], None]) -> None: ...


class KeyStore(NamedTuple):
    """Where keys lie, and the rows that are made by them."""

    write_next: Callable[[LookupKeys], LookupKeys]
    remove: Callable[[int], None]
    # (connection, after, version, value) → the last subscriber_no of the page, 0 where there are no more.
    renew_page: Callable[[Connection, int, int, Callable[[str], bytes]], int]
    versions_in_use: Callable[[Connection], set[int]]


class VaultCommands:
    """The handlers by name, and the work behind them."""

    def __init__(
        self,
        vault: RotatingVault,
        store: KeyStore,
        next_id: Callable[[int], int],
        writer: Submits,
        committer: Committer,
        call_later: Callable[..., object],
    ) -> None:
        self._vault = vault
        self._store = store
        self._next_id = next_id
        self._writer = writer
        self._committer = committer
        self._call_later = call_later
        self._is_at_work = False

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {"vault.rotate": self._rotate}

    def go_on(self) -> None:
        """Make anew what a rotation before this start left."""
        if self._vault.is_behind:
            self._renew(0)

    def _rotate(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"by"} → {"version", "key_id"} once the key is on disk and the rotation in the audit."""
        if self._is_at_work:
            raise OperatorError("the last rotation is still at work; `vault keys` tells how far")
        by, at_us = who(args), now_us()
        try:
            self._vault.keys = self._store.write_next(self._vault.keys)
        except OSError as error:
            raise ResourceError(f"the next key cannot be written: {error}") from error
        version = self._vault.keys.current
        row = self._vault.rotated(actor=by, audit_id=self._next_id(at_us), at_us=at_us)
        self._committer.changes.vault_audit.append(row)
        after_commit(
            self._committer, answer, {"version": version, "key_id": self._vault.keys.key_id(version)}
        )
        self._renew(0)

    def _renew(self, after: int) -> None:
        self._is_at_work = True
        keys = self._vault.keys
        version, value = keys.current, keys.value

        def done(last: int | BaseException) -> None:
            if isinstance(last, BaseException):
                self._is_at_work = False
                log.error("look-up values could not be made anew, the next start goes on: %s", last)
            elif last:
                self._call_later(PAUSE_S, self._renew, last)
            else:
                self._let_go()

        self._writer.submit(lambda rows: self._store.renew_page(rows, after, version, value), done)

    def _let_go(self) -> None:
        def done(needed: set[int] | BaseException) -> None:
            self._is_at_work = False
            if isinstance(needed, BaseException):
                log.error("which keys are needed could not be read: %s", needed)
                return
            keys = self._vault.keys
            for version in sorted({*keys.by_version} - {FIRST_VERSION, keys.current} - needed):
                self._vault.keys = self._vault.keys.without(version)
                self._store.remove(version)
                log.info("the look-up key of version %d is needed no more and is gone", version)
            self._vault.is_behind = False

        self._writer.submit(self._store.versions_in_use, done)
