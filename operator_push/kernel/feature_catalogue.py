"""The feature catalogue: every attribute that a profile may have, and the purpose that it needs.

One row here is the only place where a feature's name, type, unit, purpose and meaning stand: the ingester
computes by it, the rule language types by it, documentation is made from it. Columns of the feature files
carry these names ("home.city" is one column name). A missing value is null and means "not known".
"""

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


@dataclass(frozen=True, slots=True)
class Feature:
    """One attribute of a profile.

    `event`, `window_days`: the attribute counts these events of so many days, which rules ask for by
    did(event, n, "30d"); with no window it tells the days since the last one.
    """

    name: str
    type: FeatureType
    unit: str
    purpose: DataPurpose
    meaning: str
    version: int = 1
    event: str = ""
    window_days: int = 0


_RECORD = DataPurpose.SUBSCRIBER_RECORD
_CALLS = DataPurpose.CALL_DATA
_PLACE = DataPurpose.CALL_DATA | DataPurpose.LOCATION
_MONEY = DataPurpose.TOP_UP

FEATURES: tuple[Feature, ...] = (
    Feature("age", FeatureType.INT, "years", _RECORD, "Year of the run minus the year of birth."),
    Feature("language", FeatureType.STRING, "ISO 639-1", _RECORD, "Language of the contract."),
    Feature("plan", FeatureType.STRING, "name", _RECORD, "Tariff plan of the contract."),
    Feature("prepaid", FeatureType.BOOL, "", _RECORD, "True where the contract is prepaid."),
    Feature("activated_on", FeatureType.DATE, "", _RECORD, "Day on which the contract began."),
    Feature("tenure_days", FeatureType.INT, "days", _RECORD, "Days from activation to the run."),
    Feature("device.os", FeatureType.STRING, "name", _RECORD, "android, ios or feature."),
    Feature(
        "calls_30d",
        FeatureType.INT,
        "calls",
        _CALLS,
        "Calls made and received in 30 days.",
        event="call",
        window_days=30,
    ),
    Feature("call_minutes_30d", FeatureType.DOUBLE, "minutes", _CALLS, "Duration of those calls."),
    Feature(
        "sms_30d",
        FeatureType.INT,
        "messages",
        _CALLS,
        "SMS sent and received in 30 days.",
        event="sms",
        window_days=30,
    ),
    Feature("data_mb_30d", FeatureType.DOUBLE, "MB", _CALLS, "Data volume, both ways, 10^6 octets."),
    Feature("contacts_30d", FeatureType.INT, "people", _CALLS, "Different correspondents in 30 days."),
    Feature("active_days_30d", FeatureType.INT, "days", _CALLS, "Days with a call, SMS or session."),
    Feature(
        "night_share_30d",
        FeatureType.DOUBLE,
        "0..1",
        _CALLS,
        "Share of calls and SMS outside 07:00:00 < local time < 19:00:00.",
    ),
    Feature("home.city", FeatureType.STRING, "name", _PLACE, "City of the cell most used at night."),
    Feature("home.lat", FeatureType.DOUBLE, "degrees", _PLACE, "Latitude of that cell, WGS 84."),
    Feature("home.lon", FeatureType.DOUBLE, "degrees", _PLACE, "Longitude of that cell, WGS 84."),
    Feature("spend_30d", FeatureType.DOUBLE, "rupees", _MONEY, "Sum of top-ups in 30 days."),
    Feature(
        "top_ups_30d",
        FeatureType.INT,
        "top-ups",
        _MONEY,
        "Number of top-ups in 30 days.",
        event="top_up",
        window_days=30,
    ),
    Feature(
        "days_since_top_up",
        FeatureType.INT,
        "days",
        _MONEY,
        "Whole days since the last top-up.",
        event="top_up",
    ),
    Feature("last_top_up_on", FeatureType.DATE, "", _MONEY, "Day of the last top-up."),
)

FEATURES_BY_NAME: dict[str, Feature] = {feature.name: feature for feature in FEATURES}
