"""The ESME: a bank's program. Binds as a transceiver, submits its orders within its window, takes receipts.

Run as `python -m operator_push.cli.demo.esme --help` says. It writes what it saw as JSON lines (`record`),
and a small status file that is replaced five times a second. It never submits an order twice: what was
unanswered when a bind was lost stays unacknowledged, and the rest goes on over the next bind.
"""

import asyncio
import signal
import time
from collections import deque
from pathlib import Path
from typing import Literal

import click
import msgspec

from operator_push.cli.demo.esme_orders import read_orders
from operator_push.cli.demo.esme_record import EsmeRecord, EsmeStatus
from operator_push.cli.demo.esme_submits import Submit, submits_of_order
from operator_push.smpp.codec import response_to
from operator_push.smpp.constants import status_name
from operator_push.smpp.pdu import BindTransceiver, DataSm, DeliverSm, SubmitSmResp
from operator_push.smpp.receipt_text import parse_receipt
from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.smpp.session_events import (
    BindRefused,
    BoundEvent,
    Event,
    RequestReceived,
    RequestUnknown,
    ResponseReceived,
)

RECONNECT_S = 0.2
STATUS_EVERY_S = 0.2
TICK_S = 0.5
UNBIND_PATIENCE_S = 3.0


class EsmeSettings(msgspec.Struct, frozen=True):
    """Where to bind, as whom, and how many submit_sm may be unanswered."""

    host: str
    port: int
    system_id: str
    password: str
    window: int


class Esme:
    """What outlives a bind: the orders that wait and the record."""

    def __init__(
        self, settings: EsmeSettings, waiting: deque[Submit], record: EsmeRecord, binds_first: int = 1
    ) -> None:
        """`binds_first`: how many binds must be up before the first order leaves."""
        self.settings = settings
        self.waiting = waiting
        self.record = record
        self.stopping = False
        self.binds = 0  # up now
        self._binds_first = binds_first

    def bound(self) -> None:
        """A bind is up."""
        self.binds += 1
        self.record.bound()
        if self.binds >= self._binds_first:
            self._binds_first = 0

    @property
    def may_submit(self) -> bool:
        """False while it waits for its binds, or leaves."""
        return not self._binds_first and not self.stopping

    def status(self) -> EsmeStatus:
        """The counters for the status file."""
        return self.record.status(self.binds, len(self.waiting))


class EsmeBind(asyncio.Protocol):
    """One bind: a session, its transport, and the window that is kept full."""

    def __init__(self, esme: Esme) -> None:
        self._esme = esme
        settings = SessionSettings(window=esme.settings.window, response_timeout_s=120.0)
        self.session = SmppSession(SessionRole.ESME, settings, time.monotonic())
        self._transport: asyncio.WriteTransport | None = None
        self._paused = False
        self.bound = False
        self.gone = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask to bind."""
        self._transport = transport  # type: ignore[assignment]
        who = self._esme.settings
        self.session.start_bind(
            BindTransceiver(system_id=who.system_id, password=who.password), time.monotonic()
        )
        self._write()

    def data_received(self, data: bytes) -> None:
        """One pass over everything in the chunk, one write."""
        self._heard(self.session.receive(data, time.monotonic()))
        self._submit()
        self._write()

    def tick(self) -> None:
        """Let the session's timers work."""
        self._heard(self.session.tick(time.monotonic()))
        self._submit()
        self._write()

    def pause_writing(self) -> None:
        """The server reads more slowly than we submit."""
        self._paused = True

    def resume_writing(self) -> None:
        """It has caught up."""
        self._paused = False
        self._submit()
        self._write()

    def connection_lost(self, exc: Exception | None) -> None:
        """What was unanswered stays so."""
        self._heard(self.session.connection_lost(time.monotonic()))
        if self.bound:
            self._esme.record.lost()
            self._esme.binds -= 1
        self.bound = False
        if not self.gone.done():
            self.gone.set_result(None)

    def unbind(self) -> None:
        """Leave in order."""
        if self.bound:
            self.session.unbind(time.monotonic())
            self._write()
        elif self._transport is not None:
            self._transport.close()

    def _heard(self, events: list[Event]) -> None:
        record = self._esme.record
        for event in events:
            match event:
                case ResponseReceived(pdu, _, context) if isinstance(context, Submit):
                    identifier = pdu.message_id if isinstance(pdu, SubmitSmResp) else ""
                    record.answered(context, status_name(pdu.command_status), identifier)
                case RequestUnknown(_, _, context) if isinstance(context, Submit):
                    record.unacknowledged(context)
                case RequestReceived(pdu) if isinstance(pdu, (DeliverSm, DataSm)):
                    self._delivered(pdu)
                case BoundEvent():
                    self.bound = True
                    self._esme.bound()
                case BindRefused(pdu):
                    record.bind_refused(status_name(pdu.command_status))
                case _:
                    pass

    def _delivered(self, pdu: DeliverSm | DataSm) -> None:
        fields = parse_receipt(pdu.short_message) if isinstance(pdu, DeliverSm) else None
        if fields is None:
            self._esme.record.inbound()
        else:
            self._esme.record.receipt(fields.id, fields.stat)
        self.session.send_response(response_to(pdu))

    def _submit(self) -> None:
        esme = self._esme
        if not self.bound or self._paused or not esme.may_submit:
            return
        now = time.monotonic()
        for _ in range(min(self.session.window_free(), len(esme.waiting))):
            submit = esme.waiting.popleft()
            submit.at_us = time.time_ns() // 1000
            self.session.send_request(submit.pdu, now, submit)
            esme.record.submitted()

    def _write(self) -> None:
        octets = self.session.take_output()
        if octets and self._transport is not None and not self._transport.is_closing():
            self._transport.write(octets)
        if self.session.state.value == "closed" and self._transport is not None:
            self._transport.close()


async def run(
    settings: EsmeSettings, orders: Path, record_file: Path, status_file: Path, binds: int = 1
) -> None:
    """Serve until SIGTERM: bind, submit, take receipts, bind again when a bind is lost.

    `binds` binds share the orders, which wait until all are up; each has a window of its own.
    """
    waiting = deque(submit for order in read_orders(orders) for submit in submits_of_order(order))
    with EsmeRecord(record_file) as record:
        esme = Esme(settings, waiting, record, binds)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        stopped = asyncio.ensure_future(stop.wait())
        kept = [asyncio.ensure_future(_keep_bound(esme, stopped)) for _ in range(binds)]
        while not stop.is_set():
            # A bind's keeper ends only by an error, which must end the program too.
            done, _ = await asyncio.wait(
                [stopped, *kept], timeout=STATUS_EVERY_S, return_when=asyncio.FIRST_COMPLETED
            )
            for keeper in done.intersection(kept):
                keeper.result()
            record.flush()
            esme.status().write(status_file)
        await asyncio.gather(*kept)
        esme.status().write(status_file)


async def _keep_bound(esme: Esme, stopped: "asyncio.Future[Literal[True]]") -> None:
    """One bind, again and again, until it shall stop."""
    while not stopped.done():
        bind = await _connect(esme)
        if bind is None:
            await asyncio.wait([stopped], timeout=RECONNECT_S)
        else:
            await _serve(bind, esme, stopped)


async def _connect(esme: Esme) -> EsmeBind | None:
    try:
        _, bind = await asyncio.get_running_loop().create_connection(
            lambda: EsmeBind(esme), esme.settings.host, esme.settings.port
        )
    except OSError:
        return None
    return bind


async def _serve(bind: EsmeBind, esme: Esme, stopped: "asyncio.Future[Literal[True]]") -> None:
    """Until the bind is gone; when asked to stop, leave in order."""
    while not bind.gone.done():
        await asyncio.wait([bind.gone, stopped], timeout=TICK_S, return_when=asyncio.FIRST_COMPLETED)
        if stopped.done():
            esme.stopping = True
            bind.unbind()
            await asyncio.wait([bind.gone], timeout=UNBIND_PATIENCE_S)
            return
        if not bind.gone.done():
            bind.tick()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, required=True, help="SMPP port of the product.")
@click.option("--system-id", required=True)
@click.option("--password", required=True)
@click.option("--window", type=click.IntRange(min=1), default=100, show_default=True)
@click.option("--binds", type=click.IntRange(min=1), default=1, show_default=True, help="Each with a window.")
@click.option("--orders", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True)
@click.option("--record", "record_file", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--status", "status_file", type=click.Path(path_type=Path, dir_okay=False), required=True)
def main(
    host: str,
    port: int,
    system_id: str,
    password: str,
    window: int,
    binds: int,
    orders: Path,
    record_file: Path,
    status_file: Path,
) -> None:
    """Submit the messages of an orders file over SMPP and record what comes back, until SIGTERM."""
    settings = EsmeSettings(host, port, system_id, password, window)
    asyncio.run(run(settings, orders, record_file, status_file, binds))


if __name__ == "__main__":
    main()
