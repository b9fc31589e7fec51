"""Choose the channel of a campaign's message: the one that was ordered, or of `best` the person's own.

Law: only a channel that the person permits and that a link carries is chosen; where somebody answers best is
read only of whom the use of call data is permitted, as everything that is learnt from a person's own traffic.
What somebody answers best is `domain.best_channel`, found by whoever hands in.
"""

from operator_push.domain.best_channel import BEST
from operator_push.domain.consent import EVERY, SMS, USSD, Purpose
from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import TrafficClass
from operator_push.domain.routing import RoutedMessage
from operator_push.services.registry import CampaignRecord


class ChooseChannel:
    """The choice for one shard, by the facts of the moment."""

    def __init__(self, facts: PolicyFacts) -> None:
        self._facts = facts

    def of(
        self, campaign: CampaignRecord, subscriber_no: int, destination: str, answers_on_screen: bool = False
    ) -> str:
        """By what a campaign's message to this person goes; `answers_on_screen`: their history says USSD."""
        return self.why(campaign, subscriber_no, destination, answers_on_screen)[0]

    def why(
        self, campaign: CampaignRecord, subscriber_no: int, destination: str, answers_on_screen: bool = False
    ) -> tuple[str, str]:
        """The same with the reason in words."""
        asked = campaign.account_no, campaign.brand_no, campaign.category, campaign.source
        wanted = campaign.terms.channel or SMS
        return self.choose(wanted, *asked, subscriber_no, destination, answers_on_screen)

    def choose(
        self,
        wanted: str,
        account_no: int,
        brand_no: int,
        category: int,
        source: str,
        subscriber_no: int,
        destination: str,
        answers_on_screen: bool = False,
    ) -> tuple[str, str]:
        """The same for what is not ordered yet. Where nothing is permitted it is SMS, and is refused."""
        if wanted != BEST:
            return wanted, "ordered"
        book, asked = self._facts.permission, (subscriber_no, brand_no, category, Purpose.MARKETING)
        message = RoutedMessage(destination, account_no, source, int(TrafficClass.PROMOTIONAL), USSD)
        if not book.allows(*asked, USSD):
            return SMS, "ussd is not permitted"
        if not self._facts.routes.links_for(message):
            return SMS, "no link carries ussd there"
        if not book.allows(*asked, SMS):
            return USSD, "sms is not permitted"
        if not book.allows(subscriber_no, EVERY, EVERY, Purpose.USE_CALL_DATA):
            return SMS, "their history may not be used"
        if answers_on_screen:
            return USSD, "answered more often there"
        return SMS, "not answered more often by ussd"
