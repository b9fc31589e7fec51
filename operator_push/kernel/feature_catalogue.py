"""The feature catalogue: every attribute that a profile may have, and the purpose that it needs.

One row here is the only place where a feature's name, type, unit, purpose, retention, sensitivity and
meaning stand: the ingester computes by it, the rule language types by it, docs/features.md is made from it.
Columns of the feature files carry these names ("home.city" is one column name). A missing value is null and
means "not known". A window ends with the last local day of the computation, included.
"""

from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature import Feature as Feature
from operator_push.kernel.feature import FeatureType as FeatureType
from operator_push.kernel.feature import Sensitivity as Sensitivity
from operator_push.kernel.feature_windows import SEVERAL_WEEKS as SEVERAL_WEEKS
from operator_push.kernel.feature_windows import WHOLE_WEEKS as WHOLE_WEEKS
from operator_push.kernel.feature_windows import WINDOWS as WINDOWS
from operator_push.kernel.feature_windows import windowed
from operator_push.kernel.research_features import RESEARCH

INTERESTS = (
    "sports", "music", "film", "food", "travel", "fashion", "technology", "games", "health", "finance",
    "education", "family",
)  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BOOL, _INT, _DOUBLE = FeatureType.BOOL, FeatureType.INT, FeatureType.DOUBLE
_STRING, _DATE = FeatureType.STRING, FeatureType.DATE
_RECORD = DataPurpose.SUBSCRIBER_RECORD
_CALLS = DataPurpose.CALL_DATA
_PLACE = DataPurpose.CALL_DATA | DataPurpose.LOCATION
_MONEY = DataPurpose.TOP_UP


def _contract(name: str, kind: FeatureType, unit: str, meaning: str) -> Feature:
    return Feature(name, kind, unit, _RECORD, meaning, retention_days=0, sensitivity=Sensitivity.LOW)


def _month(name: str, kind: FeatureType, unit: str, meaning: str) -> Feature:
    return Feature(name, kind, unit, _CALLS, meaning, retention_days=30)


def _place(name: str, kind: FeatureType, unit: str, meaning: str) -> Feature:
    return Feature(name, kind, unit, _PLACE, meaning, retention_days=30, sensitivity=Sensitivity.HIGH)


def _roaming(name: str, kind: FeatureType, unit: str, meaning: str) -> Feature:
    return Feature(name, kind, unit, _PLACE, meaning, retention_days=90, sensitivity=Sensitivity.HIGH)


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
    *windowed("calls", _INT, "calls", _CALLS, "Calls made and received in {window}.", event="call"),
    *windowed("call_minutes", _DOUBLE, "minutes", _CALLS, "Duration of the calls of {window}."),
    *windowed("sms", _INT, "messages", _CALLS, "SMS sent and received in {window}.", event="sms"),
    *windowed("sessions", _INT, "sessions", _CALLS, "Data sessions of {window}.", event="session"),
    *windowed("data_mb", _DOUBLE, "MB", _CALLS, "Data volume of {window}, both ways, 10^6 octets."),
    *windowed("contacts", _INT, "people", _CALLS, "Different correspondents in {window}."),
    *windowed("active_days", _INT, "days", _CALLS, "Days with a call, SMS or session, of {window}."),
    *windowed(
        "night_share",
        _DOUBLE,
        "0..1",
        _CALLS,
        "Share of the calls and SMS of {window} outside 07:00:00 < local time < 19:00:00.",
    ),
    *windowed(
        "outgoing_share", _DOUBLE, "0..1", _CALLS, "Share of calls and SMS of {window} that the person began."
    ),
    *windowed("morning_share", _DOUBLE, "0..1", _CALLS, "Share of records of {window} from 06:00 to 12:00."),
    *windowed(
        "afternoon_share", _DOUBLE, "0..1", _CALLS, "Share of records of {window} from 12:00 to 18:00."
    ),
    *windowed("evening_share", _DOUBLE, "0..1", _CALLS, "Share of records of {window} from 18:00 to 24:00."),
    *windowed(
        "weekend_share",
        _DOUBLE,
        "0..1",
        _CALLS,
        "Share of records of {window} on Saturday and Sunday.",
        windows=WHOLE_WEEKS,
    ),
    *windowed(
        "busiest_hour",
        _INT,
        "0..23",
        _CALLS,
        "Hour of the day with most records of {window}, of equals the first.",
        windows=WHOLE_WEEKS,
    ),
    *windowed(
        "busiest_weekday",
        _INT,
        "0..6",
        _CALLS,
        "Weekday with most records of {window}, Monday is 0, of equals the first.",
        windows=WHOLE_WEEKS,
    ),
    *(
        _month(
            f"hour_{hour:02d}_share_30d",
            _DOUBLE,
            "0..1",
            f"Share of records of 30 days from {hour:02d}:00 to {hour + 1:02d}:00.",
        )
        for hour in range(24)
    ),
    *(
        _month(f"{day}_share_30d", _DOUBLE, "0..1", f"Share of records of 30 days on {day.capitalize()}s.")
        for day in WEEKDAYS
    ),
    _month(
        "reach.part",
        _STRING,
        "name",
        "Six hours (night from 0:00, morning, afternoon, evening) with most answered calls of 30 days.",
    ),
    *windowed(
        "contacts_entropy",
        _DOUBLE,
        "nats",
        _CALLS,
        "Entropy of how calls and SMS of {window} are spread over correspondents; 0 with one.",
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
    *windowed("places", _INT, "cells", _PLACE, "Different known cells in {window}."),
    _place(
        "home_share_30d",
        _DOUBLE,
        "0..1",
        "Share of records with a known cell of 30 days that the cell of home has.",
    ),
    _roaming(
        "roaming.countries",
        _STRING,
        "MCC",
        "Countries of the networks that records of 90 days were made in, by their mobile country codes"
        " (ITU-T E.212) in ascending order, with a space between; without home, which is that of most days.",
    ),
    _roaming("roaming.count", _INT, "countries", "How many countries roaming.countries names."),
    _roaming(
        "roaming.days_since", _INT, "days", "Whole days since a record in one of these, within 90 days."
    ),
    *windowed("spend", _DOUBLE, "rupees", _MONEY, "Sum of top-ups in {window}."),
    *windowed("top_ups", _INT, "top-ups", _MONEY, "Number of top-ups in {window}.", event="top_up"),
    *windowed(
        "balance_before_top_up",
        _DOUBLE,
        "rupees",
        _MONEY,
        "Mean of what was left to spend before a top-up of {window}, where its record tells the balance.",
    ),
    *windowed("mean_top_up", _DOUBLE, "rupees", _MONEY, "Mean amount of a top-up of {window}."),
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
    *windowed(
        "messages.delivered",
        _INT,
        "messages",
        _CALLS,
        "Messages of campaigns that arrived in {window}, days of UTC.",
        windows=SEVERAL_WEEKS,
    ),
    *windowed(
        "messages.replied_share",
        _DOUBLE,
        "0..1",
        _CALLS,
        "Share of these messages of {window} that the person replied to.",
        windows=SEVERAL_WEEKS,
    ),
    *windowed(
        "messages.clicked_share",
        _DOUBLE,
        "0..1",
        _CALLS,
        "Share of these messages of {window} whose campaign's link the person followed.",
        windows=SEVERAL_WEEKS,
    ),
    *windowed(
        "messages.opted_out_share",
        _DOUBLE,
        "0..1",
        _CALLS,
        "Share of these messages of {window} after which the person withdrew from their brand.",
        windows=SEVERAL_WEEKS,
    ),
    Feature(
        "messages.days_since_response",
        _INT,
        "days",
        _CALLS,
        "Whole days since the last such message arrived that was replied to or followed, within 90 days.",
    ),
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
