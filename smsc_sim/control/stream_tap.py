"""The stream tap: lets a capture see what a stream's transport reads and writes.

It stands between the protocol and the transport, so whatever a fault does to a write (cut, one octet at a
time) is in the capture as it went out.
"""

from collections.abc import Callable, Iterable
from typing import Any, cast

from operator_push.smpp_twisted.protocol import SmppProtocol
from operator_push.smpp_twisted.shapes import StreamTransport
from smsc_sim.control.capture import Address, Capture, StreamRecord
from smsc_sim.outbind import OutbindProtocol

_CLEAN = "cleanly"  # Twisted's ConnectionDone: "Connection was closed cleanly."


class StreamTap:
    """One stream under observation, from `connected` to `closed` of its owner."""

    def __init__(
        self,
        capture: Capture,
        protocol: SmppProtocol,
        bind: str,
        now_us: Callable[[], int],
        on_closed: "Callable[[StreamTap], None]",
    ) -> None:
        self._on_closed = on_closed
        self._capture = capture
        self._protocol = protocol
        self._now_us = now_us
        transport: Any = protocol.transport
        self.stream = capture.open(
            now_us(),
            bind,
            _address(transport.getPeer()),
            _address(transport.getHost()),
            by_smsc=isinstance(protocol, OutbindProtocol),
        )
        self._tapped = TappedTransport(transport, capture, self.stream, now_us)
        protocol.transport = cast(StreamTransport, self._tapped)
        self._read = protocol.dataReceived
        protocol.dataReceived = self._data_received  # type: ignore[method-assign]

    def _data_received(self, data: bytes) -> None:
        self._capture.came_in(self._now_us(), self.stream, data)
        self._read(data)

    def closed(self, reason: str) -> None:
        """The stream is gone."""
        by_smsc = bool(self._protocol.close_reason)
        broken = self._tapped.aborted or (not by_smsc and _CLEAN not in reason)
        self._capture.close(self._now_us(), self.stream, by_smsc=by_smsc, broken=broken)
        self._on_closed(self)


class TappedTransport:
    """The transport with its writes recorded; all else goes straight through."""

    def __init__(
        self, transport: Any, capture: Capture, stream: StreamRecord, now_us: Callable[[], int]
    ) -> None:
        self._transport = transport
        self._capture = capture
        self.stream = stream
        self._now_us = now_us
        self.aborted = False

    def write(self, data: bytes) -> None:
        """Record and write."""
        if data:
            self._capture.went_out(self._now_us(), self.stream, data)
        self._transport.write(data)

    def abortConnection(self) -> None:  # noqa: N802 - Twisted's name.
        """Ends without an orderly end."""
        self.aborted = True
        self._transport.abortConnection()

    def writeSequence(self, pieces: Iterable[bytes]) -> None:  # noqa: N802 - Twisted's name.
        """As `write`, of all pieces together."""
        self.write(b"".join(pieces))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def _address(address: Any) -> Address:
    """A peer's or host's address; a transport without one (a pipe, a test) gets a place of its own."""
    return Address(str(getattr(address, "host", "127.0.0.1")), int(getattr(address, "port", 0)))
