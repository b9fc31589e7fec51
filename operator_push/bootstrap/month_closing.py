"""Month closing while the server runs: what is due is closed by a command of its own.

Once a day, and an hour after something waited or failed, `operator-push invoice close-month --due` runs as a
child: it issues invoices and credit notes and has us post what closes a month, through the control socket as
anybody would. Law: what the child does is done once, however often it runs or dies; nothing is known here.
"""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from operator_push.bootstrap.child_command import ChildCommand, RunCommand
from operator_push.bootstrap.repeated_work import RepeatedWork
from operator_push.config import Settings
from operator_push.gateway.clock import now_us
from operator_push.kernel.instants import from_epoch_us

log = logging.getLogger(__name__)

FIRST_S = 60.0  # Ours: after a start the links go first.
RETRY_S = 3_600.0  # Ours: after something waited or failed.
LEAST_S = 60.0
DONE, WAITS = 0, 75  # exit statuses of the command


class MonthClosing:
    """Has the months closed that are due. `start` and `stop` belong to the loop's thread."""

    def __init__(
        self,
        reactor: Any,
        settings: Settings,
        config_file: Path | None,
        run: RunCommand | None = None,
        clock: Callable[[], int] = now_us,
    ) -> None:
        self._settings = settings
        self._config_file = config_file
        self._child = ChildCommand((DONE, WAITS))
        self._run = run or self._child.run
        self._clock = clock
        self._rounds = RepeatedWork(reactor, "closing the months", self.run_once, RETRY_S)

    def start(self) -> None:
        """Close what is due from now on; nothing where [invoices] close_months is off."""
        if self._settings.invoices.close_months == "off":
            return
        if self._config_file is None:
            log.info("no months are closed: this server was started without a configuration file")
            return
        self._rounds.start(FIRST_S)

    def stop(self) -> None:
        """No further run; one that is going on is ended, and done again after the next start."""
        self._rounds.stop()
        self._child.kill()

    def run_once(self) -> float:
        """Close what is due; returns in how many seconds to look again. Blocks."""
        if self._rounds.stopped:
            return RETRY_S
        words = ["invoice", "close-month", "--due", "--json", "--config", str(self._config_file)]
        status, told = self._run(words)
        if self._rounds.stopped:
            return RETRY_S
        if status not in (DONE, WAITS):
            log.error("closing the months failed: %s", told.strip()[-500:])
            return RETRY_S
        for each in json.loads(told)["accounts"]:
            if each["left"]:
                log.warning("%s of %s waits: %s", each["month"], each["account"], "; ".join(each["left"]))
            else:
                log.info(
                    "closed %s of %s: %s %s", each["month"], each["account"], each["did"], each["number"]
                )
        return RETRY_S if status == WAITS else self._until_next_s()

    def _until_next_s(self) -> float:
        """Seconds until the hour of [invoices] comes next."""
        invoices = self._settings.invoices
        here = from_epoch_us(self._clock()).astimezone(ZoneInfo(invoices.zone))
        comes = here.replace(hour=invoices.close_at_hour, minute=0, second=0, microsecond=0)
        if comes <= here:
            comes += timedelta(days=1)
        # Wall clocks of one zone differ by what passes between them but for a change of summer time, which
        # the least and the next look make good.
        return max(LEAST_S, (comes - here).total_seconds())
