"""The web server: Twisted's around a site of ours, and the headers that every answer carries.

Pages are made in threads, since the house is asked by calls that wait. Requests are not logged: addresses of
browsers and one-time links would stand there.
"""

import logging
from collections.abc import Callable
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

from twisted.internet.threads import deferToThreadPool
from twisted.protocols.policies import WrappingFactory
from twisted.python.threadpool import ThreadPool
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request
from twisted.web.server import Site as WebFactory

from operator_push.http.web_values import LANGUAGE_COOKIE, SEEN_HEADERS, Answered, Asked

log = logging.getLogger(__name__)

FORM_OCTETS_MAX: Final = 16_384  # Ours: our longest form is below one thousand.
FIELDS_MAX: Final = 100
THREADS: Final = 8
CONNECTIONS_MAX: Final = 500  # Ours: beyond it browsers are hung up on, and try again
SILENT_S: Final = 30.0  # a connection that says nothing
LANGUAGE_KEPT_S: Final = 365 * 86_400
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
HSTS: Final = {"Strict-Transport-Security": "max-age=31536000"}
METHODS: Final = ("GET", "HEAD", "POST")


class Site(Protocol):
    """What makes the pages; called in threads, several at once."""

    def answer(self, asked: Asked) -> Answered:
        """The page that a request gets; never raises."""
        ...


class Pages(Resource):
    """Every address. `is_secure`: browsers come by https, and cookies go by it alone."""

    isLeaf = True  # noqa: N815  # Twisted's name

    def __init__(
        self, site: Site, reactor: Any, threads: ThreadPool, trusted_proxies: tuple[str, ...], is_secure: bool
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._site = site
        self._reactor = reactor
        self._threads = threads
        self._trusted = frozenset(trusted_proxies)
        self._prefix = "__Host-" if is_secure else ""

    def render(self, request: Request) -> int:
        """Answer once a thread has made the page."""
        gone: list[object] = []
        request.notifyFinish().addErrback(gone.append)

        def answered(page: Answered) -> None:
            if not gone:
                self._write(request, page)

        def failed(failure: Any) -> None:
            log.error("a page could not be made", exc_info=failure.value)
            answered(Answered(500, b"something went wrong here; nothing was changed", "text/plain"))

        asked = self._asked(request)
        if isinstance(asked, Answered):
            self._write(request, asked)
            return NOT_DONE_YET
        page = deferToThreadPool(self._reactor, self._threads, self._site.answer, asked)
        page.addCallbacks(answered, failed).addErrback(failed)
        return NOT_DONE_YET

    def _asked(self, request: Request) -> Asked | Answered:
        method = request.method.decode("ascii", "replace")
        if method not in METHODS:
            return Answered(405, b"GET, HEAD and POST are heard here", "text/plain")
        form: dict[str, str] = {}
        if method == "POST":
            octets = request.content.read() if request.content is not None else b""
            if len(octets) >= FORM_OCTETS_MAX:
                return Answered(413, b"this form is too large", "text/plain")
            form = _fields(octets)
        path, _, query = request.uri.decode("ascii", "replace").partition("?")
        return Asked(
            method,
            path,
            _fields(query.encode()),
            form,
            self._cookies(request),
            _header(request, "accept-language"),
            self._address(request),
            _header(request, "origin")[:200],
            _header(request, "host").partition(":")[0].lower()[:255],
            {name: _header(request, name)[:512] for name in SEEN_HEADERS},
        )

    def _cookies(self, request: Request) -> dict[str, str]:
        cookies = {}
        for each in _header(request, "cookie").split(";"):
            name, _, value = each.strip().partition("=")
            if name.startswith(self._prefix):
                cookies[name.removeprefix(self._prefix)] = value
        return cookies

    def _address(self, request: Request) -> str:
        """The browser's, which a proxy that we trust puts at the end of X-Forwarded-For."""
        address = str(getattr(request.getClientAddress(), "host", ""))
        if address in self._trusted:
            for each in reversed(_header(request, "x-forwarded-for").split(",")):
                if each.strip() and each.strip() not in self._trusted:
                    return each.strip()[:64]
        return address

    def _write(self, request: Request, page: Answered) -> None:
        request.setResponseCode(page.status)
        headers = {**HEADERS, **(HSTS if self._prefix else {}), "Content-Type": page.content_type}
        if page.to:
            headers["Location"] = page.to
        if page.file_name:
            headers["Content-Disposition"] = f'attachment; filename="{page.file_name}"'
        if page.retry_after_s:
            headers["Retry-After"] = str(page.retry_after_s)
        headers |= page.headers
        request.responseHeaders.removeHeader(b"server")
        for name, value in headers.items():
            request.setHeader(name, value)
        for name, value in page.cookies.items():
            kept_s = LANGUAGE_KEPT_S if name == LANGUAGE_COOKIE else None if value else 0
            request.addCookie(
                self._prefix + name,
                value,
                path="/",
                max_age=None if kept_s is None else str(kept_s),
                secure=bool(self._prefix),
                httpOnly=True,
                sameSite="strict",
            )
        request.setHeader("Content-Length", str(len(page.body)))
        request.write(page.body)
        request.finish()


class _BoundedRequest(Request):
    """A request that keeps no more of its body than a form of ours may have."""

    _octets = 0

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802  # Twisted's name
        room = FORM_OCTETS_MAX - self._octets
        self._octets += len(data)
        if room > 0:
            super().handleContentChunk(data[:room])  # type: ignore[no-untyped-call]


class _QuietFactory(WebFactory):
    """One that writes no line about each request."""

    def log(self, request: Any) -> None:
        """Nothing: see the door plate."""


class _BoundedFactory(WrappingFactory):
    """One that hangs up on browsers beyond the limit."""

    noisy = False

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802  # Twisted's name
        return None if len(self.protocols) >= CONNECTIONS_MAX else super().buildProtocol(addr)


def run(
    site: Site,
    host: str,
    port: int,
    *,
    is_secure: bool,
    trusted_proxies: tuple[str, ...],
    ready: Callable[[int], None],
) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is told the port once it is open.

    Raises:
        twisted.internet.error.CannotListenError: the port is taken, or not ours to open.
    """
    from twisted.internet import reactor as installed

    reactor: Any = installed
    threads = ThreadPool(1, THREADS, "pages")
    factory: Any = _QuietFactory(  # type: ignore[no-untyped-call]
        Pages(site, reactor, threads, trusted_proxies, is_secure),
        requestFactory=_BoundedRequest,
        timeout=SILENT_S,
    )
    factory.displayTracebacks = factory.noisy = False
    bounded = _BoundedFactory(factory)  # type: ignore[no-untyped-call]
    listening = reactor.listenTCP(port, bounded, interface=host)
    threads.start()
    reactor.addSystemEventTrigger("after", "shutdown", threads.stop)
    reactor.callWhenRunning(ready, listening.getHost().port)
    reactor.run()


def _fields(octets: bytes) -> dict[str, str]:
    """The fields of a form or a query, as browsers write them; {} for what is none."""
    try:
        text = octets.decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX))
    except ValueError:
        return {}


def _header(request: Request, name: str) -> str:
    return str(request.getHeader(name) or "")
