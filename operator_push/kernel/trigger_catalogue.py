"""The trigger catalogue: what may set a campaign off for one person, what it tells, and what it needs.

One row here is the only place where a trigger's name, purpose, attributes and meaning stand: `cdr-ingest
triggers` emits by it, rules type by it, a test holds docs/triggers.md against it. Laws: an event is emitted
only of somebody who permits its purposes at that moment, and judged only while they still do; its attributes
are never kept with a profile. How each is detected does not belong here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature import Feature, FeatureType, Sensitivity

_RECORD, _CALLS, _MONEY = DataPurpose.SUBSCRIBER_RECORD, DataPurpose.CALL_DATA, DataPurpose.TOP_UP
_PLACE = DataPurpose.CALL_DATA | DataPurpose.LOCATION
_STRING, _DOUBLE, _INT = FeatureType.STRING, FeatureType.DOUBLE, FeatureType.INT


@dataclass(frozen=True, slots=True)
class Trigger:
    """One row. `purposes`: what the person must let us use; NONE only where the record is of the brand's own
    line. `needs`: which records tell it. `attributes`: what a rule may ask of the event. `cooldown_h`: hours
    in which the same (that area, that country, that line, that end of a plan) is not told of the same person
    again, unless the configuration says otherwise."""

    name: str
    purposes: DataPurpose
    meaning: str
    needs: str
    attributes: tuple[Feature, ...]
    cooldown_h: int


def _told(name: str, kind: FeatureType, unit: str, purpose: DataPurpose, meaning: str) -> Feature:
    high = bool(purpose & DataPurpose.LOCATION)
    sensitivity = Sensitivity.HIGH if high else Sensitivity.MEDIUM
    return Feature(f"event.{name}", kind, unit, purpose, meaning, retention_days=2, sensitivity=sensitivity)


_BALANCE = _told("balance", _DOUBLE, "rupees", _MONEY, "What is left to spend after the record.")
_LINE = _told("line", _STRING, "name", _CALLS, "The line that was called.")

TRIGGERS: tuple[Trigger, ...] = (
    Trigger(
        "area_entered",
        _PLACE,
        "Comes into an area: the place of a record lies in one in which the record before did not.",
        "records with cell_id, and cells.csv",
        (
            _told("area", _STRING, "name", _PLACE, "An [[area]] of the configuration, else the city."),
            _told("city", _STRING, "name", _PLACE, "City of the cell."),
            _told("lat", _DOUBLE, "degrees", _PLACE, "Latitude of the cell, WGS 84."),
            _told("lon", _DOUBLE, "degrees", _PLACE, "Longitude of the cell, WGS 84."),
        ),
        24,
    ),
    Trigger(
        "landed_abroad",
        _PLACE,
        "Uses a network of another country, after one of another country or of home.",
        "records with network",
        (
            _told("country", _STRING, "ISO 3166-1", _PLACE, "Country of the network, two letters."),
            _told("network", _STRING, "PLMN", _PLACE, "Network, such as 234-15."),
        ),
        24,
    ),
    Trigger(
        "top_up",
        _MONEY,
        "Tops up.",
        "top-ups",
        (_told("amount", _DOUBLE, "rupees", _MONEY, "What was topped up."), _BALANCE),
        0,
    ),
    Trigger(
        "balance_low",
        _MONEY,
        "The balance falls below a limit above which it was, or was not known.",
        "records or top-ups with balance_rupees",
        (_BALANCE,),
        24,
    ),
    Trigger(
        "plan_ending",
        _RECORD,
        "The plan ends in so many days, three unless the configuration says otherwise.",
        "subscriber rows with plan_ends_on",
        (
            _told("plan", _STRING, "name", _RECORD, "The plan that ends."),
            _told("days_left", _INT, "days", _RECORD, "Days to its end, 0 on the last."),
        ),
        744,
    ),
    Trigger(
        "new_device",
        _RECORD,
        "Uses another device than before.",
        "subscriber rows with device_tac or device_os, records with device_tac",
        (_told("device", _STRING, "TAC or name", _RECORD, "The new device: its TAC, else its system."),),
        24,
    ),
    Trigger(
        "missed_call",
        _CALLS,
        "Rings a [[line]] of the configuration without an answer; the record is the caller's.",
        "records of calls with duration 0",
        (_LINE,),
        1,
    ),
    Trigger(
        "opt_in_call",
        DataPurpose.NONE,
        "The same, told by the line's own record, which is the brand's: asks the caller to confirm at the"
        " touchpoint whose missed_call the line is.",
        "records of calls received by the line, with duration 0",
        (_LINE,),
        1,
    ),
)
TRIGGERS_BY_NAME: Mapping[str, Trigger] = {each.name: each for each in TRIGGERS}
EVENT_ATTRIBUTES: Mapping[str, Feature] = {
    feature.name: feature for each in TRIGGERS for feature in each.attributes
}
