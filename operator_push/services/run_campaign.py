"""Run a campaign: quote, order, approve, and hand its recipients in through the one door.

The audience is counted elsewhere (law 6); here a campaign is priced, passes from maker to checker, and its
recipients become submissions in batches. Each recipient at most once: who has been handed in is remembered
per campaign and rebuilt from the message rows at start, so a batch that is sent again changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace
from pyroaring import BitMap

from operator_push.domain.campaign import (
    FINAL_CAMPAIGN_STATES,
    CampaignAction,
    CampaignState,
    Quote,
    take_action,
)
from operator_push.domain.campaign_terms import checked_terms
from operator_push.domain.message import (
    RETRYABLE_REFUSALS,
    Origin,
    RefusalReason,
    Submission,
    TrafficClass,
)
from operator_push.domain.rating.charge import Charge
from operator_push.domain.rating.plans import Asked
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.services.accept_submissions import NO_REFERENCE, AcceptSubmissions, Offered, Pricing
from operator_push.services.campaign_people import CampaignPeople
from operator_push.services.changes import Changes
from operator_push.services.price_by_documents import PriceByDocuments, attributes_of_rule
from operator_push.services.registry import Account, CampaignRecord, Registry, with_changes
from operator_push.text.data_coding import choose_encoding

QUOTE_VALID_US = 7 * 86_400 * 1_000_000
RECEIPT_ALWAYS = 1

# Renders a text for one recipient: (source, destination, text, account_no, traffic_class, now_us) → (body,
# segment_count, wire). Raises ValueError where it cannot be sent.
Render = Callable[[str, str, str, int, int, int], tuple[bytes, int, object, bool]]
# The segment_count that Render will give: (source, destination, text, account_no, traffic_class).
SegmentsOf = Callable[[str, str, str, int, int], int]


class RunCampaign:
    """The use case for one shard."""

    def __init__(
        self,
        registry: Registry,
        accept: AcceptSubmissions,
        tariff: Pricing,
        msisdn_of: Callable[[int], str],
        render: Render,
        segments_of: SegmentsOf,
        people: CampaignPeople,
        documents: PriceByDocuments | None = None,
    ) -> None:
        self._registry = registry
        self._accept = accept
        self._tariff = tariff
        self._msisdn_of = msisdn_of
        self._render = render
        self._segments_of = segments_of
        self.people = people
        self._documents = documents

    def quote(self, asked: Mapping[str, str], audience: BitMap, now_us: int) -> dict[str, int]:
        """Price a text for an audience: segments as they will be billed, at today's tariff.

        Where a tariff counts (tiers, bundles, contacts, credit) every message is quoted as the next one, on
        top of what is used by now.

        Raises:
            OperatorError: the account does not exist, the text cannot be sent, or nothing prices part of the
                audience.
        """
        account = self._registry.require_account(asked["account"])
        charge_of = self._charges_by_documents(account, asked, now_us)
        segments_max, total = 0, 0
        price_max = 0
        for subscriber_no in audience:
            destination = self._msisdn_of(subscriber_no)
            text = self._text_to(subscriber_no, account, asked)
            segments = self._count(asked["source"], destination, text, account.account_no)
            if charge_of is not None:
                charge = charge_of(destination, subscriber_no)
                most = charge.most(segments) if charge is not None else None
            else:
                price = self._tariff.price_per_segment(destination, TrafficClass.PROMOTIONAL, now_us)
                most = price * segments if price is not None else None
            if most is None:
                raise OperatorError("nothing prices promotional messages to part of this audience")
            segments_max = max(segments_max, segments)
            price_max = max(price_max, -(-most // segments))
            total += most
        return {
            "audience": len(audience),
            "segments": segments_max,
            "price_micros": price_max,
            "quoted_micros": total,
            "valid_until_us": now_us + QUOTE_VALID_US,
        }

    def order(
        self, asked: Mapping[str, Any], quote: Mapping[str, int], now_us: int, changes: Changes
    ) -> CampaignRecord:
        """Create a campaign that waits for the operator's approval.

        `people_max` in `asked` (else the size of the audience) is how many it may reach, and all that is
        remembered of the size: an exact one would tell what the count did not.

        Raises:
            OperatorError: the name is taken, or the account may not use this sender.
        """
        account = self._registry.require_account(asked["account"])
        if not asked["name"].strip() or not asked["name"].isprintable():
            raise OperatorError("name must be printable and not empty")
        if not asked["text"].strip():
            raise OperatorError("text is empty; nobody wants an empty message")
        if any(campaign.name == asked["name"] for campaign in self._registry.campaigns()):
            raise OperatorError(f"a campaign called {asked['name']!r} exists already")
        if account.allowed_sources and asked["source"] not in account.allowed_sources:
            allowed = ", ".join(account.allowed_sources)
            raise OperatorError(f"source {asked['source']!r} is not one of {allowed}")
        terms = Quote(
            quote["audience"],
            quote["segments"],
            quote["price_micros"],
            quote["quoted_micros"],
            quote["valid_until_us"],
        )
        state = take_action(CampaignState.QUOTED, CampaignAction.ORDER, quote=terms, at_us=now_us)
        campaign = CampaignRecord(
            campaign_no=self._registry.next_campaign_no(),
            name=asked["name"],
            account_no=account.account_no,
            brand_no=account.brand_no,
            category=int(asked["category"]),
            rule=asked["rule"],
            source=asked["source"],
            text=asked["text"],
            state=state.value,
            audience=_people_max(asked, quote["audience"]),
            segments=quote["segments"],
            price_micros=quote["price_micros"],
            quoted_micros=quote["quoted_micros"],
            valid_until_us=quote["valid_until_us"],
            ordered_by=asked.get("ordered_by") or account.name,
            approved_by="",
            checkpoint=0,
            created_us=now_us,
            changed_us=now_us,
            terms=checked_terms(asked.get("terms") or {}, now_us),
        )
        self._registry.put_campaign(campaign, changes)
        return campaign

    def approve(self, name: str, approver: str, now_us: int, changes: Changes) -> CampaignRecord:
        """The operator's yes; maker and checker are different people.

        Raises:
            OperatorError: the approver ordered it, the quote has ended, or the state does not allow it.
        """
        campaign = self._registry.require_campaign(name)
        if now_us > campaign.valid_until_us:
            raise OperatorError("the quote has ended; quote and order again")
        return self._act(campaign, CampaignAction.APPROVE, now_us, changes, approver)

    def launch(self, name: str, audience: BitMap | None, now_us: int, changes: Changes) -> CampaignRecord:
        """Let it run, for this audience alone (None: for whoever is handed in).

        Raises:
            OperatorError: as `act`, it may not begin yet, it is over, or more people than were quoted.
        """
        campaign = self._registry.require_campaign(name)
        starts_us = campaign.terms.starts_us or 0
        if now_us < starts_us:
            raise OperatorError(f"campaign {name!r} starts at {iso(starts_us)}; launch it then")
        _require_open(campaign, now_us)
        if audience is not None and len(audience) > campaign.audience:
            raise OperatorError(f"campaign {name!r} was quoted for fewer people; launch it for at most those")
        launched = self._act(campaign, CampaignAction.LAUNCH, now_us, changes)
        if audience is not None:
            self.people.fix(campaign.campaign_no, audience, now_us, changes)
        return launched

    def act(self, name: str, action: CampaignAction, now_us: int, changes: Changes) -> CampaignRecord:
        """Pause, resume, finish or cancel.

        Raises:
            OperatorError: the action is not allowed in the present state; the message says what is.
        """
        return self._act(self._registry.require_campaign(name), action, now_us, changes)

    def rest(self, name: str) -> tuple[int, BitMap | None]:
        """How many people it was launched for, and who of them is still to be handed in; None: not fixed."""
        number = self._registry.require_campaign(name).campaign_no
        return len(self.people.fixed(number) or ()), self.people.rest(number)

    def hand_in(
        self, name: str, subscriber_nos: Sequence[int], now_us: int, changes: Changes
    ) -> dict[str, int]:
        """Turn recipients into submissions; returns counts by outcome ("accepted", a reason, "repeated").

        Raises:
            OperatorError: the campaign is not running, it is over, or it was not launched for one of them.
            LookupError: a number that the vault does not know; then nobody was handed in.
        """
        campaign = self._registry.require_campaign(name)
        if campaign.state != CampaignState.RUNNING.value:
            raise OperatorError(f"campaign {name!r} is {campaign.state}, not running")
        _require_open(campaign, now_us)
        fixed = self.people.fixed(campaign.campaign_no)
        if fixed is not None and not all(number in fixed for number in subscriber_nos):
            raise OperatorError(f"campaign {name!r} was not launched for some of these people")
        seen = self.people.handed_in(campaign.campaign_no)
        fresh = [number for number in dict.fromkeys(subscriber_nos) if number not in seen]
        offers = [
            self._offer(campaign, number, now_us) for number in fresh
        ]  # all or none: an unknown number raises
        outcomes: dict[str, int] = {"repeated": len(subscriber_nos) - len(fresh)}
        for number, accepted in zip(fresh, self._accept.accept(offers, now_us, changes), strict=True):
            reason = accepted.reason
            if reason not in RETRYABLE_REFUSALS:
                seen.add(number)
            outcome = "accepted" if reason is None else RefusalReason(reason).name
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
        return outcomes

    def _charges_by_documents(
        self, account: Account, asked: Mapping[str, str], now_us: int
    ) -> Callable[[str, int], Charge | None] | None:
        """The charge of a message to (destination, subscriber_no); None where the account pays by rows."""
        documents = self._documents
        plans = documents.plans_of(account.account_no) if documents is not None else None
        if documents is None or plans is None:
            return None
        attributes, encoding = attributes_of_rule(asked.get("rule") or ""), choose_encoding(asked["text"])

        def charge_of(destination: str, subscriber_no: int) -> Charge | None:
            message = Asked(
                account.name,
                account.currency,
                destination,
                TrafficClass.PROMOTIONAL,
                asked["source"],
                lambda: encoding,
                attributes=attributes,
            )
            return documents.charge(plans, message, account.account_no, subscriber_no, now_us)

        return charge_of

    def _text_to(self, subscriber_no: int, account: Account, asked: Mapping[str, Any]) -> str:
        """What the text will be for this person: the first one may have to tell how to end such messages."""
        text = str(asked["text"])
        way_out = self._accept.way_out
        if way_out is None:
            return text
        to = subscriber_no, account.brand_no, int(asked.get("category") or 0)
        return way_out.text_for(to, asked["source"], text)

    def _count(self, source: str, destination: str, text: str, account_no: int) -> int:
        try:
            return self._segments_of(source, destination, text, account_no, TrafficClass.PROMOTIONAL)
        except ValueError as fault:
            raise OperatorError(f"this text cannot be sent: {fault}") from fault

    def _offer(self, campaign: CampaignRecord, subscriber_no: int, now_us: int) -> Offered:
        destination = self._msisdn_of(subscriber_no)
        body, segments, wire, whole = self._render(
            campaign.source,
            destination,
            campaign.text,
            campaign.account_no,
            TrafficClass.PROMOTIONAL,
            now_us,
        )
        submission = Submission(
            account_no=campaign.account_no,
            brand_no=campaign.brand_no,
            category=campaign.category,
            traffic_class=TrafficClass.PROMOTIONAL,
            origin=Origin.CAMPAIGN,
            subscriber_no=subscriber_no,
            destination=destination,
            source=campaign.source,
            segment_count=segments,
            campaign_no=campaign.campaign_no,
            client_reference=NO_REFERENCE,
        )
        ends_us = campaign.terms.ends_us or 0
        return Offered(submission, body, RECEIPT_ALWAYS, 0, wire, expires_us=ends_us, whole=whole)

    def _act(
        self,
        campaign: CampaignRecord,
        action: CampaignAction,
        now_us: int,
        changes: Changes,
        actor: str = "",
    ) -> CampaignRecord:
        state = take_action(
            CampaignState(campaign.state), action, actor=actor, ordered_by=campaign.ordered_by, at_us=now_us
        )
        changed: dict[str, object] = {"state": state.value}
        if action is CampaignAction.APPROVE:
            changed["approved_by"] = actor
        if action is CampaignAction.LAUNCH:
            changed["progress"] = replace(campaign.progress, launched_us=now_us)
        acted = with_changes(campaign, now_us, **changed)
        self._registry.put_campaign(acted, changes)
        if state in FINAL_CAMPAIGN_STATES:
            self.people.forget(campaign.campaign_no)
        return acted


def _require_open(campaign: CampaignRecord, now_us: int) -> None:
    ends_us = campaign.terms.ends_us
    if ends_us is not None and now_us >= ends_us:
        raise OperatorError(
            f"campaign {campaign.name!r} is over since {iso(ends_us)}; nobody is handed in any more"
        )


def _people_max(asked: Mapping[str, Any], audience: int) -> int:
    written = asked.get("people_max")
    if written is None:
        return audience
    if isinstance(written, bool) or not isinstance(written, int) or written < 1:
        raise OperatorError(f"people_max {written!r} is not an int of at least 1")
    return written
