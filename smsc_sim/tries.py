"""Tries: when the SMSC tries to hand a message to its handset, and what a failed try leads to.

A message whose fate is settled when it is accepted (the usual case: no schedule, no timetable, nothing to
tell on the way) needs one event in the time wheel. Any other is tried at its first moment and, where its
handset is off, absent or full, again by the scenario's schedule, or when the handset is back, until its
validity ends. What is for the screen (USSD) is tried once and never stored: its handset is on, or it ends.
"""

from operator_push.kernel.instants import MICROS_PER_SECOND
from operator_push.smpp.constants import MessageState
from smsc_sim.alerts import Alerts
from smsc_sim.counters import Counters
from smsc_sim.deliveries import WANTS_NOTIFICATION, Deliveries
from smsc_sim.message import USSD_SERVICE, SimMessage
from smsc_sim.message_book import MessageBook
from smsc_sim.patterns import Patterns
from smsc_sim.population import UNREACHABLE, Fate, HandsetPopulation
from smsc_sim.routes import EsmeRoutes
from smsc_sim.scenario import Scenario
from smsc_sim.time_wheel import TimeWheel
from smsc_sim.witness import Witness, address_part

_EXPIRED = MessageState.EXPIRED
_ENROUTE = MessageState.ENROUTE
_DELIVERED = MessageState.DELIVERED
_UNDELIVERABLE = MessageState.UNDELIVERABLE
_NO_SCREEN = ("off", "absent")
_SLACK_S = 0.001  # The wheel's bucket: a moment counts as reached within it.


class Tries:
    """The way of every open message of one virtual SMSC."""

    def __init__(
        self,
        population: HandsetPopulation,
        deliveries: Deliveries,
        routes: EsmeRoutes,
        alerts: Alerts,
        book: MessageBook,
        wheel: TimeWheel,
        witness: Witness,
        counters: Counters,
        speed: float,
    ) -> None:
        self.population = population
        self._deliveries = deliveries
        self._routes = routes
        self._alerts = alerts
        self._book = book
        self._wheel = wheel
        self._witness = witness
        self._counters = counters
        self._speed = speed

    def configure(self, scenario: Scenario, population: HandsetPopulation) -> None:
        """From now on this schedule and these handsets; what is planned already stays planned."""
        self.population = population
        self._waits_s = tuple(wait_s / self._speed for wait_s in scenario.retry.schedule_s)
        self._tries_max = scenario.retry.attempts_max
        self._notify_each = scenario.receipts.intermediate == "each"
        self._notify = scenario.receipts.intermediate != "never"
        self._always_settled = not self._waits_s and not scenario.mo.routes

    def is_settled(self, message: SimMessage) -> bool:
        """Whether the fate that the message has now is certain."""
        return (
            self._always_settled
            and self.population.is_steady
            and not message.pdu.registered_delivery & WANTS_NOTIFICATION
            and not message.wants_alert
            and message.on_end is None
            and message.pdu.service_type != USSD_SERVICE
        )

    def plan(self, message: SimMessage, start: float, expires: float) -> None:
        """Plan an accepted message: its first try is at `start`, its validity ends at `expires`."""
        message.first_try = start
        message.expires = expires
        if self.is_settled(message):
            fate = message.fate
            due = start + fate.delay_s
            if fate.final_state is _EXPIRED or due > expires:
                self._plan_end(message, expires, _EXPIRED)
            else:
                event = (self._deliveries.finish, message, fate.final_state, message.turn)
                self._wheel.add(due, event)
        else:
            self._wheel.add(start, (self._try, message, message.turn))

    def plan_anew(self, now: float, message: SimMessage) -> None:
        """Forget what was planned for an open message and try it now, or at its first moment."""
        if message.handed_over is None:  # Else another ESME has it, and that one decides.
            message.turn += 1
            self._wheel.add(max(now, message.first_try), (self._try, message, message.turn))

    def set_state_changed(self, now: float, like: str) -> int:
        """Handsets have changed their state: try what waits for them. How many messages that are."""
        numbers = Patterns((like,))
        waiting = [one for one in self._book.open.values() if numbers.fits(one.pdu.destination_addr)]
        for message in waiting:
            self.plan_anew(now, message)
        return len(waiting)

    def _plan_end(self, message: SimMessage, due: float, state: MessageState) -> None:
        finish = self._deliveries.finish if message.on_end is None else self._finish
        self._wheel.add(due, (finish, message, state, message.turn))

    def _finish(
        self, now: float, t: int, message: SimMessage, state: MessageState, turn: int | None = None
    ) -> None:
        """As `Deliveries.finish`; a transaction is told its outcome, cancelled ones too."""
        self._deliveries.finish(now, t, message, state, turn)
        if message.on_end is not None and message.state is not _ENROUTE:
            on_end, message.on_end = message.on_end, None
            on_end(now, t, message)

    def _end_at(self, message: SimMessage, due: float, state: MessageState) -> None:
        if due > message.expires:
            due, state = message.expires, _EXPIRED
        self._plan_end(message, due, state)

    def _try(self, now: float, t: int, message: SimMessage, turn: int) -> None:
        if message.turn != turn:
            return
        if now >= message.expires:
            self._finish(now, t, message, _EXPIRED)
            return
        account = self._routes.account_for(message)
        message.tries += 1
        if account is not None:
            self._routes.hand_over(message, account, self._finish)
            self._plan_end(message, message.expires, _EXPIRED)
            return
        fate = message.fate = self.population.fate_at(message.pdu.destination_addr, t)
        if message.pdu.service_type == USSD_SERVICE:
            self._show(now, t, message, fate)
        elif fate.handset_state not in UNREACHABLE:
            due = message.expires if fate.final_state is _EXPIRED else now + fate.delay_s
            self._end_at(message, due, fate.final_state)
        elif fate.final_state is _DELIVERED and now + _SLACK_S >= message.first_try + fate.delay_s:
            self._finish(now, t, message, _DELIVERED)  # The handset is back.
        else:
            self._failed(now, t, message, fate)

    def _show(self, now: float, t: int, message: SimMessage, fate: Fate) -> None:
        """A text for the screen: a full memory does not matter, and nothing waits for a handset."""
        if fate.handset_state in _NO_SCREEN:
            self._note_failure(t, message, fate)
            self._finish(now, t, message, _UNDELIVERABLE)
            return
        shown = fate.handset_state in UNREACHABLE or fate.final_state is _DELIVERED
        stored = fate.final_state is _EXPIRED
        state = _DELIVERED if shown else _UNDELIVERABLE if stored else fate.final_state
        self._end_at(message, now if stored else now + fate.delay_s, state)

    def _note_failure(self, t: int, message: SimMessage, fate: Fate) -> None:
        self._counters.tries_failed += 1
        addresses = address_part(message.pdu.source_addr, message.pdu.destination_addr)
        detail = f"try {message.tries}: {fate.handset_state}, error {fate.error_code}"
        self._witness.message_event(
            t, message.bind.name, addresses, message.witness_key, "not_reached", detail
        )

    def _failed(self, now: float, t: int, message: SimMessage, fate: Fate) -> None:
        self._note_failure(t, message, fate)
        if self._notify and (self._notify_each or message.tries == 1) and _asks_for_notices(message):
            self._deliveries.notify(now, t, message)
        if message.wants_alert:
            self._alerts.watch(message)
        self._plan_next(now, t, message, fate)

    def _plan_next(self, now: float, t: int, message: SimMessage, fate: Fate) -> None:
        """After a failed try: the next one, or the end that is certain now."""
        if fate.final_state not in (_DELIVERED, _EXPIRED):  # This handset's outcome is its own.
            self._end_at(message, max(now, message.first_try + fate.delay_s), fate.final_state)
            return
        if message.on_end is not None:  # A transaction is tried once and not stored.
            self._finish(now, t, message, _UNDELIVERABLE)
            return
        waits_s = self._waits_s
        if self._tries_max is not None and message.tries >= self._tries_max and waits_s:
            self._finish(now, t, message, _UNDELIVERABLE)
            return
        if waits_s:
            due = now + waits_s[min(message.tries, len(waits_s)) - 1]
        elif fate.until_us is not None:
            due = now + (fate.until_us - t) / MICROS_PER_SECOND / self._speed
        elif fate.final_state is _DELIVERED:
            due = message.first_try + fate.delay_s
        else:
            due = message.expires
        if due >= message.expires:
            self._plan_end(message, message.expires, _EXPIRED)
        else:
            self._wheel.add(due, (self._try, message, message.turn))


def _asks_for_notices(message: SimMessage) -> bool:
    return bool(message.pdu.registered_delivery & WANTS_NOTIFICATION)
