"""PDUs as a person reads them."""

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import CommandStatus, EsmClass
from operator_push.smpp.pdu import (
    BindTransceiver,
    DataSm,
    SmeDestination,
    SubmitMulti,
    SubmitSm,
    SubmitSmResp,
    UnknownPdu,
)
from operator_push.smpp.tlv import TlvTag
from smsc_sim.control.pdu_view import view_of


def seen(pdu):
    return view_of(encode_pdu(pdu))


def test_a_submit_sm_with_its_fields_tlvs_and_text():
    tlvs = ((int(TlvTag.user_message_reference), b"\x01\x02"), (0x1400, b"\xff"))
    shown = seen(
        SubmitSm(5, source_addr="56070", destination_addr="919876543210", short_message=b"h\x00", tlvs=tlvs)
    )
    assert (shown["command"], shown["command_id"], shown["command_status"]) == (
        "submit_sm",
        "0x00000004",
        "ESME_ROK",
    )
    assert shown["fields"]["destination_addr"] == "919876543210"
    assert shown["fields"]["short_message"] == "6800"
    assert shown["text"] == {"alphabet": "gsm7", "text": "h@"}
    assert shown["tlvs"] == [
        {"tag": "0x0204", "name": "user_message_reference", "hex": "0102", "value": 258},
        {"tag": "0x1400", "name": "", "hex": "ff"},
    ]
    assert shown["length"] == len(shown["hex"]) / 2


def test_a_part_of_a_long_message():
    octets = bytes((5, 0, 3, 9, 2, 1)) + "Й".encode("utf-16-be")
    shown = seen(SubmitSm(1, esm_class=int(EsmClass.UDHI), data_coding=8, short_message=octets))
    assert shown["text"] == {
        "alphabet": "ucs2",
        "part": {"reference": 9, "total": 2, "part": 1},
        "text": "Й",
    }


def test_a_text_in_a_national_table():
    pdu = SubmitSm(esm_class=0x40, short_message=bytes((3, 0x24, 1, 1)) + b"\x1bg")
    assert view_of(encode_pdu(pdu))["text"] == {"alphabet": "gsm7", "text": "ğ"}


def test_a_broken_header_and_binary_have_no_text():
    broken = seen(SubmitSm(1, esm_class=int(EsmClass.UDHI), short_message=b"\x20\x00"))
    assert broken["text"] == {"alphabet": "gsm7", "error": "the user data header is broken"}
    assert seen(SubmitSm(1, data_coding=4, short_message=b"\x01"))["text"] == {"alphabet": "binary"}
    assert "text" not in seen(SubmitSm(1))


def test_a_payload_a_bind_many_recipients_and_a_text_tlv():
    payload = seen(DataSm(1, tlvs=((int(TlvTag.message_payload), b"hello"),)))
    assert payload["text"]["text"] == "hello"
    assert seen(BindTransceiver(1, system_id="shop", password="pw"))["fields"]["system_id"] == "shop"
    many = seen(SubmitMulti(1, dest_address=(SmeDestination(1, 1, "91987"),)))
    assert many["fields"]["dest_address"] == [
        {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "91987"}
    ]
    receipted = seen(DataSm(1, tlvs=((int(TlvTag.receipted_message_id), b"77\0"),)))
    assert receipted["tlvs"][0]["value"] == "77"


def test_an_error_answer_an_unknown_command_and_what_cannot_be_decoded():
    refused = seen(SubmitSmResp(3, CommandStatus.ESME_RTHROTTLED, (), b""))
    assert refused["command_status"] == "ESME_RTHROTTLED"
    unknown = seen(UnknownPdu(4, 0, (), 0x999, b"\x01"))
    assert (unknown["command"], unknown["fields"]) == ("0x00000999", {"body": "01"})
    octets = bytearray(encode_pdu(SubmitSm(6, destination_addr="91987")))[:-3]
    octets[3] -= 3
    broken = view_of(bytes(octets))
    assert (broken["command"], broken["sequence_number"], broken["fields"]) == ("submit_sm", 6, {})
    assert broken["error"]
