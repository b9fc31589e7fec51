"""The SMSC link, where something of ours fails at what the SMSC sends."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from operator_push.gateway.committer import Committer
from operator_push.gateway.smsc_link import UNACKNOWLEDGED_MAX, SmscLink
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

        self.held: list[bool] = []

    def flush(self) -> None:
        return None

    def hold_input(self) -> None:
        self.held.append(True)

    def release_input(self) -> None:
        self.held.append(False)


class _Hear:
    def hear(self, link_no: int, inbound: Any, *_: object) -> None:
        if inbound.text == BROKEN:
            raise ArithmeticError("a fault of ours")


def a_link(committer: Committer) -> SmscLink:
    nothing: Any = SimpleNamespace()
    return SmscLink(
        "main",
        BindTransceiver,
        10,
        0.0,
        DefaultAlphabet.GSM7,
        SimpleNamespace(link_no=1),  # type: ignore[arg-type]
        nothing,
        _Hear(),  # type: ignore[arg-type]
        committer,
        Meters(),
        lambda: 0.0,
        lambda *_: None,
        nothing,
    )


def test_what_we_fail_at_is_asked_for_again_and_its_neighbours_are_acknowledged():
    link = a_link(Committer(SimpleNamespace(), lambda *_: None, pytest.fail))  # type: ignore[arg-type]
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


def test_a_flooding_smsc_is_read_again_when_its_flood_is_committed():
    """Neither memory nor the next commit, for which ESMEs wait too, grows with what one SMSC sends."""
    waiting: list[Callable[[BaseException | None], None]] = []
    writer: Any = SimpleNamespace(write=lambda changes, done: waiting.append(done))
    committer = Committer(writer, lambda *_: None, pytest.fail)  # type: ignore[arg-type]
    link, bind = a_link(committer), _Bind()
    committer.changes.upserts.append(("anything", {}))
    committer.kick()  # a commit is under way

    def deliver(first: int, count: int) -> None:
        numbers = range(first, first + count)
        events = [RequestReceived(DeliverSm(number, short_message=b"hello"), b"") for number in numbers]
        committer.changes.upserts.append(("anything", {}))
        link.events(bind, events, 0.0)  # type: ignore[arg-type]

    deliver(1, UNACKNOWLEDGED_MAX - 1)
    assert bind.held == []
    deliver(UNACKNOWLEDGED_MAX, 1)
    assert bind.held == [True]
    assert bind.session.answers == {}
    while waiting:
        waiting.pop()(None)
    assert bind.held == [True, False]
    assert len(bind.session.answers) == UNACKNOWLEDGED_MAX
