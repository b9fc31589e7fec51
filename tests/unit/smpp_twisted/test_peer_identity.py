"""The names of a certificate, and the address of a stream."""

from pathlib import Path
from types import SimpleNamespace

from certificates import Authority
from cryptography import x509

from operator_push.smpp_twisted.peer_identity import certificate_names, names_of, peer_address


def test_common_and_alternative_names_are_names(tmp_path: Path) -> None:
    file, _ = Authority(tmp_path, "ours").sign("shop.example", "shop", address="192.0.2.1")
    assert names_of(x509.load_pem_x509_certificate(file.read_bytes())) == {"shop.example"}
    root = x509.load_pem_x509_certificate((tmp_path / "ours-ca.pem").read_bytes())
    assert names_of(root) == {"ours authority"}


def test_a_stream_without_tls_shows_no_names_and_its_address(stream) -> None:
    protocol, _ = stream()
    assert certificate_names(protocol) == frozenset()
    assert peer_address(protocol) == "127.0.0.1"
    assert peer_address(SimpleNamespace(peer="::1:50000")) == "::1"
