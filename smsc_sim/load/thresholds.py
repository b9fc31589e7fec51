"""Thresholds: what a run must have reached, as lines such as "response_p99_ms <= 200", and their verdicts.

Laws: a threshold names one figure of `figures`; a figure that the run could not measure (no receipt came, so
there is no receipt latency) fails. Not here: where the figures come from (report.py).
"""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "==": operator.eq,
}
_LINE: Final = re.compile(r"\s*([a-z][a-z0-9_.]*)\s*(<=|>=|==|<|>)\s*([0-9]+(?:\.[0-9]+)?)\s*(%?)\s*")
_LATENCY: Final = re.compile(
    r"(response|service|receipt|lateness)_(mean|max|p[0-9]{1,2}(?:\.[0-9]{1,3})?)_ms"
)
FIGURES: Final = {
    "sent_per_s": "submit_sm sent a second, while sending",
    "accepted_per_s": "submit_sm accepted a second, while sending",
    "sent": "submit_sm sent",
    "accepted": "submit_sm answered with ESME_ROK",
    "refused": "submit_sm answered with an error",
    "unanswered": "submit_sm without an answer: timed out, or its bind was lost",
    "not_sent": "submit_sm that were due and could not be sent",
    "refused_share": "refused of all that were due, 0..1",
    "failed_share": "refused, unanswered and not sent of all that were due, 0..1",
    "receipts_missing": "receipts of accepted segments that did not come",
    "receipts_failed": "receipts with a final state other than DELIVRD",
    "receipts_doubled": "receipts for a message that had its receipt already",
    "receipts_orphaned": "receipts with an id that no response had told",
    "binds_lost": "binds that ended before the run did",
}


class Threshold(msgspec.Struct, frozen=True):
    """One expectation: `figure` `comparison` `limit`; `text` is how the user wrote it."""

    text: str
    figure: str
    comparison: str
    limit: float


class Verdict(msgspec.Struct, frozen=True):
    """What became of an expectation. `measured` is None where the run has no such figure."""

    text: str
    figure: str
    comparison: str
    limit: float
    measured: float | None
    passed: bool


def parse_threshold(text: str) -> Threshold:
    """Read one line; a limit with % is a hundredth.

    Raises:
        ValueError: a sentence for a person.
    """
    match = _LINE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no threshold; write for example response_p99_ms <= 200")
    figure, comparison, limit, percent = match.groups()
    if figure not in FIGURES and _LATENCY.fullmatch(figure) is None:
        raise ValueError(
            f"{figure!r} is no figure; known: {', '.join(FIGURES)}, and response, service, receipt or "
            "lateness with _mean_ms, _max_ms or a percentile such as _p99.9_ms"
        )
    return Threshold(" ".join(text.split()), figure, comparison, float(limit) / (100 if percent else 1))


def latency_percent(figure: str) -> tuple[str, str] | None:
    """The latency ("response") and what of it ("p99.9", "mean", "max") a figure asks for; None otherwise."""
    match = _LATENCY.fullmatch(figure)
    return None if match is None else (match.group(1), match.group(2))


def judge(thresholds: list[Threshold], figures: Mapping[str, float | None]) -> list[Verdict]:
    """The verdict on each threshold; `figures` has every figure that they name."""
    verdicts = []
    for threshold in thresholds:
        measured = figures.get(threshold.figure)
        passed = measured is not None and _COMPARISONS[threshold.comparison](measured, threshold.limit)
        verdicts.append(
            Verdict(threshold.text, threshold.figure, threshold.comparison, threshold.limit, measured, passed)
        )
    return verdicts
