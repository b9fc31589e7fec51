"""Peer identity: who is at the other end of a stream, as far as TCP and TLS tell.

Not here: whether that is enough (gateway.bind_checks).
"""

from typing import Any, cast

from cryptography import x509
from cryptography.x509.oid import NameOID

from operator_push.smpp_twisted.protocol import SmppProtocol


def peer_address(protocol: SmppProtocol) -> str:
    """The IP address of the peer as text, without its port; empty where the transport has none."""
    return protocol.peer.rpartition(":")[0]


def certificate_names(protocol: SmppProtocol) -> frozenset[str]:
    """Common name and DNS, e-mail and URI alternative names of the peer's certificate.

    Empty where the stream is no TLS or the peer showed none. TLS has verified the chain before.
    """
    certificate_of = getattr(protocol.transport, "getPeerCertificate", None)
    certificate = certificate_of() if certificate_of is not None else None
    return names_of(certificate.to_cryptography()) if certificate is not None else frozenset()


def names_of(certificate: x509.Certificate) -> frozenset[str]:
    """The names that a certificate shows."""
    names = {str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)}
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return frozenset(names)
    for kind in (x509.DNSName, x509.RFC822Name, x509.UniformResourceIdentifier):
        names.update(cast(Any, extension.value).get_values_for_type(kind))
    return frozenset(names)
