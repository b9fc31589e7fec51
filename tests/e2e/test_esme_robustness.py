"""Peers that misbehave are bounded and let go alone: the bind beside them goes on as if nothing was."""

import contextlib
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from queue import Queue

import pytest
from product import Programs, running
from raw_esme import RawEsme

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import CommandId, CommandStatus
from operator_push.smpp.pdu import (
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    SubmitSm,
    SubmitSmResp,
)

SERVER = """
bind_timeout_s = 2
enquire_link_s = 1
response_timeout_s = 1
"""
LIMITS = """
[limits]
write_buffer_octets_max = 65536
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    with running(tmp_path_factory.mktemp("robust"), server=SERVER, more=LIMITS) as both:
        both.add_account()
        both.add_account("rude", max_binds=50)
        yield both


class Neighbour(RawEsme):
    """A bind that behaves: a thread answers enquire_link; `works` sends a message and gets its answer."""

    def __init__(self, port: int) -> None:
        super().__init__(port, timeout_s=60)
        self._answers: Queue[Pdu] = Queue()

    def listen(self) -> None:
        threading.Thread(target=self._read_all, daemon=True).start()

    def works(self) -> bool:
        number = self.send(SubmitSm(dest_addr_ton=1, destination_addr="919812345670", short_message=b"hi"))
        answer = self._answers.get(timeout=30)
        return (type(answer), answer.sequence_number, answer.command_status) == (SubmitSmResp, number, 0)

    def _read_all(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                pdu = self.read()
                if isinstance(pdu, EnquireLink):
                    self.answer(EnquireLinkResp(sequence_number=pdu.sequence_number))
                else:
                    self._answers.put(pdu)


@pytest.fixture
def neighbour(programs: Programs) -> Iterator[Neighbour]:
    with Neighbour(programs.smpp_port) as esme:
        assert esme.bind().command_status == 0
        esme.listen()
        yield esme


@pytest.fixture
def rude(programs: Programs) -> Iterator[RawEsme]:
    with RawEsme(programs.smpp_port, timeout_s=30) as esme:
        assert esme.bind("rude").command_status == 0
        yield esme


def until_closed(esme: RawEsme) -> None:
    """Read, and answer nothing, until the product closes the stream."""
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            esme.read()


def test_garbage_is_nacked_and_let_go(programs: Programs, neighbour: Neighbour) -> None:
    chance = random.Random(7)
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", programs.smpp_port), timeout=30) as stream:
            with contextlib.suppress(OSError):
                stream.sendall(b"\xff" + chance.randbytes(5000))
            octets = b""
            with contextlib.suppress(OSError):
                while more := stream.recv(4096):
                    octets += more
        assert octets in (b"", encode_pdu(GenericNack(int.from_bytes(octets[12:16]), 2)))
    assert neighbour.works()


def test_a_pdu_that_is_never_finished_ends_its_own_stream(rude: RawEsme, neighbour: Neighbour) -> None:
    rude.send_octets(struct.pack(">IIII", 60_000, CommandId.submit_sm, 0, 99) + b"x" * 1000)
    assert neighbour.works()
    until_closed(rude)  # it is silent for enquire_link_s and the time of a response
    assert neighbour.works()


def test_an_unbound_stream_that_drips_octets_ends_at_the_bind_timeout(
    programs: Programs, neighbour: Neighbour
) -> None:
    with RawEsme(programs.smpp_port, timeout_s=30) as esme:
        esme.send_octets(struct.pack(">II", 5000, CommandId.bind_transceiver))
        until_closed(esme)
    assert neighbour.works()


def test_a_peer_that_does_not_read_is_not_read_and_let_go(rude: RawEsme, neighbour: Neighbour) -> None:
    flood = b"".join(encode_pdu(EnquireLink(number)) for number in range(1, 5000))
    rude._socket.settimeout(2)
    sent = 0
    with contextlib.suppress(OSError):  # it stops taking octets, or has hung up
        while sent < 200_000_000:
            rude.send_octets(flood)
            sent += len(flood)
    assert sent < 200_000_000
    assert neighbour.works()
    rude._socket.settimeout(30)
    until_closed(rude)
    assert neighbour.works()


def test_a_flood_of_submits_is_throttled_and_the_neighbour_goes_on(
    rude: RawEsme, neighbour: Neighbour
) -> None:
    plain = {"dest_addr_ton": 1, "destination_addr": "919812345670", "short_message": b"hi"}
    pdus = [SubmitSm(sequence_number=number, **plain) for number in range(1, 2001)]  # type: ignore[arg-type]
    rude.send_octets(b"".join(encode_pdu(pdu) for pdu in pdus))
    assert neighbour.works()
    statuses = []
    while len(statuses) < len(pdus):
        pdu = rude.read()
        if isinstance(pdu, SubmitSmResp):
            statuses.append(pdu.command_status)
        elif isinstance(pdu, EnquireLink):
            rude.answer(EnquireLinkResp(sequence_number=pdu.sequence_number))
    no_credit = CommandStatus.ESME_RSUBMITFAIL  # for how many there is money depends on how soon it is served
    assert set(statuses) <= {0, CommandStatus.ESME_RTHROTTLED, no_credit}
    assert CommandStatus.ESME_RTHROTTLED in statuses


def test_an_answer_that_is_missing_or_bad_costs_one_delivery_a_retry(
    programs: Programs, neighbour: Neighbour
) -> None:
    """A late or missing deliver_sm_resp costs that one delivery a retry, never the bind (jasmin#876)."""
    programs.add_account("answers")
    with RawEsme(programs.smpp_port, timeout_s=30) as esme:
        esme.bind("answers")
        for _ in range(4):
            plain = {"dest_addr_ton": 1, "destination_addr": "919812345670", "short_message": b"hi"}
            esme.send(SubmitSm(registered_delivery=1, **plain))  # type: ignore[arg-type]
        times: Counter[bytes] = Counter()  # a receipt's text has the id of its message

        def next_receipt() -> int:
            while not isinstance(pdu := esme.read(), DeliverSm):
                if isinstance(pdu, EnquireLink):
                    esme.answer(EnquireLinkResp(sequence_number=pdu.sequence_number))
            times[pdu.short_message] += 1
            return pdu.sequence_number

        # All four before the first answer: the younger would not leave until a refused one is taken.
        _unanswered, malformed, refused, good = (next_receipt() for _ in range(4))
        head = struct.pack(">IIII", 20, CommandId.deliver_sm_resp, 0, malformed)
        esme.send_octets(head + b"\xff\xff\xff\xff")  # a message_id without its end
        esme.answer(DeliverSmResp(refused, CommandStatus.ESME_RX_T_APPN))
        esme.answer(DeliverSmResp(sequence_number=good))
        while sorted(times.values()) != [1, 2, 2, 2]:
            esme.answer(DeliverSmResp(sequence_number=next_receipt()))
        number = esme.send(EnquireLink())
        while (pdu := esme.read()).sequence_number != number or not isinstance(pdu, EnquireLinkResp):
            pass
    assert neighbour.works()


def test_an_unknown_operation_is_nacked_and_the_bind_lives(rude: RawEsme, neighbour: Neighbour) -> None:
    rude.send_octets(struct.pack(">IIII", 20, 0x0000_0777, 0, 41) + b"abcd")
    answer = rude.read()
    assert isinstance(answer, GenericNack)
    assert (answer.sequence_number, answer.command_status) == (41, CommandStatus.ESME_RINVCMDID)
    rude.send_octets(struct.pack(">IIII", 20, CommandId.submit_sm, 0, 42) + b"\xff" * 4)
    answer = rude.read()
    assert (type(answer), answer.sequence_number) == (SubmitSmResp, 42)
    assert answer.command_status != 0
    rude.send(EnquireLink())
    assert neighbour.works()
