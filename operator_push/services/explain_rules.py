"""Explain rules: what the rules beyond permission say to a promotion for one person at one moment, in words.

The rules themselves are asked: with the facts of now, or, of a moment that has passed, with what stood then:
wishes, slots, caps, register, zones, settings. What is not kept of them is as of now; who asks says so.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from operator_push.domain.consent import EVERY, SMS
from operator_push.domain.contact_wishes import UNLIMITED, ContactWishes, Wish, WishScope
from operator_push.domain.dnd_register import DndRegister, parse_entry
from operator_push.domain.facts import PolicyFacts
from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.holdout import Holdout
from operator_push.domain.message import Origin, RefusalReason, Submission, TrafficClass, Verdict
from operator_push.domain.policy import Policy, standard_policy
from operator_push.domain.rule_sets import marks_of, rule_set_of
from operator_push.domain.rules.contact_wish import ContactWishRule
from operator_push.domain.rules.do_not_disturb import DoNotDisturbRule
from operator_push.domain.rules.frequency_cap import FrequencyCapRule
from operator_push.domain.rules.holdout import HoldoutRule
from operator_push.domain.rules.quiet_hours import QuietHoursRule
from operator_push.domain.ruling import NOT_ASKED, Ruling
from operator_push.domain.subscriber_clocks import SubscriberClocks
from operator_push.domain.way_outs import WAY_OUT_RULE_NAME, WayOuts
from operator_push.kernel.instants import iso

HOUR_US = 3_600_000_000
_NO_ACCOUNT = 0  # no client is asked about, so none has agreed to keep no quiet hours
_OUTCOMES = {Verdict.ADMIT: "passed", Verdict.DEFER: "deferred", Verdict.REFUSE: "refused"}
_Why = Callable[[PolicyFacts, Submission, int, Ruling], str]


def explain_rules(
    policy: Policy,
    subscriber_no: int,
    msisdn: str,
    brand_no: int,
    category: int,
    at_us: int,
    channel: str = SMS,
    way_outs: WayOuts | None = None,
) -> dict[str, Any]:
    """{"decision", "reason", "not_before", "rule_set", "way_out_due", "trail"}; a deferral moves the moment
    that the rules after it judge, the first refusal ends the asking. `way_outs` None: nobody has to be told
    how to end messages, or it is not known who had been."""
    submission = Submission(
        account_no=_NO_ACCOUNT,
        brand_no=brand_no,
        category=category,
        traffic_class=TrafficClass.PROMOTIONAL,
        origin=Origin.CAMPAIGN,
        subscriber_no=subscriber_no,
        destination=msisdn,
        source="",
        segment_count=1,
        channel=channel,
    )
    facts, planned_us = policy.facts, at_us
    reason, refused = RefusalReason.NONE, False
    trail: list[dict[str, Any]] = []
    for rule in policy.rules:
        why = _WHY.get(rule.name)
        if why is None:
            continue
        if refused:
            trail.append(_step(rule, "not asked", ""))
            continue
        ruling = rule.judge(submission, planned_us)
        asked = ruling.mark[1] != NOT_ASKED
        outcome = _OUTCOMES[ruling.verdict] if asked else "not asked"
        trail.append(_step(rule, outcome, why(facts, submission, planned_us, ruling) if asked else ""))
        if ruling.verdict is not Verdict.ADMIT:
            reason = ruling.reason
        refused = ruling.verdict is Verdict.REFUSE
        planned_us = max(planned_us, ruling.defer_until_us)
    deferred = planned_us != at_us and not refused
    is_due = None
    if way_outs is not None:
        is_due = not refused and way_outs.is_due(subscriber_no, brand_no, category, channel)
        trail.append({"rule": WAY_OUT_RULE_NAME, "version": 1, **_way_out(is_due=is_due, refused=refused)})
    return {
        "decision": "refuse" if refused else "defer" if deferred else "allow",
        "reason": reason.name.lower() if reason else None,
        "not_before": iso(planned_us) if deferred else None,
        "rule_set": rule_set_of(facts.rule_set) or None,
        "way_out_due": is_due,
        "trail": trail,
    }


class HoldoutThen(msgspec.Struct, frozen=True):
    """The control group of a rule set."""

    name: str
    per_ten_thousand: int


class SettingsThen(msgspec.Struct, frozen=True):
    """What a rule set tells of settings; `holdout` None: there was no control group."""

    quiet_hours: dict[str, Any] | None = None
    holdout: HoldoutThen | None = None


class Then(msgspec.Struct, frozen=True):
    """What a person wished, what counted, and what the caps were: `wishes` as (brand_no, category, channel,
    from_minute, until_minute, per_week), `slots` as (moment, brand_no, category, channel), `caps` as
    (per_handset, per_brand, hours), None: there were none; `registered` as (blocked, channels, days, bands)
    of the national register, `noted` as (home zone, mobile country code), `settings` as rule sets tell them:
    None where those of now are to be taken."""

    wishes: list[tuple[int, int, str, int, int, int]]
    slots: list[tuple[int, int, int, str]]
    caps: tuple[int | None, int | None, float | None] | None
    rule_set: int
    registered: tuple[str, str, str, str] | None = None
    noted: tuple[str, str] | None = None
    settings: SettingsThen | None = None


MakeClocks = Callable[[dict[str, Any] | None], SubscriberClocks]
MakeHoldout = Callable[[str, int], Holdout]


def policy_then(
    policy: Policy,
    subscriber_no: int,
    msisdn: str,
    then: Then,
    make_clocks: MakeClocks,
    make_holdout: MakeHoldout,
) -> Policy:
    """The same rules over the facts of then about this person. `make_clocks`: clocks by settings of quiet
    hours (None: those of now) of whom nothing is noted; `make_holdout`: a control group by name and size.

    Raises:
        OperatorError: settings of then that are none any more.
    """
    wishes = ContactWishes()
    for brand_no, category, channel, *wished in then.wishes:
        wishes.put(subscriber_no, Wish(*wished), WishScope(brand_no, category, channel))
    caps = None
    if then.caps is not None:
        per_handset, per_brand, hours = then.caps
        caps = FrequencyCaps(per_handset, per_brand, round((hours or 0) * HOUR_US))
    for at_us, brand_no, category, channel in then.slots:
        wishes.take(subscriber_no, brand_no, category, at_us, channel)
        if caps is not None:
            caps.take(subscriber_no, brand_no, at_us)
    now = policy.facts
    dnd = now.dnd
    if then.registered is not None:
        dnd = DndRegister()
        dnd.put(msisdn, parse_entry(*then.registered))
    clocks = make_clocks(then.settings.quiet_hours if then.settings is not None else None)
    zone, network = then.noted if then.noted is not None else now.clocks.noted(subscriber_no)
    clocks.note(subscriber_no, zone, network)
    holdout = now.holdout
    if then.settings is not None:
        group = then.settings.holdout
        holdout = None if group is None else make_holdout(group.name, group.per_ten_thousand)
    rule_set = marks_of(then.rule_set) if then.rule_set else b""
    return standard_policy(
        replace(now, wishes=wishes, caps=caps, dnd=dnd, clocks=clocks, holdout=holdout, rule_set=rule_set)
    )


def _step(rule: Any, outcome: str, why: str) -> dict[str, Any]:
    return {"rule": rule.name, "version": getattr(rule, "version", 1), "outcome": outcome, "why": why}


def _way_out(*, is_due: bool, refused: bool) -> dict[str, str]:
    if refused:
        return {"outcome": "not asked", "why": ""}
    if is_due:
        return {
            "outcome": "due",
            "why": "the next message must tell how to end them: a client's list alone says yes",
        }
    return {"outcome": "passed", "why": "the person asked for these messages, or was told how to end them"}


def _why_dnd(facts: PolicyFacts, submission: Submission, at_us: int, ruling: Ruling) -> str:
    entry = facts.dnd.entry_of(submission.destination)
    if ruling.verdict is Verdict.DEFER:
        return f"the national register blocks these hours until {iso(ruling.defer_until_us)}"
    if ruling.verdict is Verdict.ADMIT:
        return (
            "the national register blocks other kinds, channels or hours"
            if entry.categories or entry.times
            else ("the number is not in the national register")
        )
    kinds = (
        "everything"
        if 0 in entry.categories
        else f"categories {', '.join(map(str, sorted(entry.categories)))}"
    )
    return f"the national register blocks {kinds}"


def _why_holdout(facts: PolicyFacts, submission: Submission, at_us: int, ruling: Ruling) -> str:
    name = facts.holdout.name if facts.holdout is not None else ""
    within = "is in" if ruling.verdict is Verdict.REFUSE else "is not in"
    return f"the number {within} the control group {name!r}"


def _why_quiet(facts: PolicyFacts, submission: Submission, at_us: int, ruling: Ruling) -> str:
    clock = facts.clocks.clock_of(submission.subscriber_no, submission.destination)
    if ruling.verdict is Verdict.DEFER:
        return f"quiet on the clock of {clock.name} until {iso(ruling.defer_until_us)}"
    return f"the clock of {clock.name} allows {iso(at_us)}"


def _why_wish(facts: PolicyFacts, submission: Submission, at_us: int, ruling: Ruling) -> str:
    held = facts.wishes.covering(
        submission.subscriber_no, submission.brand_no, submission.category, submission.channel
    )
    if not held:
        return "the person has said neither when nor how often"
    if ruling.verdict is Verdict.DEFER:
        return f"the person wants promotions at other hours, next from {iso(ruling.defer_until_us)}"
    often = ", ".join(
        f"{wish.per_week} in seven days {_what_is_wished(scope)}"
        for scope, wish in held
        if wish.per_week != UNLIMITED
    )
    if ruling.verdict is Verdict.REFUSE:
        return f"the person wants at most {often}, and they are taken"
    return f"the person wants promotions at this hour{', at most ' + often if often else ''}"


def _what_is_wished(scope: WishScope) -> str:
    of_whom = "of all brands" if scope.brand_no == EVERY else "of this brand"
    return of_whom if scope.category == EVERY else f"{of_whom} in category {scope.category}"


def _why_cap(facts: PolicyFacts, submission: Submission, at_us: int, ruling: Ruling) -> str:
    caps = facts.caps
    if caps is None:
        return ""
    clock = facts.clocks.clock_of(submission.subscriber_no, submission.destination)
    brands = [brand for _, brand in caps.taken(submission.subscriber_no, at_us, clock)]
    own = brands.count(submission.brand_no)
    hours = caps.rolling_us // HOUR_US
    span = (
        f"within {hours} hours around {iso(at_us)}"
        if hours
        else f"on the day of {clock.name} at {iso(at_us)}"
    )
    return (
        f"{len(brands)} of {_limit(caps.per_handset)} of all brands and {own} of {_limit(caps.per_brand)} "
        f"of this brand are taken {span}"
    )


def _limit(limit: int | None) -> str:
    return "any number" if limit is None else str(limit)


_WHY: dict[str, _Why] = {
    DoNotDisturbRule.name: _why_dnd,
    HoldoutRule.name: _why_holdout,
    QuietHoursRule.name: _why_quiet,
    ContactWishRule.name: _why_wish,
    FrequencyCapRule.name: _why_cap,
}
