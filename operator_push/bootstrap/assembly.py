"""Assembly: the parts of a gateway, made from a loaded state and tied together.

Everything here happens once, on the reactor's thread, before a port opens.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from operator_push.bootstrap.account_limits import LimitsOfAccounts
from operator_push.bootstrap.account_purses import PursesOfAccounts
from operator_push.bootstrap.answers import answer_subscribers, hear_subscribers
from operator_push.bootstrap.campaigns import campaign_commands
from operator_push.bootstrap.channels import channel_handlers
from operator_push.bootstrap.corrections import expiring_holds, ledger_commands
from operator_push.bootstrap.death_points import change_writer
from operator_push.bootstrap.esme_face import esme_binds, esme_deliveries, off_loop
from operator_push.bootstrap.incentives import Incentives
from operator_push.bootstrap.link_making import links_of_store
from operator_push.bootstrap.link_texts import LinkTexts, cutter_of
from operator_push.bootstrap.live_routes import route_commands
from operator_push.bootstrap.mo import esme_alerts, noting, route_mo
from operator_push.bootstrap.money_leases import MoneyLeases
from operator_push.bootstrap.online_charging import OnlineChargingRun
from operator_push.bootstrap.operations import add_operations, list_commands
from operator_push.bootstrap.owners import owner_handlers
from operator_push.bootstrap.people import audit_lookups, manage_permission, people_handlers
from operator_push.bootstrap.person_links import person_commands
from operator_push.bootstrap.pricing import price_by_documents
from operator_push.bootstrap.running_links import RunningLinks
from operator_push.bootstrap.selfcare import incentives_of, selfcare_handlers
from operator_push.bootstrap.side_process import SideProcess
from operator_push.bootstrap.smsc_habits import open_cases_of_doubts, recall_lost
from operator_push.bootstrap.state import State, waiting_messages
from operator_push.bootstrap.stopping import Stopping
from operator_push.bootstrap.submissions import (
    accept_submissions,
    remember_retries,
    submit_offers,
    submit_terms,
)
from operator_push.bootstrap.tls import TlsParts, certificates_json
from operator_push.bootstrap.way_out import offer_way_out
from operator_push.config import Settings
from operator_push.domain.message import MessageState
from operator_push.gateway.administration import Administration
from operator_push.gateway.clock import now_us, patience
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import Aside
from operator_push.gateway.control_server import Handler
from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.delivery_lines import Delivery
from operator_push.gateway.document_commands import DocumentCommands
from operator_push.gateway.esme_deliveries import EsmeDeliveries
from operator_push.gateway.esme_server import EsmeServer
from operator_push.gateway.event_feed import EventFeed
from operator_push.gateway.link_commands import LinkCommands
from operator_push.gateway.lookup_commands import LookupCommands
from operator_push.gateway.opt_in_commands import OptInCommands
from operator_push.gateway.passwords import hash_password
from operator_push.gateway.stop_commands import StopCommands
from operator_push.gateway.tariff_commands import TariffCommands
from operator_push.gateway.tls_commands import TlsCommands
from operator_push.kernel.meters import Meters
from operator_push.services.accept_submissions import AcceptSubmissions
from operator_push.services.choose_link import ChooseLink
from operator_push.services.expire_holds import ExpireHolds
from operator_push.services.finish_message import TOLD_BY_US, FinishMessage
from operator_push.services.manage_accounts import ManageAccounts
from operator_push.services.manage_links import ManageLinks
from operator_push.services.manage_tariff import ManageTariff
from operator_push.services.match_receipts import Receipt
from operator_push.services.price_by_documents import PriceByDocuments
from operator_push.services.record_receipts import RecordReceipts
from operator_push.services.resolve_unknown import ResolveUnknown
from operator_push.smpp_twisted.reactor_choice import call_soon
from operator_push.store.seal_rows import LedgerChain
from operator_push.store.writer_thread import WriterThread

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Gateway:
    """The running parts."""

    settings: Settings
    state: State
    meters: Meters
    committer: Committer
    deliveries: EsmeDeliveries
    server: EsmeServer
    links: RunningLinks
    feed: EventFeed
    accept: AcceptSubmissions
    cutter: MessageCutter
    link_texts: LinkTexts
    finish: FinishMessage
    receipts: RecordReceipts
    choose: ChooseLink
    writer: WriterThread
    stopping: Stopping
    purses: PursesOfAccounts
    prices: PriceByDocuments
    expiring: ExpireHolds
    leases: MoneyLeases
    online: OnlineChargingRun
    incentives: Incentives
    opt_ins: OptInCommands
    ticks: list[Callable[[], object]] = field(default_factory=list)

    def expire_waiting(self) -> None:
        """End what could not be sent within its validity, ask about what has no receipt; to be called now
        and then."""
        for link in self.links.links.values():
            link.outbox.expire(now_us(), self.committer.changes)
            if link.queries is not None:
                link.queries.look(now_us())
        self.deliveries.expire(patience.now_us())
        self.stopping.holds.expire(now_us(), self.committer.changes)
        self.purses.sweep()
        self.leases.sweep()
        self.online.tick()
        self.expiring.expire(now_us(), self.committer.changes, patience.now_us())
        for tick in self.ticks:
            tick()

    def stats(self) -> dict[str, Any]:
        """What `stats` on the control socket tells: what is open, waiting, owed, and the counters."""
        return {
            "open_messages": len(self.state.messages),
            "unsent_segments": self.waiting,
            "in_flight": self.in_flight,
            "deliveries_waiting": self.deliveries.waiting,
            "deliveries_in_flight": self.deliveries.in_flight,
            "subscribers": len(self.state.vault),
            "esme_binds": self.server.binds.count,
            "links": {name: link.is_bound for name, link in self.links.links.items()},
            "commits": self.committer.commits,
            "committed": self.committer.idle,
            "incarnation": self.state.incarnation,
            "meters": self.meters.snapshot(),
        }

    @property
    def waiting(self) -> int:
        """Segments accepted and not attempted."""
        return self.links.waiting

    @property
    def in_flight(self) -> int:
        """Attempts whose answer is not committed."""
        return self.links.in_flight


def assemble(
    reactor: Any,
    settings: Settings,
    state: State,
    writer: WriterThread,
    fail: Callable[[BaseException], None],
    reader: WriterThread | None = None,
) -> Gateway:
    """Make and connect every part; nothing listens or connects yet. Without a `reader` the writer reads."""
    meters, chain = Meters(), LedgerChain(state.shard)
    changes = change_writer(writer, state.shard, chain=chain)
    committer = Committer(changes, reactor.callLater, fail, call_soon(reactor))
    finish = FinishMessage(state.shard, state.messages, state.balances, state.sequence)
    deliveries = esme_deliveries(reactor, settings, state, committer, meters)
    feed = EventFeed(
        state.registry, committer, lambda message_id: deliveries.name_of(message_id) or b"%d" % message_id
    )
    finish.on_final += [deliveries.message_final, feed.message_final]
    accept = accept_submissions(settings, state)
    prices = price_by_documents(state.tariffs, state.registry, state.balances.currency, accept, finish)
    terms = submit_terms(settings)
    remember_retries(accept.retries, state.recent, state.registry, terms)
    receipts = RecordReceipts(state.shard, state.ids, state.messages, finish, meters)
    hear = hear_subscribers(state, meters)
    choose = ChooseLink(state.facts)
    alerts = esme_alerts(state.mo, deliveries, meters)
    links = links_of_store(
        reactor, settings, state, finish, receipts, hear, committer, meters, choose, alerts.alerted
    )
    # The policy's route rule has refused what no link reaches.
    accept.on_admitted = noting(state.mo, alerts, choose.queue)
    route_mo(settings, state.mo, state.registry, hear, deliveries, committer, meters)
    link_texts = LinkTexts(state.facts, links.settings())
    links.on_settings = link_texts.put
    cutter = cutter_of(state, link_texts)
    offer_way_out(settings, state.shard, state.way_outs, state.mo.conversations, cutter, accept, finish)
    incentives = incentives_of(settings, state, committer, meters)
    answering = hear, accept, cutter, committer, reader or writer, meters
    opt_ins = answer_subscribers(settings, state, *answering, incentives.awards.opt_in_offer)
    binds = esme_binds(reactor, settings, state, deliveries, meters)
    offers = submit_offers(settings, state.vault, deliveries, terms, cutter)
    server = EsmeServer(
        binds,
        accept,
        committer,
        deliveries,
        offers,
        settings.refusals_by_account,
        settings.smpp_server.reasons_in_words,
        settings.smpp_server.window,
        meters,
        state.names,
    )
    parts = settings, state, server, offers, accept, finish, receipts, deliveries
    add_operations(*parts, links.links, reader or writer, committer, hear, reactor.callLater)
    return Gateway(
        settings,
        state,
        meters,
        committer,
        deliveries,
        server,
        links,
        feed,
        accept,
        cutter,
        link_texts,
        finish,
        receipts,
        choose,
        writer,
        Stopping(state, finish, links, hear.on_stopped),
        PursesOfAccounts(
            state.shard, state.purses, state.registry, state.balances, state.ids, committer, writer, meters
        ),
        prices,
        expiring_holds(settings, state, finish, receipts),
        MoneyLeases(state.shard, state.balances, state.ids, committer, writer, chain),
        OnlineChargingRun(reactor, settings, state, committer, meters, lambda no: binds.of_account(no) > 0),
        incentives,
        opt_ins,
    )


def start_waiting(gateway: Gateway) -> None:
    """Put back in line what the last run left: unsent messages and deliveries that are owed."""
    state, changes, at_us = gateway.state, gateway.committer.changes, now_us()
    stranded = 0
    recall_lost(gateway.receipts, state.messages)
    for message in waiting_messages(state.messages):
        if gateway.choose.queue(message):
            continue
        stranded += 1
        for segment in message.segments:
            if segment.state == MessageState.ACCEPTED:
                gateway.finish.segment_ended(
                    0, message, segment, MessageState.REJECTED, TOLD_BY_US, "no route", at_us, changes
                )
    if stranded:
        log.warning("%d accepted messages have no link any more; they end and their holds go back", stranded)
    for owed in state.owed:
        gateway.deliveries.queue(Delivery(owed.delivery_id, owed.account_no, owed.body))
    state.owed.clear()
    early: dict[int, list[Receipt]] = {}
    for link_no, smsc_id, receipt_state in state.early_receipts:
        smsc_no = state.smsc_nos.get(link_no, link_no)
        early.setdefault(smsc_no, []).append(Receipt(smsc_id, MessageState(receipt_state), "", "", -1))
    for smsc_no, receipts in early.items():
        gateway.receipts.park_again(smsc_no, receipts, at_us, changes)


def control_handlers(
    reactor: Any, gateway: Gateway, tls: TlsParts, pseudonym_key: bytes, stop: Callable[[], None]
) -> dict[str, Handler]:
    """Every command of the control socket over a gateway's parts, by name."""
    state, committer = gateway.state, gateway.committer
    rows = ManageTariff(state.tariff, state.stored_tariff)
    tariff = TariffCommands(rows, state.tariffs.documents, committer)
    taxes = [tax.name for tax in gateway.settings.invoices.tax]
    number_of, currency = state.vault.number_of, state.balances.currency
    documents = DocumentCommands(gateway.prices, rows, state.registry, number_of, currency, committer, taxes)
    links = LinkCommands(
        ManageLinks(gateway.links, state.links, state.link_nos),
        gateway.links,
        gateway.settings,
        gateway.stopping.cancel_waiting,
        committer,
    )
    aside = SideProcess(reactor).run
    campaigns, contest = campaign_commands(
        gateway.settings,
        state,
        gateway.accept,
        gateway.cutter,
        gateway.prices,
        lambda: gateway.links.ready,
        aside,
        committer,
    )
    gateway.ticks.append(lambda: campaigns.campaigns.end_overdue(now_us(), committer.changes))
    administration = _administration(
        reactor, gateway, pseudonym_key, aside, campaigns.campaigns.money.reserved_of, stop
    )
    ledger = ledger_commands(state, gateway.expiring, gateway.leases, gateway.writer, committer)
    ledger.check_own_money = gateway.online.charge.check_own_money
    ledger.settle_doubt = gateway.online.charge.settle_doubt
    selling = campaigns, administration, lambda: gateway.server.accepting
    parts = gateway.accept, gateway.cutter, committer
    persons = person_commands(reactor, gateway.settings, state, pseudonym_key, *parts)
    stops = StopCommands(
        gateway.stopping.holds,
        state.registry,
        administration.accounts,
        campaigns.campaigns,
        gateway.links,
        administration.account_answer,
        campaigns.shown,
        committer,
    )
    return {
        **administration.handlers(),
        **campaigns.handlers(),
        **contest,
        **channel_handlers(reactor, gateway.settings, state, *selling, gateway.prices.tax_beside, committer),
        **stops.handlers(),
        **tariff.handlers(),
        **documents.handlers(),
        **ledger.handlers(),
        **list_commands(state, committer).handlers(),
        **links.handlers(),
        **selfcare_handlers(state, gateway.accept, gateway.cutter, gateway.incentives, ledger, committer),
        **route_commands(gateway.links, gateway.choose, state, committer).handlers(),
        **LookupCommands(state.vault, state.ids.next_id, committer).handlers(),
        **people_handlers(gateway.settings, pseudonym_key, state, committer),
        **gateway.opt_ins.handlers(),
        **persons.handlers(),
        **owner_handlers(gateway, reactor.callLater, persons.people.forget),
        **TlsCommands(
            lambda: certificates_json(tls.shown()), lambda: certificates_json(tls.reload())
        ).handlers(),
    }


def _administration(
    reactor: Any,
    gateway: Gateway,
    pseudonym_key: bytes,
    aside: Aside,
    reserved_of: Callable[[int], int],
    stop: Callable[[], None],
) -> Administration:
    threads = reactor.getThreadPool()
    state, committer = gateway.state, gateway.committer
    registry, vault, ids = state.registry, state.vault, state.ids
    accounts = ManageAccounts(registry, state.facts, state.balances, ids, state.top_ups)
    accounts.on_changed.append(
        lambda account: gateway.deliveries.window_changed(account.account_no, account.window)
    )
    accounts.check_tariff = state.tariffs.documents.check_name
    accounts.check_priced = gateway.prices.check_priced
    accounts.on_changed.append(lambda account: gateway.prices.account_changed())
    limits = LimitsOfAccounts(state.shard, state.limits, ids, committer, gateway.writer)
    accounts.on_changed.append(limits.changed)
    accounts.on_changed.append(gateway.purses.changed)
    gateway.online.watch(accounts)
    committer.before_commit.append(lambda: audit_lookups(state, committer))
    resolve = ResolveUnknown(
        state.shard, ids, state.messages, gateway.finish, gateway.links.outbox_of, state.open_cases
    )
    open_cases_of_doubts(gateway.receipts, resolve)
    return Administration(
        registry=registry,
        committer=committer,
        balances=state.balances,
        permission=state.facts.permission,
        vault=vault,
        write_snapshot=lambda path: vault.export_snapshot(
            path, pseudonym_key, state.facts.permission, taken_at_us=now_us()
        ),
        aside=aside,
        accounts=accounts,
        consents=manage_permission(state, committer, gateway.stopping.on_stopped),
        hash_password=lambda password, told: off_loop(reactor, threads, told, "", hash_password, password),
        resolve=resolve,
        binds_of=gateway.server.binds.of_account,
        usage_of=lambda account_no: {
            **state.limits.usage(account_no, now_us()),
            **state.purses.usage(account_no, now_us()),
            **gateway.online.charge.usage(account_no),
            "reserved_micros": reserved_of(account_no),
        },
        stats=gateway.stats,
        stop=stop,
    )
