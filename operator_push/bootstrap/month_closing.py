"""Month closing while the server runs: what is due is closed by a command of its own.

Once a day, and an hour after something waited or failed, `operator-push invoice close-month --due` runs as a
child: it issues invoices and credit notes and has us post what closes a month, through the control socket as
anybody would. Law: what the child does is done once, however often it runs or dies; nothing is known here.
"""

import json
import logging
from datetime import timedelta
from zoneinfo import ZoneInfo

from operator_push.bootstrap.due_command import RETRY_S, DueCommand
from operator_push.kernel.instants import from_epoch_us

log = logging.getLogger(__name__)

LEAST_S = 60.0
DONE, WAITS = 0, 75  # exit statuses of the command


class MonthClosing(DueCommand):
    """Has the months closed that are due; with an answer that something WAITS, again after an hour."""

    name = "the closing of months"
    answers = (DONE, WAITS)
    first_s = 60.0  # Ours: after a start the links go first.

    @property
    def is_wanted(self) -> bool:
        """Whether [invoices] close_months is on."""
        return self._settings.invoices.close_months != "off"

    def run_once(self) -> float:
        """Close what is due; returns in how many seconds to look again. Blocks."""
        if self._rounds.stopped:
            return RETRY_S
        done = self._asked("invoice", "close-month", "--due", "--json")
        if done is None:
            return RETRY_S
        status, told = done
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
