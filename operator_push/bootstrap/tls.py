"""TLS of the running product: the listener's certificates and those of the links, read again together."""

import logging
from collections.abc import Iterable
from typing import Any

from operator_push.config import Settings, SmscSettings
from operator_push.config.tls_settings import TlsSettings
from operator_push.kernel.errors import OperatorError
from operator_push.smpp_twisted.shapes import ClientEndpoint
from operator_push.smpp_twisted.tls import (
    ClientTls,
    ClientTlsFiles,
    KeyPair,
    LoadedCertificate,
    ServerTls,
    ServerTlsFiles,
)

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 10


class TlsParts:
    """Everything of a running product that has read certificates; `server` is None without a TLS listener."""

    def __init__(self, settings: Settings) -> None:
        """Read the listener's files; a link's are read when it connects, since links change while we run.

        Raises:
            OperatorError: one cannot be read, or a certificate and a key do not fit.
        """
        tls = settings.smpp_server.tls
        self.server = ServerTls(server_files(tls)) if tls.is_on else None
        self._links: dict[str, ClientTls] = {}

    def reload(self) -> tuple[LoadedCertificate, ...]:
        """Read all files again, and use them for the connections from now on; what the listener then shows.

        Raises:
            OperatorError: a file is not good; then everything stays as it was.
        """
        parts: list[ServerTls | ClientTls] = [*self._links.values()]
        if self.server is not None:
            parts.append(self.server)
        for put_in_use in [part.read() for part in parts]:
            put_in_use()
        log.info("certificates are read anew")
        return self.shown()

    def reload_or_log(self) -> None:
        """`reload` for a signal, where nobody waits for an answer."""
        try:
            self.reload()
        except OperatorError as error:
            log.error("certificates stay as they were: %s", error)

    def shown(self) -> tuple[LoadedCertificate, ...]:
        """The certificates that the listener shows."""
        return self.server.certificates if self.server is not None else ()

    def smsc_endpoint(self, reactor: Any, link: SmscSettings) -> ClientEndpoint:
        """Where a link connects to, through TLS where its settings say so."""
        from twisted.internet.endpoints import TCP4ClientEndpoint

        endpoint: ClientEndpoint = TCP4ClientEndpoint(
            reactor, link.host, link.port, timeout=CONNECT_TIMEOUT_S
        )
        return _TlsEndpoint(self, link, endpoint) if link.tls else endpoint

    def of_link(self, link: SmscSettings) -> ClientTls:
        """What a link has read, read now where its files are others than before.

        Raises:
            OperatorError: a file is not good.
        """
        known, files = self._links.get(link.name), client_files(link)
        if known is None or known.files != files:
            known = self._links[link.name] = ClientTls(files)
        return known


class _TlsEndpoint:
    """Connects through TLS; a file that is not good is a connection that failed, and is tried again."""

    def __init__(self, parts: TlsParts, link: SmscSettings, endpoint: ClientEndpoint) -> None:
        self._parts = parts
        self._link = link
        self._endpoint = endpoint

    def connect(self, factory: Any) -> Any:
        from twisted.internet.defer import fail
        from twisted.internet.endpoints import wrapClientTLS

        try:
            creator = self._parts.of_link(self._link)
        except OperatorError as error:
            return fail(error)
        wrap: Any = wrapClientTLS  # Twisted's interfaces are beyond a checker without a plugin
        return wrap(creator, self._endpoint).connect(factory)


def server_files(tls: TlsSettings) -> ServerTlsFiles:
    """What the listener reads, by its settings.

    Raises:
        OperatorError: a key is missing (config.cross_checks has said so).
    """
    return ServerTlsFiles(
        default=_pair(tls.certificate_file, tls.key_file),
        names={each.server_name: _pair(each.certificate_file, each.key_file) for each in tls.names},
        client_certificates=tls.client_certificates,
        client_ca_file=tls.client_ca_file,
    )


def client_files(link: SmscSettings) -> ClientTlsFiles:
    """What a link reads, by its settings."""
    own = link.tls_certificate_file and _pair(link.tls_certificate_file, link.tls_key_file)
    return ClientTlsFiles(
        server_name=link.tls_server_name or link.host, ca_file=link.tls_ca_file, own=own or None
    )


def certificates_json(certificates: Iterable[LoadedCertificate]) -> list[dict[str, Any]]:
    """Certificates as JSON values."""
    return [
        {
            "server_name": each.server_name,
            "names": list(each.names),
            "not_after": each.not_after.isoformat().replace("+00:00", "Z"),
        }
        for each in certificates
    ]


def _pair(certificate_file: Any, key_file: Any) -> KeyPair:
    if certificate_file is None or key_file is None:
        raise OperatorError("a certificate_file needs its key_file, and a key_file its certificate_file")
    return KeyPair(certificate_file, key_file)
