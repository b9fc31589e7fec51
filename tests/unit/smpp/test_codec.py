"""One whole PDU between octets and Struct: what is carried, what is refused and with which status."""

import pytest

from operator_push.smpp.codec import PduDecodeError, PduEncodeError, decode_pdu, encode_pdu, response_to
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import (
    PDU_TYPES,
    AlertNotification,
    BindTransceiver,
    BindTransceiverResp,
    CancelBroadcastSmResp,
    DataSm,
    DeliverSm,
    DeliverSmResp,
    DistributionList,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    QuerySmResp,
    SmeDestination,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    UnknownPdu,
    UnsuccessSme,
)

pytestmark = pytest.mark.usefixtures("both_codecs")

MESSAGE_PAYLOAD = 0x0424
# Names of what comes before short_message's text in a submit_sm with empty addresses, one octet each.
EMPTY_MESSAGE_FIELDS = [
    ("service_type", "ESME_RINVSERTYP"),
    ("source_addr_ton", "ESME_RINVSRCTON"),
    ("source_addr_npi", "ESME_RINVSRCNPI"),
    ("source_addr", "ESME_RINVSRCADR"),
    ("dest_addr_ton", "ESME_RINVDSTTON"),
    ("dest_addr_npi", "ESME_RINVDSTNPI"),
    ("destination_addr", "ESME_RINVDSTADR"),
    ("esm_class", "ESME_RINVESMCLASS"),
    ("protocol_id", "ESME_RINVCMDLEN"),
    ("priority_flag", "ESME_RINVPRTFLG"),
    ("schedule_delivery_time", "ESME_RINVSCHED"),
    ("validity_period", "ESME_RINVEXPIRY"),
    ("registered_delivery", "ESME_RINVREGDLVFLG"),
    ("replace_if_present_flag", "ESME_RINVREPFLAG"),
    ("data_coding", "ESME_RINVCMDLEN"),
    ("sm_default_msg_id", "ESME_RINVDFTMSGID"),
    ("sm_length", "ESME_RINVMSGLEN"),
]


def framed(command_id, body=b"", status=0, number=7):
    numbers = (16 + len(body), command_id, status, number)
    return b"".join(value.to_bytes(4, "big") for value in numbers) + body


def refusal(octets):
    with pytest.raises(PduDecodeError) as caught:
        decode_pdu(octets)
    return caught.value


@pytest.mark.parametrize("command_id", sorted(PDU_TYPES))
def test_every_pdu_with_its_defaults_reads_back(command_id):
    pdu = PDU_TYPES[command_id](sequence_number=1)
    octets = encode_pdu(pdu)
    assert int.from_bytes(octets[4:8], "big") == command_id
    assert decode_pdu(octets) == pdu


@pytest.mark.parametrize(
    "pdu",
    [
        SubmitSm(
            source_addr="é\xff",
            short_message=bytes(range(255)),
            tlvs=((0x0204, b"\0\1"), (0x3FFF, b""), (0x0204, b"\2\3")),
        ),
        SubmitMulti(
            dest_address=(
                SmeDestination(1, 1, "919800000001"),
                DistributionList("friends"),
                SmeDestination(5, 0, ""),
            ),
            short_message=b"hi",
            tlvs=((0x0427, b"\2"),),
        ),
        SubmitMultiResp(message_id="m", unsuccess_sme=(UnsuccessSme(1, 1, "91", 0xFFFFFFFF), UnsuccessSme())),
        DataSm(destination_addr="9" * 64, tlvs=((MESSAGE_PAYLOAD, bytes(65_535)),)),
        AlertNotification(source_addr="1", esme_addr="2", tlvs=((0x0422, b"\1"),)),
        Outbind(system_id="a", password="longer than nine characters"),
        QuerySmResp(message_id="1", final_date="250101000000000+", message_state=2, error_code=9),
        CancelBroadcastSmResp(command_status=0x10F),
        EnquireLink(sequence_number=0xFFFFFFFF, command_status=0xFFFFFFFF, tlvs=((1, b"x"),)),
        UnknownPdu(sequence_number=3, command_id=0x110, body=b"\1\2"),
    ],
    ids=lambda pdu: type(pdu).__name__,
)
def test_what_can_be_carried_is_carried(pdu):
    octets = encode_pdu(pdu)
    assert decode_pdu(octets) == pdu
    assert encode_pdu(decode_pdu(octets)) == octets


def test_repeated_and_illegal_length_tlvs_keep_their_order():
    pdu = decode_pdu(encode_pdu(SubmitSm(tlvs=((0x0204, b"\1"), (0x1400, b"x"), (0x0204, b"\2\3\4")))))
    assert pdu.tlvs == ((0x0204, b"\1"), (0x1400, b"x"), (0x0204, b"\2\3\4"))
    assert pdu.tlv(0x0204) == b"\1"
    assert pdu.tlv(0x9999) is None


def test_an_unknown_command_is_carried_whole():
    pdu = decode_pdu(framed(0x80000110, b"\xaa"))
    assert pdu == UnknownPdu(sequence_number=7, command_id=0x80000110, body=b"\xaa")
    assert pdu.is_response


@pytest.mark.parametrize(("cut", "field"), list(enumerate(EMPTY_MESSAGE_FIELDS)))
def test_a_cut_off_field_is_answered_with_its_own_status(cut, field):
    name, status = field
    fault = refusal(framed(0x00000004, bytes(cut)))
    assert (fault.field, fault.answer.name, fault.offset) == (name, status, 16 + cut)
    assert (fault.command_id, fault.sequence_number) == (4, 7)


@pytest.mark.parametrize(
    ("body", "field", "status"),
    [
        (b"CMT", "service_type", "ESME_RINVSERTYP"),
        (b"\0\1\1919800000001", "source_addr", "ESME_RINVSRCADR"),
        (b"\0\1\0011\0\1\0019198", "destination_addr", "ESME_RINVDSTADR"),
        (b"\0\0\0\0\0\0\0\0\0\x00250101", "schedule_delivery_time", "ESME_RINVSCHED"),
    ],
)
def test_a_string_without_its_nul_is_answered_with_its_own_status(body, field, status):
    fault = refusal(framed(0x00000004, body))
    assert (fault.field, fault.answer.name) == (field, status)


def test_sm_length_beyond_the_body():
    fault = refusal(framed(0x00000005, bytes(16) + b"\x09" + b"8 octets"))
    assert (fault.field, fault.answer) == ("short_message", CommandStatus.ESME_RINVMSGLEN)


@pytest.mark.parametrize(
    "tail", [b"\0", b"\x02\x04", b"\x02\x04\0", b"\x02\x04\0\2\1", b"\x04\x24\xff\xffabc"]
)
def test_a_tail_that_is_no_tlv_is_an_error_in_the_optional_part(tail):
    fault = refusal(framed(0x00000004, bytes(17) + tail))
    assert (fault.field, fault.answer) == ("tlvs", CommandStatus.ESME_RINVOPTPARSTREAM)


def test_a_body_on_a_header_only_pdu_is_a_wrong_length():
    assert refusal(framed(0x00000006, b"\xff")).answer is CommandStatus.ESME_RINVCMDLEN


@pytest.mark.parametrize(
    ("body", "field", "status"),
    [
        (b"\0\0\0\0", "number_of_dests", "ESME_RINVNUMDESTS"),
        (b"\0\0\0\0\2\2a\0", "dest_address", "ESME_RINVNUMDESTS"),
        (b"\0\0\0\0\1\3a\0", "dest_flag", "ESME_RINVDESTFLAG"),
        (b"\0\0\0\0\1\2list", "dl_name", "ESME_RINVDLNAME"),
        (b"\0\0\0\0\1\1\1\1919", "destination_addr", "ESME_RINVDSTADR"),
        (b"\0\0\0\0\1\1\1", "dest_addr_npi", "ESME_RINVDSTNPI"),
    ],
)
def test_submit_multi_destinations_that_break(body, field, status):
    fault = refusal(framed(0x00000021, body))
    assert (fault.field, fault.answer.name) == (field, status)


@pytest.mark.parametrize(
    "octets",
    [
        framed(0x80000004, b"no nul"),
        framed(0x80000021, b"\0\1\1\1x\0\0\0"),
        framed(0x80000003, b"\0\0"),
        framed(0x80000009, b"smsc\0\x02\x10\0\1"),
        framed(0x80000015, b"\xff"),
        framed(0x80000000, b"\xff"),
        framed(0x00000102, b"\1"),
        framed(0x0000000B, b"smsc"),
    ],
)
def test_responses_and_requests_without_one_are_never_answered(octets):
    assert refusal(octets).answer is None


@pytest.mark.parametrize("octets", [b"", b"\0\0\0\x10", framed(4)[:15], framed(21) + b"\0", framed(21)[:-1]])
def test_octets_that_are_not_exactly_one_pdu(octets):
    fault = refusal(octets)
    assert (fault.field, fault.answer) == ("command_length", CommandStatus.ESME_RINVCMDLEN)


def test_an_error_response_may_leave_its_body_out():
    octets = framed(0x80000004, status=0x58)
    pdu = decode_pdu(octets)
    assert pdu == SubmitSmResp(sequence_number=7, command_status=0x58, raw_body=b"")
    assert encode_pdu(pdu) == octets


def test_an_error_response_may_carry_a_body():
    pdu = decode_pdu(framed(0x80000004, b"00000000\0", status=10))
    assert (pdu.message_id, pdu.raw_body) == ("00000000", None)


def test_an_unreadable_body_under_an_error_status_is_kept_raw():
    octets = framed(0x80000004, b"A0000", status=11)
    pdu = decode_pdu(octets)
    assert pdu == SubmitSmResp(sequence_number=7, command_status=11, raw_body=b"A0000")
    assert encode_pdu(pdu) == octets


def test_an_omitted_message_id_differs_from_an_empty_one():
    assert encode_pdu(DeliverSmResp(1)) == framed(0x80000005, b"\0", number=1)
    assert encode_pdu(DeliverSmResp(1, raw_body=b"")) == framed(0x80000005, number=1)


@pytest.mark.parametrize(
    ("pdu", "field"),
    [
        (SubmitSm(source_addr="a\0b"), "source_addr"),
        (SubmitSm(destination_addr="१२३"), "destination_addr"),
        (SubmitSm(esm_class=256), "esm_class"),
        (SubmitSm(data_coding=-1), "data_coding"),
        (SubmitSm(short_message=bytes(256)), "short_message"),
        (SubmitSm(tlvs=((0x0424, bytes(65_536)),)), "tlvs"),
        (SubmitSm(tlvs=((0x10000, b""),)), "tlvs"),
        (SubmitMulti(dest_address=(DistributionList("x"),) * 256), "dest_address"),
        (SubmitMulti(dest_address=(DistributionList("x\0y"),)), "NUL"),
        (SubmitSm(sequence_number=1 << 32), "SubmitSm"),
        (DataSm(tlvs=((0x0424, bytes(60_000)), (0x1400, bytes(20_000)))), "70000"),
    ],
)
def test_what_would_read_back_differently_is_not_written(pdu, field):
    with pytest.raises(PduEncodeError, match=field):
        encode_pdu(pdu)


def test_response_to_echoes_the_number_and_leaves_the_body_out_on_error():
    bind = BindTransceiver(sequence_number=0x806A179B)
    assert response_to(bind) == BindTransceiverResp(0x806A179B)
    assert encode_pdu(response_to(bind, 0x0E)) == framed(0x80000009, status=0x0E, number=0x806A179B)
    assert response_to(EnquireLink(5)) == EnquireLinkResp(5)


@pytest.mark.parametrize(
    "pdu", [Outbind(), AlertNotification(), GenericNack(), SubmitSmResp(), UnknownPdu(command_id=0x110)]
)
def test_what_has_no_response_gets_none(pdu):
    with pytest.raises(ValueError, match="no response"):
        response_to(pdu)


def test_receipts_with_the_highest_sequence_number_survive():
    octets = encode_pdu(DeliverSm(sequence_number=0x806A179B, short_message=b"\xc1\xe1", data_coding=8))
    assert decode_pdu(octets).sequence_number == 0x806A179B
