"""Judging: when a run ends by itself, and what its assertions then say. Between `program` and `assertions`.

Judged is what stood when the end came: messages that are still open are not yet UNKNOWN, their receipts are
missing, and `unfinished` counts them.
"""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from operator_push.kernel.errors import OperatorError
from smsc_sim.assertions.figures import SmscFigures
from smsc_sim.assertions.junit import JunitCase, junit_text
from smsc_sim.assertions.table import Assert
from smsc_sim.assertions.verdicts import Verdict, judge
from smsc_sim.assertions.witness_facts import WitnessFacts
from smsc_sim.line_file import LineTail
from smsc_sim.program import SimulatorRun

LOOK_S = 0.05
SETTLED_FOR_S = 1.0
_MOVES = (
    "submits_received",
    "responses_sent",
    "finals",
    "receipts_acknowledged",
    "mo_acknowledged",
    "faults",
)


class Ending(msgspec.Struct, frozen=True):
    """When a run ends by itself. `for_s` bounds it; with `until_settled` it should be settled by then.

    Settled: at least one message came or went, nothing is on its way, and nothing moved for `settled_for_s`.
    """

    for_s: float | None = None
    until_settled: bool = False
    settled_for_s: float = SETTLED_FOR_S


class RunJudge:
    """A `program.RunWatcher`: watches one run and judges it. `verdicts` stand once the run has ended."""

    def __init__(
        self,
        asserts: tuple[Assert, ...],
        ending: Ending,
        junit: Path | None,
        suite: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._asserts = asserts
        self._ending = ending
        self._junit = junit
        self._suite = suite
        self._monotonic = monotonic
        self._facts: dict[str, WitnessFacts] = {}
        self._moved: tuple[int, ...] = ()
        self._moved_at = 0.0
        self._is_settled = False
        self.verdicts: list[Verdict] = []
        if junit is not None and not asserts and not self._must_settle:
            raise OperatorError(
                "nothing is asserted; write [[assert]] tables, or give --assertions FILE", key="--junit"
            )

    @property
    def passed(self) -> bool:
        """Whether everything held."""
        return all(verdict.passed for verdict in self.verdicts)

    def attach(self, reactor: Any, run: SimulatorRun) -> None:
        """Before the run begins: hear its rows."""
        self._reactor, self._run = reactor, run
        self._started_at = datetime.now(UTC).isoformat(timespec="seconds")
        self._began = self._monotonic()
        for one in run.smscs:
            facts = self._facts[one.name] = WitnessFacts()
            if self._asserts:
                one.witness_file.tail = _Tee(one.witness_file.tail, facts.take_witness)
                one.cdr.keep_tail(_Tee(one.cdr.tail, facts.take_cdr))

    def begin(self) -> None:
        """The ports are open: time runs."""
        self._began = self._moved_at = self._monotonic()
        if self._ending.for_s is not None:
            self._reactor.callLater(self._ending.for_s, self._end)
        if self._ending.until_settled:
            self._look()

    def end(self) -> None:
        """Judge: all that will come has come."""
        self._run.flush()
        parts = [
            SmscFigures(
                one.name,
                msgspec.structs.asdict(one.smsc.counters),
                one.smsc.unfinished(),
                _hits((state.name, state.kind, state.hits) for state in one.smsc.faults.states()),
                self._facts[one.name],
            )
            for one in self._run.smscs
        ]
        self.verdicts = judge(self._asserts, parts, self._run.clock.speed)
        if self._must_settle:
            told = "it did" if self._is_settled else self._why_unsettled()
            title = f"settled within {self._ending.for_s:g} s"
            self.verdicts.append(Verdict(title, self._is_settled, told))

    @property
    def _must_settle(self) -> bool:
        return self._ending.until_settled and self._ending.for_s is not None

    def _look(self) -> None:
        now = self._monotonic()
        moved = self._moves()
        if moved != self._moved or not self._has_begun() or self._unfinished():
            self._moved, self._moved_at = moved, now
        if now - self._moved_at >= self._ending.settled_for_s:
            self._is_settled = True
            self._end()
        else:
            self._reactor.callLater(LOOK_S, self._look)

    def _end(self) -> None:
        if self._reactor.running and not self._run.is_stopped:
            self._reactor.stop()

    def _unfinished(self) -> int:
        return sum(one.smsc.unfinished() for one in self._run.smscs)

    def _why_unsettled(self) -> str:
        if unfinished := self._unfinished():
            return f"{unfinished} were still on their way"
        if not self._has_begun():
            return "no message came or went"
        return f"something moved within the last {self._ending.settled_for_s:g} s"

    def _has_begun(self) -> bool:
        return any(self._moves()) or any(one.smsc.counters.mo_due for one in self._run.smscs)

    def _moves(self) -> tuple[int, ...]:
        counters = [one.smsc.counters for one in self._run.smscs]
        return tuple(sum(getattr(one, name) for one in counters) for name in _MOVES)

    def tell(self, say: Callable[[str], None]) -> None:
        """The verdicts for a person, and the JUnit file.

        Raises:
            OperatorError: the file cannot be written.
        """
        for verdict in self.verdicts:
            say(f"{'holds ' if verdict.passed else 'FAILED'}  {verdict.title}: {verdict.told}")
        if self._junit is not None:
            cases = [JunitCase(one.title, failure=None if one.passed else one.told) for one in self.verdicts]
            duration_s = self._monotonic() - self._began
            text = junit_text(self._suite, "smsc-sim.run", cases, self._started_at, duration_s)
            try:
                self._junit.parent.mkdir(parents=True, exist_ok=True)
                self._junit.write_text(text, encoding="utf-8")
            except OSError as error:
                raise OperatorError(f"cannot write {self._junit}: {error.strerror}", key="--junit") from error


class _Tee:
    """Hands flushed lines to two."""

    def __init__(self, first: LineTail | None, take: Callable[[Iterable[str]], None]) -> None:
        self._first = first
        self._take = take

    def extend(self, lines: Iterable[str], /) -> None:
        lines = list(lines)
        if self._first is not None:
            self._first.extend(lines)
        self._take(lines)


def _hits(states: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    """Hits by name, and by kind where no fault has that name."""
    by_name: dict[str, int] = {}
    by_kind: dict[str, int] = {}
    for name, kind, hits in states:
        by_name[name] = hits
        by_kind[kind] = by_kind.get(kind, 0) + hits
    return by_kind | by_name
