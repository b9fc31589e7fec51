"""Laws of a bind for any octets, any chunks and any passing of time."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from operator_push.smpp.codec import decode_pdu, encode_pdu, response_of
from operator_push.smpp.constants import RESPONSE_BIT, SEQUENCE_NUMBER_MAX, CommandId
from operator_push.smpp.field_specs import FIELD_SPECS
from operator_push.smpp.framer import Framer
from operator_push.smpp.pdu import BindTransceiver, DeliverSm, SubmitSm
from operator_push.smpp.session import SessionRole, SessionSettings, SessionState, SmppSession
from operator_push.smpp.session_events import FramingLost, RequestReceived, RequestUnknown, ResponseReceived

uint32 = st.integers(0, 0xFFFFFFFF)
WITHOUT_RESPONSE = {CommandId.outbind, CommandId.alert_notification}


def bound(role, **settings):
    session = SmppSession(role, SessionSettings(**settings), 0.0)
    if role is SessionRole.SMSC:
        request = BindTransceiver(1)
        session.receive(encode_pdu(request), 0.0)
        session.accept_bind(request, "SMSC", 0.0)
    else:
        number = session.start_bind(BindTransceiver(), 0.0)
        session.receive(encode_pdu(response_of(CommandId.bind_transceiver, number, 0)), 0.0)
    session.take_output()
    return session


def framed(command_id, status, number, body):
    numbers = (16 + len(body), command_id, status, number)
    return b"".join(value.to_bytes(4, "big") for value in numbers) + body


command_ids = st.sampled_from(sorted(FIELD_SPECS)) | uint32
frames = st.builds(
    framed, command_ids, st.just(0) | uint32, st.integers(0, 6) | uint32, st.binary(max_size=40)
)


@given(role=st.sampled_from(SessionRole), pdus=st.lists(frames, max_size=8), cut=st.integers(1, 50))
def test_no_response_is_ever_answered_and_every_request_at_most_once(role, pdus, cut):
    session = bound(role)
    for _ in range(3):
        session.send_request(SubmitSm() if role is SessionRole.ESME else DeliverSm(), 0.0)
    session.take_output()
    stream = b"".join(pdus)
    events = []
    for at in range(0, len(stream), cut):
        events += session.receive(stream[at : at + cut], 1.0)
    answers = [decode_pdu(octets) for octets in Framer().feed(session.take_output())]
    assert all(answer.is_response for answer in answers)
    given_to_owner = [event.pdu.sequence_number for event in events if isinstance(event, RequestReceived)]
    heads = [(int.from_bytes(pdu[4:8], "big"), int.from_bytes(pdu[12:16], "big")) for pdu in pdus]
    requests = [
        number for command, number in heads if command < RESPONSE_BIT and command not in WITHOUT_RESPONSE
    ]
    for answer in answers:
        requests.remove(answer.sequence_number)  # raises where nobody asked
    if session.state is SessionState.BOUND_TRX:
        with_response = [number for number in given_to_owner if number in requests]
        assert sorted(with_response) == sorted(requests)  # all others were answered


@given(role=st.sampled_from(SessionRole), pdus=st.lists(frames, max_size=8), cut=st.integers(1, 50))
def test_events_and_output_do_not_depend_on_where_tcp_cuts(role, pdus, cut):
    stream = b"".join(pdus)
    whole, parts = bound(role), bound(role)
    events = []
    for at in range(0, len(stream), cut):
        events += parts.receive(stream[at : at + cut], 1.0)
    assert events == whole.receive(stream, 1.0)
    assert parts.take_output() == whole.take_output()
    assert parts.state is whole.state


@given(role=st.sampled_from(SessionRole), chunks=st.lists(st.binary(max_size=60), max_size=6))
def test_any_octets_leave_the_session_alive_or_closed_with_a_reason(role, chunks):
    session = bound(role)
    events = [event for chunk in chunks for event in session.receive(chunk, 1.0)]
    assert (session.state is SessionState.CLOSED) == any(isinstance(event, FramingLost) for event in events)


class OpenRequests(RuleBasedStateMachine):
    """Every request of ours comes back exactly once: answered or unknown."""

    @initialize(role=st.sampled_from(SessionRole), near_wrap=st.booleans())
    def bind(self, role, near_wrap):
        last = SEQUENCE_NUMBER_MAX - 3 if near_wrap else 0
        self.session = bound(role, last_sequence_number=last, enquire_link_s=7.0, response_timeout_s=5.0)
        self.role = role
        self.now = 0.0
        self.sent = {}
        self.open = {}
        self.resolved = []

    def take(self, events):
        for event in events:
            if isinstance(event, ResponseReceived | RequestUnknown):
                self.resolved.append(event.context)
                del self.open[event.context]

    @precondition(lambda self: self.session.state is SessionState.BOUND_TRX)
    @rule()
    def send(self):
        context = len(self.sent)
        pdu = SubmitSm() if self.role is SessionRole.ESME else DeliverSm()
        number = self.session.send_request(pdu, self.now, context)
        assert 1 <= number <= SEQUENCE_NUMBER_MAX
        assert number not in self.open.values()
        self.sent[context] = self.open[context] = number

    @rule(data=st.data(), status=st.sampled_from([0, 0x58, 0x400]))
    def answer(self, data, status):
        if not self.sent:
            return
        number = self.sent[data.draw(st.sampled_from(sorted(self.sent)))]
        command_id = CommandId.submit_sm if self.role is SessionRole.ESME else CommandId.deliver_sm
        self.take(self.session.receive(encode_pdu(response_of(command_id, number, status)), self.now))

    @rule(data=st.data())
    def answer_unreadably(self, data):
        if not self.sent:
            return
        number = self.sent[data.draw(st.sampled_from(sorted(self.sent)))]
        command_id = CommandId.submit_sm if self.role is SessionRole.ESME else CommandId.deliver_sm
        self.take(self.session.receive(framed(command_id | RESPONSE_BIT, 0, number, b"x"), self.now))

    @rule(step=st.floats(0.0, 6.0))
    def wait(self, step):
        self.now += step
        self.take(self.session.tick(self.now))

    @rule()
    def wait_for_the_deadline(self):
        deadline = self.session.next_deadline()
        if deadline is not None:
            self.now = max(self.now, deadline)
            self.take(self.session.tick(self.now))
            later = self.session.next_deadline()
            assert later is None or later > self.now  # nothing is left that is due: a timer would spin

    @rule()
    def lose_the_connection(self):
        self.take(self.session.connection_lost(self.now))
        assert self.open == {}

    @invariant()
    def every_context_comes_back_at_most_once(self):
        if hasattr(self, "session"):
            assert len(self.resolved) == len(set(self.resolved))
            assert set(self.resolved) | set(self.open) == set(self.sent)
            if self.session.state is SessionState.CLOSED:
                assert self.open == {}


TestOpenRequests = OpenRequests.TestCase
