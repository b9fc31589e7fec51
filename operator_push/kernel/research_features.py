"""Research features: rows of the catalogue that mobile-phone research defines, under their own names here.

The name in brackets is the indicator's in bandicoot 0.6.0, over 30 days (of top-ups 90) at once; of several
values the mean.
"""

from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature import Feature, FeatureType, Sensitivity

_CALLS, _MONEY = DataPurpose.CALL_DATA, DataPurpose.TOP_UP
_PLACE = DataPurpose.CALL_DATA | DataPurpose.LOCATION
_INT, _DOUBLE = FeatureType.INT, FeatureType.DOUBLE
_SENSITIVITY = {_CALLS: Sensitivity.MEDIUM, _MONEY: Sensitivity.MEDIUM, _PLACE: Sensitivity.HIGH}
_ROWS = (
    ("talk_days_30d", _INT, "days", _CALLS, "Days with a call or SMS, of 30 days (active_days)."),
    ("calls_in_30d", _INT, "calls", _CALLS, "Calls received in 30 days (number_of_interaction_in)."),
    ("calls_out_30d", _INT, "calls", _CALLS, "Calls made in 30 days (number_of_interaction_out)."),
    ("sms_in_30d", _INT, "messages", _CALLS, "SMS received in 30 days (number_of_interaction_in)."),
    ("sms_out_30d", _INT, "messages", _CALLS, "SMS sent in 30 days (number_of_interaction_out)."),
    ("call_s_mean_30d", _DOUBLE, "seconds", _CALLS, "Mean duration of a call of 30 days (call_duration)."),
    ("call_s_std_30d", _DOUBLE, "seconds", _CALLS, "Deviation of the durations of calls of 30 days."),
    ("call_night_share_30d", _DOUBLE, "0..1", _CALLS, "Share of calls at night (percent_nocturnal)."),
    ("sms_night_share_30d", _DOUBLE, "0..1", _CALLS, "Share of SMS at night (percent_nocturnal)."),
    (
        "call_outgoing_share_30d", _DOUBLE, "0..1", _CALLS,
        "Share of calls that the person made (percent_initiated_interactions).",
    ),
    ("call_gap_s_30d", _DOUBLE, "seconds", _CALLS, "Mean time between calls of 30 days (interevent_time)."),
    ("sms_gap_s_30d", _DOUBLE, "seconds", _CALLS, "Mean time between SMS of 30 days (interevent_time)."),
    ("call_contacts_30d", _INT, "people", _CALLS, "Different people in calls (number_of_contacts)."),
    ("sms_contacts_30d", _INT, "people", _CALLS, "Different people in SMS (number_of_contacts)."),
    ("call_entropy_30d", _DOUBLE, "nats", _CALLS, "Entropy of calls over people (entropy_of_contacts)."),
    ("sms_entropy_30d", _DOUBLE, "nats", _CALLS, "Entropy of SMS over people (entropy_of_contacts)."),
    (
        "call_balance_30d", _DOUBLE, "0..1", _CALLS,
        "Calls made to a contact, of all calls; mean of the contacts (balance_of_contacts).",
    ),
    (
        "sms_balance_30d", _DOUBLE, "0..1", _CALLS,
        "SMS sent to a contact, of all SMS; mean of the contacts (balance_of_contacts).",
    ),
    ("calls_per_contact_30d", _DOUBLE, "calls", _CALLS, "Calls per contact (interactions_per_contact)."),
    ("sms_per_contact_30d", _DOUBLE, "messages", _CALLS, "SMS per contact (interactions_per_contact)."),
    (
        "call_pareto_30d", _DOUBLE, "contacts per call", _CALLS,
        "Fewest contacts with 80 % of the calls, per call (percent_pareto_interactions).",
    ),
    (
        "sms_pareto_30d", _DOUBLE, "contacts per message", _CALLS,
        "Fewest contacts with 80 % of the SMS, per SMS (percent_pareto_interactions).",
    ),
    (
        "call_time_pareto_30d", _DOUBLE, "contacts per call", _CALLS,
        "Fewest contacts with 80 % of the time in calls, per call (percent_pareto_durations).",
    ),
    (
        "antennas_30d", _INT, "cells", _PLACE,
        "Different places of half hours with records (number_of_antennas).",
    ),
    (
        "antennas_entropy_30d", _DOUBLE, "nats", _PLACE,
        "Entropy of half hours with records over places (entropy_of_antennas).",
    ),
    (
        "frequent_antennas_30d", _INT, "cells", _PLACE,
        "Fewest places with 80 % of the half hours with records (frequent_antennas).",
    ),
    (
        "at_home_share_30d", _DOUBLE, "0..1", _PLACE,
        "Share of half hours with records at the place of most half hours at night (percent_at_home).",
    ),
    (
        "gyration_km_30d", _DOUBLE, "km", _PLACE,
        "Root mean square distance of half hours to their centre of gravity (radius_of_gyration).",
    ),
    (
        "top_up_gap_s_90d", _DOUBLE, "seconds", _MONEY,
        "Mean time between top-ups of 90 days (interevent_time_recharges).",
    ),
    ("top_up_std_90d", _DOUBLE, "rupees", _MONEY, "Deviation of amounts of 90 days (amount_recharges)."),
    (
        "top_up_balance_90d", _DOUBLE, "rupees", _MONEY,
        "Half of the amounts that lasted a day or more, of 90 days (average_balance_recharges).",
    ),
)  # fmt: skip
RESEARCH: tuple[Feature, ...] = tuple(
    Feature(
        name,
        kind,
        unit,
        purpose,
        meaning,
        retention_days=90 if purpose is _MONEY else 30,
        sensitivity=_SENSITIVITY[purpose],
    )
    for name, kind, unit, purpose, meaning in _ROWS
)
