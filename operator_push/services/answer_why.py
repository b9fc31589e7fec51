"""Answer WHY: "why did I get this?", told from the row of the message and the acts of the person.

The acts are folded up to the moment of the message by the code that decides (services.explain_permission),
so the answer names the act that permitted it then, not what stands now.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from operator_push.domain.consent import SMS, Purpose
from operator_push.domain.message import TrafficClass
from operator_push.domain.words.answer_texts import template
from operator_push.domain.words.language import TextName
from operator_push.kernel.ids import id_epoch_us
from operator_push.kernel.instants import iso
from operator_push.services.explain_permission import Act, Question, explain

_PURPOSES = {
    TrafficClass.PROMOTIONAL: (Purpose.MARKETING,),
    TrafficClass.SERVICE: (Purpose.SERVICE, Purpose.MARKETING),
}
_RULES: Mapping[tuple[Purpose, str], TextName] = {
    (Purpose.MARKETING, "consent"): "because_marketing",
    (Purpose.MARKETING, "soft_opt_in"): "because_soft_opt_in",
    (Purpose.SERVICE, "legal"): "because_legal",
}


class SentMessage(msgspec.Struct, frozen=True):
    """What the row of a message says (store.schema.message)."""

    message_id: int
    brand_no: int
    category: int
    traffic_class: int
    subscriber_no: int
    campaign_no: int
    channel: str = SMS


def why_sent(
    message: SentMessage,
    acts: Sequence[Act],
    country: str | None,
    language: str,
    brand_name: Callable[[int], str],
    campaign_name: Callable[[int], str],
) -> tuple[TextName, dict[str, str]]:
    """Which text answers, and its fields: brand, campaign, rule in words, consent id and day (UTC)."""
    at_us = id_epoch_us(message.message_id)
    campaign = campaign_name(message.campaign_no) if message.campaign_no else ""
    fields = {
        "brand": brand_name(message.brand_no),
        "what": f'"{campaign}"' if campaign else template("a_message", language),
        "day": iso(at_us)[:10],
        "rule": template("because_transactional", language),
    }
    for purpose in _PURPOSES.get(TrafficClass(message.traffic_class), ()):
        asked = message.brand_no, message.category, purpose, message.channel
        question = Question(message.subscriber_no, *asked, country, at_us, at_us)
        told = explain(question, acts, brand_name)
        act = told["decided_by"]
        if told["allowed"] and act is not None:
            rule = _RULES.get((purpose, str(told["basis"])), "because_service")
            fields |= {"rule": template(rule, language), "consent": act["event_id"]}
            return "why", fields | {"consent_day": act["at"][:10]}
    return "why_no_consent", fields
