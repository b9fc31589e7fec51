"""Indicators of how a person calls and writes. Each takes ordered rows and their bins: a value per bin.

Definitions: bandicoot 0.6.0, module `individual` (de Montjoye, Rocher, Pentland, JMLR 17(175), 2016). A
conversation is of texts; it ends with a call between the two, or after an hour of silence.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cdr_ingest.indicators.groups import (
    Flags,
    Floats,
    Ints,
    count,
    count_where,
    fewest,
    gaps,
    pairs,
    ratio,
    starts,
)
from cdr_ingest.indicators.groups import entropy as entropy_of
from cdr_ingest.indicators.records import CALL, TEXT, Records
from cdr_ingest.indicators.selections import DAY_S, Bins, is_night

PARETO_SHARE = 0.8
CONVERSATION_GAP_S = 3_600

Values = tuple[NDArray[np.float64], Ints]  # values and the group of each


def active_days(rows: Records, in_bins: Bins) -> Floats:
    """Days with at least one call or text."""
    begins = starts(in_bins.group, rows.time_s // DAY_S)
    return count(in_bins.group[begins], in_bins.count).astype(float)


def number_of_contacts(rows: Records, in_bins: Bins) -> Floats:
    """Different contacts."""
    return count(pairs(in_bins.group, rows.contact).group, in_bins.count).astype(float)


def call_duration(rows: Records, in_bins: Bins) -> Values:
    """Seconds of each call."""
    return rows.duration_s, in_bins.group


def percent_nocturnal(rows: Records, in_bins: Bins) -> Floats:
    """Share of interactions at night."""
    return _share(is_night(rows.time_s), in_bins)


def percent_initiated_interactions(rows: Records, in_bins: Bins) -> Floats:
    """Share of calls that the person made."""
    return _share(rows.is_out, in_bins)


def entropy_of_contacts(rows: Records, in_bins: Bins) -> Floats:
    """Entropy of the interactions over the contacts, in nats."""
    return entropy_of(pairs(in_bins.group, rows.contact), in_bins.count)


def balance_of_contacts(rows: Records, in_bins: Bins) -> Values:
    """For each contact: interactions that went out to them, of all interactions of the bin."""
    found = pairs(in_bins.group, rows.contact)
    out = np.bincount(found.row[rows.is_out], minlength=len(found.group))
    return out / count(in_bins.group, in_bins.count)[found.group], found.group


def interactions_per_contact(rows: Records, in_bins: Bins) -> Values:
    """Interactions with each contact."""
    found = pairs(in_bins.group, rows.contact)
    return found.size.astype(float), found.group


def interevent_time(rows: Records, in_bins: Bins) -> Values:
    """Seconds between each two records that follow one another."""
    return gaps(rows.time_s, in_bins.group)


def percent_pareto_interactions(rows: Records, in_bins: Bins) -> Floats:
    """The fewest contacts that make up 80 % of the interactions, per interaction."""
    found = pairs(in_bins.group, rows.contact)
    some = fewest(found.size, found.group, in_bins.count, PARETO_SHARE)
    return ratio(some, count(in_bins.group, in_bins.count), np.nan)


def percent_pareto_durations(rows: Records, in_bins: Bins) -> Floats:
    """The fewest contacts that make up 80 % of the time on the phone, per call."""
    found = pairs(in_bins.group, rows.contact)
    talked = np.bincount(found.row, weights=rows.duration_s, minlength=len(found.group))
    some = fewest(talked, found.group, in_bins.count, PARETO_SHARE)
    return ratio(some, count(in_bins.group, in_bins.count), np.nan)


def number_of_interactions(rows: Records, in_bins: Bins) -> Floats:
    """Interactions."""
    return count(in_bins.group, in_bins.count).astype(float)


def number_of_interactions_in(rows: Records, in_bins: Bins) -> Floats:
    """Interactions that came in."""
    return count_where(~rows.is_out, in_bins.group, in_bins.count).astype(float)


def number_of_interactions_out(rows: Records, in_bins: Bins) -> Floats:
    """Interactions that went out."""
    return count_where(rows.is_out, in_bins.group, in_bins.count).astype(float)


@dataclass(slots=True)
class _Texts:
    """Texts in the order of bin, contact, and time, and which of them begin a conversation."""

    time_s: Ints
    is_out: Flags
    group: Ints
    begins: Flags

    @classmethod
    def of(cls, rows: Records, in_bins: Bins) -> "_Texts":
        order = np.lexsort((rows.contact, in_bins.group))
        group, contact = in_bins.group[order], rows.contact[order]
        time_s, is_text = rows.time_s[order], rows.interaction[order] == TEXT
        begins = starts(group, contact)
        begins[1:] |= np.diff(time_s) >= CONVERSATION_GAP_S
        begins[1:] |= rows.interaction[order][:-1] == CALL
        return cls(time_s[is_text], rows.is_out[order][is_text], group[is_text], begins[is_text])


def response_rate_text(rows: Records, in_bins: Bins) -> Floats:
    """Share of the conversations begun by the contact in which the person wrote."""
    texts = _Texts.of(rows, in_bins)
    number = np.cumsum(texts.begins) - 1
    answered = np.bincount(number[texts.is_out], minlength=int(texts.begins.sum())) > 0
    received = ~texts.is_out[texts.begins]
    group = texts.group[texts.begins]
    asked = count_where(received, group, in_bins.count)
    return ratio(count_where(received & answered, group, in_bins.count), asked, np.nan)


def response_delay_text(rows: Records, in_bins: Bins) -> Values:
    """Seconds from a text that came in to the person's next one in the conversation; none of 0 s."""
    texts = _Texts.of(rows, in_bins)
    answers = ~texts.begins[1:] & texts.is_out[1:] & ~texts.is_out[:-1]
    delay = np.diff(texts.time_s)
    answers &= delay > 0
    return delay[answers].astype(float), texts.group[1:][answers]


def percent_initiated_conversations(rows: Records, in_bins: Bins) -> Floats:
    """Share of the conversations that the person began; 0 where there is none."""
    texts = _Texts.of(rows, in_bins)
    group = texts.group[texts.begins]
    begun = count_where(texts.is_out[texts.begins], group, in_bins.count)
    return ratio(begun, count(group, in_bins.count), 0.0)


def _share(flags: Flags, in_bins: Bins) -> Floats:
    whole = count(in_bins.group, in_bins.count)
    return ratio(count_where(flags, in_bins.group, in_bins.count), whole, 0.0)
