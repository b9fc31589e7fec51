"""The command line's end of the control socket: one blocking call at a time to the running server.

The server listens on loopback and writes <data_dir>/control.json with its port and a token that only its
owner can read; lines of JSON go both ways. Calls and their results: docs/control-socket.md.
"""

import json
import socket
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from operator_push.kernel.errors import OperatorError, ResourceError

CONTROL_FILE = "control.json"
CALL_TIMEOUT_S = 600.0  # Ours: a snapshot of ten million subscribers takes minutes.
CONNECT_TIMEOUT_S = 5.0


class ControlClient:
    """Calls to the server that keeps `data_dir`. Connects at the first call; close it or use `with`."""

    def __init__(self, data_dir: Path, timeout_s: float = CALL_TIMEOUT_S) -> None:
        self._data_dir = data_dir
        self._timeout_s = timeout_s
        self._socket: socket.socket | None = None
        self._calls = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; a later call connects again."""
        if self._socket is not None:
            self._stream.close()
            self._socket.close()
            self._socket = None

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        """Have the server do something, for example call("account.show", name="demo"), and wait for it.

        Raises:
            OperatorError: the server refused; the message is its sentence.
            ResourceError: no server runs there, it went away or did not answer in time; after the last two
                nobody knows whether it did the work.
        """
        if self._socket is None:
            self._connect()
        self._calls += 1
        try:
            self._send({"id": self._calls, "do": do, **args})
            line = self._stream.readline()
        except TimeoutError as error:
            self.close()
            raise ResourceError(f"the server did not answer {do} within {self._timeout_s:g} s") from error
        except OSError as error:
            self.close()
            raise ResourceError(f"the server hung up during {do}: {error}") from error
        return self._result(do, line)

    def _connect(self) -> None:
        file = self._data_dir / CONTROL_FILE
        try:
            door = json.loads(file.read_text(encoding="utf-8"))
            port, token, pid = int(door["port"]), str(door["token"]), door.get("pid")
        except FileNotFoundError as error:
            raise ResourceError(
                f"no server runs with the data directory {self._data_dir} "
                f"(there is no {CONTROL_FILE} in it); start one with: operator-push serve --config FILE"
            ) from error
        except PermissionError as error:
            raise OperatorError(
                "only the user who runs the server may read this file", file=str(file)
            ) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OperatorError(f"is not what a server writes: {error!r}", file=str(file)) from error
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), timeout=CONNECT_TIMEOUT_S)
        except OSError as error:
            raise ResourceError(
                f"the server that wrote {file} (process {pid}) no longer answers: {error}; "
                "start it again with: operator-push serve --config FILE"
            ) from error
        self._socket.settimeout(self._timeout_s)
        self._stream = self._socket.makefile("rwb")
        try:
            self._send({"token": token})
        except OSError as error:
            self.close()
            raise ResourceError(f"the server hung up: {error}") from error

    def _send(self, request: dict[str, Any]) -> None:
        self._stream.write(json.dumps(request, separators=(",", ":"), ensure_ascii=False).encode() + b"\n")
        self._stream.flush()

    def _result(self, do: str, line: bytes) -> dict[str, Any]:
        if not line.endswith(b"\n"):
            self.close()
            raise ResourceError(f"the server hung up before it answered {do}")
        try:
            answer = json.loads(line)
            if answer["ok"] and answer["id"] == self._calls:
                result: dict[str, Any] = answer["result"]
                return result
            if answer["ok"]:
                raise ValueError(f"answer {answer['id']} to call {self._calls}")
            sentence = str(answer["error"])
            if answer["id"] != self._calls:  # not about this call: the server is about to hang up
                self.close()
        except (ValueError, KeyError, TypeError) as error:
            self.close()
            raise ResourceError(f"the server answered {do} with something else: {error!r}") from error
        raise OperatorError(sentence)
