"""Nests what was computed as bandicoot's own output: user name → indicator → part of the week → … → value."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import numpy as np

from cdr_ingest.indicators.catalogue import AVERAGE_BALANCE, NETWORK_NAMES, RECHARGE_INDICATORS
from cdr_ingest.indicators.compute import Asked, Found
from cdr_ingest.indicators.groups import Ints, count, count_where, pairs
from cdr_ingest.indicators.network import OUTSIDE, Networks
from cdr_ingest.indicators.records import CALL, FIELDS, TEXT, People
from cdr_ingest.indicators.selections import NIGHT_END_S, NIGHT_START_S, WEEKEND, bin_number, bins
from cdr_ingest.indicators.spatial import NO_HOME, homes

DEFINITIONS_VERSION = "0.6.0"
_OF_RECHARGES = {one.name for one in RECHARGE_INDICATORS} | {AVERAGE_BALANCE}


def nest(
    people: People, asked: Asked, found: Iterable[Found], networks: Networks | None = None
) -> dict[str, dict[str, Any]]:
    """User name → {"name", "reporting", then each indicator}; those of top-ups only for who has any.

    Those of networks, where they are asked for, only for who has correspondents.
    """
    if networks is not None:
        found = chain(found, (one for one in networks.found() if one.name in asked.names))
    out: list[dict[str, Any]] = [
        {"name": name, "reporting": reporting}
        for name, reporting in zip(people.names, _reporting(people, asked, networks), strict=True)
    ]
    tellable = dict.fromkeys(_OF_RECHARGES, count(people.recharges.person, len(out)) > 0)
    if networks is not None:
        tellable |= dict.fromkeys(NETWORK_NAMES, networks.has)
    for one in found:
        for number, (person, value) in enumerate(zip(out, one.told, strict=True)):
            if one.name in tellable and not tellable[one.name][number]:
                continue
            at, key = person, one.name
            for step in one.path:
                at, key = at.setdefault(key, {}), step
            at[key] = value
    for person, attributes in zip(out, people.attributes, strict=False):
        if attributes:
            person["attributes"] = attributes
    return dict(zip(people.names, out, strict=True))


def _reporting(people: People, asked: Asked, networks: Networks | None) -> Iterable[dict[str, Any]]:
    """What bandicoot says about a person's records."""
    records, persons = people.records, len(people.names)
    size = count(records.person, persons)
    last = np.cumsum(size) - 1
    with_data = count(bins(records.person, records.time_s, asked.group_by).person, persons)
    number = bin_number(records.time_s, asked.group_by)
    calls, texts = (
        count_where(records.interaction == kind, records.person, persons) for kind in (CALL, TEXT)
    )
    recharges = count(people.recharges.person, persons)
    home = homes(records, persons, people.places)
    unlocated = count_where(~people.places.located[people.corrected().place], records.person, persons)
    outside = networks.outside if networks else dict.fromkeys(OUTSIDE, np.zeros(persons))
    missing = _antennas_missing_locations(people)
    for person, of_person in enumerate(size.tolist()):
        first, end = int(last[person]) - of_person + 1, int(last[person])
        span = (records.time_s[first], records.time_s[end]) if of_person else people.emptied.get(person)
        in_all = 1 if asked.group_by == "none" else int(number[end] - number[first]) + 1 if of_person else 0
        yield {
            "antennas_path": people.antennas_path,
            "attributes_path": people.attributes_path,
            "recharges_path": people.attributes_path,  # as there
            "version": DEFINITIONS_VERSION,
            "code_signature": None,
            "groupby": None if asked.group_by == "none" else asked.group_by,
            "split_week": asked.split_week,
            "split_day": asked.split_day,
            "start_time": None if span is None else _moment(span[0]),
            "end_time": None if span is None else _moment(span[1]),
            "night_start": _clock(NIGHT_START_S),
            "night_end": _clock(NIGHT_END_S),
            "weekend": list(WEEKEND),
            "number_of_records": of_person,
            "number_of_antennas": people.antennas,
            "number_of_recharges": int(recharges[person]),
            "bins": in_all,
            "bins_with_data": int(with_data[person]),
            "bins_without_data": in_all - int(with_data[person]),
            "has_call": bool(calls[person]),
            "has_text": bool(texts[person]),
            "has_home": bool(home[person] != NO_HOME),
            "has_recharges": bool(recharges[person]),
            "has_attributes": bool(people.attributes and people.attributes[person]),
            "has_network": networks is not None and bool(networks.has[person]),
            "percent_records_missing_location": float(unlocated[person] / of_person) if of_person else 0.0,
            "antennas_missing_locations": int(missing[person]),
            **{f"percent_outofnetwork_{name}": float(of[person]) for name, of in outside.items()},
            "ignored_records": dict(zip(FIELDS, people.ignored[person].tolist(), strict=True)),
        }


def _antennas_missing_locations(people: People) -> Ints:
    """Antennas in each person's records that the antenna file does not have."""
    antenna = people.places.antenna[people.records.place]
    unknown = (antenna >= 0) & ~people.places.from_file[people.records.place]
    found = pairs(people.records.person[unknown], antenna[unknown])
    return count(found.group, len(people.names))


def _moment(time_s: Any) -> str:
    return datetime.fromtimestamp(int(time_s), UTC).strftime("%Y-%m-%d %H:%M:%S")


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
