"""Quote a campaign: what its text costs to everybody of an audience, by the tariff of the moment.

Reads every recipient, so it runs beside the loop (law 6). Prices, segments and registers are those of the
door, asked as the door asks them. Not here: whom a client may be told of (services.answer_audiences).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyroaring import BitMap

from operator_push.domain.best_channel import channels_tried
from operator_push.domain.consent import SMS, USSD
from operator_push.domain.message import Decision, RefusalReason, TrafficClass, Verdict
from operator_push.domain.personal.texts import CampaignTexts
from operator_push.domain.personal.values import NO_VALUES, NOTHING, PersonalValues
from operator_push.domain.profile import FeatureValue
from operator_push.domain.rating.charge import Charge
from operator_push.domain.rating.plans import Asked
from operator_push.domain.tariff import Pricing
from operator_push.kernel.errors import OperatorError
from operator_push.services.accept_submissions import Offered, Scrub, WayOut
from operator_push.services.campaign_texts import PersonTexts, attributes_used, texts_asked
from operator_push.services.price_by_documents import PriceByDocuments
from operator_push.services.quoted_texts import SegmentCounts, TextsAlike, told_segments
from operator_push.services.registry import Account, Registry
from operator_push.text.data_coding import Encoding, choose_encoding, encode_text
from operator_push.text.ussd_text import ussd_problem

QUOTE_VALID_US = 7 * 86_400 * 1_000_000
COUNTRY_DIGITS = 3  # Ours: the first digits by which one number of each country is held against a register

# The segment_count that a text will have: (source, destination, text, account_no, traffic_class).
SegmentsOf = Callable[[str, str, str, int, int], int]
# The offer that somebody of a campaign would become: (account, asked, subscriber_no, destination, now_us).
OfferOf = Callable[[Account, Mapping[str, Any], int, str, int], Offered]
_ADMITTED = Decision(Verdict.ADMIT, RefusalReason.NONE, 0, b"")
_WHAT_A_REGISTER_SAYS = {
    RefusalReason.BAD_HEADER: "the sender is no registered header of this brand's entity",
    RefusalReason.BAD_TEMPLATE: "the text fits no registered template of this brand's entity",
}


class QuoteCampaign:
    """The use case for one shard. `scrub` as of the door, None where no register is asked."""

    def __init__(
        self,
        registry: Registry,
        tariff: Pricing,
        msisdn_of: Callable[[int], str],
        segments_of: SegmentsOf,
        texts: PersonTexts,
        documents: PriceByDocuments | None = None,
        scrub: Scrub | None = None,
        offer_of: OfferOf | None = None,
        way_out: WayOut | None = None,
        floor: int = 1,
    ) -> None:
        self._registry = registry
        self._tariff = tariff
        self._msisdn_of = msisdn_of
        self._segments_of = segments_of
        self._documents = documents
        self._scrub = scrub
        self._offer_of = offer_of
        self._way_out = way_out
        self._person_texts = texts
        self._floor = floor

    def quote(
        self,
        asked: Mapping[str, Any],
        audience: BitMap,
        now_us: int,
        values: PersonalValues = NO_VALUES,
        shown: int = 0,
    ) -> dict[str, Any]:
        """Price a text for an audience: segments as they will be billed, at today's tariff.

        `values`: what is known of each of the audience, in its order, for texts with places. `segments` is
        what at least `floor` people get, or what everybody gets of whom nothing is known: a longest text of
        somebody alone would tell that there is such a person, and is sent with its fallbacks instead.

        Where a tariff counts (tiers, bundles, contacts, credit) every message is quoted as the next one, on
        top of what is used by now. `lines`: people by what their message comes to, most of them first.
        `texts`: as many as `shown` of what people get word for word, where at least `floor` get the same.

        Raises:
            OperatorError: the account does not exist, the text cannot be sent or is not registered where the
                law asks for it, or nothing prices part of the audience.
        """
        account = self._registry.require_account(asked["account"])
        charge_of = self._charges_by_documents(account, asked, now_us)
        alike = TextsAlike() if shown else None
        counts = self._counted(account, asked, texts_asked(asked), audience, now_us, values, alike)
        segments_max = told_segments(counts, self._floor)
        total, price_max = 0, 0
        lines: Counter[tuple[int, int]] = Counter()
        charged: dict[tuple[int, int], list[dict[str, Any]]] = {}
        for place, subscriber_no in enumerate(audience):
            destination = self._msisdn_of(subscriber_no)
            segments, encoding = counts.sent(place, segments_max)
            charge, billed = None, segments
            if charge_of is not None:
                found = charge_of(destination, subscriber_no, encoding, segments)
                charge, billed = found or (None, segments)
                most = charge.most(billed) if charge is not None else None
            else:
                price = self._tariff.price_per_segment(destination, TrafficClass.PROMOTIONAL, now_us)
                most = price * segments if price is not None else None
            if most is None:
                raise OperatorError("nothing prices promotional messages to part of this audience")
            if (segments, most) not in charged:
                charged[segments, most] = _charged_lines(charge, billed, most)
            lines[segments, most] += 1
            if alike is not None:
                alike.price(place, subscriber_no, counts.is_plain(place, segments_max), segments, most)
            price_max = max(price_max, -(-most // segments))
            total += most
        return {
            "audience": len(audience),
            "segments": segments_max,
            "price_micros": price_max,
            "quoted_micros": total,
            "valid_until_us": now_us + QUOTE_VALID_US,
            "lines": [
                {
                    "people": people,
                    "segments": segments,
                    "message_micros": most,
                    "charged": charged[segments, most],
                }
                for (segments, most), people in lines.most_common()
            ],
            **({} if alike is None else {"texts": alike.told(shown, self._floor)}),
        }

    def _counted(
        self,
        account: Account,
        asked: Mapping[str, Any],
        texts: CampaignTexts,
        audience: BitMap,
        now_us: int,
        values: PersonalValues,
        alike: TextsAlike | None,
    ) -> SegmentCounts:
        """What the longest text that each may get comes to, with what is known and without."""
        counts, channels = SegmentCounts(), channels_asked(asked)
        countries: set[str] = set()
        for place, subscriber_no in enumerate(audience):
            destination, known = self._msisdn_of(subscriber_no), values.at(place)
            all_said = [
                self._said(account, texts, subscriber_no, each)
                for each in ((known, NOTHING) if known else (NOTHING,))
            ]
            if destination[:COUNTRY_DIGITS] not in countries:
                countries.add(destination[:COUNTRY_DIGITS])
                for text in {text: None for said in all_said for text in said}:
                    one = {**asked, "text": text}
                    self._require_registered(account, one, subscriber_no, destination, now_us)
            whole = [
                [self._text_to(subscriber_no, account, asked, text) for text in said] for said in all_said
            ]
            sms = None if SMS not in channels else account.account_no
            longest = [
                max((self._count(asked["source"], destination, text, sms), text) for text in said)
                for said in whole
            ]
            if USSD in channels:
                self._require_screen(all_said[-1])
            counts.add(longest[0], longest[-1])
            if alike is not None:
                variant = subscriber_no % len(whole[0])  # who gets which is drawn once it is ordered
                alike.add(whole[0][variant], whole[-1][variant])
        return counts

    def _said(
        self, account: Account, texts: CampaignTexts, subscriber_no: int, known: Mapping[str, FeatureValue]
    ) -> list[str]:
        """What somebody of whom this is known may get, filled: the text, or each variant."""
        payer, number = account.account_no, self._registry.next_campaign_no()
        return [
            self._person_texts.quoted(texts, text, payer, number, known) for text in texts.possible(known)
        ]

    def _require_registered(
        self, account: Account, asked: Mapping[str, Any], subscriber_no: int, destination: str, now_us: int
    ) -> None:
        """One number of each country is held against its register, as the door will hold everybody."""
        if self._scrub is None or self._offer_of is None:
            return
        offer = self._offer_of(account, asked, subscriber_no, destination, now_us)
        found = self._scrub(offer, _ADMITTED)
        if found.verdict is Verdict.REFUSE:
            why = _WHAT_A_REGISTER_SAYS.get(found.reason, "the register refuses it")
            raise OperatorError(
                f"{found.reason.name}: {why}; `operator-push dlt --help` tells of registering"
            )

    def _charges_by_documents(
        self, account: Account, asked: Mapping[str, Any], now_us: int
    ) -> Callable[[str, int, Encoding, int], tuple[Charge, int] | None] | None:
        """The charge of a message to (destination, subscriber_no) by the dearest channel that it may go by,
        with its segments there; None where the account pays by rows."""
        documents = self._documents
        plans = documents.plans_of(account.account_no) if documents is not None else None
        if documents is None or plans is None:
            return None
        attributes = attributes_used(asked.get("rule") or "", texts_asked(asked))

        def charge_of(
            destination: str, subscriber_no: int, encoding: Encoding, segments: int
        ) -> tuple[Charge, int] | None:
            found: list[tuple[Charge, int]] = []
            for channel in channels_asked(asked):
                message = Asked(
                    account.name,
                    account.currency,
                    destination,
                    TrafficClass.PROMOTIONAL,
                    asked["source"],
                    lambda: encoding,
                    channel,
                    attributes,
                )
                charge = documents.charge(plans, message, account.account_no, subscriber_no, now_us)
                if charge is None:
                    return None
                found.append((charge, 1 if channel == USSD else segments))
            return max(found, key=lambda each: each[0].most(each[1]))

        return charge_of

    def _text_to(self, subscriber_no: int, account: Account, asked: Mapping[str, Any], text: str) -> str:
        """What the text will be for this person: the first one may have to tell how to end such messages."""
        if self._way_out is None:
            return text
        to = subscriber_no, account.brand_no, int(asked.get("category") or 0)
        return self._way_out.text_for(to, asked["source"], text)

    def _require_screen(self, texts: Sequence[str]) -> None:
        """What is sent where nothing is known must be shown at once; longer ones give way to it."""
        for text in dict.fromkeys(texts):
            encoding = choose_encoding(text)
            if problem := ussd_problem(encode_text(text, encoding), encoding):
                raise OperatorError(f"this text cannot be sent: {problem}", key="text")

    def _count(self, source: str, destination: str, text: str, account_no: int | None) -> int:
        """Its segments; `account_no` None: it goes to the screen, where it is one."""
        if account_no is None:
            return 1
        try:
            return self._segments_of(source, destination, text, account_no, TrafficClass.PROMOTIONAL)
        except ValueError as fault:
            raise OperatorError(f"this text cannot be sent: {fault}") from fault


def channels_asked(asked: Mapping[str, Any]) -> tuple[str, ...]:
    """By what the messages of what is asked for may go."""
    return channels_tried((asked.get("terms") or {}).get("channel"))


def _charged_lines(charge: Charge | None, segments: int, most: int) -> list[dict[str, Any]]:
    """The price lines of such a message: those of its tariff, or the one of a simple row."""
    if charge is None:
        each = most // segments
        return [{"what": "segment", "units": segments, "each_micros": each, "amount_micros": most}]
    return [
        {
            "what": line.what,
            "units": line.units,
            "each_micros": line.unit_price_micros,
            "amount_micros": line.amount_micros,
        }
        for line in charge.lines(segments)
    ]
