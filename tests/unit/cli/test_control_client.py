"""The control client against a real socket: it gets in, it understands, and it says what went wrong."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from operator_push.cli.control_client import ControlClient
from operator_push.kernel.errors import OperatorError, ResourceError

Answer = Callable[[dict[str, Any]], bytes | None]


class Server:
    """Speaks the server's side; `answer` makes a line from a request, or None to hang up."""

    def __init__(self, data_dir: Path, answer: Answer) -> None:
        self.data_dir = data_dir
        self.requests: list[dict[str, Any]] = []
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._write_door(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _write_door(self, port: int) -> None:
        (self.data_dir / "control.json").write_text(json.dumps({"port": port, "token": "t0ken", "pid": 4711}))

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, connection.makefile("rwb") as stream:
                    if json.loads(stream.readline()) != {"token": "t0ken"}:
                        stream.write(b'{"id": null, "ok": false, "error": "the token is wrong"}\n')
                        continue
                    for line in stream:
                        request = json.loads(line)
                        self.requests.append(request)
                        answer = self._answer(request)
                        if answer is None:
                            break
                        stream.write(answer)
                        stream.flush()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread in accept
        self._listener.close()


def good(request: dict[str, Any], result: Any = None) -> bytes:
    return json.dumps({"id": request["id"], "ok": True, "result": result or {}}).encode() + b"\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Callable[[Answer], Server]]:
    started: list[Server] = []

    def start(answer: Answer) -> Server:
        started.append(Server(tmp_path, answer))
        return started[-1]

    yield start
    for each in started:
        each.stop()


def test_calls_go_out_in_order_on_one_connection(server: Callable[[Answer], Server], tmp_path: Path) -> None:
    running = server(lambda request: good(request, {"echo": request["do"]}))
    with ControlClient(tmp_path) as client:
        assert client.call("account.show", name="demo") == {"echo": "account.show"}
        assert client.call("account.list") == {"echo": "account.list"}
    assert running.requests == [
        {"id": 1, "do": "account.show", "name": "demo"},
        {"id": 2, "do": "account.list"},
    ]


def test_a_reply_and_a_request_may_be_of_any_size(server: Callable[[Answer], Server], tmp_path: Path) -> None:
    server(lambda request: good(request, {"text": request["text"]}))
    text = "é" * 3_000_000
    with ControlClient(tmp_path) as client:
        assert client.call("echo", text=text) == {"text": text}


def test_a_refusal_is_the_servers_own_sentence_and_the_next_call_works(
    server: Callable[[Answer], Server], tmp_path: Path
) -> None:
    def answer(request: dict[str, Any]) -> bytes:
        if request["do"] == "account.show":
            return (
                json.dumps({"id": request["id"], "ok": False, "error": "there is no account x"}).encode()
                + b"\n"
            )
        return good(request)

    server(answer)
    with ControlClient(tmp_path) as client:
        with pytest.raises(OperatorError, match=r"^there is no account x$"):
            client.call("account.show", name="x")
        assert client.call("account.list") == {}


def test_without_a_server_the_message_says_how_to_start_one(tmp_path: Path) -> None:
    with (
        ControlClient(tmp_path) as client,
        pytest.raises(ResourceError, match="operator-push serve --config"),
    ):
        client.call("account.list")


def test_a_server_that_is_gone_is_named_by_its_process(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        door = {"port": listener.getsockname()[1], "token": "t0ken", "pid": 4711}
    (tmp_path / "control.json").write_text(json.dumps(door))
    with ControlClient(tmp_path) as client, pytest.raises(ResourceError, match="process 4711"):
        client.call("account.list")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"port": "x", "token": "t"}'])
def test_a_door_file_that_no_server_wrote_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "control.json").write_text(content)
    with ControlClient(tmp_path) as client, pytest.raises(OperatorError, match=r"control\.json: is not what"):
        client.call("account.list")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "hung up before it answered"),
        (b'{"id": 1', "hung up before it answered"),
        (b"nonsense\n", "something else"),
        (b"[]\n", "something else"),
        (b'{"id": 7, "ok": true, "result": {}}\n', "answer 7 to call 1"),
        (b'{"id": 1, "ok": true}\n', "something else"),
    ],
)
def test_an_answer_that_is_none_leaves_the_work_in_doubt(
    server: Callable[[Answer], Server], tmp_path: Path, answer: bytes | None, told: str
) -> None:
    lines = [answer]

    def once(request: dict[str, Any]) -> bytes | None:
        line = lines.pop() if lines else None
        return line if line is None or line.endswith(b"\n") else None

    server(once)
    with ControlClient(tmp_path) as client, pytest.raises(ResourceError, match=told):
        client.call("account.list")


def test_a_server_that_does_not_answer_is_given_up(
    server: Callable[[Answer], Server], tmp_path: Path
) -> None:
    server(lambda request: b"")
    with (
        ControlClient(tmp_path, timeout_s=0.1) as client,
        pytest.raises(ResourceError, match=r"within 0\.1 s"),
    ):
        client.call("account.list")


def test_after_a_hang_up_the_next_call_connects_again(
    server: Callable[[Answer], Server], tmp_path: Path
) -> None:
    running = server(lambda request: None if request["do"] == "bad" else good(request))
    with ControlClient(tmp_path) as client:
        with pytest.raises(ResourceError):
            client.call("bad")
        assert client.call("good") == {}
    assert [request["do"] for request in running.requests] == ["bad", "good"]


def test_a_wrong_token_is_told_in_the_servers_words(
    server: Callable[[Answer], Server], tmp_path: Path
) -> None:
    server(good)
    door = json.loads((tmp_path / "control.json").read_text())
    (tmp_path / "control.json").write_text(json.dumps({**door, "token": "stale"}))
    with ControlClient(tmp_path) as client, pytest.raises(OperatorError, match="the token is wrong"):
        client.call("account.list")
