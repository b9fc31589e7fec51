"""Policy at a start: the clocks and caps of the settings, filled with what the store knows."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from operator_push.config import QuietHoursSettings, Settings
from operator_push.domain.campaign_reach import ReachLimit
from operator_push.domain.contact_wishes import ContactWishes
from operator_push.domain.dlt_register import DltRegister, take_row
from operator_push.domain.dnd_register import DndRegister, parse_entry
from operator_push.domain.facts import PolicyFacts
from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.holdout import Holdout
from operator_push.domain.message import TrafficClass
from operator_push.domain.packs.shelf import shipped_packs
from operator_push.domain.policy import Policy
from operator_push.domain.quiet_rules import QuietRules
from operator_push.domain.rule_sets import describe
from operator_push.domain.subscriber_clocks import SubscriberClocks
from operator_push.gateway.content_reading import content_of
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import MICROS_PER_DAY, day_of
from operator_push.services.changes import Changes
from operator_push.services.number_country import country_of, country_of_head, deciding_head
from operator_push.services.registry import Registry
from operator_push.services.rule_set_book import RuleSetBook
from operator_push.services.scrub_content import ScrubContent
from operator_push.store.campaign_reach import planned_messages
from operator_push.store.clock_rows import subscriber_clocks
from operator_push.store.dlt_rows import dlt_registrations
from operator_push.store.dnd_rows import dnd_entries
from operator_push.store.facts import counted_admissions
from operator_push.store.person_rows import wishes
from operator_push.store.rule_set_rows import rule_sets
from operator_push.store.small_rows import upsert_all

HOUR_US = 3_600_000_000
WISH_DAYS = 9  # as FrequencyCaps.days_back of seven days


def policy_facts(settings: Settings, key: bytes) -> PolicyFacts:
    """Facts without people: what the settings say of quiet hours, caps and the control group, whom `key`
    draws."""
    caps, holdout = settings.policy.caps, settings.policy.holdout
    limits = caps.per_handset_per_day, caps.per_handset_per_brand_per_day
    return PolicyFacts(
        clocks=empty_clocks(settings.policy.quiet_hours),
        caps=FrequencyCaps(*limits, (caps.rolling_hours or 0) * HOUR_US) if any_limit(limits) else None,
        holdout=Holdout(key, holdout.name, round(holdout.percent * 100)) if holdout.percent else None,
    )


def empty_clocks(quiet: QuietHoursSettings) -> SubscriberClocks:
    """Clocks of people of whom nothing is noted."""
    zones = quiet.zones_by_prefix.items()
    rules = quiet_rules(quiet)
    return SubscriberClocks(rules, country_of, quiet.zone, zones, country_of_head, deciding_head)


def read_quiet_hours(content: Mapping[str, Any]) -> QuietHoursSettings:
    """The settings that a rule set tells.

    Raises:
        OperatorError: they are none of this version.
    """
    try:
        return QuietHoursSettings.model_validate(dict(content))
    except ValidationError as error:
        raise OperatorError(f"the quiet hours of the rule set cannot be read: {error}") from error


def rule_set_book(
    connection: Connection, settings: Settings, policy: Policy, registered: DltRegister, now_us: int
) -> RuleSetBook:
    """The number of what is in force at this start; its row is written now where it is new."""
    asks_registered = settings.policy.dlt.enabled
    quiet = settings.policy.quiet_hours
    shelf = shipped_packs() if quiet.enabled and quiet.packs else None
    own = quiet.model_dump(mode="json", exclude={"release_per_second"})
    stored = [(number, content) for number, content, _ in rule_sets(connection, settings.shard)]
    book = RuleSetBook(
        settings.shard,
        policy.facts,
        lambda: describe(
            policy.rules,
            policy.facts,
            shelf,
            own,
            registered.version_us if asks_registered else None,
            way_out_content(settings),
        ),
        stored,
    )
    changes = Changes()
    book.bring_up_to_date(now_us, changes)
    upsert_all(connection, changes.upserts)
    return book


def way_out_content(settings: Settings) -> dict[str, object] | None:
    """By what first messages tell how to end them (rule 12); None where none has to."""
    own = settings.way_out
    if not own.first_message:
        return None
    codes = [own.short_code] if own.short_code else list(settings.short_codes)
    return {"version": 1, "codes": codes, "language": own.language or settings.answers.language}


def quiet_rules(quiet: QuietHoursSettings) -> QuietRules:
    """The windows of the settings and of the law; none where quiet hours are off."""
    if not quiet.enabled:
        return QuietRules()
    return QuietRules(
        [(quiet.start_minute, quiet.end_minute)],
        shipped_packs() if quiet.packs else None,
        {country.upper(): frozenset(days) for country, days in quiet.holidays.items()},
    )


def any_limit(limits: tuple[int | None, int | None]) -> bool:
    """Is a cap set, be it 0?"""
    return any(limit is not None for limit in limits)


def load_clocks(connection: Connection, shard: int, clocks: SubscriberClocks) -> None:
    """Home zones and serving networks of the subscriber records."""
    for subscriber_no, home_zone, network_country in subscriber_clocks(connection, shard):
        clocks.note(subscriber_no, home_zone, network_country)


def load_register(connection: Connection, shard: int, register: DndRegister) -> None:
    """The national register, in a handful of octets an entry."""
    for row in dnd_entries(connection, shard):
        register.put(row.msisdn, parse_entry(row.blocked, row.channels, row.days, row.bands), row.changed_us)


def load_dlt(connection: Connection) -> DltRegister:
    """What is registered of entities, headers and templates."""
    register = DltRegister()
    for row, at_us in dlt_registrations(connection):
        take_row(register, **row, at_us=at_us)
    return register


def scrub_content(settings: Settings, register: DltRegister, registry: Registry) -> ScrubContent | None:
    """What holds messages against the register; None where no country's law is said to ask for it."""
    dlt = settings.policy.dlt
    if not dlt.enabled:
        return None
    countries = {country.upper() for country in dlt.countries}
    return ScrubContent(
        register, content_of, lambda msisdn: country_of(msisdn) in countries, registry.brand_name
    )


def load_wishes(connection: Connection, shard: int, held: ContactWishes) -> None:
    """When and how often people want promotions; before their slots are taken again."""
    for said in wishes(connection, shard):
        held.put(said.subscriber_no, said.wish, said.scope)


def load_slots(connection: Connection, shard: int, policy: Policy, now_us: int) -> None:
    """Take again the slots of what was admitted lately and left, or still may."""
    caps, held = policy.facts.caps, policy.facts.wishes
    if caps is None and not held.is_limited:
        return
    days_back = max(caps.days_back if caps is not None else 0, WISH_DAYS if held.is_limited else 0)
    from_day = day_of(now_us) - days_back
    for row in counted_admissions(connection, shard, from_day, int(TrafficClass.PROMOTIONAL)):
        if caps is not None:
            caps.take(row.subscriber_no, row.brand_no, row.leaves_us)
        held.take(row.subscriber_no, row.brand_no, row.category, row.leaves_us, row.channel)


def load_reach(
    connection: Connection,
    shard: int,
    policy: Policy,
    limited: Iterable[tuple[ReachLimit, int]],
    now_us: int,
) -> None:
    """Whom campaigns have reached since the people of those that still run and keep to sales rules were
    fixed: what was before, their launches have left out. `limited`: their limits, and when that was."""
    since_us = []
    for limit, fixed_us in limited:
        days = max([1, *limit.apart.values()])
        since_us.append(max(fixed_us, now_us - days * MICROS_PER_DAY))
    if since_us:
        for person, brand_no, at_us in planned_messages(connection, shard, day_of(min(since_us))):
            policy.facts.reach.take(person, brand_no, at_us)
