"""The SMSC link, where something of ours fails at what the SMSC sends."""

from types import SimpleNamespace
from typing import Any

import pytest

from operator_push.gateway.committer import Committer
from operator_push.gateway.smsc_link import SmscLink
from operator_push.kernel.meters import Meters
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import BindTransceiver, DataSm, DeliverSm, Pdu
from operator_push.smpp.session_events import RequestReceived
from operator_push.text.link_text import DefaultAlphabet

BROKEN = "broken"


class _Session:
    is_closed = False

    def __init__(self) -> None:
        self.answers: dict[int, int] = {}  # command_status by sequence_number

    def send_response(self, pdu: Pdu) -> None:
        self.answers[pdu.sequence_number] = pdu.command_status

    def send_octets(self, octets: bytes) -> None:
        """One or more responses of 17 octets."""
        for at in range(0, len(octets), 17):
            number = int.from_bytes(octets[at + 12 : at + 16], "big")
            self.answers[number] = int.from_bytes(octets[at + 8 : at + 12], "big")


class _Bind:
    def __init__(self) -> None:
        self.session = _Session()

    def flush(self) -> None:
        return None


class _Hear:
    def hear(self, link_no: int, inbound: Any, *_: object) -> None:
        if inbound.text == BROKEN:
            raise ArithmeticError("a fault of ours")


def test_what_we_fail_at_is_asked_for_again_and_its_neighbours_are_acknowledged():
    nothing: Any = SimpleNamespace()
    link = SmscLink(
        "main",
        BindTransceiver,
        10,
        0.0,
        DefaultAlphabet.GSM7,
        SimpleNamespace(link_no=1),  # type: ignore[arg-type]
        nothing,
        _Hear(),  # type: ignore[arg-type]
        Committer(nothing, lambda *_: None, pytest.fail),  # type: ignore[arg-type]
        Meters(),
        lambda: 0.0,
        lambda *_: None,
        nothing,
    )
    pdus: list[Pdu] = [
        DeliverSm(1, short_message=b"hello"),
        DeliverSm(2, short_message=BROKEN.encode()),
        DataSm(3, tlvs=((0x0424, BROKEN.encode()),)),
        DeliverSm(4, short_message=b"hello"),
    ]
    bind = _Bind()
    link.events(bind, [RequestReceived(pdu, b"") for pdu in pdus], 0.0)  # type: ignore[arg-type]
    again = CommandStatus.ESME_RX_T_APPN
    assert bind.session.answers == {1: 0, 2: again, 3: again, 4: 0}
