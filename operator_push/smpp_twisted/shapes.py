"""Shapes: the parts of Twisted's interfaces that this room uses, as types that a checker understands.

Twisted declares its interfaces with zope.interface, which mypy reads only with a plugin. A real reactor,
transport, endpoint or port, and those of twisted.internet.testing, all have these shapes.
"""

from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.defer import Deferred


class DelayedCall(Protocol):
    """IDelayedCall."""

    def cancel(self) -> None: ...
    def active(self) -> bool: ...


class ReactorTime(Protocol):
    """IReactorTime; a Twisted `Clock` in tests."""

    # `...` parameters, because Twisted's own names for them differ between reactors.
    callLater: Callable[..., Any]  # noqa: N815


class StreamTransport(Protocol):
    """ITCPTransport and IPushProducer of one stream."""

    def write(self, data: bytes) -> None: ...
    def loseConnection(self) -> None: ...  # noqa: N802
    def abortConnection(self) -> None: ...  # noqa: N802
    def setTcpNoDelay(self, enabled: bool) -> None: ...  # noqa: N802
    def setTcpKeepAlive(self, enabled: bool) -> None: ...  # noqa: N802
    def getPeer(self) -> Any: ...  # noqa: N802
    def registerProducer(self, producer: object, streaming: bool) -> None: ...  # noqa: N802
    def unregisterProducer(self) -> None: ...  # noqa: N802
    def pauseProducing(self) -> None: ...  # noqa: N802
    def resumeProducing(self) -> None: ...  # noqa: N802


class ListeningPort(Protocol):
    """IListeningPort."""

    def getHost(self) -> Any: ...  # noqa: N802
    def stopListening(self) -> Any: ...  # noqa: N802


class ServerEndpoint(Protocol):
    """IStreamServerEndpoint, for example TCP4ServerEndpoint(reactor, port, interface=host)."""

    def listen(self, factory: Any) -> "Deferred[Any]": ...


class ClientEndpoint(Protocol):
    """IStreamClientEndpoint, for example TCP4ClientEndpoint(reactor, host, port, timeout=5)."""

    def connect(self, factory: Any) -> "Deferred[Any]": ...
