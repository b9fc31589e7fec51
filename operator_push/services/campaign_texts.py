"""Campaign texts: what an order and a running campaign say, as domain.personal reads it; and whether what
became of it may be sent.

A text is approved with its places unfilled, so what it became for one person is held against the operator's
forbidden words and the account's agreed links once more, and against the segments that were quoted: where it
may not be sent so, the person gets it as if nothing were known.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from operator_push.domain.audience.own_lists import is_list
from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.personal.own_columns import OwnColumns
from operator_push.domain.personal.template import LINK_MARK
from operator_push.domain.personal.texts import CampaignTexts
from operator_push.domain.personal.values import NOTHING
from operator_push.domain.profile import FeatureValue
from operator_push.domain.short_links import ShortLink, specimen
from operator_push.domain.variants import Variant
from operator_push.kernel.errors import OperatorError
from operator_push.services.campaign_links import CampaignLinks
from operator_push.services.changes import Changes
from operator_push.services.price_by_documents import attributes_of_rule
from operator_push.services.registry import CampaignRecord

KEPT_MAX: Final = 4_096  # Ours: texts that were looked at already; most people share one with somebody
# May a text be sent for this account as it stands? services.order_campaign.OrderCampaign.why_not
WhyNot = Callable[[str, int], str]


def texts_of(campaign: CampaignRecord) -> CampaignTexts:
    """What a campaign says."""
    terms = campaign.terms
    return CampaignTexts(
        campaign.text,
        terms.texts or {},
        terms.variants or (),
        terms.fallbacks or {},
        terms.link or "",
        terms.own,
    )


def texts_asked(asked: Mapping[str, Any]) -> CampaignTexts:
    """What a quote is asked for, checked: `text`; of `terms` its `texts`, `variants`, `fallbacks`, `link`,
    `own`; and its `rule`, where it has own columns.

    Raises:
        OperatorError: a text is no template, or the terms are not what they should be, or own columns would
            stand in texts to people whom the client did not bring.
    """
    terms = asked.get("terms") or {}
    try:
        own = msgspec.convert(terms.get("own"), OwnColumns | None)
        variants = msgspec.convert(terms.get("variants") or (), tuple[Variant, ...])
        by_language, fallbacks = (
            msgspec.convert(terms.get(name) or {}, dict[str, str]) for name in ("texts", "fallbacks")
        )
    except msgspec.ValidationError as error:
        raise OperatorError(f"variants, texts, fallbacks or own are not readable: {error}") from None
    target = str(terms.get("link") or "")
    texts = CampaignTexts(str(asked["text"]), by_language, variants, fallbacks, target, own)
    texts.check()
    if texts.own_names():
        require_brought(asked.get("rule") or "")
    return texts


def require_brought(rule: str) -> None:
    """
    Raises:
        OperatorError: own columns would stand in texts to people whom the client did not bring.
    """
    if read := not_brought(rule):
        raise OperatorError(
            "own columns stand in texts to people of your own lists alone, and the rule reads "
            f'{", ".join(read)}; name lists in it, such as in_list("customers")'
        )


def not_brought(rule: str) -> list[str]:
    """What a rule reads beside lists that the client brought itself; errors as compile_rule."""
    if not rule:
        return []
    compiled = compile_rule(rule)
    read = {each.name for each in compiled.attributes}
    return sorted(read | {key for key in compiled.sets if not is_list(key)})


def attributes_used(rule: str, texts: CampaignTexts) -> tuple[str, ...]:
    """The attributes that are used to find people and to write to them, each once; both are sold."""
    return tuple(dict.fromkeys((*attributes_of_rule(rule), *texts.names())))


class PersonTexts:
    """Which text each person of a campaign gets. `why_not` tells why a filled text may not be sent, ""
    where it may; what was found is remembered for the latest texts. `links`: those of campaigns with one."""

    def __init__(self, why_not: WhyNot, links: CampaignLinks) -> None:
        self._why_not = why_not
        self._links = links
        self._found: dict[tuple[int, str], bool] = {}

    def open_link(self, campaign: CampaignRecord, now_us: int, changes: Changes) -> ShortLink | None:
        """The link of a campaign whose text has one; errors as CampaignLinks.open."""
        return self._links.open(campaign, now_us, changes) if campaign.terms.link else None

    def erase_links(self, now_us: int, changes: Changes) -> int:
        """As CampaignLinks.erase_over."""
        return self._links.erase_over(now_us, changes)

    def text_for(
        self,
        campaign: CampaignRecord,
        subscriber_no: int,
        values: Mapping[str, FeatureValue] = NOTHING,
        link: ShortLink | None = None,
    ) -> str:
        """What somebody gets of whom these values are known and permitted; `link`: the campaign's."""
        texts, winner = texts_of(campaign), campaign.progress.winner
        text = texts.chosen(campaign.campaign_no, subscriber_no, winner, values)
        filled = self.filled(texts, text, campaign.account_no, values)
        return filled if link is None else filled.replace(LINK_MARK, link.address_of(subscriber_no))

    def quoted(
        self,
        texts: CampaignTexts,
        text: str,
        account_no: int,
        campaign_no: int,
        values: Mapping[str, FeatureValue] = NOTHING,
    ) -> str:
        """One of the texts as somebody will get it, with a link that is as long as theirs will be.

        Raises:
            OperatorError: the account has no host for links.
        """
        filled = self.filled(texts, text, account_no, values)
        if LINK_MARK not in filled:
            return filled
        return filled.replace(LINK_MARK, specimen(self._links.require_host(account_no), campaign_no))

    def filled(
        self, texts: CampaignTexts, text: str, account_no: int, values: Mapping[str, FeatureValue] = NOTHING
    ) -> str:
        """One of the texts with what is known, or with its fallbacks where that may not be sent; LINK_MARK
        where its link belongs."""
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
