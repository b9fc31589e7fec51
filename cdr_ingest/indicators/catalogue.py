"""The indicators by name: what each is computed from, and how its values are told.

The order and the names are those of bandicoot 0.6.0 (`number_of_interaction_in` without an s is its own).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from cdr_ingest.indicators import individual, recharges, spatial

CALL_AND_TEXT = ("callandtext",)
EACH = ("call", "text")
CALLS = ("call",)


class Source(Enum):
    """What an indicator is computed from."""

    RECORDS = "records"
    STAYS = "stays"
    RECHARGES = "recharges"


@dataclass(slots=True, frozen=True)
class Indicator:
    """One indicator. `is_summary`: it gives several values per bin, of which statistics are told."""

    name: str
    source: Source
    compute: Callable[..., Any]
    is_summary: bool = False
    interactions: tuple[str, ...] = ()


def _of_records(
    name: str, interactions: tuple[str, ...], is_summary: bool = False, function: str = ""
) -> Indicator:
    return Indicator(name, Source.RECORDS, getattr(individual, function or name), is_summary, interactions)


def _of_stays(name: str) -> Indicator:
    return Indicator(name, Source.STAYS, getattr(spatial, name))


def _of_recharges(name: str, is_summary: bool = False) -> Indicator:
    return Indicator(name, Source.RECHARGES, getattr(recharges, name), is_summary)


INDICATORS: tuple[Indicator, ...] = (
    _of_records("active_days", CALL_AND_TEXT),
    _of_records("number_of_contacts", EACH),
    _of_records("call_duration", CALLS, is_summary=True),
    _of_records("percent_nocturnal", EACH),
    _of_records("percent_initiated_conversations", CALL_AND_TEXT),
    _of_records("percent_initiated_interactions", CALLS),
    _of_records("response_delay_text", CALL_AND_TEXT, is_summary=True),
    _of_records("response_rate_text", CALL_AND_TEXT),
    _of_records("entropy_of_contacts", EACH),
    _of_records("balance_of_contacts", EACH, is_summary=True),
    _of_records("interactions_per_contact", EACH, is_summary=True),
    _of_records("interevent_time", EACH, is_summary=True),
    _of_records("percent_pareto_interactions", EACH),
    _of_records("percent_pareto_durations", CALLS),
    _of_records("number_of_interactions", EACH),
    _of_records("number_of_interaction_in", EACH, function="number_of_interactions_in"),
    _of_records("number_of_interaction_out", EACH, function="number_of_interactions_out"),
    _of_stays("number_of_antennas"),
    _of_stays("entropy_of_antennas"),
    _of_stays("percent_at_home"),
    _of_stays("radius_of_gyration"),
    _of_stays("frequent_antennas"),
)
CHURN_RATE = "churn_rate"  # always between weeks, whatever the others are grouped by
RECHARGE_INDICATORS: tuple[Indicator, ...] = (
    _of_recharges("amount_recharges", is_summary=True),
    _of_recharges("interevent_time_recharges", is_summary=True),
    _of_recharges("percent_pareto_recharges"),
    _of_recharges("number_of_recharges"),
)
AVERAGE_BALANCE = "average_balance_recharges"  # one number, never split or grouped
NETWORK_NAMES = (
    "clustering_coefficient_unweighted",
    "clustering_coefficient_weighted",
    "assortativity_attributes",
    "assortativity_indicators",
)
NAMES = (
    *(one.name for one in INDICATORS),
    CHURN_RATE,
    *(one.name for one in RECHARGE_INDICATORS),
    AVERAGE_BALANCE,
)
