"""Outbind on the wire: an ESME that listens for us is called when something is owed to it (section 2.2.1)."""

import socket
from pathlib import Path

from product import running
from raw_esme import RawEsme

from operator_push.smpp.pdu import (
    BindReceiver,
    BindReceiverResp,
    BindTransmitter,
    DeliverSm,
    DeliverSmResp,
    Outbind,
    SubmitSm,
)


def test_the_esme_is_called_and_binds_back_on_the_same_stream(tmp_path: Path) -> None:
    with running(tmp_path) as both, socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        both.add_account("called", outbind_to=f"127.0.0.1:{port}", outbind_password="ours")
        with RawEsme(both.smpp_port) as sender:
            sender.send(BindTransmitter(system_id="called", password="pw", interface_version=0x34))
            assert sender.read().command_status == 0
            plain = {"dest_addr_ton": 1, "destination_addr": "919812345670", "short_message": b"hi"}
            sender.send(SubmitSm(registered_delivery=1, **plain))  # type: ignore[arg-type]
            assert sender.read().command_status == 0
        door.settimeout(30)
        stream, _ = door.accept()
        stream.settimeout(30)
        with RawEsme.over(stream) as esme:
            called = esme.read()
            assert isinstance(called, Outbind)
            assert (called.system_id, called.password) == ("operator-push", "ours")
            esme.send(BindReceiver(system_id="called", password="pw", interface_version=0x34))
            answer = esme.read()
            assert isinstance(answer, BindReceiverResp)
            assert answer.command_status == 0
            receipt = esme.read()
            assert isinstance(receipt, DeliverSm)
            esme.answer(DeliverSmResp(sequence_number=receipt.sequence_number))
        assert both.call("stats")["meters"]["outbind.sent"] == 1
