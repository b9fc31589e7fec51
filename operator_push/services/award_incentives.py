"""Award incentives: an act that earns is rewarded in the commit that records it, and a stop takes it back.

Whatever door an act came through, it is seen here before its commit, so act and reward are on disk together.
The sponsor's money moves to the person's reward account:

    incentive_out (sponsor: available → clearing), incentive_in (person: clearing → earned)
    taken back: incentive_back_out (person: earned → clearing), incentive_back_in (sponsor: → available)

What is not earned is counted under its reason. Not here: how it is paid out (services.pay_rewards).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import msgspec
from pyroaring import BitMap

from operator_push.domain.consent import EVERY, Basis, ConsentAction, Purpose
from operator_push.domain.consent_record import more_of
from operator_push.domain.incentives import DAY_US, Award, AwardState, EarnedBy, Offer
from operator_push.domain.ledger import Balances, LedgerStatus
from operator_push.domain.permission import PermissionBook
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.meters import Meters
from operator_push.services.changes import Changes, Row
from operator_push.services.ledger_rows import add_transfers
from operator_push.services.rate_windows import SECOND_US, RateWindow
from operator_push.services.registry import Account
from operator_push.services.share_rows import RewardPostings

PER_PERSON_MAX = 3  # Ours: awards of one person in a day, whatever the offers
_DAY_S = DAY_US // SECOND_US
_GRANTS = (int(ConsentAction.GRANT), int(ConsentAction.CONFIRM))
_STOPS = (int(ConsentAction.WITHDRAW), int(ConsentAction.DENY), int(ConsentAction.OBJECT))
_MARKETING, _CONSENT = int(Purpose.MARKETING), int(Basis.CONSENT)
# Of a row of store.schema.consent_event, see services.manage_permission.consent_row.
_EVENT_ID, _SUBSCRIBER, _BRAND, _PURPOSE, _ACTION, _METHOD, _BASIS, _MORE = 2, 3, 4, 6, 8, 10, 15, 18


class KnowsAccounts(Protocol):
    """What is asked of services.registry."""

    def account_named(self, name: str) -> Account | None: ...

    def known_brand_no(self, name: str) -> int | None: ...


class AwardIncentives:
    """The use case for one shard; owned by the loop's thread."""

    def __init__(
        self,
        shard: int,
        ids: IdSequence,
        offers: Sequence[Offer],
        registry: KnowsAccounts,
        permission: PermissionBook,
        balances: Balances,
        meters: Meters,
        awards: Iterable[Award] = (),
        earlier: Mapping[str, BitMap] | None = None,
    ) -> None:
        """`awards` of the past; `earlier`: by offer, who had opted in to its brand before it was there, or
        without it."""
        self._shard = shard
        self._ids = ids
        self.offers = tuple(offers)
        self._registry = registry
        self._permission = permission
        self._balances = balances
        self._postings = RewardPostings(shard, balances)
        self._meters = meters
        self._earlier = {offer.name: BitMap() for offer in offers} | dict(earlier or {})
        self._awarded: dict[str, BitMap] = {}
        self._kept: dict[tuple[str, int], Award] = {}  # those that may still be taken back
        self._per_person = RateWindow(PER_PERSON_MAX, _DAY_S)
        self._per_offer = {each.name: RateWindow(each.per_day_max, _DAY_S) for each in offers}
        self._per_address = {each.name: RateWindow(each.per_address_max, _DAY_S) for each in offers}
        for award in sorted(awards, key=lambda each: each.at_us):
            self._remember(award)

    def hear(self, rows: Sequence[Row], now_us: int, changes: Changes) -> None:
        """Look at acts of consent that are about to be committed."""
        if not self.offers:
            return
        for row in rows:
            action = row[_ACTION]
            if row[_PURPOSE] != _MARKETING or row[_BASIS] != _CONSENT:
                continue
            if action in _GRANTS:
                self._opted_in(row, now_us, changes)
            elif action in _STOPS:
                self._stopped(row, now_us, changes)

    def profile_declared(
        self, subscriber_no: int, names: frozenset[str], shown: str, terms: str, now_us: int, changes: Changes
    ) -> None:
        """Somebody declared these attributes, having been shown an offer's terms ("" for none)."""
        for offer in self.offers:
            if offer.earned_by is not EarnedBy.PROFILE:
                continue
            if not offer.is_met_by(names):
                self._take_back(offer, subscriber_no, now_us, changes)
            elif offer.name == shown:
                self._award(offer, subscriber_no, 0, terms, "", now_us, changes)

    def held_back(self, subscriber_no: int, now_us: int) -> int:
        """Micros of a person's rewards that may still be taken back."""
        return sum(
            award.amount_micros
            for (_, number), award in self._kept.items()
            if number == subscriber_no and award.is_held_back(now_us)
        )

    def open_to(self, subscriber_no: int, now_us: int) -> list[Offer]:
        """The offers that a person could still earn."""
        return [
            offer
            for offer in self.offers
            if offer.is_open(now_us)
            and subscriber_no not in self._awarded.get(offer.name, ())
            and subscriber_no not in self._earlier[offer.name]
        ]

    def opt_in_offer(self, brand_no: int, subscriber_no: int, now_us: int) -> Offer | None:
        """The offer that a person could still earn by opting in to this brand's messages."""
        return next(
            (
                offer
                for offer in self.open_to(subscriber_no, now_us)
                if offer.earned_by is EarnedBy.OPT_IN
                and self._registry.known_brand_no(offer.brand) == brand_no
            ),
            None,
        )

    def _opted_in(self, row: Row, now_us: int, changes: Changes) -> None:
        number, more = row[_SUBSCRIBER], more_of(row[_MORE])
        shown = more.get("incentive_ref", "")
        for offer in self.offers:
            if offer.earned_by is not EarnedBy.OPT_IN:
                continue
            brand_no = self._registry.known_brand_no(offer.brand)
            if brand_no is None or row[_BRAND] not in (EVERY, brand_no):
                continue
            if offer.name != shown or row[_METHOD] == "import":
                self._earlier[offer.name].add(number)
            elif not self._permission.allows(number, brand_no, EVERY, Purpose.MARKETING):
                self._meters.count("incentives.refused.not_permitted")  # a broader no stands
            else:
                terms, address = more.get("incentive_terms", ""), more.get("ip", "")
                self._award(offer, number, row[_EVENT_ID], terms, address, now_us, changes)

    def _award(
        self,
        offer: Offer,
        subscriber_no: int,
        event_id: int,
        terms: str,
        address: str,
        now_us: int,
        changes: Changes,
    ) -> None:
        sponsor = self._registry.account_named(offer.sponsor)
        why = self._why_not(offer, subscriber_no, terms, address, sponsor, now_us)
        if why is None and sponsor is not None:
            reference = self._ids.next_id(now_us)
            paid = self._balances.move(
                TransferKind.INCENTIVE_OUT, sponsor.account_no, reference, offer.amount_micros, now_us
            )
            why = None if paid.status is LedgerStatus.MOVED else "no_money"
        if why is not None or sponsor is None:
            self._meters.count(f"incentives.refused.{why}")
            return
        add_transfers(changes, paid.transfers)
        self._postings.add(
            changes, TransferKind.INCENTIVE_IN, subscriber_no, reference, offer.amount_micros, now_us
        )
        award = Award(
            self._shard,
            offer.name,
            subscriber_no,
            int(offer.earned_by),
            reference,
            sponsor.account_no,
            offer.amount_micros,
            event_id,
            terms,
            int(AwardState.EARNED),
            now_us,
            now_us + offer.keep_us,
        )
        changes.upserts.append(("incentive_award", msgspec.structs.asdict(award)))
        self._remember(award)
        if address:
            self._per_address[offer.name].count(address, now_us)
        self._meters.count("incentives.awarded")

    def _why_not(
        self,
        offer: Offer,
        subscriber_no: int,
        terms: str,
        address: str,
        sponsor: Account | None,
        now_us: int,
    ) -> str | None:
        if subscriber_no in self._awarded.get(offer.name, ()):
            return "once_only"
        if subscriber_no in self._earlier[offer.name]:
            return "opted_in_before"
        if not offer.is_open(now_us):
            return "not_open"
        if terms != offer.terms:
            return "other_terms"
        if sponsor is None or not sponsor.active or sponsor.currency != self._balances.currency:
            return "no_sponsor"
        if self._per_person.wait_s(str(subscriber_no), now_us):
            return "too_many_of_person"
        if self._per_offer[offer.name].wait_s("", now_us):
            return "too_many_of_offer"
        if address and self._per_address[offer.name].wait_s(address, now_us):
            return "too_many_of_address"
        return None

    def _stopped(self, row: Row, now_us: int, changes: Changes) -> None:
        for offer in self.offers:
            if offer.earned_by is EarnedBy.OPT_IN and (offer.name, row[_SUBSCRIBER]) in self._kept:
                brand_no = self._registry.known_brand_no(offer.brand)
                if row[_BRAND] in (EVERY, brand_no):
                    self._take_back(offer, row[_SUBSCRIBER], now_us, changes)

    def _take_back(self, offer: Offer, subscriber_no: int, now_us: int, changes: Changes) -> None:
        """Within the time in which it is held back; nothing afterwards."""
        award = self._kept.pop((offer.name, subscriber_no), None)
        if award is None or not award.is_held_back(now_us):
            return
        reference, micros = self._ids.next_id(now_us), award.amount_micros
        self._postings.add(changes, TransferKind.INCENTIVE_BACK_OUT, subscriber_no, reference, micros, now_us)
        returned = self._balances.move(
            TransferKind.INCENTIVE_BACK_IN, award.sponsor_no, reference, micros, now_us
        )
        add_transfers(changes, returned.transfers)
        ended = msgspec.structs.replace(award, state=int(AwardState.TAKEN_BACK), ended_us=now_us)
        changes.upserts.append(("incentive_award", msgspec.structs.asdict(ended)))
        self._meters.count("incentives.taken_back")

    def _remember(self, award: Award) -> None:
        self._awarded.setdefault(award.offer, BitMap()).add(award.subscriber_no)
        self._per_person.count(str(award.subscriber_no), award.at_us)
        if award.offer in self._per_offer:
            self._per_offer[award.offer].count("", award.at_us)
        if award.state == AwardState.EARNED:
            self._kept[(award.offer, award.subscriber_no)] = award
