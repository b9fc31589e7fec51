"""Policy: asks the rules in order and keeps their trail. The first refusal ends the asking.

A deferral does not: the rules after it judge the moment to which sending was moved. Credit is no rule;
charging holds after admission. What the rules read is `domain.facts`, what each says is `domain.rules`.
"""

from collections.abc import Callable, Sequence

import msgspec

from operator_push.domain.arbitration import CONTEST_RULE_NAME, CONTEST_RULE_NUMBER
from operator_push.domain.concatenated_parts import FOLLOWS_RULE_NAME, FOLLOWS_RULE_NUMBER
from operator_push.domain.dlt_register import DLT_RULE_NAME, DLT_RULE_NUMBER
from operator_push.domain.facts import AccountPolicy, PolicyFacts
from operator_push.domain.message import Decision, RefusalReason, Submission, TrafficClass, Verdict
from operator_push.domain.rule_sets import RULE_SET_NAME, RULE_SET_NUMBER, rule_set_of
from operator_push.domain.rules.account import AccountRule
from operator_push.domain.rules.contact_wish import ContactWishRule
from operator_push.domain.rules.destination import DestinationRule
from operator_push.domain.rules.do_not_disturb import DoNotDisturbRule
from operator_push.domain.rules.frequency_cap import FrequencyCapRule
from operator_push.domain.rules.holdout import HoldoutRule
from operator_push.domain.rules.permission import PermissionRule
from operator_push.domain.rules.quiet_hours import QuietHoursRule
from operator_push.domain.rules.route import RouteRule
from operator_push.domain.rules.source import SourceRule
from operator_push.domain.ruling import ADDED, DEFERRED, NOT_ASKED, PASSED, REFUSED, Rule, Ruling
from operator_push.domain.way_outs import WAY_OUT_RULE_NAME, WAY_OUT_RULE_NUMBER
from operator_push.kernel.ids import id_epoch_us

__all__ = ["STANDARD_RULES", "AccountPolicy", "Policy", "PolicyFacts", "read_trail", "standard_policy"]

RuleFactory = Callable[[PolicyFacts], Rule]
_Judge = Callable[[Submission, int], Ruling]
_Kind = tuple[int, int, str]  # account, class of traffic, sender

# In the order of asking: what is cheap and certain first, the cap last, because it judges the planned day.
_RULES = (
    AccountRule,
    SourceRule,
    DestinationRule,
    RouteRule,
    PermissionRule,
    DoNotDisturbRule,
    HoldoutRule,
    QuietHoursRule,
    ContactWishRule,
    FrequencyCapRule,
)
STANDARD_RULES: tuple[RuleFactory, ...] = _RULES
MICROS_PER_MINUTE = 60_000_000
KINDS_REMEMBERED = 4096  # Ours: how messages of an account and a class of traffic are admitted as a rule.
_ADMIT, _DEFER, _REFUSE = Verdict.ADMIT, Verdict.DEFER, Verdict.REFUSE
_PROMOTIONAL, _NO_REASON = TrafficClass.PROMOTIONAL, RefusalReason.NONE


class Policy:
    """Rules over facts; one per shard. `decide` changes nothing, `admitted` counts towards the caps."""

    def __init__(self, rules: Sequence[RuleFactory], facts: PolicyFacts) -> None:
        self.facts = facts
        self.rules: tuple[Rule, ...] = tuple(make_rule(facts) for make_rule in rules)
        self._offered = _Asked(tuple(rule.judge for rule in self.rules), _of_account_first(self.rules))
        self._leaving = _Asked(tuple(rule.judge_again for rule in self.rules if rule.at_sending), 0)
        self._can_stand = all(
            getattr(rule, "judges_by_standing", False) for rule in self.rules if rule.at_sending
        )
        self._seen: tuple[object, ...] = ()
        self._standing = 0

    def decide(self, submission: Submission, now_us: int) -> Decision:
        """All rules, for a message that is offered now."""
        return self._ask(self._offered, submission, now_us)

    def decide_again(self, submission: Submission, now_us: int, planned_us: int = -1) -> Decision:
        """The rules of law 4, immediately before an admitted message leaves: permission, hours, caps.

        Repeatable, and right also for each segment of one message. `planned_us`: where its slot is, as told
        to `admitted` or `replanned`; -1 where it has none of its own, so that no cap is asked.
        """
        self.facts.own_slot_us = planned_us
        return self._ask(self._leaving, submission, now_us)

    def standing(self, now_us: int) -> int:
        """A number that stays while `decide_again` would say of an admitted message what was said before.

        Another number: something that the rules of law 4 read has changed since (an act of consent, an
        account, a table, a limit, a slot that moved days), or the minute has, on which hours and days begin.
        So the last look before a message leaves is a comparison of integers where nothing changed, and all
        the rules where something did. Where a rule does not say what it reads, every call gives another one.
        """
        facts = self.facts
        caps = facts.caps
        if now_us >= facts.permission.ends.next_us:
            facts.permission.expire(now_us)
        seen = (
            now_us // MICROS_PER_MINUTE,
            facts.permission.sequence,
            facts.accounts.changes,
            facts.clocks,
            facts.clocks.changes,
            facts.dnd,
            facts.dnd.changes,
            facts.wishes.changes,
            facts.reach.changes,
            None if caps is None else caps.limits,
        )
        if seen != self._seen or not self._can_stand:
            if caps is not None:
                caps.forget_before(now_us)
            facts.wishes.forget_before(now_us)
            self._seen = seen
            self._standing += 1
        return self._standing

    def admitted(self, submission: Submission, message_id: int, planned_us: int = 0) -> None:
        """Count an admitted and held message towards the caps of the day on which it is planned to leave
        (0: the moment inside its id). Also called for the rows of the last days at a start."""
        caps = self.facts.caps
        if caps is not None and submission.traffic_class == _PROMOTIONAL:
            planned = planned_us or id_epoch_us(message_id)
            caps.take(submission.subscriber_no, submission.brand_no, planned)
        if self.facts.wishes.is_limited and submission.traffic_class == _PROMOTIONAL:
            planned = planned_us or id_epoch_us(message_id)
            _count(self.facts.wishes.take, submission, planned)
        if submission.campaign_no:
            planned = planned_us or id_epoch_us(message_id)
            self.facts.reach.take(submission.subscriber_no, submission.brand_no, planned)

    def given_up(self, submission: Submission, message_id: int, planned_us: int = 0) -> None:
        """Undo `admitted` for a message that will not leave."""
        caps = self.facts.caps
        if caps is not None and submission.traffic_class == _PROMOTIONAL:
            planned = planned_us or id_epoch_us(message_id)
            caps.give_back(submission.subscriber_no, submission.brand_no, planned)
        if self.facts.wishes.is_limited and submission.traffic_class == _PROMOTIONAL:
            planned = planned_us or id_epoch_us(message_id)
            _count(self.facts.wishes.give_back, submission, planned)
        if submission.campaign_no:
            planned = planned_us or id_epoch_us(message_id)
            self.facts.reach.give_back(submission.subscriber_no, submission.brand_no, planned)

    def replanned(self, submission: Submission, planned_us: int, at_us: int) -> None:
        """Move an admitted message's slot to the moment at which it will leave instead.

        That moment was judged with every slot that is taken, so what stood of other messages stands still.
        """
        caps = self.facts.caps
        if caps is not None and submission.traffic_class == _PROMOTIONAL:
            caps.give_back(submission.subscriber_no, submission.brand_no, planned_us)
            caps.take(submission.subscriber_no, submission.brand_no, at_us)
        if self.facts.wishes.is_limited and submission.traffic_class == _PROMOTIONAL:
            _count(self.facts.wishes.give_back, submission, planned_us)
            _count(self.facts.wishes.take, submission, at_us)
        if submission.campaign_no:
            self.facts.reach.give_back(submission.subscriber_no, submission.brand_no, planned_us)
            self.facts.reach.take(submission.subscriber_no, submission.brand_no, at_us)

    def _ask(self, asked: "_Asked", submission: Submission, now_us: int) -> Decision:
        facts = self.facts
        permission = facts.permission
        if now_us >= permission.ends.next_us:
            permission.expire(now_us)
        kind = submission.account_no, submission.traffic_class, submission.source
        usual = asked.usual.get(kind)
        as_of = facts.accounts.changes
        if usual is None or usual.accounts_as_of != as_of or usual.rule_set is not facts.rule_set:
            usual = asked.nothing_usual(facts.rule_set, as_of)
        at_us, reason, trail = now_us, _NO_REASON, None
        rulings: list[Ruling] = []
        for judge, expected, before in usual.line:
            ruling = judge(submission, at_us)
            if trail is None:
                if ruling is expected:
                    continue
                trail = before
            trail += ruling.mark
            rulings.append(ruling)
            if ruling.verdict is _ADMIT:
                continue
            if ruling.verdict is _REFUSE:
                return Decision(_REFUSE, ruling.reason, 0, trail)
            reason = ruling.reason
            at_us = max(at_us, ruling.defer_until_us)
        if trail is None:
            return usual.decision
        if at_us != now_us:
            return Decision(_DEFER, reason, at_us, trail)
        return asked.admitted(kind, usual, rulings).decision


class _Usual(msgspec.Struct, frozen=True):
    """How messages of one kind are admitted as a rule. `line`: each judge that is still to be asked, the
    ruling that it gives then, and the trail before it; `accounts_as_of`: see AccountPolicies.changes."""

    rule_set: bytes
    accounts_as_of: int
    line: tuple[tuple[_Judge, Ruling | None, bytes], ...]
    decision: Decision


class _Asked:
    """Judges in their order, and how the last message of each kind was admitted.

    Most are admitted by the very rulings of the one before, and a rule hands out the same objects again: so a
    ruling is compared with that one's, and a trail is put together only where one differs. The first judges,
    `of_account` of them, look at nothing but the kind and the accounts: of one kind they are asked once,
    until an account changes.
    """

    def __init__(self, judges: tuple[_Judge, ...], of_account: int) -> None:
        self._judges = judges
        self._of_account = of_account
        self.usual: dict[_Kind, _Usual] = {}

    def nothing_usual(self, rule_set: bytes, accounts_as_of: int) -> _Usual:
        """What no ruling is like."""
        line = tuple((judge, None, rule_set) for judge in self._judges)
        return _Usual(rule_set, accounts_as_of, line, Decision(_ADMIT, RefusalReason.NONE, 0, rule_set))

    def admitted(self, kind: _Kind, usual: _Usual, rulings: list[Ruling]) -> _Usual:
        """Remember the rulings that admitted a message; `rulings`: from the first that was not usual on."""
        same = [ruling for _, ruling, _ in usual.line[: len(usual.line) - len(rulings)] if ruling]
        trail, line = usual.line[0][2], []
        for judge, ruling in zip(self._judges[-len(usual.line) :], [*same, *rulings], strict=True):
            line.append((judge, ruling, trail))
            trail += ruling.mark
        if len(line) == len(self._judges):
            del line[: self._of_account]
        if len(self.usual) >= KINDS_REMEMBERED:
            self.usual.clear()
        decision = Decision(_ADMIT, RefusalReason.NONE, 0, trail)
        now = _Usual(usual.rule_set, usual.accounts_as_of, tuple(line), decision)
        self.usual[kind] = now
        return now


def _of_account_first(rules: Sequence[Rule]) -> int:
    """How many of the first rules look at nothing but the account, the class of traffic and the sender."""
    return next(
        (place for place, rule in enumerate(rules) if not getattr(rule, "judges_account_alone", False)),
        len(rules),
    )


def _count(how: Callable[[int, int, int, int, str], None], submission: Submission, at_us: int) -> None:
    """Take or give back a promotion's slots among those of wishes."""
    how(submission.subscriber_no, submission.brand_no, submission.category, at_us, submission.channel)


def standard_policy(facts: PolicyFacts) -> Policy:
    """All rules of this product over the given facts."""
    return Policy(STANDARD_RULES, facts)


def stored_refusal(decision: Decision) -> str:
    """A refusal immediately before sending, as the outcome of a segment keeps it: reason and trail."""
    return f"{decision.reason.name.lower()} {decision.trail.hex()}"


def read_refusal(stored: str) -> str:
    """What `stored_refusal` stored in words; any other text as it is."""
    reason, _, trail = stored.partition(" ")
    try:
        asked = read_trail(bytes.fromhex(trail))
    except ValueError:
        return stored
    return f"{reason} ({'; '.join(f'{rule}: {outcome}' for rule, outcome in asked)})" if asked else stored


_OUTCOME_NAMES = {PASSED: "passed", NOT_ASKED: "not asked", DEFERRED: "deferred", ADDED: "added"}
_RULE_NAMES = {rule.number: rule.name for rule in _RULES} | {
    FOLLOWS_RULE_NUMBER: FOLLOWS_RULE_NAME,
    DLT_RULE_NUMBER: DLT_RULE_NAME,
    CONTEST_RULE_NUMBER: CONTEST_RULE_NAME,
    WAY_OUT_RULE_NUMBER: WAY_OUT_RULE_NAME,
}


def read_trail(trail: bytes) -> list[tuple[str, str]]:
    """A stored trail in words: (rule, outcome) in the order of asking, first the number of the rule set where
    it names one; unknown numbers are shown as such."""
    spelled = []
    rule_set = rule_set_of(trail)
    if rule_set:
        spelled.append((RULE_SET_NAME, str(rule_set)))
    for number, outcome in zip(trail[::2], trail[1::2], strict=False):
        if number == RULE_SET_NUMBER:
            continue
        name = _RULE_NAMES.get(number, f"rule {number}")
        if outcome >= REFUSED:
            known = outcome - REFUSED in RefusalReason.__members__.values()
            reason = RefusalReason(outcome - REFUSED).name if known else str(outcome - REFUSED)
            spelled.append((name, f"refused {reason}"))
        else:
            spelled.append((name, _OUTCOME_NAMES.get(outcome, f"outcome {outcome}")))
    return spelled
