"""The parts of an SMSC: what one virtual SMSC is made of, and how a scenario sets it, at the start and again.

Not here: what happens with them (`smsc`).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable

from operator_push.smpp.session_events import (
    Event,
)
from smsc_sim.acceptance import Acceptance
from smsc_sim.account import Accounts
from smsc_sim.alerts import Alerts
from smsc_sim.bind import SimBind
from smsc_sim.cdr_files import CdrFiles
from smsc_sim.counters import Counters
from smsc_sim.delays import delay_drawer
from smsc_sim.deliveries import Deliveries
from smsc_sim.faults.desk import FaultDesk
from smsc_sim.handset_messages import HandsetMessages, ReadRows
from smsc_sim.mailbox import Mailbox
from smsc_sim.message import SimMessage
from smsc_sim.message_book import MessageBook
from smsc_sim.message_desk import MessageDesk
from smsc_sim.mo_csv import read_mo_csv
from smsc_sim.moments import RunClock
from smsc_sim.multi_acceptance import MultiAcceptance
from smsc_sim.outlet import Outlet
from smsc_sim.population import HandsetPopulation
from smsc_sim.receipts import ReceiptWriter
from smsc_sim.routes import EsmeRoutes
from smsc_sim.scenario import Scenario
from smsc_sim.time_wheel import TimeWheel
from smsc_sim.tries import Tries
from smsc_sim.witness import Witness


class SmscParts(ABC):
    """Made once; `reload` goes on with another scenario."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        clock: RunClock,
        witness: Witness,
        cdr: CdrFiles,
        now: float,
        read_rows: ReadRows = read_mo_csv,
    ) -> None:
        self.scenario = scenario
        self.counters = Counters()
        self.wheel = TimeWheel()
        self.accounts = Accounts(scenario.accounts, seed, scenario.message_ids.base, self._new_mailbox)
        self.book = MessageBook(scenario.limits.history_messages_max)
        self._seed = seed
        self._clock = clock
        self._start = now
        self._read_rows = read_rows
        self._witness = witness
        self._to_pump: list[Mailbox] = []
        self._handsets = HandsetMessages(self.accounts, seed, self.wheel, clock.speed)
        self._alerts = Alerts(self._listen_to_deliveries)
        self._routes = EsmeRoutes(self.accounts)
        writer = ReceiptWriter(scenario.receipts.echo_user_message_reference)
        self._deliveries = Deliveries(writer, cdr, self.wheel, self.counters, self.book)
        self.faults = FaultDesk(seed, now, clock.speed, self.wheel, witness, self.counters, self.events)
        self._deliveries.faults = self.faults
        self._tries = Tries(
            self._population_of(scenario),
            self._deliveries,
            self._routes,
            self._alerts,
            self.book,
            self.wheel,
            witness,
            self.counters,
            clock.speed,
        )
        self._acceptance = Acceptance(
            self._tries, self._deliveries, self.book, self.wheel, witness, self.counters, clock.speed
        )
        self._multi = MultiAcceptance(self._acceptance, self._tries, self.book, witness, self.counters)
        self._desk = MessageDesk(
            self.book, self._deliveries, self._tries, witness, self.counters, clock.speed
        )
        self._dirty: list[Outlet] = []
        self._connections = 0
        self._configure(scenario, self._tries.population, now)

    # The scenario, at the start and again.

    def reload(self, scenario: Scenario, now: float) -> None:
        """Go on with another scenario. Binds and open messages stay; what is planned for those stays planned.

        The seed, the clock's speed, where the SMSC listens and the base of message ids stay as they are.
        """
        population = self._population_of(scenario)
        population.take_set_states(self._tries.population)
        self.accounts.replace_rows(scenario.accounts)
        self._deliveries.receipts = ReceiptWriter(scenario.receipts.echo_user_message_reference)
        self.book.history_max = scenario.limits.history_messages_max
        self._configure(scenario, population, now)

    def _configure(self, scenario: Scenario, population: HandsetPopulation, now: float) -> None:
        self.scenario = scenario
        self._system_id = scenario.listen.system_id
        self._retry_delay_s = delay_drawer(scenario.limits.deliver_retry_ms)
        self._deliveries.by_data_sm = scenario.receipts.operation == "data_sm"
        self._routes.configure(scenario.mo.routes, scenario.mo.operation)
        self._tries.configure(scenario, population)
        self._acceptance.configure(scenario)
        self._multi.configure(scenario)
        self._desk.configure(scenario)
        self.faults.configure(scenario.fault, scenario.message_ids.base)
        self._handsets.configure(scenario.mo, self._start, now, self._read_rows)
        if self._handsets.listens:
            self._listen_to_deliveries()

    def _listen_to_deliveries(self) -> None:
        self._deliveries.on_delivered = self._delivered

    def _population_of(self, scenario: Scenario) -> HandsetPopulation:
        population = scenario.population
        return HandsetPopulation(
            population.handsets,
            self._seed,
            numbers=population.numbers,
            timetable=population.timetable,
            start_us=self._clock.epoch_us(self._start),
            speed=self._clock.speed,
            retries=bool(scenario.retry.schedule_s),
        )

    # What the parts call back.

    @abstractmethod
    def events(self, bind: SimBind, events: Iterable[Event], now: float) -> None: ...

    @abstractmethod
    def _delivered(self, now: float, message: SimMessage) -> None: ...

    @abstractmethod
    def _new_mailbox(self) -> Mailbox: ...
