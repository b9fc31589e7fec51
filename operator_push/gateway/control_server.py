"""The control server: commands of the operator's own programs, on loopback, one JSON object a line.

The first line must be {"token": …} with the token of `control.json`, which only the owner of the data folder
can read. A request is {"id": n, "do": name, …}; its answer {"id": n, "ok": true, "result": {…}}
or {"id": n, "ok": false, "error": sentence} leaves after the commit of what it changed.
See docs/control-socket.md.
"""

import hmac
import json
import logging
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from twisted.internet.protocol import Factory
from twisted.protocols.basic import LineReceiver

from operator_push.kernel.errors import OperatorPushError

log = logging.getLogger(__name__)

LINE_OCTETS_MAX = 64 * 1024 * 1024  # Ours: a batch of 1,000 rows or a bitmap of a nation's subscribers.
TOKEN_LINE_OCTETS_MAX = 1024  # until a connection has shown the token
CONTROL_FILE = "control.json"

Answer = Callable[[Mapping[str, Any]], None]
Refuse = Callable[[str], None]
# A handler gets the arguments and calls one of the two, now or after a commit.
Handler = Callable[[Mapping[str, Any], Answer, Refuse], None]


class ControlProtocol(LineReceiver):
    """One connection of a program."""

    transport: Any
    delimiter = b"\n"
    MAX_LENGTH = TOKEN_LINE_OCTETS_MAX

    def __init__(self, token: str, handlers: Mapping[str, Handler]) -> None:
        self._token = token
        self._handlers = handlers
        self._known = False

    def lineReceived(self, line: bytes) -> None:  # noqa: N802  # Twisted's name
        try:
            request = json.loads(line)
        except ValueError:
            self._send({"id": None, "ok": False, "error": "this line is not JSON"})
            self.transport.loseConnection()
            return
        if not isinstance(request, dict):
            request = {}
        if not self._known:
            self._known = hmac.compare_digest(str(request.get("token", "")).encode(), self._token.encode())
            if not self._known:
                self._send({"id": None, "ok": False, "error": "the token is wrong"})
                self.transport.loseConnection()
            self.MAX_LENGTH = LINE_OCTETS_MAX
            return
        self._perform(request)

    def _perform(self, request: dict[str, Any]) -> None:
        number = request.pop("id", None)
        name = str(request.pop("do", ""))
        handler = self._handlers.get(name)

        def answer(result: Mapping[str, Any]) -> None:
            self._send({"id": number, "ok": True, "result": result})

        def refuse(sentence: str) -> None:
            self._send({"id": number, "ok": False, "error": sentence})

        if handler is None:
            refuse(f"{name!r} is not a command; there are: {', '.join(sorted(self._handlers))}")
            return
        try:
            handler(request, answer, refuse)
        except OperatorPushError as error:
            refuse(str(error))
        except KeyError as error:
            refuse(f"{name}: {error} is missing")
        except Exception as error:  # the rim: a command that fails is answered, and the next one is heard
            log.exception("control command %s failed", name)
            refuse(f"{name}: {error}")

    def _send(self, reply: Mapping[str, Any]) -> None:
        if self.transport is not None and self.transport.connected:
            self.transport.write(json.dumps(reply).encode() + b"\n")


class ControlServer:
    """Listens on an ephemeral loopback port and leaves `control.json` in the data folder while it runs."""

    def __init__(self, reactor: Any, data_dir: Path, handlers: Mapping[str, Handler]) -> None:
        self._path = data_dir / CONTROL_FILE
        token = secrets.token_hex(16)
        factory = Factory.forProtocol(lambda: ControlProtocol(token, handlers))
        factory.noisy = False
        self._port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"port": self._port.getHost().port, "token": token, "pid": os.getpid()}, file)

    def close(self) -> None:
        """Stop listening and take the file away."""
        self._port.stopListening()
        self._path.unlink(missing_ok=True)
