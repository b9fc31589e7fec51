"""TLS: certificates of the listener by server name, and of a link; read at start and read again on demand.

Laws: version 1.2 at least; what is read anew is complete and fits together before it replaces what is in
use, so that a bad file changes nothing; binds that are up keep what they began with. No session is resumed:
a certificate or an authority that was taken away is gone for the next connection.
Not here: whether a certificate's name is enough (gateway.bind_checks).
"""

# ruff: noqa: N802 - Twisted names these methods.

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL
from twisted.internet import ssl
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator
from zope.interface import implementer

from operator_push.kernel.errors import OperatorError
from operator_push.smpp_twisted.peer_identity import names_of

VERIFY_MODES = {
    "off": SSL.VERIFY_NONE,
    "optional": SSL.VERIFY_PEER,
    "required": SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT,
}
_SESSION_ID = b"operator-push"


class KeyPair(msgspec.Struct, frozen=True):
    """The PEM files of a certificate (with its chain) and of its private key."""

    certificate_file: Path
    key_file: Path


class ServerTlsFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What a TLS listener reads. `names` are host names by SNI; another name gets `default`.

    `client_certificates` is "off", "optional" or "required"; `client_ca_file` whom they must be signed by.
    """

    default: KeyPair
    names: dict[str, KeyPair] = msgspec.field(default_factory=dict)
    client_certificates: str = "off"
    client_ca_file: Path | None = None


class ClientTlsFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What a TLS link reads. `ca_file` None: the system's authorities; `own` None: no client certificate."""

    server_name: str
    ca_file: Path | None = None
    own: KeyPair | None = None


class LoadedCertificate(msgspec.Struct, frozen=True):
    """A certificate in use, for show: for which server name ("*": any other), its names and its last day."""

    server_name: str
    names: tuple[str, ...]
    not_after: datetime


@implementer(IOpenSSLServerConnectionCreator)
class ServerTls:
    """The creator of server connections that Twisted's TLSMemoryBIOFactory asks."""

    def __init__(self, files: ServerTlsFiles) -> None:
        """Read the files.

        Raises:
            OperatorError: a file cannot be read, or a certificate and a key do not fit; the message names it.
        """
        self._files = files
        self.certificates: tuple[LoadedCertificate, ...] = ()
        self.read()()

    def read(self) -> Callable[[], None]:
        """Read the files again; the function that is returned puts them in use for new connections.

        Raises:
            OperatorError: as at first; then the old certificates stay in use.
        """
        files = self._files
        contexts = {name.lower(): _server_context(files, pair) for name, pair in files.names.items()}
        default = _server_context(files, files.default)
        loaded = [_loaded("*", files.default), *(_loaded(name, pair) for name, pair in files.names.items())]

        def by_server_name(connection: SSL.Connection) -> None:
            asked = connection.get_servername()
            context = contexts.get(asked.decode("ascii", "replace").lower()) if asked else None
            if context is not None:
                connection.set_context(context)

        default.set_tlsext_servername_callback(by_server_name)

        def put_in_use() -> None:
            self._default, self.certificates = default, tuple(loaded)

        return put_in_use

    def serverConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        """A connection with the certificates of now."""
        return SSL.Connection(self._default, None)


@implementer(IOpenSSLClientConnectionCreator)
class ClientTls:
    """The creator of a link's client connections; the server's name and chain are always verified."""

    def __init__(self, files: ClientTlsFiles) -> None:
        """Read the files.

        Raises:
            OperatorError: a file cannot be read, or a certificate and a key do not fit; the message names it.
        """
        self.files = files
        self.read()()

    def read(self) -> Callable[[], None]:
        """Read the files again; the function that is returned puts them in use for the next connection.

        Raises:
            OperatorError: as at first; then what was read before stays in use.
        """
        files = self.files
        trust = ssl.platformTrust()
        if files.ca_file is not None:
            authorities = [each.public_bytes(Encoding.PEM) for each in _certificates(files.ca_file)]
            trust = ssl.trustRootFromCertificates([ssl.Certificate.loadPEM(each) for each in authorities])
        own = None
        if files.own is not None:
            _check_pair(files.own)
            octets = _octets(files.own.certificate_file) + b"\n" + _octets(files.own.key_file)
            own = ssl.PrivateCertificate.loadPEM(octets)
        creator: Any = ssl.optionsForClientTLS(
            files.server_name,
            trustRoot=trust,
            clientCertificate=own,
            extraCertificateOptions={"raiseMinimumTo": ssl.TLSVersion.TLSv1_2},
        )

        def put_in_use() -> None:
            self._creator = creator

        return put_in_use

    def clientConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        """A connection with the files of now."""
        connection: SSL.Connection = self._creator.clientConnectionForTLS(protocol)
        return connection


def _server_context(files: ServerTlsFiles, pair: KeyPair) -> SSL.Context:
    _check_pair(pair)
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(SSL.OP_NO_TICKET | SSL.OP_NO_COMPRESSION | SSL.OP_CIPHER_SERVER_PREFERENCE)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_session_id(_SESSION_ID)
    context.use_certificate_chain_file(str(pair.certificate_file))
    context.use_privatekey_file(str(pair.key_file))
    if files.client_certificates != "off":
        if files.client_ca_file is None:
            raise OperatorError("client certificates need client_ca_file, the authorities that we believe")
        _certificates(files.client_ca_file)
        context.load_verify_locations(str(files.client_ca_file))
    context.set_verify(VERIFY_MODES[files.client_certificates], _as_openssl_says)
    return context


def _as_openssl_says(
    connection: SSL.Connection, certificate: Any, error: int, depth: int, preverified: int
) -> bool:
    return bool(preverified)


def _check_pair(pair: KeyPair) -> None:
    """Read both files as OpenSSL will, so that an error names the file."""
    _certificates(pair.certificate_file)
    context = SSL.Context(SSL.TLS_METHOD)
    try:
        context.use_certificate_chain_file(str(pair.certificate_file))
    except SSL.Error as error:
        raise OperatorError("is not a PEM certificate", file=str(pair.certificate_file)) from error
    _octets(pair.key_file)
    try:
        context.use_privatekey_file(str(pair.key_file))
        context.check_privatekey()
    except (SSL.Error, ValueError, TypeError) as error:
        raise OperatorError(
            f"is not the private key of {pair.certificate_file}, in PEM and without a passphrase",
            file=str(pair.key_file),
        ) from error


def _certificates(file: Path) -> list[x509.Certificate]:
    octets = _octets(file)
    try:
        return x509.load_pem_x509_certificates(octets)
    except ValueError as error:
        raise OperatorError("holds no PEM certificate", file=str(file)) from error


def _octets(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise OperatorError(f"cannot be read: {error.strerror}", file=str(file)) from error


def _loaded(server_name: str, pair: KeyPair) -> LoadedCertificate:
    certificate = _certificates(pair.certificate_file)[0]
    return LoadedCertificate(
        server_name, tuple(sorted(names_of(certificate))), certificate.not_valid_after_utc
    )
