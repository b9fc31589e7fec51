"""What an ESME's PDU asks for: its class of traffic, its place in a long message, what makes it a retry."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_push.domain.address_rules import AddressRules
from operator_push.domain.message import RefusalReason, TrafficClass
from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.cut_plan import ConcatReferences
from operator_push.gateway.submit_offers import SubmitOffers, SubmitTerms, class_of_octets
from operator_push.services.accept_submissions import Offered
from operator_push.services.registry import Account
from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.pdu import SubmitSm
from operator_push.smpp.tlv import TlvTag

NOW_US = 1_800_000_000_000_000
CLASS_TAG = 0x1500
REFERENCE = (int(TlvTag.user_message_reference), b"\x00\x07")


def account(traffic_class: TrafficClass = TrafficClass.TRANSACTIONAL) -> Account:
    return Account(1, "shop", "esme", 7, "", True, int(traffic_class), 0, (), True, 10, 10, "INR", 0)


class _Vault:
    def number_of(self, msisdn: str) -> int:
        return 5

    def enrol(self, msisdns: object, at_us: int) -> object:
        raise AssertionError("reading a PDU enrols nobody")


def offer(pdu: SubmitSm, of: Account | None = None, has_room: bool = True, **terms: object) -> Offered:
    agreed = SubmitTerms(**({"traffic_class_tlv": CLASS_TAG} | terms))  # type: ignore[arg-type]
    cutter = MessageCutter(lambda *asked: None, ConcatReferences())
    offers = SubmitOffers(_Vault(), lambda account_no: has_room, agreed, cutter)  # type: ignore[arg-type]
    return offers.offer(pdu, of or account(), NOW_US)


def submit(*tlvs: tuple[int, bytes], **more: object) -> SubmitSm:
    asked: dict[str, object] = {"source_addr": "SHOP", "destination_addr": "919812345678"}
    return SubmitSm(**(asked | {"short_message": b"hi", "tlvs": tlvs} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ton", "address", "meant"),
    [
        (0, "+919812345678", "919812345678"),
        (1, "919812345678", "919812345678"),
        (2, "09812345678", "919812345678"),  # by the rules of the account
        (0, "00919812345678", "919812345678"),
        (3, "919812345678", "919812345678"),  # it is compared, nothing is sent to it
        (0, "short", "short"),
    ],
)
def test_a_recipient_that_is_asked_about_is_written_as_messages_keep_it(ton: int, address: str, meant: str):
    terms = SubmitTerms(address_rules_of=lambda of: AddressRules("91"))
    cutter = MessageCutter(lambda *asked: None, ConcatReferences())
    offers = SubmitOffers(_Vault(), lambda account_no: True, terms, cutter)  # type: ignore[arg-type]
    assert offers.recipient_meant(account(), ton, address) == meant


def test_the_class_is_the_account_s_where_nothing_else_states_one():
    assert offer(submit()).submission.traffic_class is TrafficClass.TRANSACTIONAL
    promo = account(TrafficClass.PROMOTIONAL)
    assert offer(submit(), promo).submission.traffic_class is TrafficClass.PROMOTIONAL


def test_a_tlv_states_the_class_and_does_not_travel_on():
    made = offer(submit((CLASS_TAG, b"\3"), REFERENCE))
    assert made.submission.traffic_class is TrafficClass.PROMOTIONAL
    stored = decode_pdu(made.body)
    assert stored.tlv(CLASS_TAG) is None
    assert stored.tlv(REFERENCE[0]) == REFERENCE[1]


def test_a_tlv_without_a_class_is_refused():
    made = offer(submit((CLASS_TAG, b"\7")))
    assert made.refusal is RefusalReason.CLASS_NOT_ALLOWED
    assert made.submission.traffic_class is TrafficClass.TRANSACTIONAL


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (b"\1", TrafficClass.TRANSACTIONAL),
        (b"2", TrafficClass.SERVICE),
        (b"\3", TrafficClass.PROMOTIONAL),
        (b"\0", None),
        (b"4", None),
        (b"", None),
        (b"\1\1", None),
    ],
)
def test_a_class_is_one_octet(value: bytes, meant: TrafficClass | None):
    assert class_of_octets(value) is meant


def test_a_registered_header_has_its_class():
    headers = {"OTP": TrafficClass.SERVICE}
    agreed = {"class_of_sender": lambda account, sender: headers.get(sender)}
    assert offer(submit(source_addr="OTP"), **agreed).submission.traffic_class is TrafficClass.SERVICE
    assert offer(submit(), **agreed).submission.traffic_class is TrafficClass.TRANSACTIONAL


UDH_8 = bytes((5, 0, 3, 9, 2, 1))


def test_a_retry_is_the_same_in_everything_that_counts():
    def key(pdu: SubmitSm) -> object:
        return offer(pdu, retry_window_of=lambda account: 60).retry

    first = key(submit(REFERENCE))
    assert first is not None
    assert key(submit(REFERENCE)) == first
    assert key(submit(REFERENCE, short_message=b"other")) != first
    assert key(submit(REFERENCE, source_addr="OTHER")) != first
    assert key(submit(REFERENCE, destination_addr="919812345679")) != first
    assert key(submit((REFERENCE[0], b"\0\x08"))) != first
    assert key(submit()) is None  # no reference: both may be meant
    assert key(submit(esm_class=0x40, short_message=UDH_8 + b"x")) is not None


def test_the_window_is_off_by_contract():
    assert offer(submit(REFERENCE), retry_window_of=lambda account: 0).retry is None


def test_an_account_with_a_full_queue_is_refused():
    assert offer(submit(), has_room=False).refusal is RefusalReason.QUEUE_FULL


def test_a_header_that_is_longer_than_its_message_is_refused_and_odd_elements_leave_as_they_are():
    assert offer(submit(esm_class=0x40, short_message=b"\x7fx")).refusal is RefusalReason.BAD_MESSAGE
    assert offer(submit(esm_class=0x40, short_message=b"")).refusal is RefusalReason.BAD_MESSAGE
    odd = offer(submit(esm_class=0x40, short_message=b"\3\0\x7f\1text"))
    assert (odd.refusal, odd.part) == (RefusalReason.NONE, None)
    stored = decode_pdu(odd.body)
    assert isinstance(stored, SubmitSm)
    assert (stored.short_message, stored.esm_class) == (b"\3\0\x7f\1text", 0x40)


@pytest.mark.parametrize(("asked", "kept"), [(0, 0), (3, 3), (4, 3)])
def test_a_priority_of_smpp_5_leaves_as_the_highest_that_links_know(asked: int, kept: int):
    pdu = submit(priority_flag=asked)
    stored = decode_pdu(offer(pdu).body)
    assert isinstance(stored, SubmitSm)
    assert stored.priority_flag == kept


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "source_addr_ton": st.sampled_from([0, 3, 5]),
        "source_addr": st.sampled_from(["", "56070", "SHOP", "+4917"]),
        "dest_addr_ton": st.sampled_from([0, 1, 2]),
        "destination_addr": st.sampled_from(["919812345678", "+919812345678", "09812345678", "12", ""]),
        "esm_class": st.sampled_from([0, 0x40, 0x03]),
        "priority_flag": st.integers(0, 4),
        "registered_delivery": st.sampled_from([0, 1, 2, 0x11]),
        "schedule_delivery_time": st.sampled_from(["", "270301000000000+"]),
        "validity_period": st.sampled_from(["", "000001000000000R", "270301000000000+"]),
        "replace_if_present_flag": st.sampled_from([0, 1]),
        "data_coding": st.sampled_from([0, 3, 4, 8]),
        "short_message": st.sampled_from([b"", b"hi", b"x" * 140, b"x" * 141, b"\x05\0\3\1\2\1hello"]),
        "tlvs": st.sampled_from([(), (REFERENCE,), ((CLASS_TAG, b"\3"),)]),
    },
)


@settings(max_examples=300, deadline=None)
@given(
    fields=FIELDS,
    has_room=st.sampled_from([True, True, True, False]),
    rules=st.sampled_from([None, None, AddressRules("91")]),
    by_sender=st.sampled_from([None, TrafficClass.SERVICE]),
)
def test_a_usual_submit_sm_is_offered_as_step_by_step(fields, has_room, rules, by_sender):
    octets = encode_pdu(SubmitSm(**({"source_addr": "1", "destination_addr": "919812345678"} | fields)))
    terms = SubmitTerms(
        CLASS_TAG, class_of_sender=lambda *asked: by_sender, address_rules_of=lambda of: rules
    )

    def made_new() -> SubmitOffers:
        cutter = MessageCutter(lambda *asked: None, ConcatReferences())
        return SubmitOffers(_Vault(), lambda account_no: has_room, terms, cutter)  # type: ignore[arg-type]

    made = made_new().offer(decode_pdu(octets), account(), NOW_US, octets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SubmitOffers, "_usual", lambda *asked: None)
        by_steps = made_new().offer(decode_pdu(octets), account(), NOW_US, octets)
    assert _compared(made) == _compared(by_steps)


def _compared(made: Offered) -> Offered:
    """With the cut's own PDU left out, which is compared by the body."""
    return msgspec.structs.replace(made, wire=getattr(made.wire, "segments", made.wire))


def test_nearly_all_are_usual():
    octets = encode_pdu(submit(registered_delivery=1))
    cutter = MessageCutter(lambda *asked: None, ConcatReferences())
    offers = SubmitOffers(_Vault(), lambda account_no: True, SubmitTerms(), cutter)  # type: ignore[arg-type]
    pdu = SubmitSm(
        source_addr_ton=5, source_addr="SHOP", destination_addr="919812345678", registered_delivery=1
    )
    assert offers._usual(pdu, account(), octets) is not None


def test_a_service_type_of_ussd_is_another_channel_also_where_the_octets_are_as_they_came() -> None:
    pdu = submit(service_type="USSD", registered_delivery=1)
    found = offer(pdu)
    assert (found.submission.channel, found.submission.segment_count) == ("ussd", 1)
    cutter = MessageCutter(lambda *asked: None, ConcatReferences())
    offers = SubmitOffers(_Vault(), lambda account_no: True, SubmitTerms(), cutter)  # type: ignore[arg-type]
    pdu = submit(service_type="USSD", registered_delivery=1)
    as_it_came = offers.offer(pdu, account(), NOW_US, encode_pdu(pdu))
    assert as_it_came.submission.channel == "ussd"
    assert decode_pdu(as_it_came.body).tlv(TlvTag.ussd_service_op) == b"\x03"  # type: ignore[union-attr]
    dialogue = submit((int(TlvTag.ussd_service_op), b"\x02"), service_type="USSD")
    assert offer(dialogue).refusal is RefusalReason.BAD_MESSAGE
