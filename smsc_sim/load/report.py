"""Report: a finished run as plain values, the same for the JSON file, the page and the summary.

The keys are a contract (docs/smsc-sim-load.md): pipelines read them. Latencies are milliseconds, shares 0..1.
No number of a subscriber and no password is in it.
"""

from typing import Any, Final

import msgspec

from operator_push.smpp.constants import status_name
from smsc_sim.load.histogram import Histogram, coarse_bounds_us
from smsc_sim.load.run import LoadRun
from smsc_sim.load.tally import LATENCIES, Slice
from smsc_sim.load.thresholds import judge, latency_percent, parse_threshold

FORMAT: Final = 1
PERCENTS: Final = (50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99)
OUTCOMES: Final = ("passed", "failed", "interrupted", "not done")

_OWN_LAG_MS = 20.0  # Beyond it the generator, not the SMSC, is what a person would see in the percentiles.
_CPU_SHARE = 0.85

Report = dict[str, Any]


def make_report(run: LoadRun, started_at: str) -> Report:
    """Everything that a run has measured, and the verdicts on `plan.expect`."""
    tally = run.tally
    figures = _figures(run)
    verdicts = judge([parse_threshold(text) for text in run.plan.expect], figures)
    return {
        "format": FORMAT,
        "title": run.plan.title,
        "started_at": started_at,
        "outcome": _outcome(run, all(verdict.passed for verdict in verdicts)),
        "failure": run.failure,
        "thresholds": [msgspec.to_builtins(verdict) for verdict in verdicts],
        "notes": _notes(run, figures),
        "sending_s": round(run.sending_s, 3),
        "total_s": round(run.total_s, 3),
        "figures": {name: _rounded(value) for name, value in figures.items()},
        "latency_ms": {name: _latency(getattr(tally, name)) for name in (*LATENCIES, "refusal")},
        "censored": tally.censored,
        "refusals": [
            {"command_status": status, "name": status_name(status), "count": count}
            for status, count in tally.refusals.most_common()
        ],
        "receipts": {
            "expected": tally.accepted + tally.late_accepted if run.plan.receipts.ask else 0,
            "matched": tally.receipts,
            "missing": run.ledger.open_count,
            "doubled": tally.receipts_doubled,
            "orphaned": tally.receipts_orphaned,
            "intermediate": tally.intermediate,
            "states": dict(tally.receipt_states.most_common()),
        },
        "mo": tally.mo,
        "kinds": _kinds(run),
        "binds": _binds(run),
        "violations": dict(tally.violations.most_common()),
        "generator": {
            "cpu_us_per_submit": _rounded(run.cpu_s * 1e6 / tally.sent if tally.sent else 0.0),
            "cpu_share": _rounded(run.cpu_s / run.total_s if run.total_s else 0.0),
            "own_lag_ms": _latency(tally.own_lag),
            "octets_out": tally.octets_out,
            "octets_in": tally.octets_in,
        },
        "plan": _plan_without_secrets(run),
        "slice_s": tally.slice_s,
        "series": _series(run),
        "heat": [
            [at_s, for_s, [(coarse_bounds_us(cell)[0], count) for cell, count in sorted(piece.heat.items())]]
            for at_s, for_s, piece in _timed(run)
        ],
        "histogram_us": {name: getattr(tally, name).rows() for name in LATENCIES},
    }


def _outcome(run: LoadRun, is_met: bool) -> str:
    if run.failure:
        return "not done"
    if run.interrupted:
        return "interrupted"
    return "passed" if is_met else "failed"


def _figures(run: LoadRun) -> dict[str, float | None]:
    tally = run.tally
    due = tally.sent + tally.not_sent
    unanswered = tally.timed_out + tally.bind_lost
    sending_s = run.sending_s
    failed_states = sum(count for stat, count in tally.receipt_states.items() if stat != "DELIVRD")
    figures: dict[str, float | None] = {
        "sent_per_s": tally.sent / sending_s if sending_s else None,
        "accepted_per_s": tally.accepted / sending_s if sending_s else None,
        "sent": tally.sent,
        "accepted": tally.accepted,
        "refused": tally.refused,
        "unanswered": unanswered,
        "not_sent": tally.not_sent,
        "refused_share": tally.refused / due if due else None,
        "failed_share": (tally.refused + unanswered + tally.not_sent) / due if due else None,
        "receipts_missing": run.ledger.open_count if run.plan.receipts.ask else None,
        "receipts_failed": failed_states,
        "receipts_doubled": tally.receipts_doubled,
        "receipts_orphaned": tally.receipts_orphaned,
        "binds_lost": tally.binds_lost,
    }
    for threshold in map(parse_threshold, run.plan.expect):
        asked = latency_percent(threshold.figure)
        if asked is not None:
            figures[threshold.figure] = _latency_figure(getattr(tally, asked[0]), asked[1])
    return figures


def _latency_figure(histogram: Histogram, what: str) -> float | None:
    if not histogram.total:
        return None
    match what:
        case "mean":
            return histogram.mean_us / 1000
        case "max":
            return histogram.max_us / 1000
        case _:
            return histogram.percentile_us(float(what[1:])) / 1000


def _latency(histogram: Histogram) -> dict[str, float | int]:
    told: dict[str, float | int] = {"count": histogram.total}
    if histogram.total:
        told |= {"min": histogram.min_us / 1000, "mean": _rounded(histogram.mean_us / 1000) or 0.0}
        told |= {f"p{percent:g}": value / 1000 for percent, value in histogram.percentiles_us(PERCENTS)}
        told["max"] = histogram.max_us / 1000
    return told


def _notes(run: LoadRun, figures: dict[str, float | None]) -> list[str]:
    """What a reader must know before believing the figures; whole sentences."""
    tally = run.tally
    notes = []
    if run.interrupted:
        notes.append("The run was interrupted: it is shorter than its plan, and open requests were given up.")
    lag_ms = tally.own_lag.percentile_us(99) / 1000
    if lag_ms > _OWN_LAG_MS:
        notes.append(
            f"The generator itself was late: one of a hundred of its wake-ups by {lag_ms:,.0f} ms or more, "
            "though a window had room. The latencies contain that; give it a core of its own or a lower rate."
        )
    if run.total_s and run.cpu_s / run.total_s > _CPU_SHARE:
        notes.append(
            f"The generator used {run.cpu_s / run.total_s:.0%} of a core: the rate may be its limit, not the "
            "SMSC's. Run several at once, each with binds of its own."
        )
    if run.schedule is None and tally.sent:
        notes.append(
            "Closed loop: while the SMSC stalls, nothing new is sent, so the percentiles show fewer slow "
            "messages than people would meet. They tell capacity; for latency run an open loop at a rate."
        )
    if tally.censored:
        notes.append(
            f"{tally.censored:,} submit_sm had no answer. They stand in the percentiles with the time that "
            "they were waited for, which is less than it would have taken."
        )
    missing = figures["receipts_missing"]
    if missing:
        notes.append(
            f"{missing:,.0f} receipts did not come within {run.plan.receipts.wait_s:g} s after the end. They "
            "stand in the receipt latencies with the time that they were waited for."
        )
    if missing and tally.receipts_orphaned:
        notes.append(
            f"{missing:,.0f} receipts are missing and {tally.receipts_orphaned:,} came with an id that no "
            "response had told: the SMSC may write ids in another base there; try --receipt-ids hexadecimal."
        )
    return notes


def _kinds(run: LoadRun) -> list[dict[str, Any]]:
    return [
        {
            "name": kind.name,
            "share": _rounded(kind.share / sum(other.share for other in run.kinds)),
            "encoding": kind.encoding.value,
            "segments": len(kind.segments),
            "octets": kind.octets,
            "sent": counted.sent,
            "accepted": counted.accepted,
            "refused": counted.refused,
        }
        for kind, counted in zip(run.kinds, run.tally.kinds, strict=True)
    ]


def _binds(run: LoadRun) -> list[dict[str, Any]]:
    return [
        {
            "name": esme.name,
            "type": esme.group.type,
            "system_id": esme.group.system_id,
            "window": esme.group.window,
            "messages": 0 if esme.feed is None else esme.feed.messages,
            "sent": esme.sent,
            "accepted": esme.accepted,
            "refused": esme.refused,
            "unanswered": esme.unanswered,
            "delivered": esme.delivered,
            "lost": esme.lost_count,
            "reason": esme.reason,
        }
        for esme in run.esmes
    ]


def _plan_without_secrets(run: LoadRun) -> dict[str, Any]:
    plan: dict[str, Any] = msgspec.to_builtins(run.plan)
    for group in plan["binds"]:
        group.pop("password", None)
    if not plan["numbers"]["file"]:
        plan["numbers"]["first"] = plan["numbers"]["first"][:5] + "…"
    for kind in plan["messages"]:
        kind["characters"] = kind["characters"] or len(kind["text"])
        kind.pop("text", None)
    return plan


def _segments_per_message(run: LoadRun) -> float:
    """On average; tells how many submit_sm are due where messages are."""
    messages = run.sent_messages()
    return sum(feed.segments for feed in run.feeds) / messages if messages else 1.0


def _timed(run: LoadRun) -> list[tuple[float, float, Slice]]:
    """The slices with their start and length in seconds; the last one ended with the run."""
    slice_s = run.tally.slice_s
    return [
        (round(index * slice_s, 3), round(min(slice_s, run.total_s - index * slice_s), 3), piece)
        for index, piece in enumerate(run.tally.slices)
        if run.total_s - index * slice_s > slice_s / 10
    ]


def _series(run: LoadRun) -> list[dict[str, Any]]:
    """One row for each slice; counts are of submit_sm. `due` is None in a closed loop."""
    segments = _segments_per_message(run)
    rows = []
    for at_s, for_s, piece in _timed(run):
        due = None
        if run.schedule is not None:
            due = _rounded((run.schedule.due_by(at_s + for_s) - run.schedule.due_by(at_s)) * segments)
        rows.append(
            {
                "t_s": at_s,
                "for_s": for_s,
                "due": due,
                "sent": piece.sent,
                "accepted": piece.accepted,
                "failed": piece.failed,
                "receipts": piece.receipts,
                "p50_ms": piece.p50_us / 1000,
                "p99_ms": piece.p99_us / 1000,
                "max_ms": piece.max_us / 1000,
            }
        )
    return rows


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
