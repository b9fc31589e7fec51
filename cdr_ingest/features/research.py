"""Research: the indicators of mobile-phone research as features, of each window.

Definitions: bandicoot 0.6.0 (de Montjoye, Rocher, Pentland, JMLR 17(175), 2016) over all days at once, as
`cdr_ingest.indicators` computes them of its files; a test compares the two. Of several values the mean and
the deviation of the population. What sums of whole numbers give is the same on every engine.
"""

from collections.abc import Callable
from typing import Any

import ibis

from cdr_ingest.features.definition import Definition, windowed
from cdr_ingest.features.partials import Column, Table
from cdr_ingest.features.sources import Source
from cdr_ingest.features.windows import Value, share_of, sum_of, within
from operator_push.kernel.feature_windows import WINDOWS
from operator_push.kernel.instants import MICROS_PER_SECOND
from operator_push.kernel.research_features import WINDOWS_OF

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


def _root(square: Column) -> Column:
    """The root of what rounding may have left below 0; null stays null, which greatest() would make 0."""
    return (square < 0.0).ifelse(0.0, square).sqrt()


def _deviation(count: Column, whole: Column, square: Column) -> Column:
    """The deviation of the population, of sums of whole numbers: sqrt(n sum(x^2) - sum(x)^2) / n."""
    number, total = count.cast("float64"), whole.cast("float64")
    return _root(number * square.cast("float64") - total * total) / number.nullif(0.0)


def _talk_days(days: int) -> Value:
    return lambda rows, last_day: rows.count(where=within(rows, last_day, days) & (rows.talks > 0))


def _incoming(whole: str, out: str) -> Callable[[int], Value]:
    def made(days: int) -> Value:
        return lambda rows, last_day: sum_of(whole, days)(rows, last_day) - sum_of(out, days)(rows, last_day)

    return made


def _share(part: str, whole: str) -> Callable[[int], Value]:
    return lambda days: share_of(part, whole, days)


def _call_s_std(days: int) -> Value:
    def value(rows: Table, last_day: int) -> Column:
        return _deviation(
            *(sum_of(name, days)(rows, last_day) for name in ("calls", "call_s", "call_square_s"))
        )

    return value


def _gap_s(count: str, first: str, last: str) -> Callable[[int], Value]:
    """The mean time between each two that follow one another: all gaps together are from first to last."""

    def made(days: int) -> Value:
        def value(rows: Table, last_day: int) -> Column:
            recent = within(rows, last_day, days)
            whole = _seconds(rows[last].max(where=recent) - rows[first].min(where=recent))
            return whole / (sum_of(count, days)(rows, last_day) - 1).nullif(0)

        return value

    return made


def _talk_gap_std(is_call: bool) -> Value:
    def value(rows: Table, last_day: int) -> Column:
        of_kind = rows.is_call == is_call
        whole = rows.last_s.max(where=of_kind) - rows.first_s.min(where=of_kind)
        gaps = rows.talks.sum(where=of_kind) - 1
        return _deviation(gaps, whole, rows.gap_square.sum(where=of_kind))

    return value


def _top_up_gap_std(rows: Table, last_day: int) -> Column:
    whole = rows.second.max() - rows.second.min()
    return _deviation(rows.top_ups.sum() - 1, whole, (rows.gap_s * rows.gap_s).sum())


def _top_up_pareto(rows: Table, last_day: int) -> Column:
    # Of top-ups of nothing the first is all there is.
    return ibis.greatest(rows.needed.sum(), 1).cast("float64") / rows.top_ups.sum()


def _begun_share(rows: Table, last_day: int) -> Column:
    return rows.count(where=rows.is_begun).cast("float64") / rows.count()


def _reply_rate(rows: Table, last_day: int) -> Column:
    asked = rows.count(where=~rows.is_begun)
    return rows.count(where=~rows.is_begun & rows.is_answered).cast("float64") / asked.nullif(0)


def _reply_s(rows: Table, last_day: int) -> Column:
    return rows.delay_s.sum().cast("float64") / rows.replies.sum().nullif(0)


def _reply_s_std(rows: Table, last_day: int) -> Column:
    return _deviation(rows.replies.sum(), rows.delay_s.sum(), rows.delay_square.sum())


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


def _per_contact_std(count: str) -> Value:
    def value(rows: Table, last_day: int) -> Column:
        number = rows[count]
        return _deviation(rows.count(where=number > 0), number.sum(), (number * number).sum())

    return value


def _balance_std(count: str, out: str) -> Value:
    def value(rows: Table, last_day: int) -> Column:
        contacts, number = rows.count(where=rows[count] > 0), rows[out]
        spread = _deviation(contacts, number.sum(), (number * number).sum())
        return spread / rows[count].sum().nullif(0)

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


def _amount_std(days: int) -> Value:
    def value(rows: Table, last_day: int) -> Column:
        top_ups = sum_of("top_ups", days)(rows, last_day).nullif(0).cast("float64")
        amount = sum_of("amount_micros", days)(rows, last_day).cast("float64") / _MICROS_PER_RUPEE
        mean = amount / top_ups
        square = rows.amount_square.sum(where=within(rows, last_day, days)) / top_ups
        return _root(square - mean * mean)

    return value


def _top_up_balance(days: int) -> Value:
    """Half of each amount that was followed by the next after a day or more; null where none was."""

    def value(rows: Table, last_day: int) -> Column:
        recent = within(rows, last_day, days)
        followed = recent & (rows.day_before > last_day - days) & (rows.gap_us >= _DAY_US)
        spread = rows.last_us.max(where=recent) - rows.first_us.min(where=recent) >= _DAY_US
        halves = rows.amount_before.sum(where=followed).coalesce(0).cast("float64")
        return spread.ifelse(halves / (2.0 * _MICROS_PER_RUPEE), ibis.null("float64"))

    return value


_DAY_US = 86_400 * MICROS_PER_SECOND
# Name → source, expression by the days of its window (of a source that has just these: the expression
# itself), and what somebody has without any.
_DAILY: dict[str, tuple[Source, Callable[[int], Value], Any]] = {
    "talk_days": (Source.ACTIVITY, _talk_days, 0),
    "calls_in": (Source.ACTIVITY, _incoming("calls", "calls_out"), 0),
    "calls_out": (Source.ACTIVITY, lambda days: sum_of("calls_out", days), 0),
    "sms_in": (Source.ACTIVITY, _incoming("sms", "sms_out"), 0),
    "sms_out": (Source.ACTIVITY, lambda days: sum_of("sms_out", days), 0),
    "call_s_mean": (Source.ACTIVITY, _share("call_s", "calls"), None),
    "call_s_std": (Source.ACTIVITY, _call_s_std, None),
    "call_night_share": (Source.ACTIVITY, _share("night_calls", "calls"), None),
    "sms_night_share": (Source.ACTIVITY, _share("night_sms", "sms"), None),
    "call_outgoing_share": (Source.ACTIVITY, _share("calls_out", "calls"), None),
    "call_gap_s": (Source.ACTIVITY, _gap_s("calls", "first_call_us", "last_call_us"), None),
    "sms_gap_s": (Source.ACTIVITY, _gap_s("sms", "first_sms_us", "last_sms_us"), None),
    "top_up_gap_s": (Source.TOP_UPS, _gap_s("top_ups", "first_us", "last_us"), None),
    "top_up_std": (Source.TOP_UPS, _amount_std, None),
    "top_up_balance": (Source.TOP_UPS, _top_up_balance, None),
}
_WHOLE: dict[str, tuple[Source, Value, Any]] = {
    "call_gap_s_std": (Source.GAPS, _talk_gap_std(True), None),
    "sms_gap_s_std": (Source.GAPS, _talk_gap_std(False), None),
    "call_contacts": (Source.CONTACTS, _people("calls"), 0),
    "sms_contacts": (Source.CONTACTS, _people("sms"), 0),
    "call_entropy": (Source.CONTACTS, entropy_of("calls"), None),
    "sms_entropy": (Source.CONTACTS, entropy_of("sms"), None),
    "call_balance": (Source.CONTACTS, _balance("calls", "calls_out"), None),
    "sms_balance": (Source.CONTACTS, _balance("sms", "sms_out"), None),
    "call_balance_std": (Source.CONTACTS, _balance_std("calls", "calls_out"), None),
    "sms_balance_std": (Source.CONTACTS, _balance_std("sms", "sms_out"), None),
    "calls_per_contact": (Source.CONTACTS, _per_contact("calls"), None),
    "sms_per_contact": (Source.CONTACTS, _per_contact("sms"), None),
    "calls_per_contact_std": (Source.CONTACTS, _per_contact_std("calls"), None),
    "sms_per_contact_std": (Source.CONTACTS, _per_contact_std("sms"), None),
    "call_pareto": (Source.CONTACTS, _pareto("calls", "calls"), None),
    "sms_pareto": (Source.CONTACTS, _pareto("sms", "sms"), None),
    "call_time_pareto": (Source.CONTACTS, _pareto("call_s", "calls"), None),
    "sms_begun_share": (Source.CONVERSATIONS, _begun_share, None),
    "sms_reply_rate": (Source.CONVERSATIONS, _reply_rate, None),
    "sms_reply_s": (Source.CONVERSATIONS, _reply_s, None),
    "sms_reply_s_std": (Source.CONVERSATIONS, _reply_s_std, None),
    "antennas": (Source.STAYS, lambda rows, last_day: rows.count(), 0),
    "antennas_entropy": (Source.STAYS, entropy_of("stays"), None),
    "frequent_antennas": (Source.STAYS, _frequent, 0),
    "at_home_share": (Source.STAYS, _home_share, None),
    "gyration_km": (Source.STAYS, _gyration_km, None),
    "place_churn": (Source.WEEKS, lambda rows, last_day: rows.churn.mean(), None),
    "place_churn_std": (Source.WEEKS, lambda rows, last_day: rows.churn.std(how="pop"), None),
    "top_up_gap_s_std": (Source.EACH_TOP_UP, _top_up_gap_std, None),
    "top_up_pareto": (Source.EACH_TOP_UP, _top_up_pareto, None),
}


def _always(value: Value) -> Callable[[int], Value]:
    return lambda days: value


RESEARCH: dict[str, Definition] = {
    name: definition
    for stem, (source, made, empty) in (
        _DAILY | {stem: (source, _always(value), empty) for stem, (source, value, empty) in _WHOLE.items()}
    ).items()
    for name, definition in windowed(stem, source, made, empty, WINDOWS_OF.get(stem, WINDOWS)).items()
}
