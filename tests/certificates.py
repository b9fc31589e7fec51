"""Certificates for tests: an authority that signs what a test asks for, written as PEM files."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Authority:
    """A root of its own, in `NAME-ca.pem` of a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(f"{name} authority")
        root = _builder(self._name, self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self.file = folder / f"{name}-ca.pem"
        self.file.write_bytes(root.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def sign(self, common_name: str, file_name: str, *, address: str = "") -> tuple[Path, Path]:
        """Write a certificate for a name (and an IP address) and its key; their files."""
        key = ec.generate_private_key(ec.SECP256R1())
        shown: list[x509.GeneralName] = [x509.DNSName(common_name)]
        if address:
            shown.append(x509.IPAddress(ipaddress.ip_address(address)))
        certificate = (
            _builder(_named(common_name), self._name, key)
            .add_extension(x509.SubjectAlternativeName(shown), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        certificate_file, key_file = (self._folder / f"{file_name}.{kind}" for kind in ("pem", "key"))
        certificate_file.write_bytes(certificate.public_bytes(Encoding.PEM))
        key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return certificate_file, key_file


def _named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )
