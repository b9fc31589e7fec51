"""The first promotional message to an imported customer tells how to end them: once, and priced."""

import pytest
from campaign_room import plain_texts
from msgspec.structs import replace
from pyroaring import BitMap
from shard import ACCOUNT, BRAND, MSISDN, NOW_US, PRICE_MICROS, Shard

from operator_push.domain.concatenated_parts import Part
from operator_push.domain.consent import IMPORTED, ConsentEvent, Evidence, Purpose
from operator_push.domain.message import MessageState, Origin, RefusalReason, Submission, TrafficClass
from operator_push.domain.permission import ConsentAction
from operator_push.domain.way_outs import MARK_ADDED, MARK_SAID, WayOuts
from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.cut_plan import ConcatReferences
from operator_push.gateway.message_cutting import payload_of
from operator_push.gateway.text_rewriting import TextRewriting
from operator_push.services.accept_submissions import Offered
from operator_push.services.finish_message import TOLD_BY_US
from operator_push.services.offer_way_out import OfferWayOut, WayOutTerms
from operator_push.services.open_messages import OpenMessage
from operator_push.services.quote_campaign import QuoteCampaign
from operator_push.services.registry import Account, Registry
from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.pdu import SubmitSm

LISTED, OWN = 21, 1  # subscriber 1 opted in by an act of their own
WORDS = "Send STOP to 56070 to end."


class Room(Shard):
    """A shard in which LISTED is a customer by the brand's list alone."""

    def __init__(self, language: str = "en", codes: tuple[str, ...] = ("56070",)) -> None:
        super().__init__(segments_paid=100)
        for number in (LISTED, LISTED + 1):
            self.permission.apply(
                ConsentEvent(
                    number,
                    BRAND,
                    0,
                    Purpose.MARKETING,
                    "sms",
                    ConsentAction.GRANT,
                    NOW_US,
                    Evidence(IMPORTED),
                )
            )
        self.cutter = MessageCutter(lambda *asked: None, ConcatReferences())
        self.outs = WayOuts(self.permission)
        rewriting = TextRewriting(self.cutter).rewritten
        self.way_out = OfferWayOut(0, self.outs, rewriting, WayOutTerms(codes, language, ["de"]))
        self.accept_use_case.way_out = self.way_out
        self.finish.on_final.append(self.way_out.message_final)

    def text(
        self, text: str, to: int = LISTED, source: str = "CHAI", kind: int = 3, **more: object
    ) -> Offered:
        body, segments, wire, whole = self.cutter.render_text(source, MSISDN, text, ACCOUNT, kind, NOW_US)
        submission = Submission(
            ACCOUNT, BRAND, 0, TrafficClass(kind), Origin.ESME, to, MSISDN, source, segments, 0, -1
        )
        return Offered(submission, body, 1, 0, wire, whole=whole, **more)  # type: ignore[arg-type]

    def admitted(self, offer: Offered) -> OpenMessage:
        (accepted,) = self.accept(offer)
        assert accepted.message is not None, accepted.reason
        return accepted.message


def said(message: OpenMessage) -> str:
    pdu = decode_pdu(message.body)
    assert isinstance(pdu, SubmitSm)
    return payload_of(pdu).decode("utf-16-be" if pdu.data_coding == 8 else "latin-1")


def test_the_first_of_two_at_once_tells_it_and_the_trail_says_so() -> None:
    room = Room()
    first, second = room.accept(room.text("Tea today"), room.text("Tea tomorrow"))
    assert first.message is not None
    assert second.message is not None
    assert (said(first.message), said(second.message)) == (f"Tea today {WORDS}", "Tea tomorrow")
    assert (first.trail[-2:], MARK_ADDED in second.trail) == (MARK_ADDED, False)
    row = {"shard": 0, "brand_no": BRAND, "subscriber_no": LISTED, "message_id": first.message_id}
    assert room.changes.upserts == [("way_out", row)]


def test_what_is_added_is_counted_priced_and_held() -> None:
    room = Room()
    message = room.admitted(room.text("x" * 150))
    assert (message.segment_count, message.held_micros) == (2, 2 * PRICE_MICROS)
    assert len(message.segments) == 2
    assert said(message) == "x" * 150 + " " + WORDS
    assert room.admitted(room.text("x" * 150)).segment_count == 1
    assert room.admitted(room.text("x" * 310, LISTED + 1)).segment_count == 3  # message_payload and a plan


@pytest.mark.parametrize(
    ("text", "source", "language", "end"),
    [
        ("Tea", "56070", "de", "Tea STOP an 56070 beendet das."),
        ("Tea\n", "CHAI", "en", f"Tea\n{WORDS}"),
        ("चाय", "CHAI", "hi", "चाय बंद करने के लिए 56070 पर STOP भेजें।"),
        ("Tea", "CHAI", "hi", f"Tea {WORDS}"),
    ],
)
def test_words_of_the_language_in_the_alphabet_of_the_text(
    text: str, source: str, language: str, end: str
) -> None:
    room = Room(language)
    assert said(room.admitted(room.text(text, source=source))) == end


def test_who_opted_in_themselves_and_other_traffic_stay_as_they_are() -> None:
    room = Room()
    assert said(room.admitted(room.text("Tea", OWN))) == "Tea"
    assert not room.way_out.is_due(room.text("Your code is 1", kind=1))
    assert not room.changes.upserts


def test_a_text_that_says_it_counts_as_having_told() -> None:
    room = Room()
    (accepted,) = room.accept(room.text("Tea. STOP to 56070 ends this"))
    assert accepted.message is not None
    assert said(accepted.message) == "Tea. STOP to 56070 ends this"
    assert accepted.trail[-2:] == MARK_SAID
    assert said(room.admitted(room.text("More tea"))) == "More tea"


def test_what_cannot_be_added_to_is_refused_and_stays_due() -> None:
    room = Room()
    binary = encode_pdu(SubmitSm(destination_addr=MSISDN, data_coding=4, short_message=b"\0\1"))
    submission = room.text("x").submission
    part = room.text("half of it", part=Part(7, 2, 1))
    for offer in (Offered(submission, binary, 1), part, room.text("x" * 153 * 255)):
        (refused,) = room.accept(offer)
        assert refused.reason is RefusalReason.NO_WAY_OUT
    assert said(room.admitted(room.text("Tea"))).endswith(WORDS)
    (nowhere,) = Room(codes=()).accept(room.text("Tea"))
    assert nowhere.reason is RefusalReason.NO_WAY_OUT
    other = Room(codes=())
    assert said(other.admitted(other.text("Tea", source="57575"))).endswith("57575 to end.")


def test_a_stop_is_the_reason_and_not_the_words() -> None:
    room = Room(codes=())
    room.consent(LISTED, ConsentAction.WITHDRAW, at_us=NOW_US + 1)
    (refused,) = room.accept(room.text("Tea"))
    assert refused.reason is RefusalReason.WITHDRAWN


def test_the_next_one_tells_it_where_the_first_never_arrived() -> None:
    room = Room()
    for state, next_says in ((MessageState.EXPIRED, True), (MessageState.DELIVERED, False)):
        message = room.admitted(room.text("Tea"))
        assert said(message).endswith(WORDS)
        room.changes.upserts.clear()
        room.finish.segment_ended(
            1, message, message.segments[0], state, TOLD_BY_US, "", NOW_US, room.changes
        )
        assert [row["message_id"] for _, row in room.changes.upserts] == ([0] if next_says else [])
    assert said(room.admitted(room.text("Tea"))) == "Tea"


def test_what_may_take_the_place_of_the_first_tells_it_too() -> None:
    room = Room()
    room.admitted(room.text("Tea"))
    assert said(room.admitted(room.text("Chai", replaces=True))).endswith(WORDS)
    message = room.admitted(room.text("More"))
    assert not room.way_out.give_place(message)


def test_a_quote_sees_the_text_as_it_will_be() -> None:
    room = Room()
    asked = LISTED, BRAND, 0
    assert room.way_out.text_for(asked, "CHAI", "Tea") == f"Tea {WORDS}"
    assert room.way_out.text_for((OWN, BRAND, 0), "CHAI", "Tea") == "Tea"
    room.admitted(room.text("Tea"))
    assert room.way_out.text_for(asked, "CHAI", "Tea") == "Tea"


def test_a_campaign_is_quoted_with_the_segments_that_the_words_make() -> None:
    room = Room()
    account = Account(ACCOUNT, "chai", "enterprise", BRAND, "", True, 3, 0, (), False, 1, 1, "INR", 0)
    registry, counted = Registry([(BRAND, "Chai")], [account]), room.cutter.segments_of
    texts = plain_texts(registry)
    quoting = QuoteCampaign(
        registry, room.tariff, lambda number: MSISDN, counted, texts, way_out=room.way_out
    )
    asked = {"account": "chai", "source": "CHAI", "text": "x" * 150, "category": "0"}
    quote = quoting.quote(asked, BitMap([OWN, LISTED]), NOW_US)
    assert (quote["segments"], quote["quoted_micros"]) == (2, 3 * PRICE_MICROS)


def test_an_answer_to_the_code_that_it_names_is_one_to_its_brand() -> None:
    room = Room()
    told: list[tuple[str, int]] = []
    room.way_out.on_told = lambda code, message: told.append((code, message.brand_no))
    room.admitted(room.text("Tea"))
    room.admitted(room.text("Tea", LISTED + 1, source="56070"))  # its own conversation
    assert told == [("56070", BRAND)]


def test_a_notify_cannot_be_replied_to_so_it_names_the_number() -> None:
    room = Room()
    for number in (LISTED, LISTED + 1):
        event = (BRAND, 0, Purpose.MARKETING, "ussd", ConsentAction.GRANT, NOW_US, Evidence(IMPORTED))
        room.permission.apply(ConsentEvent(number, *event))
    assert room.way_out.text_for((LISTED, BRAND, 0), "56070", "Tea! Reply STOP to end") == (
        "Tea! Reply STOP to end"
    )
    asked = (LISTED, BRAND, 0), "56070", "Tea! Reply STOP to end", "ussd"
    assert room.way_out.text_for(*asked) == f"Tea! Reply STOP to end {WORDS}"
    body, _, wire, _ = room.cutter.render_ussd("56070", MSISDN, "x" * 182, ACCOUNT, 3, NOW_US)
    submission = replace(room.offer(LISTED).submission, source="56070", channel="ussd")
    full = Offered(submission, body, 1, 0, wire)
    (accepted,) = room.accept(full)
    assert accepted.reason is RefusalReason.NO_WAY_OUT
    body, _, wire, _ = room.cutter.render_ussd("56070", MSISDN, "Tea!", ACCOUNT, 3, NOW_US)
    (accepted,) = room.accept(Offered(submission, body, 1, 0, wire))
    assert accepted.message is not None
    assert payload_of(decode_pdu(accepted.message.body)) == f"Tea! {WORDS}".encode()  # type: ignore[arg-type]
