"""Indicators of where a person is, from the places of half hours with records.

Definitions: bandicoot 0.6.0, module `spatial`. A record that names no place counts as one empty place, save
in the radius of gyration.
"""

from dataclasses import dataclass

import numpy as np

from cdr_ingest.indicators.groups import Floats, Ints, count, count_where, fewest, pairs, ratio, starts, total
from cdr_ingest.indicators.groups import entropy as entropy_of
from cdr_ingest.indicators.places import Places
from cdr_ingest.indicators.records import Records
from cdr_ingest.indicators.selections import Bins, bins, half_hours, is_night

EARTH_RADIUS_KM = 6371.0
FREQUENT_SHARE = 0.8
NO_HOME = -1


@dataclass(slots=True, frozen=True)
class Stays:
    """The place of each half hour with records, its bin, and what is known of the people and the places."""

    place: Ints
    bins: Bins
    home: Ints  # of each person, or NO_HOME
    places: Places


def number_of_antennas(stays: Stays) -> Floats:
    """Different places."""
    return count(pairs(stays.bins.group, stays.place).group, stays.bins.count).astype(float)


def entropy_of_antennas(stays: Stays) -> Floats:
    """Entropy of the half hours over the places, in nats."""
    return entropy_of(pairs(stays.bins.group, stays.place), stays.bins.count)


def frequent_antennas(stays: Stays) -> Floats:
    """The fewest places that make up 80 % of the half hours."""
    found = pairs(stays.bins.group, stays.place)
    return fewest(found.size, found.group, stays.bins.count, FREQUENT_SHARE).astype(float)


def percent_at_home(stays: Stays) -> Floats:
    """Share of the half hours at home; NaN for a person without one."""
    group, groups = stays.bins.group, stays.bins.count
    home = stays.home[stays.bins.person]
    at_home = stays.places.alike(stays.place, home[group])
    out = ratio(count_where(at_home, group, groups), count(group, groups), 0.0)
    out[home == NO_HOME] = np.nan
    return out


def radius_of_gyration(stays: Stays) -> Floats:
    """The root of the mean square distance to the centre of gravity, in km; NaN where no place is located."""
    known = stays.places.located[stays.place]
    groups = stays.bins.count
    found = pairs(stays.bins.group[known], stays.place[known])
    latitude, longitude = stays.places.latitude[found.key], stays.places.longitude[found.key]
    size = total(found.size, found.group, groups)
    north = ratio(total(latitude * found.size, found.group, groups), size, np.nan)
    east = ratio(total(longitude * found.size, found.group, groups), size, np.nan)
    apart = _distance_km(north[found.group], east[found.group], latitude, longitude)
    square = total(found.size / size[found.group] * apart**2, found.group, groups)
    square[size == 0] = np.nan
    return np.sqrt(square)


def churn_rates(records: Records, places: Places) -> tuple[Floats, Ints]:
    """One minus the cosine between the places of each two consecutive weeks with records; with the person."""
    weeks = bins(records.person, records.time_s, "week")
    halves, place = half_hours(records, weeks, places)
    found = pairs(halves.group, place)
    half_hours_of = count(halves.group, weeks.count)
    share = found.size / half_hours_of[found.group]
    length = np.sqrt(total(share**2, found.group, weeks.count))
    span = int(place.max()) + 1 if len(place) else 1
    here = found.group * span + found.key
    at = np.searchsorted(here, here + span)  # the same place a week later
    at[at == len(here)] = 0
    meets = here[at] == here + span if len(here) else np.zeros(0, dtype=np.bool_)
    product = total(share[meets] * share[at[meets]], found.group[meets], weeks.count)
    follows = ~starts(weeks.person)[1:]
    cosine = product[:-1][follows] / (length[:-1] * length[1:])[follows]
    return 1.0 - cosine, weeks.person[1:][follows]


def homes(records: Records, people: int, places: Places) -> Ints:
    """Each person's most frequent place of the half hours at night, of equals the first; or NO_HOME.

    It is chosen by what the records themselves say of their places, and told as the antenna file corrects it.
    """
    night = records.take(is_night(records.time_s))
    nights, place = half_hours(night, bins(night.person, night.time_s, "none"), places)
    person = nights.person[nights.group]
    found = pairs(person, place)
    best = np.lexsort((found.first, -found.size, found.group))
    best = best[starts(found.group[best])]
    home = np.full(people, NO_HOME, dtype=np.int64)
    key = found.key[best]
    home[found.group[best]] = key if places.corrected is None else places.corrected[key]
    return home


def _distance_km(latitude: Floats, longitude: Floats, to_latitude: Floats, to_longitude: Floats) -> Floats:
    """Great-circle distance by the haversine."""
    north, to_north = np.radians(latitude), np.radians(to_latitude)
    half = np.sin(np.radians(latitude - to_latitude) / 2) ** 2
    half += np.cos(north) * np.cos(to_north) * np.sin(np.radians(longitude - to_longitude) / 2) ** 2
    distance: Floats = EARTH_RADIUS_KM * 2.0 * np.arcsin(np.sqrt(half))
    return distance
