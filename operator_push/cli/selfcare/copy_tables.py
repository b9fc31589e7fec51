"""Copy tables: everything about one person as tables, each row with the source that it came from.

A person's right to a copy (GDPR articles 15 and 20). Names of columns end in _us where they are moments.
What a person does not permit to be looked at is not looked at for a copy either: it was not learnt, or is
erased within a day.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from operator_push.cli.selfcare.feature_reading import Kept
from operator_push.domain.incentives import AwardState
from operator_push.domain.link_visits import VisitKind
from operator_push.http.selfcare.desk import Desk
from operator_push.kernel.contracts import RECORD_KINDS, DataPurpose
from operator_push.kernel.instants import to_epoch_us
from operator_push.services.enter_selfcare import Person
from operator_push.services.permission_overview import act_json
from operator_push.store.consent_rows import acts_of
from operator_push.store.incentive_rows import awards
from operator_push.store.list_rows import said_of
from operator_push.store.short_link_rows import visits_by
from operator_push.store.small_rows import brands

Tables = Mapping[str, Sequence[Mapping[str, Any]]]


def stored_tables(connection: Connection, shard: int, subscriber_no: int) -> Tables:
    """What the store alone knows: consents, each with its evidence, awards, links that were
    followed, and what clients say of the person on their lists."""
    names = dict(brands(connection))
    return {
        "consents": [act_json(act, names) for act in acts_of(connection, shard, subscriber_no)],
        "awards": [
            {
                "offer": each.offer,
                "amount_micros": each.amount_micros,
                "terms": each.terms,
                "state": AwardState(each.state).name.lower(),
                "earned_us": each.at_us,
                "ended_us": each.ended_us,
            }
            for each in awards(connection, shard, subscriber_no)
        ],
        "link_visits": [
            {
                "sender": each.source,
                "what": VisitKind(each.kind).name.lower(),
                "value_micros": each.value_micros,
                "order": each.order_ref,
                "source": "the client's word" if each.kind == VisitKind.CONVERSION else "your browser",
                "at_us": each.at_us,
            }
            for each in visits_by(connection, shard, subscriber_no)
        ],
        "lists": [
            {
                "client": each.account,
                "list": each.list,
                "says": ", ".join(f"{name}: {value}" for name, value in each.said.items()),
                "source": "the client's word",
                "uploaded_us": each.uploaded_us,
            }
            for each in said_of(connection, subscriber_no)
        ],
    }


def asked_tables(desk: Desk, person: Person, now_us: int) -> Tables:
    """What the pages show."""
    profile, rewards = desk.profile(person, now_us), desk.rewards(person, now_us)
    return {
        "messages": [msgspec.structs.asdict(each) for each in desk.history(person, now_us)],
        "learnt": [
            {
                "name": each.name,
                "value": each.value,
                "unit": each.unit,
                "source": purpose_words(each.purpose),
                "permitted_by": each.purpose.name,
                "meaning": each.meaning,
                "known_us": to_epoch_us(each.known_at),
            }
            for each in profile.learnt
        ],
        "declared": [
            {"name": each.name, "value": each.value, "source": "yourself", "declared_us": each.declared_us}
            for each in profile.declared
        ],
        "rewards": [msgspec.structs.asdict(each) for each in rewards.postings],
        "payouts": [msgspec.structs.asdict(each) for each in rewards.payouts],
        "links": [msgspec.structs.asdict(each) for each in desk.links(person)],
        "wishes": [
            {"brand": each.brand, "category": each.category, "channel": each.channel} | each.wish._asdict()
            for each in desk.wishes(person)
        ],
    }


def kept_tables(kept: Kept) -> Tables:
    """The records and events that the ingester keeps: a table for each kind, `records_cdr` and its like."""
    told: dict[str, Sequence[Mapping[str, Any]]] = {
        f"records_{kind}": [{"source": RECORD_KINDS[kind].source, **row} for row in rows]
        for kind, rows in kept.records.items()
    }
    told["events"] = [
        {"trigger": each.trigger, "source": "records as they came", "at_us": each.at_us, **each.attributes}
        for each in kept.events
    ]
    told["remembered"] = [{"source": "records as they came", **row._asdict()} for row in kept.remembered]
    if kept.notes:
        told["notes"] = [{"about": about, "note": note} for about, note in kept.notes]
    return told


def purpose_words(purposes: DataPurpose) -> str:
    """Of which data something was made."""
    return " and ".join(str(bit.name).lower().replace("_", " ") for bit in DataPurpose if bit & purposes)
