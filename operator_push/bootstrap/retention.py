"""Retention while the server runs: once a day, in a thread that mostly rests, visits at short links and
own columns that are too old are erased, and closed days leave the store.

Before that the mark moves up to which a start need not look for anything open (store.settled_days).

Not here: which days are closed and how they are copied (store.archive). `operator-push archive run` does the
same by hand; both may meet, since every step may be repeated.
"""

import logging
import time
from typing import TYPE_CHECKING, Any

from operator_push.config import Settings
from operator_push.gateway.clock import now_us
from operator_push.kernel.instants import MICROS_PER_DAY, day_of

if TYPE_CHECKING:
    from operator_push.store.database import Database

log = logging.getLogger(__name__)

FIRST_S = 600.0  # Ours: after a start there is more urgent work.
EVERY_S = 86_400.0
VISITS_AT_ONCE = 2_000  # Ours: the writer waits for some 10 ms
REST_SHARE = 0.9  # of the time: the loop and its writer go first


class Retention:
    """The daily run. All methods belong to the loop's thread."""

    def __init__(self, reactor: Any, settings: Settings) -> None:
        self._reactor = reactor
        self._settings = settings
        self._stopped = False
        self._timer: Any = None

    def start(self) -> None:
        """Run for the first time in a while; where hot_days is 0 nothing is archived, only erased."""
        self._timer = self._reactor.callLater(FIRST_S, self._run)

    def stop(self) -> None:
        """No further run; one that is going on ends after its piece of work."""
        self._stopped = True
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def _run(self) -> None:
        from twisted.internet.threads import deferToThreadPool

        self._timer = self._reactor.callLater(EVERY_S, self._run)
        running = deferToThreadPool(self._reactor, self._reactor.getThreadPool(), self._tidy)
        running.addErrback(lambda failure: log.error("retention failed: %s", failure.getErrorMessage()))

    def _tidy(self) -> None:
        from operator_push.store.archive import Archiving, resting, run_archive
        from operator_push.store.database import Database
        from operator_push.store.settled_days import settle_days

        settings, started = self._settings, time.monotonic()
        database = Database.open(settings.database_url)
        try:
            self._erase_visits(database)
            self._erase_own_columns(database)
            settle_days(database, settings.shard, day_of(now_us()) - 1)
            if not settings.retention.hot_days:
                return
            outcome = run_archive(
                database,
                Archiving(
                    settings.shard,
                    settings.archive_dir,
                    settings.retention.hot_days,
                    resting(REST_SHARE),
                    lambda: not self._stopped,
                ),
                now_us(),
            )
        finally:
            database.close()
        log.info(
            "%d days archived, %d rows cleared in %.0f s; %d old days are not closed",
            len(outcome.archived),
            outcome.cleared_rows,
            time.monotonic() - started,
            len(outcome.waiting),
        )

    def _erase_own_columns(self, database: "Database") -> None:
        from operator_push.store.list_rows import erase_own_values

        before_us = now_us() - self._settings.retention.list_columns_keep_days * MICROS_PER_DAY
        if erased := database.run(lambda rows: erase_own_values(rows, before_us)):
            log.info("what clients said of %d people on their lists was too old and is erased", erased)

    def _erase_visits(self, database: "Database") -> None:
        from operator_push.store.archive import resting
        from operator_push.store.short_link_rows import erase_visits

        settings, rest = self._settings, resting(REST_SHARE)
        before_us = now_us() - settings.retention.link_visits_keep_days * MICROS_PER_DAY
        erased = 0
        while not self._stopped and (
            some := database.run(lambda rows: erase_visits(rows, settings.shard, before_us, VISITS_AT_ONCE))
        ):
            erased += some
            rest()
        if erased:
            log.info("%d visits at short links were too old and are erased", erased)
