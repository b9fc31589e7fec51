"""Messages from handsets: answers to what was delivered, copies of it, the scenario's script and CSV files.

The deliver_sm of an answer has the handset's number as its source and the message's source address as its
destination. Who answers is said by `answer_rule`.
"""

from collections.abc import Callable, Sequence

from operator_push.smpp.pdu import DeliverSm
from smsc_sim.account import Account, Accounts
from smsc_sim.answer_rule import AnswerRule
from smsc_sim.delays import DrawSeconds, delay_drawer
from smsc_sim.message import SimMessage
from smsc_sim.mo_csv import MoRow, cycle_s
from smsc_sim.mo_parcels import mo_parcels
from smsc_sim.parcel import Parcel, as_data_sm
from smsc_sim.patterns import Patterns
from smsc_sim.scenario_handsets import Mo, MoCsv, ScriptedMo
from smsc_sim.time_wheel import TimeWheel
from smsc_sim.witness import address_part

_FEATURES = 0xC0  # esm_class bits 7-6: user data header and reply path
ReadRows = Callable[[MoCsv], Sequence[MoRow]]


class HandsetMessages:
    """All messages that handsets of this run send. `scheduled` counts those whose time has not come."""

    def __init__(self, accounts: Accounts, seed: int, wheel: TimeWheel, speed: float) -> None:
        self._accounts = accounts
        self._seed = seed
        self._wheel = wheel
        self._speed = speed
        self._rules: list[AnswerRule] = []
        self._loops: Patterns | None = None
        self._loop_delays: list[DrawSeconds] = []
        self._script: tuple[object, ...] = ()
        self._edition = 0  # Of the script: what an older one planned does not come.
        self._planned = 0  # Messages of this edition whose time has not come
        self.scheduled = 0

    def configure(self, mo: Mo, start: float, now: float, read_rows: ReadRows) -> None:
        """These rules from now on. A new script counts from the start of the run; what is past is past."""
        speed = self._speed
        known = {rule.rule: rule for rule in self._rules}
        self._rules = [AnswerRule(rule, self._seed, index, speed) for index, rule in enumerate(mo.answers)]
        for rule in self._rules:
            if rule.rule in known:
                rule.take_answered(known[rule.rule])
        self._loops = Patterns([row.destination_like for row in mo.loopback]) if mo.loopback else None
        self._loop_delays = [delay_drawer(row.delay_ms, speed) for row in mo.loopback]
        self._operation = mo.operation
        script = (mo.script, mo.csv)
        if script != self._script:
            self._script = script
            self._edition += 1
            self.scheduled -= self._planned
            self._planned = 0
            self._plan_script(mo.script, start, now)
            for table in mo.csv:
                self._plan_rows(table, read_rows(table), start, now)

    @property
    def listens(self) -> bool:
        """Whether delivered messages can lead to anything here."""
        return bool(self._rules) or self._loops is not None

    def on_delivered(self, now: float, message: SimMessage) -> None:
        """A message reached its handset: let the rules answer it."""
        for rule in self._rules:
            delay_s = rule.delay_s(message)
            if delay_s is not None:
                self.scheduled += 1
                self._wheel.add(now + delay_s, (self._answer, rule, message))
        if self._loops is not None:
            place = self._loops.first(message.pdu.destination_addr)
            if place >= 0:
                self.scheduled += 1
                self._wheel.add(now + self._loop_delays[place](0.5), (self._loop, message))

    def send(self, account: Account, kind: str, source: str, destination: str, text: str) -> int:
        """A message from a handset, now; how many segments it became."""
        parcels = mo_parcels(kind, source, destination, text, self._operation)
        for parcel in parcels:
            account.mailbox.post(parcel)
        return len(parcels)

    # Below here: what the wheel calls.

    def _answer(self, now: float, t: int, rule: AnswerRule, message: SimMessage) -> None:
        self.scheduled -= 1
        pdu = message.pdu
        reply = rule.reply_of(pdu.destination_addr)
        witness_part = address_part(pdu.destination_addr, pdu.source_addr) + reply.witness_part
        for segment, esm_class, data_coding in reply.segments:
            self._post_back(message, segment, esm_class, data_coding, (), witness_part)

    def _loop(self, now: float, t: int, message: SimMessage) -> None:
        self.scheduled -= 1
        pdu = message.pdu
        witness_part = f'{address_part(pdu.destination_addr, pdu.source_addr)},"kind":"mo_loopback"'
        self._post_back(
            message,
            pdu.short_message,
            pdu.esm_class & _FEATURES,
            pdu.data_coding,
            pdu.tlvs,
            witness_part + message.witness_key,
        )

    def _post_back(
        self,
        message: SimMessage,
        short_message: bytes,
        esm_class: int,
        data_coding: int,
        tlvs: tuple[tuple[int, bytes], ...],
        witness_part: str,
    ) -> None:
        """A message from the handset to whoever wrote to it."""
        pdu = message.pdu
        deliver = DeliverSm(
            source_addr_ton=pdu.dest_addr_ton,
            source_addr_npi=pdu.dest_addr_npi,
            source_addr=pdu.destination_addr,
            dest_addr_ton=pdu.source_addr_ton,
            dest_addr_npi=pdu.source_addr_npi,
            destination_addr=pdu.source_addr,
            esm_class=esm_class,
            data_coding=data_coding,
            short_message=short_message,
            tlvs=tlvs,
        )
        parcel = Parcel(deliver, False, witness_part)
        message.account.mailbox.post(as_data_sm(parcel) if self._operation == "data_sm" else parcel)

    def _plan_script(self, script: Sequence[ScriptedMo], start: float, now: float) -> None:
        for entry in script:
            due = start + entry.at_s / self._speed
            if due >= now:
                self._count(1)
                self._wheel.add(due, (self._play, entry, self._edition))

    def _play(self, now: float, t: int, entry: ScriptedMo, edition: int) -> None:
        if edition == self._edition:
            self._count(-1)
            self._send_as("mo_script", entry)

    def _plan_rows(self, table: MoCsv, rows: Sequence[MoRow], start: float, now: float) -> None:
        """One event at a time: a file may have more rows than fit into a wheel."""
        left = [row for row in rows if start + row.offset_s / self._speed >= now]
        if left or table.repeat:
            self._count(len(left))
            self._next_row(table, rows, len(rows) - len(left), start)

    def _next_row(self, table: MoCsv, rows: Sequence[MoRow], index: int, start: float) -> None:
        if index == len(rows):
            if not table.repeat:
                return
            self._count(len(rows))
            index, start = 0, start + cycle_s(table, rows) / self._speed
        due = start + rows[index].offset_s / self._speed
        self._wheel.add(due, (self._play_row, table, rows, index, start, self._edition))

    def _play_row(
        self,
        now: float,
        t: int,
        table: MoCsv,
        rows: Sequence[MoRow],
        index: int,
        start: float,
        edition: int,
    ) -> None:
        if edition == self._edition:
            self._count(-1)
            self._send_as("mo_csv", rows[index])
            self._next_row(table, rows, index + 1, start)

    def _send_as(self, kind: str, row: ScriptedMo | MoRow) -> None:
        account = self._accounts.account(row.system_id)
        if account is not None:
            self.send(account, kind, row.source, row.destination, row.text)

    def _count(self, change: int) -> None:
        self.scheduled += change
        self._planned += change
