"""A receipt's octets are those of the PDU that says the same; the codec is the judge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.message import FINAL_STATES, MessageState
from operator_push.gateway.receipt_octets import (
    SMPP_STATES,
    SOURCE_SHOWN_MAX,
    error_octets,
    notification_octets,
    receipt_octets,
)
from operator_push.kernel.ids import id_epoch_us
from operator_push.kernel.instants import from_epoch_us
from operator_push.services.open_messages import OpenMessage, OpenSegment
from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.constants import EsmClass, Npi, Ton
from operator_push.smpp.pdu import DeliverSm, SubmitSm
from operator_push.smpp.receipt_text import format_receipt
from operator_push.smpp.tlv import TlvTag

MESSAGE_ID = 382646408391426048
ENDED_US = 1_800_000_000_000_000


def message_of(source: str, segments: int, reference: int, message_id: int = MESSAGE_ID) -> OpenMessage:
    return OpenMessage(
        message_id, 1, 1, 1, 0, 1, 0, 1, 1, source, "919812345678", segments, 1, 1, 1, reference, 0, b"",
        [OpenSegment(number) for number in range(1, segments + 1)],
    )  # fmt: skip


def pdu_of(message: OpenMessage, state: MessageState, delivered: int, ended_us: int) -> DeliverSm:
    """The same by way of a PDU."""
    smpp_state, identifier = SMPP_STATES[state], str(message.message_id)
    tlvs = [
        (int(TlvTag.receipted_message_id), identifier.encode() + b"\0"),
        (int(TlvTag.message_state), bytes([smpp_state])),
    ]
    if message.client_reference >= 0:
        tlvs.append((int(TlvTag.user_message_reference), message.client_reference.to_bytes(2, "big")))
    accepted = from_epoch_us(id_epoch_us(message.message_id))
    text = format_receipt(
        identifier,
        smpp_state,
        accepted,
        from_epoch_us(ended_us),
        submitted=message.segment_count,
        delivered=delivered,
    )
    return DeliverSm(
        source_addr_ton=Ton.INTERNATIONAL,
        source_addr_npi=Npi.ISDN,
        source_addr=message.destination,
        dest_addr_ton=Ton.UNKNOWN if message.source.isdigit() else Ton.ALPHANUMERIC,
        destination_addr=message.source[:SOURCE_SHOWN_MAX],
        esm_class=EsmClass.SMSC_DELIVERY_RECEIPT,
        short_message=text,
        tlvs=tuple(tlvs),
    )


@given(
    st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=30),
    st.integers(1, 255),
    st.integers(-1, 0xFFFF),
    st.sampled_from(sorted(FINAL_STATES)),
    st.integers(ENDED_US, ENDED_US + 10**12),
    st.integers(1, 2**63 - 1),
)
def test_the_octets_are_those_of_the_pdu_that_says_the_same(
    source: str, segments: int, reference: int, state: MessageState, ended_us: int, message_id: int
) -> None:
    message = message_of(source, segments, reference, message_id)
    octets = receipt_octets(message, int(state), segments, ended_us)
    assert octets == encode_pdu(pdu_of(message, state, segments, ended_us))


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("034", b"034"),
        ("7", b"007"),
        ("A1", b"0A1"),
        ("", b"000"),
        ("ESME_RSYSERR", b"000"),
        ("\u0663", b"000"),
    ],
)
def test_the_network_s_error_code_has_three_characters(told: str, shown: bytes):
    assert error_octets(told) == shown
    octets = receipt_octets(message_of("CHAI", 1, -1), MessageState.EXPIRED, 0, ENDED_US, b"", shown)
    assert b" err:" + shown + b" text:" in octets


def test_a_notification_echoes_the_client_s_reference():
    pdu = decode_pdu(notification_octets(message_of("CHAI", 1, 7), ENDED_US))
    assert pdu.tlv(TlvTag.user_message_reference) == b"\0\7"
    assert decode_pdu(notification_octets(message_of("CHAI", 1, -1), ENDED_US)).tlv(0x0204) is None


def test_its_dates_are_told_to_the_minute():
    message = message_of("CHAI", 1, -1)
    pdu = decode_pdu(receipt_octets(message, MessageState.DELIVERED, 1, ENDED_US + 59_000_000))
    assert isinstance(pdu, DeliverSm)
    assert b"done date:2701150800 " in pdu.short_message


def test_what_is_not_final_has_no_receipt():
    with pytest.raises(KeyError):
        receipt_octets(message_of("CHAI", 1, -1), MessageState.SENT, 0, ENDED_US)


@pytest.mark.parametrize("kind", ["receipt", "notification"])
def test_its_addresses_are_those_of_the_submission_as_the_esme_wrote_them(kind: str):
    message = message_of("56070", 1, -1)
    message.body = encode_pdu(
        SubmitSm(
            service_type="CMT",
            source_addr_ton=3,
            source_addr_npi=9,
            source_addr="56070",
            dest_addr_ton=2,
            dest_addr_npi=1,
            destination_addr="09812345678",
            short_message=b"hi",
        )
    )
    if kind == "receipt":
        octets = receipt_octets(message, MessageState.DELIVERED, 1, ENDED_US)
    else:
        octets = notification_octets(message, ENDED_US)
    pdu = decode_pdu(octets)
    assert isinstance(pdu, DeliverSm)
    assert (pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr) == (2, 1, "09812345678")
    assert (pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr) == (3, 9, "56070")
    assert pdu.service_type == ""
    assert pdu.short_message.startswith(b"id:%d " % MESSAGE_ID)
