"""MO: the parts that route messages from subscribers, read back from the store and tied to the gateway."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from sqlalchemy import Connection

from operator_push.bootstrap.dialogue_memory import DialogueMemory, load_dialogues
from operator_push.config import Settings
from operator_push.domain.address_rules import AddressRules
from operator_push.domain.mo_routing import MoRoute, MoRoutes
from operator_push.domain.words import reader_for
from operator_push.gateway.clock import now_us, patience
from operator_push.gateway.committer import Committer
from operator_push.gateway.esme_alerts import EsmeAlerts
from operator_push.gateway.esme_deliveries import KIND_MO, EsmeDeliveries
from operator_push.gateway.mo_mapping import delivery_octets, joined
from operator_push.gateway.pdu_mapping import inbound_of
from operator_push.kernel.meters import Meters
from operator_push.services.changes import Changes
from operator_push.services.hear_subscribers import HearSubscribers, Inbound
from operator_push.services.open_messages import OpenMessage
from operator_push.services.reassemble_mo import ReassembleMo
from operator_push.services.registry import Registry
from operator_push.services.route_mo import Conversations, RouteMo
from operator_push.smpp.codec import PduDecodeError, decode_pdu
from operator_push.smpp.pdu import DataSm, DeliverSm
from operator_push.store.mo_rows import StoredMo, conversations_since, delivered_of, mo_since
from operator_push.text.link_text import DefaultAlphabet

SECOND_US = 1_000_000
PARTS_DAYS_US = 86_400 * SECOND_US  # how far back waiting parts are looked for: a stop of a day loses none


@dataclass(slots=True)
class MoMemory:
    """What the routing of MO remembers."""

    reassembly: ReassembleMo
    conversations: Conversations
    dialogues: DialogueMemory


def load_mo(connection: Connection, settings: Settings, now_us: int) -> MoMemory:
    """Read back the parts that wait and the conversations that may be answered."""
    shard = settings.shard
    reassembly = ReassembleMo(settings.mo.parts_wait_s * SECOND_US)
    stored = mo_since(connection, shard, now_us - PARTS_DAYS_US)
    waiting = ((row.mo_id, inbound, row.at_us) for row in stored if (inbound := _inbound(row)).part)
    reassembly.restore(waiting)
    reassembly.drop(delivered_of(connection, shard, KIND_MO, reassembly.waiting_ids()))
    kept_us = settings.mo.conversation_s * SECOND_US
    conversations = Conversations(settings.short_codes, kept_us)
    if settings.short_codes and kept_us:
        for row in conversations_since(connection, shard, now_us - kept_us, settings.short_codes):
            conversations.remember(*row)
    return MoMemory(reassembly, conversations, load_dialogues(connection, settings, now_us))


def route_mo(
    settings: Settings,
    memory: MoMemory,
    registry: Registry,
    hear: HearSubscribers,
    deliveries: EsmeDeliveries,
    committer: Committer,
    meters: Meters,
) -> RouteMo:
    """Tie hearing, joining and routing together."""

    def account_no_of(name: str) -> int:
        account = registry.account_named(name)
        return account.account_no if account is not None else 0

    def owe(account_no: int, mo_id: int, inbound: Inbound, at_us: int, changes: Changes) -> None:
        deliveries.owe(account_no, KIND_MO, mo_id, delivery_octets(inbound), at_us, changes)

    routes = MoRoutes(MoRoute(row.short_code, row.account, row.keyword) for row in settings.mo_route)
    routing = RouteMo(routes, memory.conversations, account_no_of, owe, meters)
    hear.reassembly = memory.reassembly
    hear.join = joined
    hear.route = routing.route
    hear.brand_of = lambda inbound, at_us: _brand_answered(memory, inbound, at_us)
    hear.names_of = lambda inbound, at_us: _names_answered(memory, registry, inbound, at_us)
    hear.read = reader_for(settings.mo.pack, datetime.now(UTC).date()).read

    def sweep() -> None:
        hear.expire(now_us(), committer.changes, patience.now_us())

    committer.before_commit.append(sweep)
    return routing


def esme_alerts(memory: MoMemory, deliveries: EsmeDeliveries, meters: Meters) -> EsmeAlerts:
    """Who is told of handsets that are there again."""
    conversations = memory.conversations
    return EsmeAlerts(deliveries, lambda code, msisdn: conversations.last(code, msisdn, now_us()), meters)


def noting(
    memory: MoMemory, alerts: EsmeAlerts, queue: Callable[[OpenMessage], object]
) -> Callable[[OpenMessage], None]:
    """Queue an admitted message, and remember who may be answered and who wants an alert."""

    def admitted(message: OpenMessage) -> None:
        memory.conversations.note(message)
        alerts.note(message)
        queue(message)

    return admitted


def address_rules(settings: Settings, *, link: str = "", account: str = "") -> AddressRules | None:
    """How a link or an account writes numbers: its own row, else the one for all, else None."""
    rows = settings.numbering
    own = next((row for row in rows if (row.link, row.account) == (link, account)), None)
    found = own or next((row for row in rows if not row.link and not row.account), None)
    if found is None:
        return None
    return AddressRules(found.country_code, found.national_prefix, found.international_prefix)


def _brand_answered(memory: MoMemory, inbound: Inbound, at_us: int) -> int:
    """The brand whose message this code last carried to this person; 0 where that is not known."""
    return memory.conversations.last_brand(inbound.destination, inbound.source, at_us)


def _names_answered(memory: MoMemory, registry: Registry, inbound: Inbound, at_us: int) -> tuple[str, ...]:
    brand_no = _brand_answered(memory, inbound, at_us)
    return (registry.brand_name(brand_no),) if brand_no else ()


def _inbound(row: StoredMo) -> Inbound:
    try:
        pdu = decode_pdu(row.body)
    except PduDecodeError:
        return Inbound(row.source, row.destination, "", row.body)
    if not isinstance(pdu, (DeliverSm, DataSm)):
        return Inbound(row.source, row.destination, "", row.body)
    return msgspec.structs.replace(inbound_of(pdu, DefaultAlphabet.GSM7), source=row.source)
