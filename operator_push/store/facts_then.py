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
from operator_push.store.dnd_rows import dnd_entry_of
from operator_push.store.facts import counted_admissions
from operator_push.store.person_rows import SaidWish, wishes
from operator_push.store.rule_set_rows import rule_sets

DAYS_BACK = 9  # as far as a week of wishes reaches, on any clock
_SETTINGS = ("quiet_hours", "packs", "holdout")  # of a rule set, which only the present ones can be asked of


class FactsThen(msgspec.Struct, frozen=True):
    """`slots`: (moment, brand_no, category) of promotions that counted; `caps`: (per_handset, per_brand,
    hours or None), None where there were none; `not_kept`: sentences on what is as of now all the same."""

    said: list[SaidWish]
    slots: list[tuple[int, int, int]]
    rule_set: int
    caps: tuple[int | None, int | None, float | None] | None
    not_kept: list[str]


def facts_then(connection: Connection, shard: int, subscriber_no: int, msisdn: str, at_us: int) -> FactsThen:
    """What stood at a moment that has passed."""
    from_day = day_of(at_us) - DAYS_BACK
    slots = [
        (each.leaves_us, each.brand_no, each.category)
        for each in counted_admissions(
            connection, shard, from_day, int(TrafficClass.PROMOTIONAL), subscriber_no
        )
        if id_epoch_us(each.message_id) <= at_us
    ]
    sets = rule_sets(connection, shard)
    before = [each for each in sets if each[2] <= at_us]
    then, now = _content(before or sets), _content(sets)
    caps = then.get("caps")
    not_kept = [*_settings_not_kept(then, now), *_days_not_kept(connection, shard, from_day)]
    if sets and not before:
        not_kept.append(f"settings are kept from {iso(sets[0][2])} on; they are those of now")
    entry = dnd_entry_of(connection, shard, msisdn)
    if entry is not None and entry.changed_us > at_us:
        not_kept.append(
            f"the register's row of this number was changed at {iso(entry.changed_us)}; what it said before"
            " is not kept"
        )
    not_kept.append("the home zone and the serving network are those of now")
    return FactsThen(
        wishes(connection, shard, subscriber_no, at_us),
        slots,
        before[-1][0] if before else 0,
        (caps["per_handset"], caps["per_brand"], caps["rolling_hours"]) if caps else None,
        not_kept,
    )


def _content(sets: list[tuple[int, str, int]]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(sets[-1][1]) if sets else {}
    return found


def _settings_not_kept(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    changed = [name.replace("_", " ") for name in _SETTINGS if then.get(name) != now.get(name)]
    return [f"these are as they are now, and were others then: {', '.join(changed)}"] if changed else []


def _days_not_kept(connection: Connection, shard: int, from_day: int) -> list[str]:
    row = schema.archived_day.c
    newest = connection.execute(select(func.max(row.day)).where(row.shard == shard)).scalar()
    if newest is None or newest < from_day:
        return []
    return ["promotions of days that are in the archive are not counted"]
