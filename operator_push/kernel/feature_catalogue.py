"""The feature catalogue: every attribute that a profile may have, and the purpose that it needs.

One row here is the only place where a feature's name, type, unit, purpose, retention, sensitivity and
meaning stand: the ingester computes by it, the rule language types by it, docs/features.md is made from it.
Columns of the feature files carry these names ("home.city" is one column name). A missing value is null and
means "not known". A window ends with the last local day of the computation, included.
"""

from collections.abc import Iterator

from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature import Feature as Feature
from operator_push.kernel.feature import FeatureType as FeatureType
from operator_push.kernel.feature import Sensitivity as Sensitivity
from operator_push.kernel.research_features import RESEARCH

WINDOWS = (1, 7, 30, 90)  # days: a day, a week, a month, a quarter
INTERESTS = (
    "sports", "music", "film", "food", "travel", "fashion", "technology", "games", "health", "finance",
    "education", "family",
)  # fmt: skip
_BOOL, _INT, _DOUBLE = FeatureType.BOOL, FeatureType.INT, FeatureType.DOUBLE
_STRING, _DATE = FeatureType.STRING, FeatureType.DATE
_RECORD = DataPurpose.SUBSCRIBER_RECORD
_CALLS = DataPurpose.CALL_DATA
_PLACE = DataPurpose.CALL_DATA | DataPurpose.LOCATION
_MONEY = DataPurpose.TOP_UP


def _contract(name: str, kind: FeatureType, unit: str, meaning: str) -> Feature:
    return Feature(name, kind, unit, _RECORD, meaning, retention_days=0, sensitivity=Sensitivity.LOW)


def _windows(
    name: str, kind: FeatureType, unit: str, purpose: DataPurpose, meaning: str, event: str = ""
) -> Iterator[Feature]:
    """The same feature for each window: NAME_1d, NAME_7d, NAME_30d, NAME_90d."""
    for days in WINDOWS:
        said = meaning.format(window="the last day" if days == 1 else f"{days} days")
        counted = days if event else 0
        yield Feature(
            f"{name}_{days}d", kind, unit, purpose, said, 1, event, counted, retention_days=max(days, 1)
        )


def _month(name: str, kind: FeatureType, unit: str, meaning: str) -> Feature:
    return Feature(name, kind, unit, _CALLS, meaning, retention_days=30)


def _place(name: str, kind: FeatureType, unit: str, meaning: str) -> Feature:
    return Feature(name, kind, unit, _PLACE, meaning, retention_days=30, sensitivity=Sensitivity.HIGH)


FEATURES: tuple[Feature, ...] = (
    _contract("age", _INT, "years", "Year of the run minus the year of birth."),
    _contract("language", _STRING, "ISO 639-1", "Language of the contract."),
    _contract("plan", _STRING, "name", "Tariff plan of the contract."),
    _contract("prepaid", _BOOL, "", "True where the contract is prepaid."),
    _contract("activated_on", _DATE, "", "Day on which the contract began."),
    _contract("tenure_days", _INT, "days", "Days from activation to the run."),
    _contract(
        "device.os", _STRING, "name", "android, ios or feature; by the contract, else by the type of device."
    ),
    _contract("device.brand", _STRING, "name", "Brand of the device, by its type in the device catalogue."),
    _contract("device.model", _STRING, "name", "Model of the device, by its type in the device catalogue."),
    _contract("device.age_years", _INT, "years", "Year of the run minus the year the device came out."),
    _contract(
        "plan_name",
        _STRING,
        "name",
        "Name of the plan in its catalogue, else the contract's.",
    ),
    _contract("plan_price", _DOUBLE, "rupees", "Price of the plan."),
    _contract("plan_ends_on", _DATE, "", "Day on which the plan of this person ends, else the plan itself."),
    _contract("status", _STRING, "name", "active or suspended."),
    _contract("age_band", _STRING, "years", "Age as the operator knows it from its papers: 35-44."),
    _contract("home_zone", _STRING, "IANA zone", "Time zone of the home by the contract."),
    _contract("sim_swapped_on", _DATE, "", "Day of the last change of SIM."),
    *_windows("calls", _INT, "calls", _CALLS, "Calls made and received in {window}.", "call"),
    *_windows("call_minutes", _DOUBLE, "minutes", _CALLS, "Duration of the calls of {window}."),
    *_windows("sms", _INT, "messages", _CALLS, "SMS sent and received in {window}.", "sms"),
    *_windows("sessions", _INT, "sessions", _CALLS, "Data sessions of {window}.", "session"),
    *_windows("data_mb", _DOUBLE, "MB", _CALLS, "Data volume of {window}, both ways, 10^6 octets."),
    *_windows("contacts", _INT, "people", _CALLS, "Different correspondents in {window}."),
    *_windows("active_days", _INT, "days", _CALLS, "Days with a call, SMS or session, of {window}."),
    *_windows(
        "night_share",
        _DOUBLE,
        "0..1",
        _CALLS,
        "Share of the calls and SMS of {window} outside 07:00:00 < local time < 19:00:00.",
    ),
    _month("outgoing_share_30d", _DOUBLE, "0..1", "Share of calls and SMS of 30 days that the person began."),
    _month("weekend_share_30d", _DOUBLE, "0..1", "Share of records of 30 days on Saturday and Sunday."),
    _month("morning_share_30d", _DOUBLE, "0..1", "Share of records of 30 days from 06:00 to 12:00."),
    _month("afternoon_share_30d", _DOUBLE, "0..1", "Share of records of 30 days from 12:00 to 18:00."),
    _month("evening_share_30d", _DOUBLE, "0..1", "Share of records of 30 days from 18:00 to 24:00."),
    _month(
        "busiest_hour_30d",
        _INT,
        "0..23",
        "Hour of the day with most records of 30 days, of equals the first.",
    ),
    _month(
        "busiest_weekday_30d",
        _INT,
        "0..6",
        "Weekday with most records of 30 days, Monday is 0, of equals the first.",
    ),
    _month(
        "reach.part",
        _STRING,
        "name",
        "Six hours (night from 0:00, morning, afternoon, evening) with most answered calls of 30 days.",
    ),
    _month(
        "contacts_entropy_30d",
        _DOUBLE,
        "nats",
        "Entropy of how calls and SMS of 30 days are spread over correspondents; 0 with one.",
    ),
    Feature(
        "days_since_active", _INT, "days", _CALLS, "Whole days since a call, SMS or session, within 90 days."
    ),
    Feature(
        "risk.lapse",
        _DOUBLE,
        "0..1",
        _CALLS,
        "1 - exp(-d n / 90), d days since the last record, n active days of 90: how unusual the present"
        " silence is for somebody with so many active days.",
        sensitivity=Sensitivity.HIGH,
    ),
    Feature(
        "risk.churn",
        _DOUBLE,
        "0..1",
        _CALLS,
        "How far records of 30 days fall below half of those of the 60 days before: 1 - 2 recent / before,"
        " at least 0; unknown without any before.",
        sensitivity=Sensitivity.HIGH,
    ),
    *RESEARCH,
    _place("home.city", _STRING, "name", "City of the cell most used at night, of 30 days."),
    _place("home.lat", _DOUBLE, "degrees", "Latitude of that cell, WGS 84."),
    _place("home.lon", _DOUBLE, "degrees", "Longitude of that cell, WGS 84."),
    _place(
        "home.area",
        _STRING,
        "0.1 degrees",
        "Square of 0.1 degrees (some 11 km) of that cell: latitude and longitude of its south-western"
        " corner, in tenths.",
    ),
    _place(
        "work.city",
        _STRING,
        "name",
        "City of the cell most used on Monday to Friday, 09:00 to 17:00, of 30 days.",
    ),
    _place("work.area", _STRING, "0.1 degrees", "Square of 0.1 degrees of that cell, as home.area."),
    _place("commute_km", _DOUBLE, "km", "From the cell of home to that of work, on a flat map."),
    _place("places_30d", _INT, "cells", "Different known cells in 30 days."),
    _place(
        "home_share_30d",
        _DOUBLE,
        "0..1",
        "Share of records with a known cell of 30 days that the cell of home has.",
    ),
    *_windows("spend", _DOUBLE, "rupees", _MONEY, "Sum of top-ups in {window}."),
    *_windows("top_ups", _INT, "top-ups", _MONEY, "Number of top-ups in {window}.", "top_up"),
    Feature("mean_top_up_90d", _DOUBLE, "rupees", _MONEY, "Mean amount of a top-up of 90 days."),
    Feature("top_up_gap_days", _DOUBLE, "days", _MONEY, "Mean days between days with top-ups, of 90 days."),
    Feature(
        "days_since_top_up",
        _INT,
        "days",
        _MONEY,
        "Whole days since the last top-up.",
        event="top_up",
        retention_days=0,
    ),
    Feature("last_top_up_on", _DATE, "", _MONEY, "Day of the last top-up.", retention_days=0),
    *(
        Feature(
            f"interest.{name}",
            _BOOL,
            "",
            DataPurpose.NONE,
            f"True where the person said so: {name}.",
            retention_days=0,
            is_declared=True,
        )
        for name in INTERESTS
    ),
)

FEATURES_BY_NAME: dict[str, Feature] = {feature.name: feature for feature in FEATURES}
DERIVED: tuple[Feature, ...] = tuple(feature for feature in FEATURES if not feature.is_declared)
