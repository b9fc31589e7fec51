"""An SMSC of plain sockets for tests: takes one bind, shows every PDU that comes, answers as it is told."""

import queue
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress

from operator_push.smpp.codec import decode_pdu, encode_pdu, response_to
from operator_push.smpp.pdu import (
    BindPdu,
    BindTransceiverResp,
    DeliverSm,
    Pdu,
    SubmitSm,
    SubmitSmResp,
)

Answer = Callable[[Pdu], Pdu | None]


class RawSmsc:
    """Listens on a port of its own; requests wait in `received`. `answer` may speak instead of it."""

    def __init__(self, answer: Answer = lambda pdu: None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.received: queue.Queue[Pdu] = queue.Queue()
        self.answer = answer
        self._socket: socket.socket | None = None
        self._sequence = 0
        self.ids_given = 0
        self._closed = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> "RawSmsc":
        return self

    def __exit__(self, *error: object) -> None:
        self._closed = True
        for stream in (self._listener, self._socket):
            if stream is not None:
                with suppress(OSError):  # the peer may have gone before
                    stream.shutdown(socket.SHUT_RDWR)  # wakes the thread, which close alone does not
                stream.close()
        self._thread.join(5)

    def next(self, kind: type[Pdu] = SubmitSm, timeout_s: float = 30.0) -> Pdu:
        """The next request of this kind; others are passed over."""
        while True:
            pdu = self.received.get(timeout=timeout_s)
            if isinstance(pdu, kind):
                return pdu

    def deliver(self, pdu: Pdu) -> None:
        """Send a request of the SMSC's own (deliver_sm, alert_notification)."""
        self._sequence += 1
        pdu.sequence_number = self._sequence
        assert self._socket is not None
        self._socket.sendall(encode_pdu(pdu))

    def receipt(self, smsc_message_id: str, stat: str = "DELIVRD", err: str = "000", **more: object) -> None:
        """Send a delivery receipt by text."""
        text = f"id:{smsc_message_id} sub:001 dlvrd:001 submit date:2701150800 done date:2701150800 "
        text += f"stat:{stat} err:{err} text:"
        asked: dict[str, object] = {"esm_class": 0x04, "short_message": text.encode()}
        self.deliver(DeliverSm(**(asked | more)))  # type: ignore[arg-type]

    def _serve(self) -> None:
        while not self._closed:
            try:
                self._socket, _ = self._listener.accept()
                self._read(self._socket)
            except (OSError, EOFError):
                continue

    def _read(self, stream: socket.socket) -> None:
        while True:
            head = _exactly(stream, 4)
            pdu = decode_pdu(head + _exactly(stream, struct.unpack("!I", head)[0] - 4))
            if pdu.is_response:
                continue
            answer = self.answer(pdu)
            if answer is None:
                answer = response_to(pdu)
                if isinstance(answer, SubmitSmResp):
                    self.ids_given += 1
                    answer.message_id = f"m{self.ids_given}"
                if isinstance(pdu, BindPdu) and isinstance(answer, BindTransceiverResp):
                    answer.system_id = "raw"
            answer.sequence_number = pdu.sequence_number
            stream.sendall(encode_pdu(answer))
            self.received.put(pdu)


def _exactly(stream: socket.socket, count: int) -> bytes:
    octets = b""
    while len(octets) < count:
        more = stream.recv(count - len(octets))
        if not more:
            raise EOFError
        octets += more
    return octets
