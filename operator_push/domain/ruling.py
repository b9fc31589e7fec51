"""Rulings: what one rule says about one message, in a form that costs nothing to say again.

A rule makes its rulings once and hands out the same objects; only a deferral is made per message, because it
carries a moment. The two octets of `mark` (rule number, outcome) are what the trail keeps.
"""

from typing import Protocol

import msgspec

from operator_push.domain.message import RefusalReason, Submission, Verdict

# Outcome octets in a trail; a refusal is REFUSED + its RefusalReason.
PASSED = 0
NOT_ASKED = 1  # the rule does not apply to this kind of message
DEFERRED = 2
ADDED = 3  # what the rule asks for was put into the text
REFUSED = 16


class Ruling(msgspec.Struct, frozen=True, gc=False):
    """The word of one rule. `defer_until_us` is 0 unless the verdict is DEFER."""

    verdict: Verdict
    reason: RefusalReason
    defer_until_us: int
    mark: bytes


class Rule(Protocol):
    """One rule, in one file of domain.rules.

    `number` stands in stored trails for ever; `at_sending` says that the rule is asked again immediately
    before a message leaves (law 4). One of those whose answer can change only with what
    `domain.policy.Policy.standing` watches says so by a class attribute `judges_by_standing = True`.
    One that looks at nothing but the accounts and a message's account, class of traffic and sender says so by
    `judges_account_alone = True`.
    One that comes to say something else than before says so by a class attribute `version`, from 1.
    A rule reads its facts anew each time, changes nothing, and takes `at_us`, the moment for which sending
    is planned.
    """

    number: int
    name: str
    at_sending: bool

    def judge(self, submission: Submission, at_us: int) -> Ruling:
        """The ruling when the message is offered."""
        ...

    def judge_again(self, submission: Submission, at_us: int) -> Ruling:
        """The ruling when an admitted message is about to leave."""
        ...


def passed(rule_number: int) -> Ruling:
    """The rule has nothing against it."""
    return Ruling(Verdict.ADMIT, RefusalReason.NONE, 0, bytes((rule_number, PASSED)))


def not_asked(rule_number: int) -> Ruling:
    """The rule is not about this kind of message."""
    return Ruling(Verdict.ADMIT, RefusalReason.NONE, 0, bytes((rule_number, NOT_ASKED)))


def refused(rule_number: int, reason: RefusalReason) -> Ruling:
    """No, and why."""
    return Ruling(Verdict.REFUSE, reason, 0, bytes((rule_number, REFUSED + reason)))


def deferred(rule_number: int, reason: RefusalReason, until_us: int) -> Ruling:
    """Yes, but not before `until_us`."""
    return Ruling(Verdict.DEFER, reason, until_us, bytes((rule_number, DEFERRED)))
