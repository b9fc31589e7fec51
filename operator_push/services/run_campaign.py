"""Run a campaign: from its launch to its end, its recipients handed in through the one door.

The audience is counted elsewhere (law 6); here its people become submissions in batches. Each recipient at
most once: who has been handed in is remembered per campaign and rebuilt from the message rows at start, so a
batch that is sent again changes nothing.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from msgspec.structs import replace
from pyroaring import BitMap

from operator_push.domain.campaign import (
    FINAL_CAMPAIGN_STATES,
    CampaignAction,
    CampaignState,
    take_action,
)
from operator_push.domain.campaign_terms import NO_PROGRESS
from operator_push.domain.consent import SMS, USSD
from operator_push.domain.message import (
    RETRYABLE_REFUSALS,
    Origin,
    RefusalReason,
    Submission,
    TrafficClass,
)
from operator_push.domain.personal.values import NO_VALUES, NOTHING, PersonalValues
from operator_push.domain.profile import FeatureValue
from operator_push.domain.short_links import ShortLink
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.services.accept_submissions import NO_REFERENCE, AcceptSubmissions, Offered
from operator_push.services.campaign_money import CampaignMoney
from operator_push.services.campaign_people import CampaignPeople, Weights
from operator_push.services.campaign_texts import PersonTexts
from operator_push.services.changes import Changes
from operator_push.services.choose_channel import ChooseChannel
from operator_push.services.pace_campaigns import SLACK_US, PaceCampaigns
from operator_push.services.registry import Account, CampaignRecord, Registry, with_changes

RECEIPT_ALWAYS = 1

# Renders a text for one recipient: (source, destination, text, account_no, traffic_class, now_us) → (body,
# segment_count, wire, whole). Raises ValueError where it cannot be sent.
Render = Callable[[str, str, str, int, int, int], tuple[bytes, int, object, bool]]
# The same, and the moment at which its campaign ends, 0: none.
RenderUntil = Callable[[str, str, str, int, int, int, int], tuple[bytes, int, object, bool]]


class RunCampaign:
    """The use case for one shard."""

    def __init__(
        self,
        registry: Registry,
        accept: AcceptSubmissions,
        msisdn_of: Callable[[int], str],
        render: RenderUntil,
        people: CampaignPeople,
        money: CampaignMoney,
        texts: PersonTexts,
        open_left: Callable[[int], int] | None = None,
        render_ussd: RenderUntil | None = None,
        choose: ChooseChannel | None = None,
    ) -> None:
        """`open_left`: how many more messages of a campaign may be open (accepted, without an end) now; None:
        any number. `render_ussd`: as `render`, for the screen; `choose` None: everything goes by SMS."""
        self._registry = registry
        self._accept = accept
        self._msisdn_of = msisdn_of
        self._renders = {SMS: render, USSD: render_ussd or render}
        self._choose = choose
        self.people = people
        self.money = money
        self._texts = texts
        self._open_left = open_left
        self._paces = PaceCampaigns()

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
        entered = self.people.entered(campaign.campaign_no, campaign.progress.approved_us, now_us)
        launched = self._act(campaign, CampaignAction.LAUNCH, now_us, changes)
        if audience is not None and entered is None:
            self.people.fix(campaign.campaign_no, audience, now_us, changes)
        return launched

    def enter(self, name: str, audience: BitMap, weights: Weights, now_us: int, changes: Changes) -> bool:
        """Fix for whom an approved campaign is, so that it has a say in who gets slots already.

        The first entry of a day stands, so that whoever plans at the same moment plans the same; False where
        there was one.

        Raises:
            OperatorError: it is not approved, it is over, or more people than were quoted.
        """
        campaign = self._registry.require_campaign(name)
        if campaign.state != CampaignState.APPROVED.value:
            raise OperatorError(f"campaign {name!r} is {campaign.state}, not approved")
        _require_open(campaign, now_us)
        if len(audience) > campaign.audience:
            raise OperatorError(f"campaign {name!r} was quoted for fewer people; enter at most those")
        if self.people.entered(campaign.campaign_no, campaign.progress.approved_us, now_us) is not None:
            return False
        self.people.fix(campaign.campaign_no, audience, now_us, changes, weights)
        return True

    def keep_to(
        self,
        name: str,
        per_day: int,
        apart: Mapping[str, int],
        now_us: int,
        changes: Changes,
        reached: Sequence[BitMap] = (),
    ) -> None:
        """What sales rules say of a campaign, asked of each of its messages: domain.campaign_reach.

        `reached`: who has had at least one, two, … campaign messages today.
        """
        self._accept.reach.know(reached, now_us)
        campaign = self._registry.require_campaign(name)
        progress = replace(campaign.progress, per_day=per_day, apart=dict(apart))
        if progress != campaign.progress:
            self._registry.put_campaign(with_changes(campaign, now_us, progress=progress), changes)

    def act(self, name: str, action: CampaignAction, now_us: int, changes: Changes) -> CampaignRecord:
        """Reject, pause, resume, finish or cancel.

        Raises:
            OperatorError: the action is not allowed in the present state; the message says what is.
        """
        return self._act(self._registry.require_campaign(name), action, now_us, changes)

    def rest(self, name: str) -> tuple[int, BitMap | None]:
        """How many people it was launched for, and who of them is still to be handed in; None: not fixed."""
        number = self._registry.require_campaign(name).campaign_no
        return len(self.people.fixed(number) or ()), self.people.rest(number)

    def room(self, name: str, now_us: int, slack_us: int = SLACK_US) -> int | None:
        """How many more may be handed in now, by its pace and by how many of its messages are open; None
        where neither bounds it. `slack_us`: how long whoever hands in waits between two looks."""
        campaign = self._registry.require_campaign(name)
        number = campaign.campaign_no
        left = None if self._open_left is None else max(0, self._open_left(number))
        fixed, due = self.people.fixed(number), None
        if fixed is not None and campaign.state == CampaignState.RUNNING.value:
            due = self._paces.room(campaign, len(fixed), len(self.people.handed_in(number)), now_us, slack_us)
        return left if due is None else due if left is None else min(due, left)

    def ends_about(self, name: str, now_us: int) -> int | None:
        """When the last of its people are handed in, as it goes now; None where that is not known, or it is
        not running."""
        campaign = self._registry.require_campaign(name)
        fixed = self.people.fixed(campaign.campaign_no)
        if fixed is None or campaign.state != CampaignState.RUNNING.value:
            return None
        handed_in = len(self.people.handed_in(campaign.campaign_no))
        return self._paces.ends_about(campaign, len(fixed), handed_in, now_us)

    def choose(self, name: str, variant: str, now_us: int, changes: Changes) -> CampaignRecord:
        """Everybody who is handed in from now on gets this variant; the first choice stands.

        Raises:
            OperatorError: the campaign has no such variant, or no test.
        """
        campaign = self._registry.require_campaign(name)
        names = [each.name for each in campaign.terms.variants or ()]
        if campaign.terms.test_percent is None or variant not in names:
            raise OperatorError(f"campaign {name!r} tests no variant {variant!r}; it tests {names or 'none'}")
        if campaign.progress.winner:
            return campaign
        chosen = with_changes(
            campaign, now_us, progress=replace(campaign.progress, winner=variant, winner_us=now_us)
        )
        self._registry.put_campaign(chosen, changes)
        return chosen

    def hand_in(
        self,
        name: str,
        subscriber_nos: Sequence[int],
        now_us: int,
        changes: Changes,
        values: PersonalValues = NO_VALUES,
        by_ussd: Collection[int] = (),
    ) -> dict[str, int]:
        """Turn recipients into submissions; returns counts by outcome ("accepted", a reason, "repeated").

        `values`: what is known of each for the places of the text, in the same order; `by_ussd`: who answers
        best on the screen, as far as who hands in knows.

        Raises:
            OperatorError: the campaign is not running, it is over, or it was not launched for one of them.
            LookupError: a number that the vault does not know; then nobody was handed in.
        """
        campaign = self._registry.require_campaign(name)
        if campaign.state != CampaignState.RUNNING.value:
            raise OperatorError(f"campaign {name!r} is {campaign.state}, not running")
        _require_open(campaign, now_us)
        number = campaign.campaign_no
        fixed = self.people.fixed(number)
        if fixed is not None and not all(each in fixed for each in subscriber_nos):
            raise OperatorError(f"campaign {name!r} was not launched for some of these people")
        seen = self.people.handed_in(number)
        places = {each: place for place, each in enumerate(subscriber_nos) if each not in seen}
        fresh = list(places)
        self._paces.take(number, len(fresh))
        link = self._texts.open_link(campaign, now_us, changes)
        offers = [
            self.offer(campaign, each, self._msisdn_of(each), now_us, values.at(place), link, each in by_ussd)
            for each, place in places.items()
        ]  # all or none: an unknown number raises
        outcomes: dict[str, int] = {"repeated": len(subscriber_nos) - len(fresh)}
        with self.money.spending(number):
            all_accepted = self._accept.accept(offers, now_us, changes)
        for subscriber_no, accepted in zip(fresh, all_accepted, strict=True):
            reason = accepted.reason
            if reason not in RETRYABLE_REFUSALS:
                seen.add(subscriber_no)
            outcome = "accepted" if reason is None else RefusalReason(reason).name
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
        self._note_reserved(campaign, now_us, changes)
        return outcomes

    def end_overdue(self, now_us: int, changes: Changes) -> int:
        """End the campaigns and links whose time is over, and give back what is set aside for orders whose
        quote is; returns how many. To be called now and then."""
        ended = self._texts.erase_links(now_us, changes)
        for campaign in list(self._registry.campaigns()):
            state = CampaignState(campaign.state)
            if state in FINAL_CAMPAIGN_STATES:
                continue
            ends_us = campaign.terms.ends_us
            if ends_us is not None and now_us >= ends_us:
                running = state is CampaignState.RUNNING
                self._act(
                    campaign, CampaignAction.FINISH if running else CampaignAction.CANCEL, now_us, changes
                )
                ended += 1
            elif state is CampaignState.PENDING_APPROVAL and now_us > campaign.valid_until_us:
                self.money.release(campaign.campaign_no)
                self._note_reserved(campaign, now_us, changes)
        return ended

    def offer(
        self,
        campaign: CampaignRecord,
        subscriber_no: int,
        destination: str,
        now_us: int,
        values: Mapping[str, FeatureValue] = NOTHING,
        link: ShortLink | None = None,
        answers_on_screen: bool = False,
    ) -> Offered:
        """What one recipient becomes; `link`: the campaign's, where its text has one.

        A text that its values made longer than was quoted, or than a screen shows, goes out as if nothing
        were known: nobody is charged for more than was agreed, and no price tells that somebody with such
        values exists.

        Raises:
            ValueError: the text cannot be sent there.
        """
        source, payer, kind = campaign.source, campaign.account_no, TrafficClass.PROMOTIONAL
        ends_us = campaign.terms.ends_us or 0
        channel = SMS
        if campaign.terms.channel is not None and self._choose is not None:
            channel = self._choose.of(campaign, subscriber_no, destination, answers_on_screen)
        render = self._renders[channel]

        def rendered(known: Mapping[str, FeatureValue]) -> tuple[bytes, int, object, bool]:
            text = self._texts.text_for(campaign, subscriber_no, known, link)
            return render(source, destination, text, payer, kind, now_us, ends_us)

        try:
            body, segments, wire, whole = rendered(values)
            is_longer = segments > campaign.segments > 0
        except ValueError:
            if not values:
                raise
            is_longer = True
        if values and is_longer:
            body, segments, wire, whole = rendered(NOTHING)
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
            channel=channel,
        )
        return Offered(submission, body, RECEIPT_ALWAYS, 0, wire, expires_us=ends_us, whole=whole)

    def _note_reserved(self, campaign: CampaignRecord, now_us: int, changes: Changes) -> None:
        """Write what is left of the reservation, where that has changed."""
        left = self.money.reserved(campaign.campaign_no)
        if left != campaign.progress.reserved_micros:
            progress = replace(campaign.progress, reserved_micros=left)
            self._registry.put_campaign(with_changes(campaign, now_us, progress=progress), changes)

    def _act(
        self, campaign: CampaignRecord, action: CampaignAction, now_us: int, changes: Changes
    ) -> CampaignRecord:
        state = take_action(CampaignState(campaign.state), action)
        progress = campaign.progress
        changed: dict[str, object] = {}
        if action is CampaignAction.LAUNCH:
            progress = replace(progress, launched_us=now_us)
        if action is CampaignAction.REJECT:
            self.money.release(campaign.campaign_no)
            progress, changed = NO_PROGRESS, {"approved_by": ""}
        if state in FINAL_CAMPAIGN_STATES:
            self.people.forget(campaign.campaign_no)
            self._paces.forget(campaign.campaign_no)
            self.money.release(campaign.campaign_no)
            progress = replace(progress, reserved_micros=0)
        acted = with_changes(campaign, now_us, state=state.value, progress=progress, **changed)
        self._registry.put_campaign(acted, changes)
        if state is CampaignState.RUNNING:
            self._paces.begin(acted, len(self.people.handed_in(acted.campaign_no)), now_us)
        return acted


def draft_of(account: Account, asked: Mapping[str, Any]) -> CampaignRecord:
    """A campaign that nobody has ordered yet, to see what its messages would be."""
    return CampaignRecord(
        0,
        "",
        account.account_no,
        account.brand_no,
        int(asked.get("category") or 0),
        "",
        asked["source"],
        asked["text"],
        CampaignState.DRAFT.value,
        *(0,) * 5,
        "",
        "",
        *(0,) * 3,
    )


def _require_open(campaign: CampaignRecord, now_us: int) -> None:
    ends_us = campaign.terms.ends_us
    if ends_us is not None and now_us >= ends_us:
        raise OperatorError(
            f"campaign {campaign.name!r} is over since {iso(ends_us)}; nobody is handed in any more"
        )
