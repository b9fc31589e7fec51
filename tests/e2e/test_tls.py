"""TLS with real sockets: names, client certificates, reloading without a restart, and a link through TLS."""

import contextlib
import json
import os
import signal
import socket
import ssl
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import Authority
from product import Programs, until
from raw_esme import RawEsme
from tls_front import TlsFront

from operator_push.kernel.errors import OperatorPushError
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import EnquireLink, SubmitSm

TLS = """
max_binds = 200
[smpp_server.tls]
port = 0
certificate_file = "server.pem"
key_file = "server.key"
client_certificates = "{clients}"
client_ca_file = "clients-ca.pem"
[[smpp_server.tls.names]]
server_name = "sms2.example"
certificate_file = "second.pem"
key_file = "second.key"
"""


class Door:
    """A product with a TLS port, an authority for servers and one for clients."""

    def __init__(self, folder: Path, clients: str) -> None:
        self.servers = Authority(folder, "servers")
        self.clients = Authority(folder, "clients")
        self.servers.sign("sms.example", "server")
        self.servers.sign("sms2.example", "second")
        self.programs = Programs(folder, server=TLS.format(clients=clients))
        self.programs.start_simulator()
        self.programs.start_product()
        self.programs.add_account()
        ready = self.programs.folder / "product.ready.json"
        self.port = int(json.loads(ready.read_text())["smpp_tls_port"])

    def context(self, own: tuple[Path, Path] | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.servers.file))
        if own is not None:
            context.load_cert_chain(*own)
        return context

    def esme(self, name: str = "sms.example", own: tuple[Path, Path] | None = None) -> RawEsme:
        return RawEsme(self.port, tls=self.context(own), server_name=name)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    opened = Door(tmp_path_factory.mktemp("tls"), "optional")
    yield opened
    opened.programs.stop()


@pytest.mark.parametrize("name", ["sms.example", "sms2.example"])
def test_each_name_has_its_certificate_and_binds(door: Door, name: str) -> None:
    with door.esme(name) as esme:  # the client has verified the name, or it would not be here
        assert esme.bind().command_status == 0


def test_a_name_that_we_do_not_have_gets_the_first_certificate(door: Door) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=r"sms3\.example"):
        door.esme("sms3.example")


def test_versions_before_1_2_are_refused(door: Door) -> None:
    context = door.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):  # Python warns of what we want to see refused
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        RawEsme(door.port, tls=context, server_name="sms.example")


def test_an_account_is_held_to_its_certificate(door: Door) -> None:
    shop = door.clients.sign("shop.example", "shop")
    bank = door.clients.sign("bank.example", "bank")
    stranger = Authority(door.programs.folder, "strangers").sign("shop.example", "stranger")
    door.programs.add_account("pinned", certificate_subject="shop.example")
    with door.esme(own=shop) as esme:
        assert esme.bind("pinned").command_status == 0
    for own in (bank, None):
        with door.esme(own=own) as esme:
            assert esme.bind("pinned").command_status == CommandStatus.ESME_RBINDFAIL
    with RawEsme(door.programs.smpp_port) as esme:  # nor without TLS
        assert esme.bind("pinned").command_status == CommandStatus.ESME_RBINDFAIL
    with pytest.raises((EOFError, OSError)), door.esme(own=stranger) as esme:
        esme.bind("pinned")


def test_garbage_and_a_stream_that_never_greets_harm_no_bind(door: Door) -> None:
    with door.esme() as bound:
        bound.bind()
        with socket.create_connection(("127.0.0.1", door.port), timeout=10) as garbage:
            garbage.sendall(b"\x00\x00\x00\x10not a client hello")
            garbage.settimeout(30)
            while garbage.recv(1024):
                pass
        with socket.create_connection(("127.0.0.1", door.port), timeout=10):
            number = bound.send(EnquireLink())
            assert bound.read().sequence_number == number


@pytest.mark.parametrize("way", ["command", "signal"])
def test_new_certificates_are_used_without_a_restart_and_bad_ones_never(door: Door, way: str) -> None:
    product = door.programs.product
    assert product is not None
    with door.esme() as esme:
        esme.bind()
        door.servers.sign(f"{way}.example", "server")
        if way == "command":
            shown = door.programs.call("tls.reload")["certificates"]
            assert shown[0]["names"] == [f"{way}.example"]
        else:
            os.kill(product.pid, signal.SIGHUP)
        until(lambda: shown_first(door) == [f"{way}.example"], "the new certificate")
        with door.esme(f"{way}.example") as other:
            assert other.bind().command_status == 0
        number = esme.send(EnquireLink())  # the bind that was up knows nothing of it
        assert esme.read().sequence_number == number
    key_file = door.programs.folder / "server.key"
    good = key_file.read_bytes()
    key_file.write_bytes(b"nothing")
    with pytest.raises(OperatorPushError, match=r"server\.key.*not the private key"):
        door.programs.call("tls.reload")
    os.kill(product.pid, signal.SIGHUP)
    log = door.programs.folder / "operator-push.log"
    until(lambda: "certificates stay as they were" in log.read_text(), "the log to tell")
    with door.esme(f"{way}.example") as esme:
        assert esme.bind().command_status == 0
    key_file.write_bytes(good)
    door.servers.sign("sms.example", "server")
    door.programs.call("tls.reload")


def shown_first(door: Door) -> list[str]:
    return list(door.programs.call("tls.show")["certificates"][0]["names"])


def test_a_required_certificate_is_required(tmp_path: Path) -> None:
    door = Door(tmp_path, "required")
    try:
        with door.esme(own=door.clients.sign("shop.example", "shop")) as esme:
            assert esme.bind().command_status == 0
        with pytest.raises((EOFError, OSError)), door.esme() as esme:
            esme.bind()
    finally:
        door.programs.stop()


LINKS = """
[[smsc]]
name = "safe"
host = "127.0.0.1"
port = {port}
system_id = "gateway"
password = "secret"
prefixes = ["9198"]
tls = true
tls_server_name = "smsc.example"
tls_ca_file = "smscs-ca.pem"
tls_certificate_file = "us.pem"
tls_key_file = "us.key"
reconnect_min_s = 0.1
reconnect_max_s = 0.3

[[smsc]]
name = "impostor"
host = "127.0.0.1"
port = {port}
system_id = "gateway"
password = "secret"
prefixes = ["9197"]
tls = true
tls_server_name = "other.example"
tls_ca_file = "smscs-ca.pem"
tls_certificate_file = "us.pem"
tls_key_file = "us.key"
reconnect_min_s = 0.1
reconnect_max_s = 0.3
"""


def test_a_link_speaks_tls_with_its_smsc_and_only_with_that(tmp_path: Path) -> None:
    smscs, ours = Authority(tmp_path, "smscs"), Authority(tmp_path, "ours")
    ours.sign("us.example", "us")
    simulated = Programs(tmp_path)
    with contextlib.ExitStack() as stack:
        stack.callback(simulated.stop)
        simulated.start_simulator()
        own = smscs.sign("smsc.example", "smsc")
        front = stack.enter_context(TlsFront(simulated.sim_port, own, ours.file))
        programs = Programs(tmp_path, more=LINKS.format(port=front.port))
        stack.callback(programs.stop)
        programs.sim_port = front.target_port
        programs.start_product()
        programs.add_account()
        until(lambda: programs.call("stats")["links"]["safe"], "the bind through TLS")
        with RawEsme(programs.smpp_port) as esme:
            esme.bind()
            esme.send(SubmitSm(dest_addr_ton=1, destination_addr="919812345670", short_message=b"hi"))
            assert esme.read().command_status == 0
        until(lambda: front.octets_to_smsc > 0, "octets through TLS")
        assert front.names == {"us.example"}
        log = tmp_path / "operator-push.log"
        until(lambda: "link impostor is down" in log.read_text(), "the other name to be refused")
        assert not programs.call("stats")["links"]["impostor"]
