"""State: what a start reads back from the store, so that the product goes on where it stopped.

An attempt without a stored answer is UNKNOWN and is not sent again until the SMSC has spoken (law 3); what
was accepted and never attempted goes back in line; what is owed to ESMEs stays owed.
"""

from collections import defaultdict
from dataclasses import dataclass

from pyroaring import BitMap
from sqlalchemy import Connection

from operator_push.bootstrap.account_limits import load_limits
from operator_push.bootstrap.account_purses import give_back_to_caps, load_payers, load_purses
from operator_push.bootstrap.first_filling import links_at_start, routing_at_start, tariff_at_start
from operator_push.bootstrap.incentives import IncentiveMemory, load_incentives
from operator_push.bootstrap.lookup_key_files import read_lookup_keys
from operator_push.bootstrap.mo import MoMemory, load_mo
from operator_push.bootstrap.permission import load_permission
from operator_push.bootstrap.policy import (
    load_clocks,
    load_dlt,
    load_reach,
    load_register,
    load_slots,
    load_wishes,
    policy_facts,
    rule_set_book,
)
from operator_push.bootstrap.pricing import TariffMemory, load_prices, load_tariffs
from operator_push.bootstrap.routes import RoutesInForce
from operator_push.bootstrap.running_links import smsc_numbers
from operator_push.bootstrap.way_out import load_way_outs
from operator_push.config import Settings
from operator_push.config.link_settings import link_settings
from operator_push.domain.campaign_reach import CampaignReach
from operator_push.domain.delivery import SubmitDisposition, submit_disposition
from operator_push.domain.dlt_register import DltRegister
from operator_push.domain.facts import PolicyFacts
from operator_push.domain.holdout import CampaignControls
from operator_push.domain.ledger import Balances, LedgerAccount
from operator_push.domain.message import MessageState, is_final
from operator_push.domain.person_links import PersonLinks
from operator_push.domain.policy import Policy, standard_policy
from operator_push.domain.short_links import ShortLink
from operator_push.domain.sponsorship import Sponsorships
from operator_push.domain.tariff import Tariff
from operator_push.domain.way_outs import WayOuts
from operator_push.gateway.message_cutting import goes_whole
from operator_push.gateway.pdu_mapping import expires_us_of
from operator_push.kernel.errors import MoneyInvariantError
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.kernel.instants import day_of
from operator_push.services.account_limits import AccountLimits
from operator_push.services.account_purses import AccountPurses
from operator_push.services.campaign_people import CampaignPeople
from operator_push.services.distribution_lists import DistributionLists
from operator_push.services.expire_holds import ExpiredHold, SentSegment
from operator_push.services.holds import TrafficHolds
from operator_push.services.manage_accounts import policy_of
from operator_push.services.manage_links import LinkRecord, LinkState
from operator_push.services.manage_routes import RoutingRow
from operator_push.services.manage_tariff import StoredTariff, TariffInForce
from operator_push.services.message_names import MessageNames
from operator_push.services.online_slice import OnlineSlice
from operator_push.services.open_messages import (
    WHOLE,
    OpenMessage,
    OpenMessages,
    OpenSegment,
    new_segments,
)
from operator_push.services.registry import Registry
from operator_push.services.rule_set_book import RuleSetBook
from operator_push.services.shown_ids import ShownIds
from operator_push.store import facts as fact_rows
from operator_push.store import hold_rows, link_rows, loading, small_rows
from operator_push.store.alias_rows import aliases_since
from operator_push.store.campaign_rows import fixed_recipients
from operator_push.store.habit_rows import FoundForms, id_forms
from operator_push.store.held_rows import expired_holds, sent_of_expired
from operator_push.store.link_proof_rows import drop_unlinked, person_links
from operator_push.store.list_rows import distribution_lists
from operator_push.store.lookup_key_rows import suppressed_lookups
from operator_push.store.online_rows import online_slices
from operator_push.store.open_marks import read_since
from operator_push.store.recent_rows import RecentAdmission, admissions_since
from operator_push.store.settled_days import SettledDays, set_settled_days
from operator_push.store.short_link_rows import short_links
from operator_push.store.shown_rows import shown_since
from operator_push.store.since import Since
from operator_push.store.sponsorship_rows import sponsorships
from operator_push.vault.vault import Vault

EARLY_DAYS = 2  # how long a receipt waits for its response over a restart
SHOWN_DAYS = 100  # how long before its latest text a message may have been submitted
NAMES_DAYS = 3  # how far back a short name is known without a look at the rows
DUPLICATES_REMEMBERED = 50_000
LATE_US = 60 * 86_400_000_000  # how long after its expiry a hold knows a late receipt


@dataclass(slots=True)
class State:
    """The product's memory of one shard."""

    shard: int
    ids: IdSequence
    highest_id: int  # of any row that the start found
    incarnation: int
    registry: Registry
    facts: PolicyFacts
    policy: Policy
    tariff: TariffInForce
    stored_tariff: StoredTariff
    balances: Balances
    messages: OpenMessages
    vault: Vault
    top_ups: dict[tuple[int, str], int]
    campaign_people: CampaignPeople
    links: list[LinkRecord]
    link_nos: dict[str, int]
    smsc_nos: dict[int, int]
    owed: list[loading.OwedDelivery]
    sequence: int
    open_cases: list[tuple[int, int]]
    early_receipts: list[tuple[int, str, int]]
    recent: list[RecentAdmission]
    limits: AccountLimits
    shown: ShownIds
    names: MessageNames
    mo: MoMemory
    incentives: IncentiveMemory
    lists: DistributionLists
    routing: list[RoutingRow]
    make_routes: RoutesInForce
    rule_sets: RuleSetBook
    dlt: DltRegister
    holds: TrafficHolds
    purses: AccountPurses
    tariffs: TariffMemory
    expired: list[ExpiredHold]
    sent_of_expired: list[SentSegment]
    online: list[OnlineSlice]
    id_forms: dict[int, FoundForms]  # by the number of the SMSC
    way_outs: WayOuts
    person_links: PersonLinks
    short_links: list[ShortLink]
    sponsorships: Sponsorships


def load_state(connection: Connection, settings: Settings, pseudonym_key: bytes, now_us: int) -> State:
    """Read everything back in one transaction.

    Raises:
        OperatorError: the configuration has no tariff, or the pseudonym key is another one.
        MoneyInvariantError: balances and open holds do not agree; `operator-push ledger verify` tells where.
    """
    shard = settings.shard
    since = read_since(connection, shard)
    highest_id = loading.highest_id(connection, shard, since)
    stored_tariff = tariff_at_start(connection, settings, now_us)
    tariff = TariffInForce(Tariff(stored.price for stored in stored_tariff.prices))
    facts = policy_facts(settings, pseudonym_key)
    vault = Vault(read_lookup_keys(settings.data_dir, pseudonym_key), shard)
    vault.load(connection)
    vault.know_suppressed(suppressed_lookups(connection, shard))
    load_permission(connection, shard, facts.permission, vault, now_us)
    load_clocks(connection, shard, facts.clocks)
    load_register(connection, shard, facts.dnd)
    load_wishes(connection, shard, facts.wishes)
    registry = Registry(
        small_rows.brands(connection), small_rows.accounts(connection), small_rows.campaigns(connection)
    )
    facts.reach = CampaignReach(registry.reach_limit)
    facts.control_of = CampaignControls(pseudonym_key, registry.control_group).of
    routing = routing_at_start(connection, settings, now_us)
    make_routes = RoutesInForce(registry, routing)
    facts.accounts.update({account.account_no: policy_of(account) for account in registry.accounts()})
    links = links_at_start(connection, settings, now_us)
    facts.routes = make_routes(
        *(
            [link_settings(link.name, link.settings) for link in links if link.state is state]
            for state in (LinkState.ACTIVE, LinkState.STOPPED)
        )
    )
    drop_unlinked(connection, shard)
    balances = Balances(shard, tariff.currency)
    balances.currencies.update(registry.currencies_but(tariff.currency))
    policy, dlt = standard_policy(facts), load_dlt(connection)
    state = State(
        shard=shard,
        ids=IdSequence(shard, highest_id),
        highest_id=highest_id,
        incarnation=small_rows.begin_incarnation(connection, shard, now_us),
        registry=registry,
        facts=facts,
        policy=policy,
        tariff=tariff,
        stored_tariff=stored_tariff,
        balances=balances,
        messages=OpenMessages(loading.last_reference(connection, shard)),
        vault=vault,
        top_ups=small_rows.top_ups(connection),
        campaign_people=CampaignPeople(fixed_recipients(connection), _handed_in(connection, shard)),
        links=links,
        link_nos=link_rows.link_numbers(connection),
        smsc_nos=smsc_numbers(links),
        owed=loading.owed_deliveries(connection, shard, since),
        sequence=loading.highest_sequence(connection, shard, since),
        open_cases=fact_rows.open_cases(connection, shard),
        early_receipts=fact_rows.early_receipts(connection, shard, day_of(now_us) - EARLY_DAYS),
        recent=_recent(connection, settings, registry, now_us),
        limits=load_limits(connection, shard, registry, now_us),
        shown=ShownIds(shard),
        names=MessageNames(shard),
        mo=load_mo(connection, settings, now_us),
        incentives=load_incentives(connection, settings),
        lists=distribution_lists(connection),
        routing=routing,
        make_routes=make_routes,
        dlt=dlt,
        rule_sets=rule_set_book(connection, settings, policy, dlt, now_us),
        holds=TrafficHolds(hold_rows.standing_holds(connection)),
        purses=AccountPurses(registry, balances),
        tariffs=load_tariffs(connection, shard, now_us),
        expired=expired_holds(connection, shard, now_us - LATE_US),
        sent_of_expired=list(sent_of_expired(connection, shard, now_us - LATE_US, smsc_numbers(links))),
        online=online_slices(connection, shard),
        id_forms=id_forms(connection, shard),
        way_outs=WayOuts(facts.permission),
        person_links=PersonLinks(person_links(connection, shard)),
        short_links=short_links(connection),
        sponsorships=sponsorships(connection),
    )
    _load_open(connection, state, since, now_us)
    load_way_outs(connection, settings, state.way_outs, state.messages, state.mo.conversations, now_us)
    return state


def _load_open(connection: Connection, state: State, since: Since, now_us: int) -> None:
    """What is open, and whose money it holds."""
    shard = state.shard
    _load_messages(connection, state, since)
    load_prices(connection, shard, since, state.tariffs, state.messages)
    _settle(connection, state, min(day_of(now_us), id_day(state.highest_id)))
    state.holds.keep_open(state.messages.by_id)
    state.shown = _shown(connection, state)
    state.names = _names(connection, state, now_us)
    load_payers(connection, shard, since, state.registry, state.balances)
    _load_balances(connection, state)
    state.purses = load_purses(connection, shard, state.registry, state.balances, now_us)
    give_back_to_caps(state.messages, state.balances)
    load_slots(connection, shard, state.policy, now_us)
    fixed, limit_of = state.campaign_people.fixed_moments(), state.registry.reach_limit
    limited = [(limit, at_us) for number, at_us in fixed.items() if (limit := limit_of(number)) is not None]
    load_reach(connection, shard, state.policy, limited, now_us)


def _shown(connection: Connection, state: State) -> ShownIds:
    """The open messages that their ESMEs know by another id."""
    oldest = min(state.messages.by_id, default=0)
    if not oldest:
        return ShownIds(state.shard)
    rows = shown_since(connection, state.shard, id_day(oldest) - SHOWN_DAYS)
    return ShownIds(state.shard, (row for row in rows if row[1] in state.messages.by_id))


def _names(connection: Connection, state: State, now_us: int) -> MessageNames:
    """The short names that may still be asked for: of the last days, and of what is open longer."""
    oldest = min(state.messages.by_id, default=0)
    from_day = day_of(now_us) - NAMES_DAYS
    if oldest:
        from_day = min(from_day, id_day(oldest) - SHOWN_DAYS)
    return MessageNames(state.shard, aliases_since(connection, state.shard, from_day))


def _recent(
    connection: Connection, settings: Settings, registry: Registry, now_us: int
) -> list[RecentAdmission]:
    """What may be submitted again as a retry: the longest window that anybody has."""
    agreed = (account.terms.dedupe_window_s or 0 for account in registry.accounts())
    window_us = max(settings.submissions.retry_window_s, *agreed, 0) * 1_000_000
    return list(admissions_since(connection, settings.shard, now_us - window_us)) if window_us else []


def _handed_in(connection: Connection, shard: int) -> dict[int, BitMap]:
    found: dict[int, BitMap] = defaultdict(BitMap)
    for campaign_no, subscriber_no in fact_rows.handed_in(connection, shard):
        found[campaign_no].add(subscriber_no)
    return dict(found)


def _settle(connection: Connection, state: State, until_day: int) -> None:
    """Spare the next start what this one has found closed: the days before anything that is open or owed."""
    days = [until_day, *map(id_day, state.messages.by_id), *(delivery.day for delivery in state.owed)]
    set_settled_days(connection, state.shard, SettledDays(min(days), state.sequence))


def _load_messages(connection: Connection, state: State, since: Since) -> None:
    messages = state.messages
    for message in loading.open_messages(connection, state.shard, since):
        message.expires_us = expires_us_of(message.body)
        if message.campaign_no and (campaign := state.registry.campaign(message.campaign_no)) is not None:
            message.expires_us = campaign.terms.ends_us or message.expires_us
        if message.segment_count > 1 and goes_whole(message):
            message.segments = new_segments(message.segment_count, is_whole=True)
        messages.add(message)
    for attempt in loading.open_attempts(connection, state.shard, since):
        smsc_no = state.smsc_nos.get(attempt.link_no, attempt.link_no)
        _apply_attempt(messages, messages.by_id[attempt.message_id], attempt, smsc_no)
    for outcome in loading.open_outcomes(connection, state.shard, since):
        _segment(messages.by_id[outcome.message_id], outcome.segment_no).state = outcome.state
    for outcome in reversed(loading.newest_outcomes(connection, state.shard, DUPLICATES_REMEMBERED)):
        if outcome.message_id not in messages.by_id:
            smsc_no = state.smsc_nos.get(outcome.link_no, outcome.link_no)
            messages.remember_finished(smsc_no, outcome.smsc_message_id, outcome.state)


def _apply_attempt(
    messages: OpenMessages, message: OpenMessage, attempt: loading.StoredAttempt, smsc_no: int
) -> None:
    """Attempts come in their order, so the last one decides what is known of its segment."""
    segment = _segment(message, attempt.segment_no)
    segment.attempt_no = attempt.attempt_no
    segment.attempted_us = attempt.attempted_us
    message.smsc_no = smsc_no
    messages.bind_reference(message, segment, attempt.user_message_reference)
    status = attempt.command_status
    if status is None:
        segment.state = MessageState.UNKNOWN
    elif status < 0 or submit_disposition(status) is not SubmitDisposition.SENT:
        segment.state = MessageState.ACCEPTED  # refused for now, withheld or never arrived: waits again
    else:
        segment.state = MessageState.SENT
        segment.answered_us = attempt.answered_us
        if attempt.smsc_message_id:
            messages.bind_smsc_id(smsc_no, message, segment, attempt.smsc_message_id)


def _segment(message: OpenMessage, segment_no: int) -> OpenSegment:
    """The segment that a row speaks of; where the body cannot be read, the row tells that it went whole."""
    if segment_no == WHOLE and message.segments[0].segment_no != WHOLE:
        message.segments = new_segments(message.segment_count, is_whole=True)
    return message.segments[max(segment_no, 1) - 1]


def _load_balances(connection: Connection, state: State) -> None:
    holds: dict[int, dict[int, int]] = defaultdict(dict)
    payers = state.balances.payers
    for message in state.messages:
        if message.charge is not None and message.charge.settled_micros >= 0:
            payers.pop(message.message_id, None)  # charged before its end: nothing is held for it any more
            continue
        payer_no = payers.get(message.message_id, message.account_no)
        holds[payer_no][message.message_id] = message.held_micros
    stored = fact_rows.balances(connection, state.shard, clients_only=True)
    for account in state.registry.accounts():
        number = account.account_no
        held = stored.get((number, LedgerAccount.HELD), 0)
        open_holds = holds.get(number, {})
        if held != sum(open_holds.values()):
            raise MoneyInvariantError(
                f"account {account.name}: {held} micros are held but its open messages hold "
                f"{sum(open_holds.values())}; run operator-push ledger verify"
            )
        available = stored.get((number, LedgerAccount.AVAILABLE), 0)
        credit = -stored.get((number, LedgerAccount.CREDIT), 0)
        state.balances.restore(number, available, open_holds, credit_micros=credit)


def waiting_messages(messages: OpenMessages) -> list[OpenMessage]:
    """Messages with a segment that waits to be sent, oldest first."""
    return [
        message
        for message in messages
        if any(segment.state == MessageState.ACCEPTED for segment in message.segments)
        and not all(is_final(segment.state) for segment in message.segments)
    ]
