"""The run's door: a real run as the control's `Engine`. The only file here that knows the engine's own names.

A handset and a fault are meant in every virtual SMSC where none is named; a message from a handset needs one.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast, get_args

import msgspec

from operator_push.kernel.errors import OperatorError
from smsc_sim.cdr_files import CdrFiles
from smsc_sim.control.engine import FaultView, HandsetView
from smsc_sim.control.observed import Observed
from smsc_sim.line_file import LineFile
from smsc_sim.moments import RunClock
from smsc_sim.patterns import Patterns
from smsc_sim.scenario_handsets import HandsetState
from smsc_sim.smsc import VirtualSmsc

_STATES: tuple[str, ...] = get_args(HandsetState)


class SmscRunShape(Protocol):
    """A `virtual_run.SmscRun`, which knows the control and therefore is not imported here."""

    name: str
    smsc: VirtualSmsc
    witness_file: LineFile
    cdr: CdrFiles
    observed: Observed | None

    def chunk_done(self, now: float) -> None: ...


class RunShape(Protocol):
    """A `program.SimulatorRun`."""

    seed: int
    clock: RunClock

    @property
    def smscs(self) -> Sequence[SmscRunShape]: ...

    @property
    def ports(self) -> Mapping[str, int]: ...

    def close_cdr_period(self) -> Sequence[Path]: ...
    def reload(self) -> str: ...
    def status(self) -> Mapping[str, Any]: ...


class RunDoor:
    """Asks and changes a run; `stop_reactor` ends the program in order."""

    def __init__(self, run: RunShape, stop_reactor: Callable[[], None]) -> None:
        self._run = run
        self._stop_reactor = stop_reactor

    @property
    def seed(self) -> int:
        return self._run.seed

    @property
    def ports(self) -> Mapping[str, int]:
        return self._run.ports

    def counters(self) -> Mapping[str, Mapping[str, int]]:
        return {one.name: msgspec.structs.asdict(one.smsc.counters) for one in self._run.smscs}

    def unfinished(self) -> int:
        return sum(one.smsc.unfinished() for one in self._run.smscs)

    def send_mo(self, smsc: str, system_id: str, source: str, destination: str, text: str) -> int:
        one, now = self._single(smsc), time.monotonic()
        segments = one.smsc.send_mo(system_id, source, destination, text, now)
        one.chunk_done(now)
        return segments

    def send_alert(self, smsc: str, system_id: str, number: str, esme_addr: str) -> None:
        one, now = self._single(smsc), time.monotonic()
        one.smsc.send_alert(system_id, number, esme_addr, now)
        one.chunk_done(now)

    def handset(self, smsc: str, number: str) -> HandsetView:
        one = self._meant(smsc)[0]
        state = one.smsc.handset_state(number, time.monotonic())
        by_hand = Patterns(tuple(one.smsc.set_handset_states())).fits(number)
        return HandsetView(one.name, number, state, by_hand)

    def set_handset(self, smsc: str, number: str, state: str | None) -> HandsetView:
        now = time.monotonic()
        for one in self._meant(smsc):
            one.smsc.set_handset_state(number, cast("HandsetState | None", state), now)
            one.chunk_done(now)
        return self.handset(smsc, number)

    def handset_states(self) -> Sequence[str]:
        return _STATES

    def faults(self) -> Sequence[FaultView]:
        return [
            FaultView(one.name, fault.name, fault.kind, fault.told, fault.on, fault.hits)
            for one in self._run.smscs
            for fault in one.smsc.faults.states()
        ]

    def set_fault(self, smsc: str, name: str, on: bool) -> FaultView:
        found = [one for one in self._meant(smsc) if one.smsc.faults.has(name)]
        if not found:
            raise OperatorError(f"there is no fault {name!r} in the virtual SMSC {smsc!r}")
        now = time.monotonic()
        for one in found:
            one.smsc.faults.moment(now, self._run.clock.epoch_us(now))
            one.smsc.faults.set_fault(name, on)
            one.chunk_done(now)
        return next(view for view in self.faults() if (view.smsc, view.name) == (found[0].name, name))

    def close_cdr_period(self) -> Sequence[str]:
        return [str(path) for path in self._run.close_cdr_period()]

    def reload(self) -> str:
        return self._run.reload()

    def stop(self) -> None:
        self._stop_reactor()

    def status(self) -> Mapping[str, Any]:
        return self._run.status()

    def _single(self, smsc: str) -> SmscRunShape:
        found = self._meant(smsc)
        if len(found) > 1:
            names = ", ".join(one.name for one in found)
            raise OperatorError(f"there are several virtual SMSCs; name one of them: {names}", key="smsc")
        return found[0]

    def _meant(self, smsc: str) -> list[SmscRunShape]:
        """The virtual SMSC of this name; all of them for an empty one."""
        found = [one for one in self._run.smscs if smsc in ("", one.name)]
        if not found:
            names = ", ".join(one.name for one in self._run.smscs if one.name) or "one without a name"
            raise OperatorError(f"there is no virtual SMSC {smsc!r}; there are: {names}", key="smsc")
        return found
