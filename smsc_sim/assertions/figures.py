"""Figures: every name that an assertion can speak of, and its value at the end of a run.

Counters go by their own names. Facts are what the witness and the CDR rows tell beyond them. A figure that
was never measured (a latency without one answer) has no value, and an assertion on it does not hold.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from operator_push.smpp.constants import CommandStatus, MessageState
from smsc_sim.assertions.witness_facts import WitnessFacts
from smsc_sim.counters import Counters

COUNTERS: Final = tuple(Counters.__struct_fields__)
# Facts that are counts, with what they count; "*" marks those that take an argument after a colon.
FACTS: Final = {
    "unfinished": "messages, receipts and answers still on their way when the run ends",
    "messages*": "messages that reached a final state; messages:EXPIRED of one state",
    "receipts*": "receipts sent for the first time; receipts:DELIVERED of one state",
    "refusals*": "requests with messages that were refused; refusals:ESME_RTHROTTLED with one status",
    "faults*": "hits of all faults; faults:NAME of one, by its name or kind",
    "sent_after_stop": "submit_sm to a number after the ESME had acknowledged its STOP to that sender",
    "repeated_submits": "accepted submit_sm whose sender, number and user_message_reference came before",
    "deliveries_unanswered": "deliver_sm and data_sm to the ESME that it did not answer in time",
    "violations": "PDUs of the ESME that the session had to refuse: malformed, unknown, out of place",
    "binds_made": "accepted binds",
    "binds_lost": "binds that ended without unbind",
}
_LATENCY: Final = re.compile(r"(response|esme_response)_(p[0-9]{1,2}(?:\.[0-9]{1,3})?|max)_ms")
LATENCIES: Final = {
    "response_p99_ms": "how long the SMSC took to decide its answer to submit_sm; any percentile, or max",
    "esme_response_p99_ms": "how long the ESME took to answer a receipt or message; any percentile, or max",
}
_STATES: Final = tuple(MessageState.__members__)


class SmscFigures(msgspec.Struct, frozen=True):
    """What one virtual SMSC has at the end of a run; `fault_hits` by name and by kind."""

    name: str
    counters: Mapping[str, int]
    unfinished: int
    fault_hits: Mapping[str, int]
    facts: WitnessFacts


def figure_fault(figure: str, fault_names: Sequence[str]) -> str | None:
    """What is wrong with the name of a figure, as a sentence; None where nothing is."""
    name, colon, argument = figure.partition(":")
    known_arguments = {
        "messages": ("state", _STATES),
        "receipts": ("state", _STATES),
        "refusals": ("command_status", tuple(CommandStatus.__members__)),
        "faults": ("fault of this scenario", tuple(fault_names)),
    }
    if colon and name in known_arguments:
        what, known = known_arguments[name]
        return None if argument in known else _unknown(what, argument, known)
    if colon:
        return f"{name!r} takes no argument after a colon"
    names = [*COUNTERS, *(fact.rstrip("*") for fact in FACTS)]
    if figure in names or _LATENCY.fullmatch(figure):
        return None
    return _unknown("figure", figure, [*names, *LATENCIES])


def figure_value(figure: str, parts: Sequence[SmscFigures], speed: float) -> float | None:
    """The figure over these virtual SMSCs; `speed` is that of the run's clock, in which rows are dated."""
    latency = _LATENCY.fullmatch(figure)
    if latency is not None:
        histograms = [getattr(part.facts, f"{latency[1]}_us") for part in parts]
        merged = histograms[0].merged_with(histograms[1:])
        share = 1.0 if latency[2] == "max" else float(latency[2][1:]) / 100
        value_us = merged.percentile_us(share)
        return None if value_us is None else value_us / 1000 / speed
    name, _, argument = figure.partition(":")
    return float(sum(_count(name, argument, part) for part in parts))


def _count(name: str, argument: str, part: SmscFigures) -> int:
    match name:
        case "unfinished":
            return part.unfinished
        case "faults":
            return part.fault_hits.get(argument, 0) if argument else part.counters["faults"]
        case "messages" | "receipts" | "refusals":
            by_argument: Mapping[str, int] = getattr(part.facts, name)
            return by_argument.get(argument, 0) if argument else sum(by_argument.values())
        case _ if name in part.counters:
            return part.counters[name]
        case _:
            return int(getattr(part.facts, name))


def _unknown(what: str, name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    advice = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known) or 'none'}"
    return f"{name!r} is no {what}; {advice}"
