"""Research features: rows of the catalogue that mobile-phone research defines, under their own names here.

The name in brackets is the indicator's in bandicoot 0.6.0, computed over the whole window at once; where it
gives several values their mean, and in a row of its own, which ends in _std, their deviation.
"""

from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature import Feature, FeatureType
from operator_push.kernel.feature_windows import SEVERAL_WEEKS, WHOLE_WEEKS, WINDOWS, windowed

_CALLS, _MONEY = DataPurpose.CALL_DATA, DataPurpose.TOP_UP
_PLACE = DataPurpose.CALL_DATA | DataPurpose.LOCATION
_INT, _DOUBLE = FeatureType.INT, FeatureType.DOUBLE
WINDOWS_OF = {
    "place_churn": SEVERAL_WEEKS,
    "place_churn_std": SEVERAL_WEEKS,
    "top_up_balance": WHOLE_WEEKS,
}
"""The features that have not all windows."""

_Row = tuple[str, FeatureType, str, DataPurpose, str]


def _of_talks(talk: str, one: str, many: str, unit: str) -> tuple[_Row, ...]:
    """What there is of calls and of SMS alike; `talk` begins the names, `many` those of counts."""
    deviation = "Deviation of the "
    return (
        (f"{many}_in", _INT, unit, _CALLS, f"{one} received in {{window}} (number_of_interaction_in)."),
        (f"{many}_out", _INT, unit, _CALLS, f"{one} made in {{window}} (number_of_interaction_out)."),
        (
            f"{talk}_night_share", _DOUBLE, "0..1", _CALLS,
            f"Share of {one} of {{window}} at night (percent_nocturnal).",
        ),
        (
            f"{talk}_gap_s", _DOUBLE, "seconds", _CALLS,
            f"Mean time between {one} of {{window}} (interevent_time).",
        ),
        (
            f"{talk}_gap_s_std", _DOUBLE, "seconds", _CALLS,
            f"{deviation}times between {one} of {{window}}, of whole seconds (interevent_time).",
        ),
        (
            f"{talk}_contacts", _INT, "people", _CALLS,
            f"Different people in {one} of {{window}} (number_of_contacts).",
        ),
        (
            f"{talk}_entropy", _DOUBLE, "nats", _CALLS,
            f"Entropy of {one} of {{window}} over people (entropy_of_contacts).",
        ),
        (
            f"{talk}_balance", _DOUBLE, "0..1", _CALLS,
            f"Outgoing {one} to a contact, of all {one} of {{window}}; mean of the contacts"
            " (balance_of_contacts).",
        ),
        (
            f"{talk}_balance_std", _DOUBLE, "0..1", _CALLS,
            f"{deviation}contacts' balances of {one} of {{window}} (balance_of_contacts).",
        ),
        (
            f"{many}_per_contact", _DOUBLE, unit, _CALLS,
            f"{one} of {{window}} per contact (interactions_per_contact).",
        ),
        (
            f"{many}_per_contact_std", _DOUBLE, unit, _CALLS,
            f"{deviation}{one} of {{window}} per contact (interactions_per_contact).",
        ),
        (
            f"{talk}_pareto", _DOUBLE, "contacts per one", _CALLS,
            f"Fewest contacts with 80 % of the {one} of {{window}}, by {one} (percent_pareto_interactions).",
        ),
    )  # fmt: skip


RESEARCH_ROWS: tuple[_Row, ...] = (
    ("talk_days", _INT, "days", _CALLS, "Days with a call or SMS, of {window} (active_days)."),
    *_of_talks("call", "calls", "calls", "calls"),
    *_of_talks("sms", "SMS", "sms", "messages"),
    ("call_s_mean", _DOUBLE, "seconds", _CALLS, "Mean duration of a call of {window} (call_duration)."),
    (
        "call_s_std", _DOUBLE, "seconds", _CALLS,
        "Deviation of the durations of calls of {window} (call_duration).",
    ),
    (
        "call_outgoing_share", _DOUBLE, "0..1", _CALLS,
        "Share of calls of {window} that the person made (percent_initiated_interactions).",
    ),
    (
        "call_time_pareto", _DOUBLE, "contacts per call", _CALLS,
        "Fewest contacts with 80 % of the time in calls of {window}, by calls (percent_pareto_durations).",
    ),
    (
        "sms_begun_share", _DOUBLE, "0..1", _CALLS,
        "Share of conversations by SMS of {window} that the person began (percent_initiated_conversations).",
    ),
    (
        "sms_reply_rate", _DOUBLE, "0..1", _CALLS,
        "Share of conversations by SMS of {window}, begun by others, in which the person wrote"
        " (response_rate_text).",
    ),
    (
        "sms_reply_s", _DOUBLE, "seconds", _CALLS,
        "Mean time from an SMS received to the person's own next one, in conversations of {window}"
        " (response_delay_text).",
    ),
    (
        "sms_reply_s_std", _DOUBLE, "seconds", _CALLS,
        "Deviation of the times of replies by SMS of {window} (response_delay_text).",
    ),
    (
        "antennas", _INT, "cells", _PLACE,
        "Different places of half hours with records of {window} (number_of_antennas).",
    ),
    (
        "antennas_entropy", _DOUBLE, "nats", _PLACE,
        "Entropy of half hours with records of {window} over places (entropy_of_antennas).",
    ),
    (
        "frequent_antennas", _INT, "cells", _PLACE,
        "Fewest places with 80 % of the half hours with records of {window} (frequent_antennas).",
    ),
    (
        "at_home_share", _DOUBLE, "0..1", _PLACE,
        "Share of half hours with records of {window} at the place of most half hours at night"
        " (percent_at_home).",
    ),
    (
        "gyration_km", _DOUBLE, "km", _PLACE,
        "Root mean square distance of half hours of {window} to their centre of gravity"
        " (radius_of_gyration).",
    ),
    (
        "place_churn", _DOUBLE, "0..1", _PLACE,
        "How the places of half hours of a week, Monday to Sunday, differ from those of the week before:"
        " one minus the cosine between them; mean of the weeks in {window} (churn_rate).",
    ),
    (
        "place_churn_std", _DOUBLE, "0..1", _PLACE,
        "Deviation of how places differ from week to week in {window} (churn_rate).",
    ),
    (
        "top_up_gap_s", _DOUBLE, "seconds", _MONEY,
        "Mean time between top-ups of {window} (interevent_time_recharges).",
    ),
    (
        "top_up_gap_s_std", _DOUBLE, "seconds", _MONEY,
        "Deviation of the times between top-ups of {window}, of whole seconds (interevent_time_recharges).",
    ),
    ("top_up_std", _DOUBLE, "rupees", _MONEY, "Deviation of amounts of {window} (amount_recharges)."),
    (
        "top_up_pareto", _DOUBLE, "0..1", _MONEY,
        "Share of the top-ups of {window}, the largest first, that make up 80 % of the money"
        " (percent_pareto_recharges).",
    ),
    (
        "top_up_balance", _DOUBLE, "rupees", _MONEY,
        "Half of the amounts that lasted a day or more, of {window} (average_balance_recharges).",
    ),
)  # fmt: skip
RESEARCH: tuple[Feature, ...] = tuple(
    feature
    for name, kind, unit, purpose, meaning in RESEARCH_ROWS
    for feature in windowed(
        name, kind, unit, purpose, meaning[0].upper() + meaning[1:], windows=WINDOWS_OF.get(name, WINDOWS)
    )
)
