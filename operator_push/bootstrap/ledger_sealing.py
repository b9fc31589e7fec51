"""Ledger sealing: the heads of closed days are signed and given away, by the server and by `ledger seal`.

The chain itself grows with every commit (store.seal_rows). Here, in a thread beside the loop, each day that
has closed gets one signed line, first in the store, then in a file, then at a web address. A line that is in
the store is given away until it is taken; the file is never rewritten, only added to.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from operator_push.bootstrap.consent_heads import (
    publish_consent_file,
    publish_consent_heads,
    sign_consent_days,
)
from operator_push.bootstrap.head_giving import add_missing_lines, give
from operator_push.bootstrap.ledger_key import signing_key
from operator_push.config import Settings
from operator_push.domain.ledger_heads import LedgerHead, head_of_line
from operator_push.gateway.clock import now_us
from operator_push.kernel.errors import ResourceError
from operator_push.kernel.instants import MICROS_PER_SECOND, day_of
from operator_push.services.sign_heads import signed_line
from operator_push.store.database import Database
from operator_push.store.head_rows import (
    StoredHead,
    add_head,
    last_signed,
    signed_heads,
    taken_up_to,
    unsigned_days,
)

log = logging.getLogger(__name__)

FIRST_S = 60.0  # Ours: after a start there is more urgent work.
EVERY_S = (
    600.0  # Ours: a head that was not taken is offered again this soon, a closed day is at most this late.
)
WEBHOOK = "webhook"


def seal_days(database: Database, settings: Settings, at_us: int, today_too: bool = False) -> list[str]:
    """Sign the head of every day that has closed; returns the lines (`today_too`: today also).

    Raises:
        OperatorError: the key file is unfit.
        ResourceError: the database is locked or gone; or a head was signed meanwhile beside us.
    """
    key = signing_key(settings.signing_key_file)
    closed_before = day_of(at_us - settings.ledger.seal_grace_s * MICROS_PER_SECOND)

    def work(connection: Any) -> list[str]:
        newest = last_signed(connection, settings.shard)
        previous, lines = newest.line if newest else None, []
        for day, seal_no, head in unsigned_days(connection, settings.shard, newest.seal_no if newest else 0):
            if day >= closed_before and not today_too:
                break
            previous = signed_line(key, settings.shard, day, seal_no, head, previous, at_us)
            add_head(connection, settings.shard, StoredHead(seal_no, day, previous), at_us)
            lines.append(previous)
        return lines

    return database.run(work)


def publish_file(database: Database, settings: Settings) -> int:
    """Add the lines that the file of heads does not have yet; returns how many.

    Raises:
        OperatorError: the file cannot be written, or ends with something that the store does not know.
    """
    heads = database.read(lambda connection: signed_heads(connection, settings.shard))
    return add_missing_lines(settings.heads_file, [head.line for head in heads], "ledger")


def publish_to(database: Database, shard: int, publish: Callable[[str], None]) -> int:
    """Give a receiver the lines that it has not taken, oldest first; returns how many it took.

    Raises:
        ResourceError: it did not take one; that one comes first the next time.
    """
    taken = database.read(lambda connection: taken_up_to(connection, shard, WEBHOOK))
    heads = database.read(lambda connection: signed_heads(connection, shard, taken))
    return give(database, shard, WEBHOOK, ((head.seal_no, head.line) for head in heads), publish)


def given_away(heads: Iterable[LedgerHead]) -> dict[int, tuple[bytes, str]]:
    """Heads as store.ledger_audit takes them: seal_no → (head, in whose words)."""
    return {head.seal_no: (bytes.fromhex(head.head), head.name) for head in heads}


class LedgerSealing:
    """The runs beside a server. All methods belong to the loop's thread."""

    def __init__(self, reactor: Any, settings: Settings, publish: Callable[[str], None] | None) -> None:
        self._reactor = reactor
        self._settings = settings
        self._publish = publish
        self._timer: Any = None

    def start(self) -> None:
        """Make the key where there is none, and run for the first time in a while.

        Raises:
            OperatorError: the key file is unfit.
        """
        signing_key(self._settings.signing_key_file)
        self._timer = self._reactor.callLater(FIRST_S, self._run)

    def stop(self) -> None:
        """No further run."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def _run(self) -> None:
        from twisted.internet.threads import deferToThreadPool

        self._timer = self._reactor.callLater(EVERY_S, self._run)
        running = deferToThreadPool(self._reactor, self._reactor.getThreadPool(), self._seal)
        running.addErrback(lambda failure: log.error("the ledger's heads: %s", failure.getErrorMessage()))

    def _seal(self) -> None:
        database = Database.open(self._settings.database_url)
        try:
            for line in seal_days(database, self._settings, now_us()):
                log.info("signed %s", head_of_line(line).name)
            publish_file(database, self._settings)
            sign_consent_days(database, self._settings, now_us())
            publish_consent_file(database, self._settings)
            if self._publish is not None:
                publish_to(database, self._settings.shard, self._publish)
                publish_consent_heads(database, self._settings.shard, self._publish)
        except ResourceError as error:
            log.warning("the ledger's heads wait: %s", error)
        finally:
            database.close()
