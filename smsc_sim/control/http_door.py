"""The HTTP door: twisted.web in the simulator's process, for routes that know nothing of it.

Who gets in: with a token in the scenario, whoever sends it (`Authorization: Bearer …`); without one whoever
reaches the port on this machine, as long as the request names this machine (so a foreign page cannot come in
through a name that somebody pointed at 127.0.0.1) and no foreign page made it. A body has at most
BODY_OCTETS_MAX octets. Errors are JSON: {"error": a sentence}.
"""

# ruff: noqa: N802 - Twisted names these methods.

import logging
from collections.abc import Callable, Iterator, Sequence
from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from smsc_sim.control.answers import Answer, CallError, answered, json_answer
from smsc_sim.control.routes import Route, call_of, find
from smsc_sim.scenario_control import is_this_machine

BODY_OCTETS_MAX = 64 * 1024  # Ours: an MO is the longest thing that anybody sends.
IDLE_S = 60  # Ours: how long a connection may stay open without a request.
_SECURITY = {
    b"Content-Security-Policy": b"default-src 'none'; script-src 'self'; style-src 'self';"
    b" connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    b"X-Content-Type-Options": b"nosniff",
    b"Referrer-Policy": b"no-referrer",
    b"Cache-Control": b"no-store",
}
_READS = ("GET", "HEAD")
_log = logging.getLogger(__name__)


def site_for(routes: Sequence[Route], host: str, token: str | None) -> Site:
    """What a listening port is given; `host` is the address that it listens on."""
    site = Site(_Door(routes, _Guard(host, token)), requestFactory=_BoundedRequest, timeout=IDLE_S)
    site.noisy = False
    site.displayTracebacks = False
    return site


class _Guard:
    def __init__(self, host: str, token: str | None) -> None:
        self._host = host
        self._token = token

    def check(self, request: Request, route: Route) -> None:
        """Let the request pass or raise its CallError."""
        host = _header(request, "host")
        origin = _header(request, "origin")
        if _method(request) not in _READS and origin and urlsplit(origin).netloc != host:
            raise CallError(403, f"a page of {origin} may not control the simulator")
        if self._token is None:
            name = urlsplit(f"//{host}").hostname or ""
            if not is_this_machine(name) and name != self._host:
                raise CallError(403, f"{name!r} is not a name of this machine; use 127.0.0.1 or set a token")
        elif not route.open_to_all:
            kind, _, sent = _header(request, "authorization").partition(" ")
            if kind.lower() != "bearer" or not compare_digest(sent.strip().encode(), self._token.encode()):
                raise CallError(401, "the token is missing or wrong: send 'Authorization: Bearer TOKEN'")


class _Door(Resource):
    isLeaf = True  # noqa: N815

    def __init__(self, routes: Sequence[Route], guard: _Guard) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._routes = routes
        self._guard = guard

    def render(self, request: Request) -> Any:
        """Twisted's entry: every method, every path."""
        answer = self._answer(request)
        request.setResponseCode(answer.status)
        for name, value in _SECURITY.items():
            request.setHeader(name, value)
        request.setHeader(b"Content-Type", answer.content_type.encode())
        if answer.status == 401:
            request.setHeader(b"WWW-Authenticate", b'Bearer realm="smsc-sim"')
        if answer.file_name:
            request.setHeader(b"Content-Disposition", f'attachment; filename="{answer.file_name}"'.encode())
        if answer.then is not None:
            then: Callable[[], None] = answer.then
            request.notifyFinish().addBoth(lambda _: then())
        if answer.pieces is not None and _method(request) != "HEAD":
            Pieces(request, answer.pieces).begin()
            return NOT_DONE_YET
        return answer.content

    def _answer(self, request: Any) -> Answer:
        try:
            route, parts = find(self._routes, _method(request), request.path.decode("latin-1"))
            self._guard.check(request, route)
        except CallError as error:
            return json_answer({"error": error.sentence}, error.status)
        if request.is_too_long:
            return json_answer({"error": f"the body is over {BODY_OCTETS_MAX} octets"}, 413)
        call = call_of(parts, request.args, request.content.read())
        try:
            return answered(route.handler, call)
        except Exception:  # The rim: a fault of a call must not end the simulator.
            _log.exception("the call %s %s failed", route.method, route.pattern)
            return json_answer({"error": "the call failed; the simulator's log has the reason"}, 500)


class _BoundedRequest(Request):
    """A request whose body is not kept beyond the bound."""

    is_too_long = False
    _octets = 0

    def handleContentChunk(self, data: bytes) -> None:
        """Twisted gives the body piece by piece."""
        self._octets += len(data)
        if self._octets > BODY_OCTETS_MAX:
            self.is_too_long = True
        else:
            super().handleContentChunk(data)  # type: ignore[no-untyped-call]


class Pieces:
    """A pull producer: the next piece is made when the last one has left, so a slow reader costs nothing."""

    def __init__(self, request: Request, pieces: Iterator[bytes]) -> None:
        self._request = request
        self._pieces = pieces

    def begin(self) -> None:
        self._request.registerProducer(self, False)

    def resumeProducing(self) -> None:
        piece = next(self._pieces, None)
        if piece is not None:
            self._request.write(piece)
            return
        self._request.unregisterProducer()
        self._request.finish()

    def stopProducing(self) -> None:
        """The reader went away."""


def _method(request: Request) -> str:
    return str(request.method.decode("latin-1"))


def _header(request: Request, name: str) -> str:
    return request.getHeader(name) or ""
