"""Kannel's bearerbox and smsbox (Debian's package) as a client of an SMSC, for end-to-end tests.

All on loopback: smsbox's sendsms door takes the messages, dlr-url and get-url lead to an HTTP server of the
test.
"""

import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from free_ports import free_port
from peers import require_program
from product import until

from operator_push.cli.child_programs import ChildProgram

DELIVERED, FAILED, REFUSED = "1", "2", "16"  # what dlr-url is told; bits of Kannel's dlr-mask
WANTED = 1 | 2 | 16
_USER = {"username": "tester", "password": "foobar"}
_KANNEL = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = bar
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
box-deny-ip = *.*.*.*
dlr-storage = internal
log-file = {folder}/bearerbox.log
log-level = 0

group = smsc
smsc = smpp
smsc-id = peer
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = {system_id}
smsc-password = {password}
system-type = ""
msg-id-type = 0x00
reconnect-delay = 1
{more}

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
log-file = {folder}/smsbox.log
log-level = 0

group = sendsms-user
username = tester
password = foobar
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://127.0.0.1:{http}/mo?from=%p&to=%P&coding=%c&text=%b"
"""


class HttpEar:
    """An HTTP server that keeps (path, parameters) of every GET."""

    def __init__(self) -> None:
        heard: list[tuple[str, dict[str, str]]] = []
        self.heard = heard

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urllib.parse.urlsplit(self.path)
                told = dict(urllib.parse.parse_qsl(parts.query, encoding="latin-1"))
                if "text" in told:  # %b: octets, for coding 2 those of UTF-16
                    octets = told["text"].encode("latin-1")
                    told["text"] = octets.decode("utf-16-be" if told["coding"] == "2" else "utf-8")
                heard.append((parts.path, told))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def at(self, path: str) -> list[dict[str, str]]:
        """What was told to one path, oldest first."""
        return [parameters for where, parameters in list(self.heard) if where == path]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Kannel:
    """bearerbox and smsbox with a configuration of their own; `folder` is made, and holds their logs."""

    def __init__(self, folder: Path, *, port: int, system_id: str, password: str, more: str = "") -> None:
        self._programs = [require_program(name, package="kannel") for name in ("bearerbox", "smsbox")]
        self._children: list[ChildProgram] = []
        self._folder = folder
        folder.mkdir()
        self.ear = HttpEar()
        self._admin, self._sendsms = free_port(), free_port()
        self._config = folder / "kannel.conf"
        self._config.write_text(
            _KANNEL.format(
                admin=self._admin,
                box=free_port(),
                smsc=port,
                system_id=system_id,
                password=password,
                more=more,
                sendsms=self._sendsms,
                http=self.ear.port,
                folder=folder,
            )
        )

    def start(self) -> None:
        """Start both and wait until the bind stands and smsbox takes messages."""
        bearerbox, smsbox = self._programs
        self._child(bearerbox)
        until(self.is_bound, "bearerbox's bind")
        self._child(smsbox)
        until(lambda: bool(_get(f"http://127.0.0.1:{self._sendsms}/")[0]), "smsbox's start")

    def is_bound(self) -> bool:
        """Whether bearerbox calls its SMSC connection online."""
        return "(online" in _get(f"http://127.0.0.1:{self._admin}/status.txt", password="bar")[1]

    def send(self, number: str, text: str, **parameters: str) -> None:
        """Hand a message in at sendsms; what becomes of it is told to the ear's /dlr under its number."""
        # Without the plus: in a query it is a space, and Kannel takes percent signs for its own.
        dlr = f"http://127.0.0.1:{self.ear.port}/dlr?number={number.lstrip('+')}&what=%d&answer=%A"
        asked = {"from": "56070", "to": number, "text": text, "dlr-mask": str(WANTED), "dlr-url": dlr}
        status, told = _get(
            f"http://127.0.0.1:{self._sendsms}/cgi-bin/sendsms",
            **(_USER | asked | parameters),
        )
        assert status == 202, told

    def told_of(self, number: str) -> list[str]:
        """What dlr-url was told of the messages to one number, itself without a plus."""
        return [told["what"] for told in self.ear.at("/dlr") if told["number"] == number]

    def log(self) -> str:
        """bearerbox's log; its lines of level 2 and higher hold WARNING, ERROR or PANIC."""
        return (self._folder / "bearerbox.log").read_text(errors="replace")

    def end(self) -> None:
        """End both programs; `start` starts them again."""
        while self._children:
            self._children.pop().stop()

    def stop(self) -> None:
        """End everything."""
        self.end()
        self.ear.close()

    def _child(self, program: str) -> None:
        log = self._folder / f"{Path(program).name}.out"
        self._children.append(ChildProgram([program, str(self._config)], log))


@contextmanager
def kannel(folder: Path, *, port: int, system_id: str, password: str, more: str = "") -> Iterator[Kannel]:
    """Kannel bound to an SMSC at `port`; `more` are further lines of its smsc group. Ended at the end."""
    peer = Kannel(folder, port=port, system_id=system_id, password=password, more=more)
    try:
        peer.start()
        yield peer
    finally:
        peer.stop()


def _get(url: str, **parameters: str) -> tuple[int, str]:
    """(status, text) of a GET; status 0 where nobody answers."""
    try:
        with urllib.request.urlopen(f"{url}?{urllib.parse.urlencode(parameters)}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except (OSError, urllib.error.URLError):
        return 0, ""
