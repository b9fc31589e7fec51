"""History of a person: who wrote, why it was allowed or refused, and in whose words it was chosen.

The acts are folded up to the moment of each message by the code that decides (services.explain_permission):
told is what permitted it then, not what stands now.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.audience.rule_error import RuleError
from operator_push.domain.consent import Purpose
from operator_push.domain.message import MessageState, RefusalReason, TrafficClass, Verdict
from operator_push.domain.policy import read_trail
from operator_push.kernel.ids import id_epoch_us
from operator_push.services.explain_permission import Act, Question, explain

_PURPOSES = {
    TrafficClass.PROMOTIONAL: (Purpose.MARKETING,),
    TrafficClass.SERVICE: (Purpose.SERVICE, Purpose.MARKETING),
}


class Meant(Protocol):
    """The row of a message to somebody (store.person_rows.MessageToPerson)."""

    @property
    def message_id(self) -> int: ...
    @property
    def brand_no(self) -> int: ...
    @property
    def campaign(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def sender(self) -> str: ...
    @property
    def category(self) -> int: ...
    @property
    def traffic_class(self) -> int: ...
    @property
    def segments(self) -> int: ...
    @property
    def verdict(self) -> int: ...
    @property
    def reason(self) -> int: ...
    @property
    def trail(self) -> bytes: ...
    @property
    def state(self) -> int | None: ...
    @property
    def channel(self) -> str: ...


class Told(msgspec.Struct, frozen=True):
    """One message as its recipient is told of it. `because`: consent, soft_opt_in, service, legal,
    transactional or nothing; `act_id` and `act_us` the act that permitted it, 0 for none; `rule_words` an
    English sentence; `state` a name of MessageState, "OPEN" or "REFUSED" with `reason`."""

    message_id: str
    at_us: int
    brand: str
    sender: str
    campaign: str
    category: int
    kind: str
    segments: int
    state: str
    reason: str
    because: str
    act_id: str
    act_us: int
    rule_words: str
    decided: str


def history(
    subscriber_no: int,
    messages: Iterable[Meant],
    acts: Sequence[Act],
    country: str | None,
    brand_name: Callable[[int], str],
) -> list[Told]:
    """Every message with its reason, in the order given."""
    return [_told(subscriber_no, each, acts, country, brand_name) for each in messages]


def _told(
    subscriber_no: int,
    each: Meant,
    acts: Sequence[Act],
    country: str | None,
    brand_name: Callable[[int], str],
) -> Told:
    at_us = id_epoch_us(each.message_id)
    kind = TrafficClass(each.traffic_class)
    because, act_id, act_us = "transactional" if kind is TrafficClass.TRANSACTIONAL else "nothing", "", 0
    for purpose in _PURPOSES.get(kind, ()):
        asked = each.brand_no, each.category, purpose, each.channel
        question = Question(subscriber_no, *asked, country, at_us, at_us)
        told = explain(question, acts, brand_name)
        if told["allowed"] and told["decided_by"] is not None:
            because, act_id = str(told["basis"]), str(told["decided_by"]["event_id"])
            act_us = next(act.event.at_us for act in acts if str(act.event_id) == act_id)
            break
    refused = each.verdict == Verdict.REFUSE
    return Told(
        str(each.message_id),
        at_us,
        brand_name(each.brand_no),
        each.sender,
        each.campaign,
        each.category,
        kind.name.lower(),
        each.segments,
        "REFUSED" if refused else "OPEN" if each.state is None else MessageState(each.state).name,
        RefusalReason(each.reason).name if each.reason else "",
        because,
        act_id,
        act_us,
        _rule_words(each.rule),
        "; ".join(f"{rule}: {outcome}" for rule, outcome in read_trail(each.trail)),
    )


def _rule_words(rule: str) -> str:
    """The audience's rule as a sentence; as it stands where it cannot be read any more."""
    if not rule:
        return ""
    try:
        return compile_rule(rule).words()
    except RuleError:
        return rule
