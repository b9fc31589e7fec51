"""Certificates are read whole or not at all, and an error names the file."""

from pathlib import Path

import pytest
from certificates import Authority

from operator_push.kernel.errors import OperatorError
from operator_push.smpp_twisted.tls import ClientTls, ClientTlsFiles, KeyPair, ServerTls, ServerTlsFiles


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


def test_the_listener_tells_what_it_shows(authority: Authority) -> None:
    pair = KeyPair(*authority.sign("sms.example", "first", address="127.0.0.1"))
    other = KeyPair(*authority.sign("sms2.example", "second"))
    server = ServerTls(ServerTlsFiles(default=pair, names={"sms2.example": other}))
    assert [(each.server_name, each.names) for each in server.certificates] == [
        ("*", ("sms.example",)),
        ("sms2.example", ("sms2.example",)),
    ]


def test_a_bad_file_changes_nothing_and_is_named(authority: Authority) -> None:
    certificate_file, key_file = authority.sign("sms.example", "first")
    server = ServerTls(ServerTlsFiles(default=KeyPair(certificate_file, key_file)))
    before = server.certificates
    connection_before = server.serverConnectionForTLS(None).get_context()
    _, other_key = authority.sign("other.example", "other")
    for file, octets, words in (
        (key_file, other_key.read_bytes(), "not the private key"),
        (key_file, b"", "not the private key"),
        (certificate_file, b"", "no PEM certificate"),
        (
            certificate_file,
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "PEM certificate",
        ),
    ):
        good = file.read_bytes()
        file.write_bytes(octets)
        with pytest.raises(OperatorError, match=words) as told:
            server.read()
        assert file.name in str(told.value)
        file.write_bytes(good)
    key_file.unlink()
    with pytest.raises(OperatorError, match="No such file"):
        server.read()
    assert server.certificates == before
    assert server.serverConnectionForTLS(None).get_context() is connection_before


def test_what_is_read_is_in_use_only_when_it_is_put_there(authority: Authority) -> None:
    files = authority.sign("sms.example", "first")
    server = ServerTls(ServerTlsFiles(default=KeyPair(*files)))
    authority.sign("renewed.example", "first")
    put_in_use = server.read()
    assert server.certificates[0].names == ("sms.example",)
    put_in_use()
    assert server.certificates[0].names == ("renewed.example",)


def test_client_certificates_need_an_authority(authority: Authority) -> None:
    pair = KeyPair(*authority.sign("sms.example", "first"))
    with pytest.raises(OperatorError, match="client_ca_file"):
        ServerTls(ServerTlsFiles(default=pair, client_certificates="required"))


def test_a_link_s_files_are_checked_too(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="nowhere"):
        ClientTls(ClientTlsFiles(server_name="smsc.example", ca_file=tmp_path / "nowhere.pem"))
    certificate_file, _ = authority.sign("us.example", "us")
    _, other_key = authority.sign("them.example", "them")
    with pytest.raises(OperatorError, match="not the private key"):
        ClientTls(ClientTlsFiles(server_name="smsc.example", own=KeyPair(certificate_file, other_key)))
    good = KeyPair(*authority.sign("us.example", "us"))
    ClientTls(ClientTlsFiles(server_name="smsc.example", ca_file=authority.file, own=good))
