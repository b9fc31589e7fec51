"""freeDiameter as a relay between the product and a charging system, on loopback and without TLS.

The daemon insists on a certificate of its own even so; the test makes one.
"""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from certificates import Authority
from free_ports import free_port
from peers import require_program
from product import until

IDENTITY, REALM = "relay.relay.test", "relay.test"
GATEWAY, GATEWAY_REALM = "gw.gateway.test", "gateway.test"

# The gateway is known as a peer, so that it may connect; port 9 is where it never listens.
CONFIG = """
Identity = "{identity}";
Realm = "{realm}";
Port = {port};
SecPort = 0;
No_SCTP;
No_IPv6;
ListenOn = "127.0.0.1";
TcTimer = 6;
TwTimer = 6;
TLS_Cred = "{certificate}", "{key}";
TLS_CA = "{authority}";
ConnectPeer = "{gateway}" {{ No_TLS; ConnectTo = "127.0.0.1"; Port = 9; Realm = "{gateway_realm}"; }};
ConnectPeer = "{ocs}" {{ No_TLS; ConnectTo = "127.0.0.1"; Port = {ocs_port}; Realm = "{ocs_realm}"; }};
"""


@contextmanager
def relay(folder: Path, ocs: str, ocs_realm: str, ocs_port: int) -> Iterator[int]:
    """A running freeDiameterd that knows the gateway and a charging system; its port."""
    program = require_program("freeDiameterd", package="freediameterd")
    port = free_port()
    authority = Authority(folder, "relay")
    certificate, key = authority.sign(IDENTITY, "relay")
    file = folder / "freediameter.conf"
    file.write_text(
        CONFIG.format(
            identity=IDENTITY,
            realm=REALM,
            port=port,
            certificate=certificate,
            key=key,
            authority=authority.file,
            gateway=GATEWAY,
            gateway_realm=GATEWAY_REALM,
            ocs=ocs,
            ocs_realm=ocs_realm,
            ocs_port=ocs_port,
        )
    )
    with (folder / "freediameter.log").open("w") as log:
        daemon = subprocess.Popen([program, "-c", str(file)], stdout=log, stderr=subprocess.STDOUT)
    try:
        until(lambda: _listens(daemon, port, folder), "freeDiameterd")
        yield port
    finally:
        daemon.terminate()
        try:
            daemon.wait(20)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait(5)


def _listens(daemon: "subprocess.Popen[bytes]", port: int, folder: Path) -> bool:
    assert daemon.poll() is None, (folder / "freediameter.log").read_text()
    text = (folder / "freediameter.log").read_text()
    return "STATE_OPEN'" in text and _answers(port)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
