"""A TLS front for a program that speaks plainly: takes TLS on a port of its own and passes octets on."""

import contextlib
import socket
import ssl
import threading
from pathlib import Path
from types import TracebackType


class TlsFront:
    """Asks every client for a certificate of `client_ca`; `names` are the common names that were shown."""

    def __init__(self, target_port: int, own: tuple[Path, Path], client_ca: Path) -> None:
        self.target_port = target_port
        self.names: set[str] = set()
        self.octets_to_smsc = 0
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*own)
        self._context.load_verify_locations(str(client_ca))
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = [self._listener]

    def __enter__(self) -> "TlsFront":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                stream, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(stream,), daemon=True).start()

    def _serve(self, stream: socket.socket) -> None:
        try:
            client = self._context.wrap_socket(stream, server_side=True)
        except (ssl.SSLError, OSError):
            stream.close()
            return
        shown = client.getpeercert() or {}
        self.names |= {value for part in shown.get("subject", ()) for _, value in part}  # type: ignore[misc,union-attr]
        target = socket.create_connection(("127.0.0.1", self.target_port))
        self._open += [client, target]
        threading.Thread(target=self._pass, args=(target, client, False), daemon=True).start()
        self._pass(client, target, True)

    def _pass(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while octets := source.recv(65_536):
                if counted:
                    self.octets_to_smsc += len(octets)
                sink.sendall(octets)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
