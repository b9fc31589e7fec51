"""What is observed of a run: its streams, its rates, its newest rows; bounded, and it decides nothing."""

import os
import time
from collections.abc import Callable
from typing import Any

from operator_push.smpp_twisted.protocol import SmppProtocol
from smsc_sim.bind import SimBind
from smsc_sim.cdr_files import CdrFiles
from smsc_sim.control.answers import Answer
from smsc_sim.control.capture import Capture
from smsc_sim.control.engine import Engine
from smsc_sim.control.messages import RowTail, SmscRows
from smsc_sim.control.metrics import CONTENT_TYPE, Metric, counter_metrics, exposition
from smsc_sim.control.rates import Rates
from smsc_sim.control.stream_tap import StreamTap
from smsc_sim.line_file import LineFile
from smsc_sim.scenario_control import Control


class Observed:
    """One run's. `now_us` is the time of capture and rates, microseconds since 1970."""

    def __init__(self, control: Control, now_us: Callable[[], int]) -> None:
        self.started_us = now_us()
        self.capture = Capture(control.capture_octets_max)
        self.rows: list[SmscRows] = []
        self.rates = Rates()
        self._rows_max = control.rows_max
        self._now_us = now_us
        self._streams: dict[StreamTap, _Stream] = {}

    def keep_rows(self, smsc: str, witness: LineFile, cdr: CdrFiles) -> None:
        """Keep the newest rows of a virtual SMSC's records."""
        witness_tail = RowTail(self._rows_max, lambda: witness.lines)
        cdr_tail = RowTail(self._rows_max, cdr.unflushed_rows)
        witness.tail = witness_tail.kept
        cdr.keep_tail(cdr_tail.kept)
        self.rows.append(SmscRows(smsc, witness_tail, cdr_tail))

    def stream_up(self, protocol: SmppProtocol, bind: SimBind, smsc: str) -> StreamTap:
        """Watch a stream from its beginning; the tap is told when it is gone."""
        name = f"{smsc}.{bind.name}" if smsc else bind.name
        tap = StreamTap(self.capture, protocol, name, self._now_us, self._stream_down)
        self._streams[tap] = _Stream(protocol, bind, smsc, self._now_us())
        return tap

    def sample(self, engine: Engine) -> None:
        """Keep the counters of now."""
        total: dict[str, int] = {}
        for counters in engine.counters().values():
            for name, value in counters.items():
                total[name] = total.get(name, 0) + value
        self.rates.sample(self._now_us(), total)

    def binds(self) -> list[dict[str, Any]]:
        """The streams that are up, oldest first, with what went over them."""
        return [stream.view(tap) for tap, stream in self._streams.items()]

    def metrics(self, engine: Engine) -> Answer:
        """A scrape."""
        by_type: dict[tuple[str, str, str], int] = {}
        for stream in self._streams.values():
            key = stream.labels()
            by_type[key] = by_type.get(key, 0) + 1
        names = ("smsc", "system_id", "type")
        binds = [(dict(zip(names, key, strict=True)), float(count)) for key, count in by_type.items()]
        hits = [({"fault": one.name, "smsc": one.smsc}, float(one.hits)) for one in engine.faults()]
        switches = [({"fault": one.name, "smsc": one.smsc}, float(one.on)) for one in engine.faults()]
        memory = resident_octets()
        families = [
            *counter_metrics(engine.counters()),
            Metric("binds", "gauge", "Binds that are up.", binds),
            Metric("unfinished", "gauge", "What is on its way; 0 is settled.", [({}, engine.unfinished())]),
            Metric("fault_on", "gauge", "Whether a fault of the scenario is on.", switches),
            Metric("fault_hits_total", "counter", "How often a fault has struck.", hits),
            Metric("capture_octets", "gauge", "Octets in the capture.", [({}, self.capture.octets_kept)]),
            Metric("cpu_seconds_total", "counter", "CPU time of the process.", [({}, time.process_time())]),
        ]
        if memory is not None:
            families.append(Metric("resident_octets", "gauge", "Memory of the process.", [({}, memory)]))
        return Answer(exposition(families).encode(), CONTENT_TYPE)

    def _stream_down(self, tap: StreamTap) -> None:
        self._streams.pop(tap, None)


class _Stream:
    def __init__(self, protocol: SmppProtocol, bind: SimBind, smsc: str, since_us: int) -> None:
        self._protocol = protocol
        self._bind = bind
        self._smsc = smsc
        self._since_us = since_us

    def labels(self) -> tuple[str, str, str]:
        """(smsc, system_id, type)."""
        identity = self._bind.identity
        system_id = identity.account.system_id if identity is not None else ""
        return self._smsc, system_id, self._bind.session.binding or "unbound"

    def view(self, tap: StreamTap) -> dict[str, Any]:
        """The stream as the page shows it."""
        smsc, system_id, binding = self.labels()
        incoming, outgoing = tap.stream.incoming, tap.stream.outgoing
        session = self._bind.session
        return {
            "bind": tap.stream.bind,
            "smsc": smsc,
            "system_id": system_id,
            "type": binding,
            "peer": self._protocol.peer,
            "since": self._since_us,
            "version": f"{session.peer_version:#04x}",
            "pdus_in": incoming.pdus,
            "pdus_out": outgoing.pdus,
            "octets_in": incoming.octets,
            "octets_out": outgoing.octets,
            "unanswered_in": self._bind.outstanding_submits,
            "unanswered_out": session.open_requests,
        }


def resident_octets() -> int | None:
    """Memory of this process where the system tells it (Linux)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
