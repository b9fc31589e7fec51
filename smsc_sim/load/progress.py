"""Progress: lines for a person who waits, and the summary at the end.

On a terminal one line that is written over every half second; elsewhere a line every five seconds.
"""

import sys
from collections.abc import Callable

from smsc_sim.load.report import Report
from smsc_sim.load.run import LoadRun

TERMINAL_S = 0.5
ELSEWHERE_S = 5.0
_RATE_OVER_S = 2.0


class Progress:
    """Call `show` as often as `every_s` says; `done` before anything else is printed."""

    def __init__(self, run: LoadRun, write: Callable[[str], None], is_terminal: bool) -> None:
        self._run = run
        self._write = write
        self._is_terminal = is_terminal
        self._before: list[tuple[float, int]] = []
        self.every_s = TERMINAL_S if is_terminal else ELSEWHERE_S

    def show(self) -> None:
        """Print how far the run is."""
        line = self.line()
        if line:
            self._write(f"\r\x1b[K{line}" if self._is_terminal else f"{line}\n")

    def done(self) -> None:
        """Leave the terminal's line behind."""
        if self._is_terminal:
            self._write("\r\x1b[K")

    def line(self) -> str:
        """How far the run is, in one line; empty where there is nothing to tell."""
        run = self._run
        tally = run.tally
        match run.phase:
            case "binding":
                return f"binding: {tally.binds_made} of {len(run.esmes)}"
            case "sending":
                share = run.progress_share()
                left = f", {_seconds(run.elapsed_s() * (1 - share) / share)} left" if share else ""
                return (
                    f"{share:4.0%}{left} · {self._rate():,.0f}/s · {tally.accepted:,} accepted"
                    f"{self._failed()}{self._latency()} · {run.open_requests():,} open{self._backlog()}"
                )
            case "draining":
                waits = f"{run.open_requests():,} responses"
                if run.plan.receipts.ask:
                    waits += f" and {run.ledger.open_count:,} receipts"
                return f"sent; waiting for {waits} · {tally.receipts:,} receipts came"
            case _:
                return ""

    def _rate(self) -> float:
        """submit_sm a second over the last moments."""
        now, sent = self._run.elapsed_s(), self._run.tally.sent
        self._before.append((now, sent))
        while len(self._before) > 2 and now - self._before[1][0] >= _RATE_OVER_S:
            self._before.pop(0)
        then, sent_then = self._before[0]
        if len(self._before) == 1:
            then, sent_then = 0.0, 0
        return (sent - sent_then) / (now - then) if now > then else 0.0

    def _failed(self) -> str:
        tally = self._run.tally
        failed = tally.refused + tally.timed_out + tally.bind_lost
        return f" · {failed:,} FAILED" if failed else ""

    def _latency(self) -> str:
        slices = self._run.tally.slices
        answered = next((piece for piece in reversed(slices) if piece.p99_us), None)
        return f" · p99 {_milliseconds(answered.p99_us / 1000)}" if answered is not None else ""

    def _backlog(self) -> str:
        """Messages that are due and wait for a window: what an open loop shows of a slow SMSC."""
        run = self._run
        if run.schedule is None:
            return ""
        due = min(run.schedule.due_by(run.elapsed_s()), run.plan.loop.count or float("inf"))
        behind = int(due - run.sent_messages())
        return f" · {behind:,} BEHIND" if behind > max(10.0, due * 0.01) else ""


def summary(report: Report) -> str:
    """The outcome of a run, for a terminal."""
    if report["outcome"] == "not done":
        return f"The run could not be done: {report['failure']}."
    figures, latency, receipts = report["figures"], report["latency_ms"], report["receipts"]
    lines = [
        f"{figures['sent']:,} submit_sm in {report['sending_s']:,.1f} s: "
        f"{figures['sent_per_s'] or 0:,.1f}/s; "
        + ", ".join(
            f"{figures[name]:,} {name.replace('_', ' ')}"
            for name in ("accepted", "refused", "unanswered", "not_sent")
        )
    ]
    for name, what in (
        ("response", "due to response"),
        ("service", "sent to response"),
        ("receipt", "due to receipt"),
    ):
        told = latency[name]
        if told["count"]:
            values = "  ".join(
                f"{key} {_milliseconds(told[key])}" for key in ("p50", "p90", "p99", "p99.9", "max")
            )
            lines.append(f"{what:<17} {values}")
    lines += [f"refused with {row['name']}: {row['count']:,}" for row in report["refusals"]]
    if receipts["expected"]:
        states = ", ".join(f"{count:,} {stat}" for stat, count in receipts["states"].items())
        lines.append(
            f"receipts: {receipts['matched']:,} of {receipts['expected']:,}"
            + (f" ({states})" if states else "")
            + "".join(
                f", {receipts[name]:,} {name}"
                for name in ("missing", "doubled", "orphaned")
                if receipts[name]
            )
        )
    lines += [f"violation: {what}: {count:,}" for what, count in report["violations"].items()]
    lines.append(f"generator: {report['generator']['cpu_us_per_submit']:.1f} µs of CPU a submit_sm")
    lines += [f"note: {note}" for note in report["notes"]]
    lines += [
        f"{'pass' if row['passed'] else 'FAIL'}  {row['text']}  (was {_plain(row['measured'])})"
        for row in report["thresholds"]
    ]
    return "\n".join(lines)


def to_standard_error(text: str) -> None:
    """Write at once; somebody may read us through a pipe."""
    sys.stderr.write(text)
    sys.stderr.flush()


def _plain(value: float | None) -> str:
    return "not measured" if value is None else f"{value:,.4f}".rstrip("0").rstrip(".")


def _milliseconds(value: float) -> str:
    if value < 10:
        return f"{value:.2f} ms"
    return f"{value:,.0f} ms" if value < 10_000 else f"{value / 1000:,.1f} s"


def _seconds(value: float) -> str:
    whole = int(value + 0.5)
    if whole < 120:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 7200 else f"{whole / 3600:.1f} h"
