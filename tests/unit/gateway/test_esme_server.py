"""The ESME server, where something of ours fails: one request is answered, the others and the bind live."""

from types import SimpleNamespace
from typing import Any

import pytest

from operator_push.gateway import esme_server
from operator_push.gateway.committer import Committer
from operator_push.gateway.esme_server import EsmeServer, submit_answers
from operator_push.kernel.meters import Meters
from operator_push.services.accept_submissions import Accepted
from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.framer import Framer
from operator_push.smpp.pdu import Pdu, QuerySm, SubmitSm, SubmitSmResp
from operator_push.smpp.session_events import RequestReceived

BROKEN = "broken"


class _Session:
    is_closed, peer_version = False, 0x34

    def __init__(self) -> None:
        self.answers: list[tuple[int, int]] = []  # sequence_number, command_status

    def send_response(self, pdu: Pdu) -> None:
        self.answers.append((pdu.sequence_number, pdu.command_status))

    def send_octets(self, octets: bytes) -> None:
        answers = map(decode_pdu, Framer().feed(octets))
        self.answers += [(answer.sequence_number, answer.command_status) for answer in answers]


class _Bind:
    peer = "127.0.0.1:1"

    def __init__(self) -> None:
        self.session = _Session()

    def flush(self) -> None:
        return None


def _server(meters: Meters) -> EsmeServer:
    def offer(pdu: SubmitSm, *_: object) -> object:
        if pdu.source_addr == BROKEN:
            raise ArithmeticError("a fault of ours")
        return pdu

    account = SimpleNamespace(name="shop", account_no=1, window=10, terms=SimpleNamespace(message_id_form=""))
    nothing: Any = SimpleNamespace()
    committer = Committer(nothing, lambda *_: None, pytest.fail)  # type: ignore[arg-type]
    return EsmeServer(
        SimpleNamespace(account_of=lambda bind: account),  # type: ignore[arg-type]
        SimpleNamespace(accept=lambda offers, *_: [Accepted(7, None, None) for _ in offers]),  # type: ignore[arg-type]
        committer,
        nothing,
        SimpleNamespace(offer=offer),  # type: ignore[arg-type]
        {},
        True,
        10,
        meters,
        nothing,
    )


def _received(*pdus: Pdu) -> list[Any]:
    return [RequestReceived(pdu, b"") for pdu in pdus]


def test_a_submission_that_we_fail_at_costs_itself_alone(caplog: pytest.LogCaptureFixture):
    meters, bind = Meters(), _Bind()
    submits = SubmitSm(1), SubmitSm(2, source_addr=BROKEN), SubmitSm(3)
    _server(meters).events(bind, _received(*submits), 0.0)  # type: ignore[arg-type]
    assert sorted(bind.session.answers) == [(1, 0), (2, CommandStatus.ESME_RSYSERR), (3, 0)]
    assert "a SubmitSm of 127.0.0.1:1 could not be dealt with" in caplog.text


def test_an_operation_that_we_fail_at_costs_itself_alone():
    meters, bind = Meters(), _Bind()
    server = _server(meters)

    def perform(bind: object, pdu: Pdu) -> bool:
        if pdu.sequence_number == 1:
            raise ArithmeticError("a fault of ours")
        return False

    server.operations.append(perform)
    server.events(bind, _received(QuerySm(1), QuerySm(2)), 0.0)  # type: ignore[arg-type]
    assert bind.session.answers == [(1, CommandStatus.ESME_RSYSERR), (2, CommandStatus.ESME_RINVCMDID)]


@pytest.mark.parametrize("is_compiled", [True, False])
def test_answers_to_what_was_admitted_are_those_of_the_codec(
    is_compiled: bool, monkeypatch: pytest.MonkeyPatch
):
    if not is_compiled:
        monkeypatch.setattr(esme_server, "_quick_answers", None)
    admitted = [(1, 0), (2, 9), (0x7FFFFFFF, 10), (0xFFFFFFFF, (1 << 63) - 1), (5, 1152921504606846978)]
    expected = [encode_pdu(SubmitSmResp(number, message_id=str(told))) for number, told in admitted]
    assert submit_answers(admitted) == b"".join(expected)
    assert submit_answers([]) == b""
