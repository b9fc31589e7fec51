"""Conformance: the test vectors of other projects, from the file that the variable SMPP_VECTORS names.

The file is no part of this repository. Its `vectors` have an id, a kind, octets in `hex` or a `text`, and
what is expected: `spec_decode` (the flat form), `source_asserts` (what the source's own test asserts),
`expect`, `expect_error`, `valid`. Unset or missing file: one skipped test.
"""

import json
import os
import random
from pathlib import Path

import pytest

from operator_push.cli.smpp_commands import decode_stream, encode_object
from operator_push.smpp.codec import PduDecodeError, decode_pdu, encode_pdu
from operator_push.smpp.constants import RESPONSE_BIT, CommandStatus
from operator_push.smpp.field_checks import integer_fault
from operator_push.smpp.flat_form import to_flat
from operator_push.smpp.framer import Framer
from operator_push.smpp.message_id import could_be_same_message
from operator_push.smpp.pdu import BindTransceiver
from operator_push.smpp.receipt_text import parse_receipt, receipt_date
from operator_push.smpp.session import SessionRole, SessionSettings, SessionState, SmppSession
from operator_push.smpp.session_events import FramingLost
from operator_push.smpp.smpp_time import RelativeTime, parse_smpp_time
from operator_push.smpp.tlv import tlv_fault
from operator_push.text.data_coding import Encoding, choose_encoding
from operator_push.text.gsm7 import decode_gsm7, encode_gsm7
from operator_push.text.user_data_header import concatenation, parse_information_elements, split_user_data

HOW = "set SMPP_VECTORS to the path of smpp_vectors.json (install: SMPP_VECTORS=/path/to/file make test)"
# Expects an answer to a response; SMPP v3.4 section 4.3 answers requests only.
KNOWN_WRONG = {"cloudhopper-dec-05-decodeUnsupportedResponseCommandId"}
CARRIED = {"unknown_command_id"}  # decoded by us: it is the session that answers


def load():
    path = Path(os.environ.get("SMPP_VECTORS", ""))
    if not path.is_file():
        return []
    return json.loads(path.read_text(encoding="utf-8"))["vectors"]


VECTORS = load()
pytestmark = [pytest.mark.skipif(not VECTORS, reason=HOW), pytest.mark.usefixtures("both_codecs")]


def of_kind(*kinds):
    found = [pytest.param(vector, id=vector["id"]) for vector in VECTORS if vector["kind"] in kinds]
    return found or [pytest.param(None, marks=pytest.mark.skip(reason=HOW))]


def bound(role):
    session = SmppSession(role, SessionSettings(), 0.0)
    if role is SessionRole.SMSC:
        request = BindTransceiver(1)
        session.receive(encode_pdu(request), 0.0)
        session.accept_bind(request, "SMSC", 0.0)
    else:
        number = session.start_bind(BindTransceiver(), 0.0)
        session.receive(bytes.fromhex(f"0000001180000009 00000000 {number:08x} 00"), 0.0)
    session.take_output()
    return session


def one_pdu(octets):
    """The first PDU of the octets, or None where it is not whole."""
    return next(iter(Framer().feed(octets)), None)


def is_response(octets):
    return int.from_bytes(octets[4:8], "big") >= RESPONSE_BIT


def reads(octets):
    """True for a PDU that is written back as it was, False for a decode error; anything else is raised."""
    try:
        return encode_pdu(decode_pdu(octets)) == octets
    except PduDecodeError:
        return False


if not VECTORS:

    def test_vectors():
        """Stands for all of them."""

else:

    @pytest.mark.parametrize("vector", of_kind("pdu", "tolerated_pdu"))
    def test_pdu(vector):
        octets = bytes.fromhex(vector["hex"])
        pdu = decode_pdu(octets)
        flat = to_flat(pdu)
        assert flat == vector.get("spec_decode", flat)
        assert list(decode_stream(vector["hex"])) == [flat]
        assert encode_pdu(pdu) == octets
        assert encode_object(json.dumps(flat)) == vector["hex"]
        tlvs = {f"tlv:{tag:04x}": value.hex() for tag, value in reversed(pdu.tlvs)}
        for key, value in vector.get("source_asserts", {}).items():
            if not key.startswith("_"):
                found = (flat | tlvs)[key]
                assert found == (
                    value % 2**32 if isinstance(value, int) else value
                )  # some sources are signed

    @pytest.mark.parametrize("role", list(SessionRole))
    @pytest.mark.parametrize("vector", of_kind("pdu", "tolerated_pdu", "malformed_pdu", "stream_incomplete"))
    def test_no_pdu_ends_a_bind_and_no_response_is_answered(vector, role):
        session = bound(role)
        octets = bytes.fromhex(vector["hex"])
        events = session.receive(octets, 1.0)
        answers = [decode_pdu(answer) for answer in Framer().feed(session.take_output())]
        if any(isinstance(event, FramingLost) for event in events):
            assert session.state is SessionState.CLOSED
            assert answers[-1].command_status == CommandStatus.ESME_RINVCMDLEN
            return
        if session.state is SessionState.CLOSED:
            assert octets[4:8] == b"\0\0\0\6"  # unbind, which is meant to
        whole = one_pdu(octets)
        if whole is None or is_response(whole):
            assert answers == []

    @pytest.mark.parametrize("vector", of_kind("malformed_pdu"))
    def test_malformed_pdu(vector):
        fault_class = vector.get("expect_error", {}).get("class", "")
        if vector["id"] in KNOWN_WRONG:
            assert decode_pdu(bytes.fromhex(vector["hex"])).is_response
            return
        first = next(decode_stream(vector["hex"]))
        whole = one_pdu(bytes.fromhex(vector["hex"]))
        if fault_class in CARRIED:
            assert first["command"] is None
        elif (
            vector["valid"] or fault_class == "body_not_parseable"
        ):  # the second is a whole PDU and one octet more
            for key, value in vector.get("source_asserts", {}).items():
                assert first[key] == value
        else:
            assert "error" in first
            response = vector.get("expect_error", {}).get("spec_response", "")
            if whole is not None and is_response(whole):
                assert first["answer"] is None
            elif whole is not None and "ESME_" in response:
                assert first["answer"] in response

    @pytest.mark.parametrize("vector", of_kind("stream_incomplete"))
    def test_stream_incomplete(vector):
        framer = Framer()
        assert framer.feed(bytes.fromhex(vector["hex"])) == []
        assert (framer.lost_length, framer.waiting_octets) == (None, vector["octets"])

    @pytest.mark.parametrize("vector", of_kind("stream_resync", "stream_split", "pdu"))
    def test_streams_cut_anywhere(vector):
        octets = bytes.fromhex(vector["hex"]) * 2
        whole = Framer().feed(octets)
        for seed in range(3):
            chance = random.Random(seed)
            framer, found, at = Framer(), [], 0
            while at < len(octets):
                step = 1 if seed == 0 else chance.randint(1, 9)
                found += framer.feed(octets[at : at + step])
                at += step
            assert found == whole

    @pytest.mark.parametrize("vector", of_kind("stream_resync"))
    def test_stream_resync(vector):
        session = bound(SessionRole.SMSC)
        session.receive(bytes.fromhex(vector["hex"]), 1.0)
        nack, answer = (decode_pdu(octets) for octets in Framer().feed(session.take_output()))
        assert nack.command_status == CommandStatus.ESME_RINVCMDID
        assert answer.sequence_number == vector["source_asserts"]["sequence_number"]

    @pytest.mark.parametrize("vector", of_kind("stream_split"))
    def test_stream_split(vector):
        framer = Framer()
        (first,) = framer.feed(bytes.fromhex(vector["hex"]))
        assert decode_pdu(first).sequence_number == vector["source_asserts"]["sequence_number"]
        (second,) = framer.feed(b"\xf1")
        assert decode_pdu(second).sequence_number & 0xFF == 0xF1

    @pytest.mark.parametrize("vector", of_kind("dlr_text"))
    def test_dlr_text(vector):
        fields = parse_receipt(vector["text"].encode("latin-1"))
        expect = vector["expect"]
        if not vector.get("valid", True):  # we keep what was read and refuse only what has no id or no stat
            assert (fields is None) == (expect["missing"] in ("id", "stat"))
            return
        for name in ("id", "sub", "dlvrd", "stat", "err"):
            if name in expect:
                assert getattr(fields, name) == expect[name]
        if "text" in expect:
            assert fields.text.decode("latin-1") == expect["text"]
        for name, digits in (("submit", fields.submit_date), ("done", fields.done_date)):
            if name in expect:
                assert receipt_date(digits).isoformat().startswith(expect[name])

    @pytest.mark.parametrize("vector", of_kind("gsm7_unpacked"))
    def test_gsm7(vector):
        if vector.get("valid", True):
            assert encode_gsm7(vector["text"]).hex() == vector["hex"]
            assert decode_gsm7(bytes.fromhex(vector["hex"])) == vector["text"]
        elif "text" in vector:
            assert choose_encoding(vector["text"]) is Encoding.UCS2
        else:
            octets = bytes.fromhex(vector["hex"])
            with pytest.raises(UnicodeDecodeError):
                decode_gsm7(octets)
            assert decode_gsm7(octets, "replace")

    @pytest.mark.parametrize("vector", of_kind("udh", "udh_ie"))
    def test_user_data_header(vector):
        octets = bytes.fromhex(vector["hex"])
        if not vector.get("valid", True):
            with pytest.raises(ValueError, match="information element"):
                parse_information_elements(octets)
            return
        elements = (
            parse_information_elements(octets) if vector["kind"] == "udh_ie" else split_user_data(octets)[0]
        )
        found = concatenation(elements)
        expect = vector["expect"]
        assert (found.element, found.reference, found.total, found.part) == (
            expect["iei"],
            expect["ref"],
            expect["total"],
            expect["part"],
        )

    @pytest.mark.parametrize("vector", of_kind("time"))
    def test_time(vector):
        found = parse_smpp_time(vector["text"])
        expect = vector["expect"]
        if expect.get("relative"):
            names = {"y": "years", "mo": "months", "d": "days", "h": "hours", "mi": "minutes", "s": "seconds"}
            assert found == RelativeTime(**{names[key]: expect[key] for key in names if key in expect})
        else:
            assert found.isoformat().startswith(expect["iso"])
            hours = expect.get("utc_offset_hours", expect.get("utc_offset_q", 0) / 4)
            assert found.utcoffset().total_seconds() == hours * 3600

    @pytest.mark.parametrize("vector", of_kind("field"))
    def test_field(vector):
        status = integer_fault(vector["field"], int(vector["hex"], 16))
        assert status.name == vector["expect_error"]["status"]

    @pytest.mark.parametrize("vector", of_kind("tlv"))
    def test_tlv(vector):
        octets = bytes.fromhex(vector["hex"])
        submit_sm = bytes.fromhex("00000004 00000000 00000001") + bytes(17) + octets
        ((tag, value),) = decode_pdu((len(submit_sm) + 4).to_bytes(4, "big") + submit_sm).tlvs
        fault = tlv_fault(tag, value)
        if vector.get("valid", True):
            assert fault is None
            expect = vector["expect"]
            assert tag == expect.get("tag", tag)
            assert value.hex() == expect.get("value", value.hex())
            assert len(value) == expect.get("length", len(value))
        else:
            assert fault.name == vector["expect_error"]["status"]

    @pytest.mark.parametrize("vector", of_kind("msgid_correlation"))
    def test_message_id_correlation(vector):
        decimal, hexadecimal = str(0x6AAD5), f"{0x6AAD5:x}"
        forms = {"decimal": decimal, 'lower-case hex ("%x")': hexadecimal}
        one = vector.get("text_id") or forms[vector["resp_form"]]
        other = vector.get("tlv_id") or forms[vector["dlr_form"]]
        assert could_be_same_message(one, other)

    def test_whatever_is_cut_off_is_a_decode_error_or_a_pdu():
        for vector in VECTORS:
            if vector["kind"] == "pdu":
                octets = bytes.fromhex(vector["hex"])
                cuts = [end.to_bytes(4, "big") + octets[4:end] for end in range(16, len(octets))]
                unread = [cut for cut in cuts if not reads(cut)]
                assert all(next(decode_stream(cut.hex())).keys() == {"error", "answer"} for cut in unread)
