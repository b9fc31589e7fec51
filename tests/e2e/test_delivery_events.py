"""Delivery events of a running product reach a real HTTP server: signed, in order, also after absences."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from product import Programs, until
from raw_esme import RawEsme

from operator_push.smpp.pdu import SubmitSm, SubmitSmResp

SECRET = "sixteen letters!"


class Hook:
    """An HTTP server that keeps what it is told, or answers 503 while it is away."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.wrong_signatures = 0
        self.away = False
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(503 if hook.away else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                if not hook.away:
                    hook.take(body, self.headers["X-Operator-Push-Signature"])

            def log_message(self, *_: object) -> None:
                return None

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, body: bytes, signature: str) -> None:
        parts = dict(part.split("=", 1) for part in signature.split(","))
        expected = hmac.new(SECRET.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
        self.wrong_signatures += expected != parts["v1"]
        self.events += json.loads(body)["events"]

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])


@pytest.fixture
def hook() -> Iterator[Hook]:
    listening = Hook()
    yield listening
    listening.server.shutdown()
    listening.server.server_close()


def submit(programs: Programs, count: int) -> list[str]:
    """Send messages and return their ids."""
    with RawEsme(programs.smpp_port) as esme:
        esme.bind()
        for _ in range(count):
            esme.send(SubmitSm(source_addr="SHOP", destination_addr="919812345678", short_message=b"hi"))
        ids = []
        for _ in range(count):
            response = esme.read()
            assert isinstance(response, SubmitSmResp)
            ids.append(response.message_id)
        return ids


def test_events_are_signed_in_order_and_survive_absences(tmp_path: Path, hook: Hook):
    sink = (
        f'[[delivery_events]]\nurl = "http://127.0.0.1:{hook.port}/events"\nsecret = "{SECRET}"\n'
        "attempts_max = 2\nbackoff_min_s = 0.1\nbackoff_max_s = 0.2\n"
    )
    programs = Programs(tmp_path, more=sink)
    try:
        programs.start_simulator()
        programs.start_product()
        programs.add_account()
        first = submit(programs, 5)
        until(lambda: len(hook.events) >= 5, "five events")
        hook.away = True
        second = submit(programs, 3)
        until(lambda: programs.call("stats")["open_messages"] == 0, "the end of three more")
        assert programs.product is not None
        programs.product.kill()
        hook.away = False
        programs.start_product()
        until(lambda: len(hook.events) >= 8, "what the hook missed")
    finally:
        programs.stop()
    told = {event["sequence"]: event for event in hook.events}
    assert sorted(told) == list(range(1, 9))
    assert {str(event["message_id"]) for event in told.values()} == set(first) | set(second)
    assert {event["state"] for event in told.values()} == {"DELIVERED"}
    assert hook.wrong_signatures == 0
    assert "919812345678" not in json.dumps(hook.events)
