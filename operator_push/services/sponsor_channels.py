"""Sponsor channels: a sponsor buys the last line of a channel's issues, and is charged for each that has it.

The sponsor's money is set aside when it asks (services.campaign_money, under the negative number of the
sponsorship), and posted as a charge of its own with each issue, in the commit that makes the issue: the price
and the taxes that the sponsor's tariff states at that moment, which it bears beside its prices. The
sponsor learns no number and no subscriber: counts, in tens.
"""

from collections.abc import Callable

from msgspec.structs import asdict, replace

from operator_push.domain.sponsorship import (
    ISSUES_MAX,
    PRICE_MICROS_MAX,
    SLOT_CHARACTERS_MAX,
    Slot,
    SponsoredIssue,
    Sponsorship,
    Sponsorships,
    SponsorshipState,
)
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.services.campaign_money import CampaignMoney
from operator_push.services.changes import Changes
from operator_push.services.correct_ledger import Correction, CorrectLedger
from operator_push.services.registry import Registry

# The tax on an amount without a message: (account_no, net micros, now_us) → micros, beside the amount.
TaxOn = Callable[[int, int, int], int]
# Why a text may not be said for an account, "" where it may: services.order_campaign.OrderCampaign.why_not.
WhyNot = Callable[[str, int], str]
_ASKED, _AGREED = SponsorshipState.ASKED.value, SponsorshipState.AGREED.value


class SponsorChannels:
    """The use case for one shard."""

    def __init__(
        self,
        registry: Registry,
        money: CampaignMoney,
        posting: CorrectLedger,
        why_not: WhyNot,
        known: Sponsorships,
        now_us: int = 0,
        tax_on: TaxOn = lambda account_no, net_micros, now_us: 0,
    ) -> None:
        self._registry = registry
        self._money = money
        self._posting = posting
        self._why_not = why_not
        self._tax_on = tax_on
        self.known = known
        money.restore(
            (-each.sponsorship_no, each.account_no, known.left(each) * self._gross(each, now_us))
            for each in known.sponsorships.values()
        )

    def offer(
        self, channel_no: int, characters: int, price_micros: int, by: str, now_us: int, changes: Changes
    ) -> Slot:
        """Offer a line of so many characters at a price an issue; 0 characters: none any more. What was
        bought stays as it was bought.

        Raises:
            OperatorError: a length or a price that cannot be.
        """
        if not 0 <= characters <= SLOT_CHARACTERS_MAX:
            raise OperatorError(f"a slot has 0 (none) to {SLOT_CHARACTERS_MAX} characters, not {characters}")
        if not 0 <= price_micros <= PRICE_MICROS_MAX:
            raise OperatorError("the price of an issue is from 0 to a million units")
        slot = self.known.slots[channel_no] = Slot(channel_no, characters, price_micros, now_us, by)
        changes.upserts.append(("channel_slot", asdict(slot)))
        return slot

    def ask(
        self,
        channel_no: int,
        account: str,
        line: str,
        issues: int,
        by: str,
        now_us: int,
        changes: Changes,
    ) -> Sponsorship:
        """A sponsor buys the line of so many issues; somebody else has to agree.

        Raises:
            OperatorError: no slot is offered, the line is too long or may not be said, or the money is not
                there or cannot be set aside.
        """
        slot = self.known.slots.get(channel_no)
        if slot is None or not slot.characters:
            raise OperatorError("this channel offers no line to sponsors; `operator-push channel slot` does")
        if not 1 <= issues <= ISSUES_MAX:
            raise OperatorError(f"issues: 1 to {ISSUES_MAX}, not {issues}")
        if len(line) > slot.characters or not line.isprintable():
            raise OperatorError(
                f"a line has at most {slot.characters} printable characters; this has {len(line)}"
            )
        if not line.strip():
            raise OperatorError("line is empty")
        sponsor = self._registry.require_account(account)
        if why := self._why_not(line, sponsor.account_no):
            raise OperatorError(why)
        number = max(self.known.sponsorships, default=0) + 1
        made = Sponsorship(
            number, channel_no, sponsor.account_no, line, issues, slot.price_micros, _ASKED, by, now_us
        )
        micros = issues * self._gross(made, now_us)
        if self._money.reserve(sponsor, -number, micros, now_us) != micros:
            raise OperatorError(f"{account} is charged by another system, so that nothing can be set aside")
        self._put(made, changes)
        return made

    def decide(self, number: int, agrees: bool, by: str, now_us: int, changes: Changes) -> Sponsorship:
        """Say yes or no; also no to what was agreed, from the next issue on.

        Raises:
            OperatorError: there is none, it is over, or who asked would agree.
        """
        known = self.known.sponsorships.get(number)
        if known is None or known.state not in (_ASKED, *(() if agrees else (_AGREED,))):
            raise OperatorError(f"sponsorship {number} waits for no decision")
        if agrees and by.strip().casefold() == known.asked_by.strip().casefold():
            raise OperatorError(f"{by} asked for it; somebody else agrees")
        if not agrees:
            self._money.release(-number)
        state = SponsorshipState.AGREED if agrees else SponsorshipState.REFUSED
        decided = replace(known, state=state.value, decided_by=by, decided_us=now_us)
        self._put(decided, changes)
        return decided

    def next_line(self, channel_no: int, now_us: int) -> Sponsorship | None:
        """What the channel's next issue ends with; none where its line may not be said any more, or where the
        money for it, with the tax of now, is gone."""
        found = self.known.next_for(channel_no)
        if found is None or self._why_not(found.line, found.account_no):
            return None
        return found if self._has_money(found, now_us) else None

    def _has_money(self, sponsorship: Sponsorship, now_us: int) -> bool:
        """Is an issue's price set aside? What a tax has grown by since is set aside now."""
        number, gross = -sponsorship.sponsorship_no, self._gross(sponsorship, now_us)
        kept, account = self._money.reserved(number), self._registry.account(sponsorship.account_no)
        if kept >= gross or account is None:
            return kept >= gross
        self._money.release(number)
        try:
            self._money.reserve(account, number, self.known.left(sponsorship) * gross, now_us)
        except OperatorError:
            self._money.restore([(number, account.account_no, kept)])
        return self._money.reserved(number) >= gross

    def _gross(self, sponsorship: Sponsorship, now_us: int) -> int:
        """What one issue comes to at a moment."""
        price = sponsorship.price_micros
        return price + self._tax_on(sponsorship.account_no, price, now_us)

    def channel_closed(self, channel_no: int, now_us: int, changes: Changes) -> None:
        """Nothing more is published there: what was set aside is free again."""
        for each in self.known.of_channel(channel_no):
            if self.known.left(each):
                self._money.release(-each.sponsorship_no)
                self._put(replace(each, state=SponsorshipState.ENDED.value, decided_us=now_us), changes)

    def carried(
        self, sponsorship: Sponsorship, campaign_no: int, issue: str, now_us: int, changes: Changes
    ) -> None:
        """An issue carries the line: it is charged now.

        Raises:
            OperatorError: the sponsor's money is not there, against all that was set aside.
        """
        number, gross = sponsorship.sponsorship_no, self._gross(sponsorship, now_us)
        left = self.known.left(sponsorship) - 1
        self._money.release(-number)
        if gross:
            asked = Correction(
                account_no=sponsorship.account_no,
                client_reference=f"sponsorship {number} {issue}",
                kind=int(TransferKind.CHARGE),
                reference=0,
                amount_micros=gross,
                tax_micros=gross - sponsorship.price_micros,
                message_id=0,
                reason=f"line in {issue}",
                at_us=0,
                changed_by=sponsorship.decided_by,
            )
            self._posting.post(asked, None, {}, now_us, changes)
        account = self._registry.account(sponsorship.account_no)
        if account is not None and left:
            self._money.restore([(-number, account.account_no, left * gross)])  # as far as it is there
        one = SponsoredIssue(campaign_no, number, gross, now_us)
        self.known.issues.append(one)
        changes.upserts.append(("sponsored_issue", asdict(one)))
        if not left:
            self._put(replace(sponsorship, state=SponsorshipState.ENDED.value), changes)

    def _put(self, sponsorship: Sponsorship, changes: Changes) -> None:
        self.known.sponsorships[sponsorship.sponsorship_no] = sponsorship
        changes.upserts.append(("channel_sponsorship", asdict(sponsorship)))
