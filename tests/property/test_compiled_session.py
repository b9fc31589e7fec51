"""Chunks and requests by the compiled half and by the Python alone: the same events, answers and windows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_push.smpp import codec_choice, session, window
from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.codec_errors import PduEncodeError
from operator_push.smpp.constants import PDU_OCTETS_MAX, SEQUENCE_NUMBER_MAX, CommandId
from operator_push.smpp.pdu import (
    BindTransceiver,
    DataSm,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession

pytestmark = pytest.mark.skipif(
    codec_choice.compiled is None, reason="not compiled here: run make install or operator-push smpp compile"
)

NUMBERS = st.integers(1, 6)
OCTET = st.sampled_from([0, 1, 2, 3, 4, 5, 0x24, 0x3C, 0xFF])
ADDRESS = st.sampled_from(["", "919000000001", "x" * 20, "x" * 21])
TIME = st.sampled_from(["", "260101000000000+", "tomorrow"])
TLVS = st.sampled_from([(), ((0x0204, b"\0\1"),), ((0x0204, b"\1"),), ((0x0424, b"payload"),)])
MESSAGES = st.builds(
    lambda made, number, fields, tlvs: made(number, tlvs=tlvs, **fields),
    st.sampled_from([SubmitSm, DeliverSm]),
    NUMBERS,
    st.fixed_dictionaries(
        {},
        optional={
            "service_type": st.sampled_from(["WAP", "toolong"]),
            "source_addr": ADDRESS,
            "destination_addr": ADDRESS,
            "esm_class": OCTET,
            "priority_flag": OCTET,
            "schedule_delivery_time": TIME,
            "validity_period": TIME,
            "registered_delivery": OCTET,
            "replace_if_present_flag": OCTET,
            "short_message": st.sampled_from([b"", b"hello", bytes(254), bytes(255)]),
        },
    ),
    TLVS,
)
OTHERS = st.one_of(
    st.builds(SubmitSmResp, NUMBERS, st.sampled_from([0, 8]), message_id=st.just("7")),
    st.builds(DeliverSmResp, NUMBERS, st.sampled_from([0, 8])),
    st.builds(EnquireLink, NUMBERS),
    st.builds(EnquireLinkResp, NUMBERS),
    st.builds(Unbind, NUMBERS),
    st.builds(DataSm, NUMBERS, destination_addr=ADDRESS),
)


def bound(role: SessionRole, version: int, is_checked: bool | None, last: int = 0) -> SmppSession:
    """A session that is bound as a transceiver, with nothing to write."""
    asked = SessionSettings(check_fields=is_checked, last_sequence_number=last)
    made = SmppSession(role, asked, 0.0)
    request = BindTransceiver(1, system_id="esme", password="secret", interface_version=version)
    if role is SessionRole.SMSC:
        made.receive(encode_pdu(request), 0.0)
        made.accept_bind(request, "us", 0.0)
    else:
        other = bound(SessionRole.SMSC, version, None)
        made.start_bind(request, 0.0)
        answer = other.bind_accepted(request, "smsc", version)
        answer.sequence_number = request.sequence_number
        made.receive(encode_pdu(answer), 0.0)
    made.take_output()
    return made


def in_python(work, *arguments):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "_quick_events", None)
        patch.setattr(window, "_quick_issue", None)
        return work(*arguments)


@settings(max_examples=150, deadline=None)
@given(
    role=st.sampled_from(list(SessionRole)),
    version=st.sampled_from([0x33, 0x34, 0x50]),
    is_checked=st.sampled_from([None, True, False]),
    pdus=st.lists(st.one_of(MESSAGES, OTHERS), max_size=12),
    damage=st.one_of(st.none(), st.tuples(st.integers(0, 900), st.integers(0, 255))),
    turn=st.integers(1, 15),
)
def test_a_chunk_means_the_same(role, version, is_checked, pdus, damage, turn):
    octets = bytearray(b"".join(map(encode_pdu, pdus)))
    if damage is not None and damage[0] < len(octets):
        octets[damage[0]] = damage[1]

    def told() -> object:
        one = bound(role, version, is_checked)
        command_id = CommandId.deliver_sm if role is SessionRole.SMSC else CommandId.submit_sm
        for context in "abc":
            one.send_request_body(command_id, encode_pdu(DeliverSm())[16:], 1.0, context)
        one.take_output()
        events = one.receive(bytes(octets), 2.0, turn)
        while one.input_waits:
            events += one.receive(b"", 2.0, turn)
        return events, one.take_output(), one.state, one.connection_lost(3.0)

    assert told() == in_python(told)


STORED = st.tuples(
    st.builds(
        lambda number, text: encode_pdu(DeliverSm(number, short_message=text)), NUMBERS, st.binary(max_size=9)
    ),
    st.sampled_from([b"", b"\x02\x04\0\2\0\1", bytes(PDU_OCTETS_MAX)]),
    NUMBERS,
)


@settings(max_examples=100, deadline=None)
@given(
    version=st.sampled_from([0x33, 0x34]),
    stored=st.lists(STORED, max_size=6),
    last=st.sampled_from([0, 5, SEQUENCE_NUMBER_MAX - 2]),
    is_open=st.booleans(),
)
def test_requests_that_are_octets_leave_the_same(version, stored, last, is_open):
    def sent() -> object:
        one = bound(SessionRole.SMSC, version, None, last)
        if is_open:  # a number on the way that is taken
            one.send_request(DeliverSm(), 0.5, "earlier")
            one._window._last -= 1
        done = one.send_stored(CommandId.deliver_sm, stored, 1.0)
        refused = []
        for octets, more, context in stored[done:]:
            try:
                one.send_request_body(CommandId.deliver_sm, octets[16:] + more, 1.0, context)
            except PduEncodeError:
                refused.append(context)
        return refused, one.take_output(), one._window.requests

    assert sent() == in_python(sent)


def test_what_is_usual_is_not_left_to_the_python():
    one = bound(SessionRole.SMSC, 0x34, None)
    octets = encode_pdu(DeliverSm(short_message=b"x"))
    assert one.send_stored(CommandId.deliver_sm, [(octets, b"", "a"), (octets, b"", "b")], 1.0) == 2
    assert in_python(one.send_stored, CommandId.deliver_sm, [(octets, b"", "c")], 1.0) == 0
    chunk = [encode_pdu(SubmitSm(3)), encode_pdu(DeliverSmResp(1)), encode_pdu(EnquireLink(4))]
    events: list[object] = []
    assert (
        codec_choice.compiled.usual_events(
            chunk, 0, one.peer_may_send, True, 0x34, one._window.requests, events
        )
        == 2
    )
    assert [type(event).__name__ for event in events] == ["RequestReceived", "ResponseReceived"]


def test_nothing_of_what_may_not_be_sent_is_queued():
    one = bound(SessionRole.SMSC, 0x34, None)
    assert one.send_stored(CommandId.submit_sm, [(encode_pdu(SubmitSm()), b"", None)], 1.0) == 0
    assert one.take_output() == b""
