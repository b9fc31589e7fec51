"""Campaign texts: what an order and a running campaign say, as domain.personal reads it; and whether what
became of it may be sent.

A text is approved with its places unfilled, so what it became for one person is held against the operator's
forbidden words and the account's agreed links once more, and against the segments that were quoted: where it
may not be sent so, the person gets it as if nothing were known.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from operator_push.domain.personal.texts import CampaignTexts
from operator_push.domain.personal.values import NOTHING
from operator_push.domain.profile import FeatureValue
from operator_push.domain.variants import Variant
from operator_push.kernel.errors import OperatorError
from operator_push.services.registry import CampaignRecord

KEPT_MAX: Final = 4_096  # Ours: texts that were looked at already; most people share one with somebody
# May a text be sent for this account as it stands? services.order_campaign.OrderCampaign.why_not
WhyNot = Callable[[str, int], str]


def texts_of(campaign: CampaignRecord) -> CampaignTexts:
    """What a campaign says."""
    terms = campaign.terms
    return CampaignTexts(campaign.text, terms.texts or {}, terms.variants or (), terms.fallbacks or {})


def texts_asked(asked: Mapping[str, Any]) -> CampaignTexts:
    """What a quote is asked for, checked: `text`, and of `terms` its `texts`, `variants` and `fallbacks`.

    Raises:
        OperatorError: a text is no template, or the terms are not what they should be.
    """
    terms = asked.get("terms") or {}
    try:
        variants = msgspec.convert(terms.get("variants") or (), tuple[Variant, ...])
        by_language, fallbacks = (
            msgspec.convert(terms.get(name) or {}, dict[str, str]) for name in ("texts", "fallbacks")
        )
    except msgspec.ValidationError as error:
        raise OperatorError(f"variants, texts or fallbacks are not readable: {error}") from None
    texts = CampaignTexts(str(asked["text"]), by_language, variants, fallbacks)
    texts.check()
    return texts


class PersonTexts:
    """Which text each person of a campaign gets. `why_not` tells why a filled text may not be sent, ""
    where it may; what was found is remembered for the latest texts."""

    def __init__(self, why_not: WhyNot) -> None:
        self._why_not = why_not
        self._found: dict[tuple[int, str], bool] = {}

    def text_for(
        self, campaign: CampaignRecord, subscriber_no: int, values: Mapping[str, FeatureValue] = NOTHING
    ) -> str:
        """What somebody gets of whom these values are known and permitted."""
        texts, winner = texts_of(campaign), campaign.progress.winner
        text = texts.chosen(campaign.campaign_no, subscriber_no, winner, values)
        return self.filled(texts, text, campaign.account_no, values)

    def filled(
        self, texts: CampaignTexts, text: str, account_no: int, values: Mapping[str, FeatureValue] = NOTHING
    ) -> str:
        """One of the texts with what is known, or with its fallbacks where that may not be sent."""
        filled = texts.filled(text, values)
        if not values or filled == text or self._may_be_sent(account_no, filled):
            return filled
        return texts.filled(text)

    def _may_be_sent(self, account_no: int, text: str) -> bool:
        key = account_no, text
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= KEPT_MAX:
                self._found.clear()
            found = self._found[key] = not self._why_not(text, account_no)
        return found
