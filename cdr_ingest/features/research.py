"""Research: the indicators of mobile-phone research as features, of 30 days, of top-ups of 90.

Definitions: bandicoot 0.6.0 (de Montjoye, Rocher, Pentland, JMLR 17(175), 2016) over all days at once, as
`cdr_ingest.indicators` computes them of its files; a test compares the two. Of several values the mean.
Not here: what needs the contacts' own contacts (clustering, assortativity). A contact is another pseudonym
with every person who knows it, so that nobody can ask.
"""

from typing import Any

import ibis

from cdr_ingest.features.partials import Column, Table
from cdr_ingest.features.sources import Source
from cdr_ingest.features.windows import Value, share_of, sum_of, within
from operator_push.kernel.instants import MICROS_PER_SECOND

_DAYS = 30
_TOP_UP_DAYS = 90
_MICROS_PER_RUPEE = 1_000_000
_EARTH_RADIUS_KM = 6371.0


def entropy_of(count: str) -> Value:
    """ln N - sum(n ln n) / N, which is -sum(p ln p)."""

    def value(rows: Table, last_day: int) -> Column:
        talks, some = rows[count].cast("float64"), rows[count] > 0
        whole = talks.sum(where=some)
        return whole.ln() - (talks * ibis.greatest(talks, 1.0).ln()).sum(where=some) / whole

    return value


def _seconds(micros: Column) -> Column:
    return micros.cast("float64") / MICROS_PER_SECOND


def _talk_days(rows: Table, last_day: int) -> Column:
    return rows.count(where=within(rows, last_day, _DAYS) & (rows.talks > 0))


def _incoming(whole: str, out: str) -> Value:
    return lambda rows, last_day: sum_of(whole, _DAYS)(rows, last_day) - sum_of(out, _DAYS)(rows, last_day)


def _call_s_std(rows: Table, last_day: int) -> Column:
    """The deviation of the population, of whole numbers: sqrt(n sum(x^2) - sum(x)^2) / n."""
    calls, call_s, square = (
        sum_of(name, _DAYS)(rows, last_day).cast("float64") for name in ("calls", "call_s", "call_square_s")
    )
    return (calls * square - call_s * call_s).sqrt() / calls.nullif(0.0)


def _gap_s(count: str, first: str, last: str, days: int) -> Value:
    """The mean time between each two that follow one another: all gaps together are from first to last."""

    def value(rows: Table, last_day: int) -> Column:
        recent = within(rows, last_day, days)
        whole = _seconds(rows[last].max(where=recent) - rows[first].min(where=recent))
        return whole / (sum_of(count, days)(rows, last_day) - 1).nullif(0)

    return value


def _people(count: str) -> Value:
    return lambda rows, last_day: rows.count(where=rows[count] > 0)


def _per_contact(count: str) -> Value:
    return lambda rows, last_day: rows[count].cast("float64").mean(where=rows[count] > 0)


def _balance(count: str, out: str) -> Value:
    """Of each contact what went out to them, of all interactions with anybody; the mean of it."""

    def value(rows: Table, last_day: int) -> Column:
        contacts, whole = rows.count(where=rows[count] > 0), rows[count].sum()
        return rows[out].sum().cast("float64") / (whole * contacts).nullif(0)

    return value


def _pareto(weight: str, interactions: str) -> Value:
    """The fewest contacts with 80 % of the weight, per interaction."""

    def value(rows: Table, last_day: int) -> Column:
        needed = rows.count(where=rows[f"{weight}_before"] < rows[f"{weight}_enough"])
        return needed.cast("float64") / rows[interactions].sum().nullif(0)

    return value


def _frequent(rows: Table, last_day: int) -> Column:
    return rows.count(where=rows.stays_before < rows.stays_enough)


def _home_share(rows: Table, last_day: int) -> Column:
    share = rows.stays.sum(where=rows.is_home).cast("float64") / rows.stays.sum()
    return rows.is_home.any().ifelse(share.coalesce(0.0), ibis.null("float64"))


def _gyration_km(rows: Table, last_day: int) -> Column:
    """The root of the mean square great-circle distance to the centre of gravity of all half hours."""
    north, to_north = rows.latitude.radians(), rows.centre_latitude.radians()
    half = ((rows.latitude - rows.centre_latitude).radians() / 2.0).sin() ** 2
    east = ((rows.longitude - rows.centre_longitude).radians() / 2.0).sin() ** 2
    angle = 2.0 * (half + north.cos() * to_north.cos() * east).sqrt().asin()
    square = (angle * _EARTH_RADIUS_KM) ** 2 * rows.located_stays
    return (square.sum() / rows.located_stays.sum().nullif(0)).sqrt()


def _amount_std(rows: Table, last_day: int) -> Column:
    recent = within(rows, last_day, _TOP_UP_DAYS)
    top_ups = sum_of("top_ups", _TOP_UP_DAYS)(rows, last_day).nullif(0).cast("float64")
    mean = sum_of("amount_micros", _TOP_UP_DAYS)(rows, last_day).cast("float64") / _MICROS_PER_RUPEE / top_ups
    square = rows.amount_square.sum(where=recent) / top_ups - mean * mean
    return ibis.greatest(square, 0.0).sqrt()


def _top_up_balance(rows: Table, last_day: int) -> Column:
    """Half of each amount that was followed by the next after a day or more; null where none was."""
    recent = within(rows, last_day, _TOP_UP_DAYS)
    followed = recent & (rows.day_before > last_day - _TOP_UP_DAYS) & (rows.gap_us >= _DAY_US)
    spread = rows.last_us.max(where=recent) - rows.first_us.min(where=recent) >= _DAY_US
    halves = rows.amount_before.sum(where=followed).coalesce(0).cast("float64") / (2.0 * _MICROS_PER_RUPEE)
    return spread.ifelse(halves, ibis.null("float64"))


_DAY_US = 86_400 * MICROS_PER_SECOND
RESEARCH: dict[str, tuple[Source, Value, Any]] = {
    "talk_days_30d": (Source.ACTIVITY, _talk_days, 0),
    "calls_in_30d": (Source.ACTIVITY, _incoming("calls", "calls_out"), 0),
    "calls_out_30d": (Source.ACTIVITY, sum_of("calls_out", _DAYS), 0),
    "sms_in_30d": (Source.ACTIVITY, _incoming("sms", "sms_out"), 0),
    "sms_out_30d": (Source.ACTIVITY, sum_of("sms_out", _DAYS), 0),
    "call_s_mean_30d": (Source.ACTIVITY, share_of("call_s", "calls", _DAYS), None),
    "call_s_std_30d": (Source.ACTIVITY, _call_s_std, None),
    "call_night_share_30d": (Source.ACTIVITY, share_of("night_calls", "calls", _DAYS), None),
    "sms_night_share_30d": (Source.ACTIVITY, share_of("night_sms", "sms", _DAYS), None),
    "call_outgoing_share_30d": (Source.ACTIVITY, share_of("calls_out", "calls", _DAYS), None),
    "call_gap_s_30d": (Source.ACTIVITY, _gap_s("calls", "first_call_us", "last_call_us", _DAYS), None),
    "sms_gap_s_30d": (Source.ACTIVITY, _gap_s("sms", "first_sms_us", "last_sms_us", _DAYS), None),
    "call_contacts_30d": (Source.CONTACTS, _people("calls_30d"), 0),
    "sms_contacts_30d": (Source.CONTACTS, _people("sms_30d"), 0),
    "call_entropy_30d": (Source.CONTACTS, entropy_of("calls_30d"), None),
    "sms_entropy_30d": (Source.CONTACTS, entropy_of("sms_30d"), None),
    "call_balance_30d": (Source.CONTACTS, _balance("calls_30d", "calls_out_30d"), None),
    "sms_balance_30d": (Source.CONTACTS, _balance("sms_30d", "sms_out_30d"), None),
    "calls_per_contact_30d": (Source.CONTACTS, _per_contact("calls_30d"), None),
    "sms_per_contact_30d": (Source.CONTACTS, _per_contact("sms_30d"), None),
    "call_pareto_30d": (Source.CONTACTS, _pareto("calls", "calls_30d"), None),
    "sms_pareto_30d": (Source.CONTACTS, _pareto("sms", "sms_30d"), None),
    "call_time_pareto_30d": (Source.CONTACTS, _pareto("call_s", "calls_30d"), None),
    "antennas_30d": (Source.STAYS, lambda rows, last_day: rows.count(), 0),
    "antennas_entropy_30d": (Source.STAYS, entropy_of("stays"), None),
    "frequent_antennas_30d": (Source.STAYS, _frequent, 0),
    "at_home_share_30d": (Source.STAYS, _home_share, None),
    "gyration_km_30d": (Source.STAYS, _gyration_km, None),
    "top_up_gap_s_90d": (Source.TOP_UPS, _gap_s("top_ups", "first_us", "last_us", _TOP_UP_DAYS), None),
    "top_up_std_90d": (Source.TOP_UPS, _amount_std, None),
    "top_up_balance_90d": (Source.TOP_UPS, _top_up_balance, None),
}
