"""Facts then: what decisions about one person depended on at an earlier moment, as far as rows tell it."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from operator_push.domain.message import TrafficClass
from operator_push.kernel.ids import id_epoch_us
from operator_push.kernel.instants import day_of, iso
from operator_push.store import schema
from operator_push.store.facts import counted_admissions
from operator_push.store.former_rows import kept_since, stood_at
from operator_push.store.person_rows import SaidWish, wishes
from operator_push.store.rule_set_rows import rule_sets

DAYS_BACK = 9  # as far as a week of wishes reaches, on any clock
_PACKS = "packs"  # of a rule set; only the present ones can be asked of
_ENTRY = ("blocked", "channels", "days", "bands")


class FactsThen(msgspec.Struct, frozen=True):
    """`slots`: (moment, brand_no, category, channel) of promotions that counted; `caps`: (per_handset,
    per_brand, hours or None), None where there were none; `registered`: the national register's (blocked,
    channels, days, bands) of the number; `noted`: (home zone, mobile country code) of the person; `settings`:
    {"quiet_hours", "holdout"} as rule sets tell them; the last three None where those of then are not known;
    `not_kept`: sentences on what is as of now all the same."""

    said: list[SaidWish]
    slots: list[tuple[int, int, int, str]]
    rule_set: int
    caps: tuple[int | None, int | None, float | None] | None
    registered: tuple[str, str, str, str] | None
    noted: tuple[str, str] | None
    settings: Mapping[str, Any] | None
    not_kept: list[str]


def facts_then(connection: Connection, shard: int, subscriber_no: int, msisdn: str, at_us: int) -> FactsThen:
    """What stood at a moment that has passed."""
    from_day = day_of(at_us) - DAYS_BACK
    slots = [
        (each.leaves_us, each.brand_no, each.category, each.channel)
        for each in counted_admissions(
            connection, shard, from_day, int(TrafficClass.PROMOTIONAL), subscriber_no
        )
        if id_epoch_us(each.message_id) <= at_us
    ]
    sets = rule_sets(connection, shard)
    before = [each for each in sets if each[2] <= at_us]
    then, now = _content(before or sets), _content(sets)
    caps = then.get("caps")
    not_kept = _days_not_kept(connection, shard, from_day)
    if before and then.get(_PACKS) != now.get(_PACKS):
        not_kept.append("the packs are as they are now, and were others then")
    if sets and not before:
        not_kept.append(f"settings are kept from {iso(sets[0][2])} on; they are those of now")
    registered = _registered(connection, shard, msisdn, at_us)
    noted = _noted(connection, shard, subscriber_no, at_us)
    since = iso(kept_since(connection))
    if registered is None:
        not_kept.append(f"the register's rows are kept from {since} on; this number's is that of now")
    if noted is None:
        not_kept.append(f"zones and networks are kept from {since} on; this person's are those of now")
    return FactsThen(
        wishes(connection, shard, subscriber_no, at_us),
        slots,
        before[-1][0] if before else 0,
        (caps["per_handset"], caps["per_brand"], caps["rolling_hours"]) if caps else None,
        registered,
        noted,
        {name: then.get(name) for name in ("quiet_hours", "holdout")} if before else None,
        not_kept,
    )


def _registered(
    connection: Connection, shard: int, msisdn: str, at_us: int
) -> tuple[str, str, str, str] | None:
    stood = stood_at(connection, schema.dnd_entry, {"shard": shard, "msisdn": int(msisdn)}, at_us)
    if not stood.is_known:
        return None
    blocked, channels, days, bands = (stood.row[name] if stood.row else "" for name in _ENTRY)
    return blocked, channels, days, bands


def _noted(connection: Connection, shard: int, subscriber_no: int, at_us: int) -> tuple[str, str] | None:
    key = {"shard": shard, "subscriber_no": subscriber_no}
    stood = stood_at(connection, schema.subscriber_clock, key, at_us)
    if not stood.is_known:
        return None
    return (stood.row["home_zone"], stood.row["network_country"]) if stood.row else ("", "")


def _content(sets: list[tuple[int, str, int]]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(sets[-1][1]) if sets else {}
    return found


def _days_not_kept(connection: Connection, shard: int, from_day: int) -> list[str]:
    row = schema.archived_day.c
    newest = connection.execute(select(func.max(row.day)).where(row.shard == shard)).scalar()
    if newest is None or newest < from_day:
        return []
    return ["promotions of days that are in the archive are not counted"]
