"""Feature: one row of the catalogue, and what its columns may hold."""

from dataclasses import dataclass
from enum import Enum

from operator_push.kernel.contracts import DataPurpose


class FeatureType(Enum):
    """Types of the rule language; the Parquet types are bool, int64, double and string.

    A date is an int64 of days since 1970-01-01, a timestamp one of microseconds since 1970 in UTC, so that
    every database compares them alike; a set is a string (domain.audience.built_ins says which).
    """

    BOOL = "bool"
    INT = "int"
    DOUBLE = "double"
    STRING = "string"
    DATE = "date"
    TIMESTAMP = "timestamp"
    SET = "set"


class Sensitivity(Enum):
    """How much an attribute tells of a person who should not have told it."""

    LOW = "low"  # what a contract says
    MEDIUM = "medium"  # how somebody behaves, or pays
    HIGH = "high"  # where somebody is, and what is concluded of them


@dataclass(frozen=True, slots=True)
class Feature:
    """One attribute of a profile.

    `meaning` is its definition in words. `purpose`: what a person must let us use; NONE only where
    `is_declared`, that is where people tell it themselves, for this use. `retention_days`: how old what it is
    made from may be; 0 is as long as the contract. `event`, `window_days`: the attribute counts these events
    of so many days, which rules ask for by did(event, n, "30d"); with no window it tells the days since the
    last one.
    """

    name: str
    type: FeatureType
    unit: str
    purpose: DataPurpose
    meaning: str
    version: int = 1
    event: str = ""
    window_days: int = 0
    retention_days: int = 90
    sensitivity: Sensitivity = Sensitivity.MEDIUM
    is_declared: bool = False
