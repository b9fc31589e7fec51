"""An ESME of plain sockets for tests: sends PDUs or octets, reads PDUs one by one."""

import socket
import ssl
import struct
from types import TracebackType

from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.pdu import (
    BindTransceiver,
    BindTransceiverResp,
    DeliverSm,
    DeliverSmResp,
    Pdu,
    SubmitSm,
    SubmitSmResp,
)


class RawEsme:
    """One connection; use as a context manager."""

    def __init__(
        self,
        port: int,
        timeout_s: float = 30.0,
        *,
        source: str = "",
        tls: ssl.SSLContext | None = None,
        server_name: str | None = None,
    ) -> None:
        """`source` is the loopback address to come from; with `tls` the stream is TLS to `server_name`."""
        self._socket = socket.create_connection(
            ("127.0.0.1", port), timeout=timeout_s, source_address=(source, 0) if source else None
        )
        if tls is not None:
            self._socket = tls.wrap_socket(self._socket, server_hostname=server_name)
        self._sequence = 0

    @classmethod
    def over(cls, stream: socket.socket) -> "RawEsme":
        """Over a stream that is up already."""
        esme = cls.__new__(cls)
        esme._socket, esme._sequence = stream, 0
        return esme

    def __enter__(self) -> "RawEsme":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def send(self, pdu: Pdu) -> int:
        """Send a request with the next sequence_number, which is returned."""
        self._sequence += 1
        pdu.sequence_number = self._sequence
        self.send_octets(encode_pdu(pdu))
        return self._sequence

    def answer(self, pdu: Pdu) -> None:
        self.send_octets(encode_pdu(pdu))

    def send_octets(self, octets: bytes) -> None:
        self._socket.sendall(octets)

    def hang_up(self, *, reset: bool) -> None:
        """Close at once, with a TCP reset or in order; what the peer answers meets a closed stream."""
        if reset:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def read(self) -> Pdu:
        """The next PDU; EOFError where the peer closed."""
        head = self._exactly(4)
        return decode_pdu(head + self._exactly(struct.unpack("!I", head)[0] - 4))

    def bind(self, name: str = "shop", password: str = "pw", interface_version: int = 0x34) -> Pdu:
        """Bind as a transceiver and return the response."""
        self.send(BindTransceiver(system_id=name, password=password, interface_version=interface_version))
        response = self.read()
        assert isinstance(response, BindTransceiverResp)
        return response

    def _exactly(self, count: int) -> bytes:
        octets = b""
        while len(octets) < count:
            more = self._socket.recv(count - len(octets))
            if not more:
                raise EOFError("the peer closed")
            octets += more
        return octets


class AskingEsme(RawEsme):
    """Reads responses past the receipts that come in between; they wait in `receipts`."""

    def __init__(self, port: int, timeout_s: float = 30.0) -> None:
        super().__init__(port, timeout_s)
        self.receipts: list[DeliverSm] = []

    def ask(self, pdu: Pdu) -> Pdu:
        self.send(pdu)
        while True:
            answer = self.read()
            if not isinstance(answer, DeliverSm):
                return answer
            self._take(answer)

    def receipt(self) -> DeliverSm:
        if not self.receipts:
            pdu = self.read()
            assert isinstance(pdu, DeliverSm)
            self._take(pdu)
        return self.receipts.pop(0)

    def submit(self, destination: str, **more: object) -> str:
        asked: dict[str, object] = {"source_addr": "SHOP", "source_addr_ton": 5, "registered_delivery": 1}
        pdu = SubmitSm(destination_addr=destination, **(asked | {"short_message": b"first"} | more))  # type: ignore[arg-type]
        answer = self.ask(pdu)
        assert isinstance(answer, SubmitSmResp)
        assert answer.command_status == 0
        return answer.message_id

    def _take(self, pdu: DeliverSm) -> None:
        self.receipts.append(pdu)
        self.answer(DeliverSmResp(sequence_number=pdu.sequence_number))
