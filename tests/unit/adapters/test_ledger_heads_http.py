"""Heads to a web server: one POST a line, 2xx or not taken, no redirect followed."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from operator_push.config.ledger_settings import LedgerSettings
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.plugins import load_ledger_head_receiver
from operator_push.services.ports import LedgerHeadReceiver

LINE = '{"shard":0,"seal_no":7}'


class Auditor(HTTPServer):
    status = 200
    heard: list[tuple[str, str, bytes]]


class Handler(BaseHTTPRequestHandler):
    server: Auditor

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, self.headers["Idempotency-Key"], body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Silent."""


@pytest.fixture
def auditor() -> Iterator[Auditor]:
    server = Auditor(("127.0.0.1", 0), Handler)
    server.heard = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def receiver_of(port: int) -> LedgerHeadReceiver:
    receiver = load_ledger_head_receiver(
        LedgerSettings(heads_url=f"http://127.0.0.1:{port}/heads?token=secret")
    )
    assert receiver is not None
    return receiver


def test_a_line_is_one_post(auditor: Auditor) -> None:
    receiver_of(auditor.server_port)(LINE)
    assert auditor.heard == [("/heads?token=secret", "0-7", LINE.encode())]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_anything_but_2xx_is_not_taken(auditor: Auditor, status: int) -> None:
    auditor.status = status
    with pytest.raises(ResourceError, match=f"the head of seal 7 is not taken: the server answered {status}"):
        receiver_of(auditor.server_port)(LINE)
    assert len(auditor.heard) == 1


def test_a_server_that_is_away_is_not_told_by_its_address(auditor: Auditor) -> None:
    receiver = receiver_of(auditor.server_port)
    auditor.shutdown()
    auditor.server_close()
    with pytest.raises(ResourceError) as error:
        receiver(LINE)
    assert "secret" not in str(error.value)


def test_no_address_is_no_receiver_and_an_unknown_kind_is_told() -> None:
    assert load_ledger_head_receiver(LedgerSettings()) is None
    with pytest.raises(OperatorError, match=r"ledger_heads\.kind: no plugin of the kind 'carrier-pigeon'"):
        load_ledger_head_receiver(LedgerSettings(heads_url="http://x.example/", heads_kind="carrier-pigeon"))
