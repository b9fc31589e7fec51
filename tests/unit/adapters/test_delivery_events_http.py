"""The webhook sink against a real web server on loopback, on a real reactor of its own."""

import asyncio
import hashlib
import hmac
import json
import random
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.defer import Deferred

from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.services.ports import DeliveryEvent, DeliveryEventSinkSettings
from operator_push_adapters.delivery_events_http import WebhookSink, body_of, signature

SECRET = b"sixteen octets at least"
EVENTS = [
    DeliveryEvent(
        7, 2**60 + 1, "shop", "DELIVERED", "A1", 2, 200_000, 1_700_000_000_000_000, 5, "Diwali", "2f80001a"
    ),
    DeliveryEvent(9, 2**60 + 2, "shop", "EXPIRED", "A2", 1, 0, 1_700_000_000_500_000),
]


class Receiver:
    """A web server that gives prepared answers and keeps what it was sent."""

    def __init__(self) -> None:
        self.answers: list[int] = []  # then 200 for ever
        self.answer_body = b"ok"
        self.hold = threading.Event()
        self.hold.set()
        self.received: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append((dict(self.headers), body))
                receiver.hold.wait(10)
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.send_header("Content-Length", str(len(receiver.answer_body)))
                self.end_headers()
                self.wfile.write(receiver.answer_body)

            def log_message(self, *_: Any) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """A sink that hangs up in the middle of an answer is part of these tests."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/events"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def stop(self) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.stop()


def run(work: Callable[[AsyncioSelectorReactor], "Deferred[Any]"]) -> Any:
    """What `work` comes to on a fresh reactor; an error that it ends with is raised."""
    reactor = AsyncioSelectorReactor(asyncio.new_event_loop())
    outcome: list[Any] = []

    def start() -> None:
        work(reactor).addBoth(outcome.append).addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(start)
    reactor.callLater(20, reactor.stop)
    reactor.run(installSignalHandlers=False)
    assert outcome, "nothing came of it within 20 s"
    if hasattr(outcome[0], "raiseException"):
        outcome[0].raiseException()
    return outcome[0]


def sink_of(receiver_url: str, reactor: AsyncioSelectorReactor, **settings: Any) -> WebhookSink:
    quick: dict[str, Any] = {"backoff_min_s": 0.01, "backoff_max_s": 0.05, "timeout_s": 5.0}
    return WebhookSink(
        DeliveryEventSinkSettings("webhook", receiver_url, SECRET, **{**quick, **settings}),
        reactor,
        clock=lambda: 1_700_000_000.9,
        chance=random.Random(1),
    )


def publish(receiver: Receiver, events: list[DeliveryEvent], **settings: Any) -> Any:
    async def deliver(reactor: AsyncioSelectorReactor) -> Any:
        sink = sink_of(receiver.url, reactor, **settings)
        try:
            return await sink.publish(events)
        finally:
            await sink.close()

    return run(lambda reactor: Deferred.fromCoroutine(deliver(reactor)))


def test_a_batch_that_fails_twice_arrives_at_the_third_attempt(receiver: Receiver) -> None:
    receiver.answers = [503, 500]
    publish(receiver, EVENTS)
    assert len(receiver.received) == 3
    assert len({body for _, body in receiver.received}) == 1
    assert {headers["Idempotency-Key"] for headers, _ in receiver.received} == {"7-9"}


def test_the_receiver_can_verify_the_signature_from_what_the_documentation_says(receiver: Receiver) -> None:
    publish(receiver, EVENTS)
    headers, body = receiver.received[0]
    parts = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["X-Operator-Push-Signature"])
    assert parts is not None
    assert parts[1] == "1700000000"
    expected = hmac.new(SECRET, parts[1].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(parts[2], expected)


def test_another_secret_time_or_body_gives_another_signature() -> None:
    signatures = {
        signature(SECRET, 1, b"a"),
        signature(SECRET + b"!", 1, b"a"),
        signature(SECRET, 2, b"a"),
        signature(SECRET, 1, b"b"),
    }
    assert len(signatures) == 4


def test_the_body_tells_everything_and_no_recipient(receiver: Receiver) -> None:
    publish(receiver, EVENTS)
    headers, body = receiver.received[0]
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body) == {
        "events": [
            {
                "sequence": 7,
                "message_id": "1152921504606846977",
                "client_message_id": "2f80001a",
                "account": "shop",
                "state": "DELIVERED",
                "smsc_message_id": "A1",
                "segments": 2,
                "charged_micros": 200_000,
                "final_at": "2023-11-14T22:13:20.000000Z",
                "client_reference": 5,
                "campaign": "Diwali",
            },
            {
                "sequence": 9,
                "message_id": "1152921504606846978",
                "client_message_id": "1152921504606846978",
                "account": "shop",
                "state": "EXPIRED",
                "smsc_message_id": "A2",
                "segments": 1,
                "charged_micros": 0,
                "final_at": "2023-11-14T22:13:20.500000Z",
                "client_reference": None,
                "campaign": None,
            },
        ]
    }


def test_after_the_last_attempt_the_caller_keeps_its_cursor(receiver: Receiver) -> None:
    receiver.answers = [500] * 10
    with pytest.raises(ResourceError, match="7-9 to webhook are not taken: the server answered 500"):
        publish(receiver, EVENTS, attempts_max=3)
    assert len(receiver.received) == 3


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.answers = [302]
    with pytest.raises(ResourceError, match="302"):
        publish(receiver, EVENTS, attempts_max=1)
    assert len(receiver.received) == 1


def test_nobody_listening_is_a_failed_attempt_like_any_other(receiver: Receiver) -> None:
    receiver.stop()
    with pytest.raises(ResourceError, match="refused"):
        publish(receiver, EVENTS, attempts_max=2)


def test_a_server_that_does_not_answer_in_time_is_given_up(receiver: Receiver) -> None:
    receiver.hold.clear()
    with pytest.raises(ResourceError, match=r"no answer within 0\.2 s"):
        publish(receiver, EVENTS, attempts_max=2, timeout_s=0.2)
    assert len(receiver.received) == 2


def test_closing_ends_a_batch_on_its_way(receiver: Receiver) -> None:
    receiver.hold.clear()

    def work(reactor: AsyncioSelectorReactor) -> "Deferred[Any]":
        sink = sink_of(receiver.url, reactor)
        reactor.callLater(0.2, sink.close)
        return sink.publish(EVENTS)

    with pytest.raises(ResourceError, match="closed meanwhile"):
        run(work)
    assert len(receiver.received) == 1


def test_an_empty_batch_asks_nobody(receiver: Receiver) -> None:
    publish(receiver, [])
    assert receiver.received == []


def test_batches_after_one_another_use_one_sink(receiver: Receiver) -> None:
    async def deliver(reactor: AsyncioSelectorReactor) -> None:
        sink = sink_of(receiver.url, reactor)
        for event in EVENTS:
            await sink.publish([event])
        await sink.close()

    run(lambda reactor: Deferred.fromCoroutine(deliver(reactor)))
    assert [headers["Idempotency-Key"] for headers, _ in receiver.received] == ["7-7", "9-9"]
    assert [body for _, body in receiver.received] == [body_of([event]) for event in EVENTS]


def test_an_endless_answer_is_cut_off(receiver: Receiver) -> None:
    receiver.answer_body = b"x" * 5_000_000
    publish(receiver, EVENTS, attempts_max=1)
    assert len(receiver.received) == 1


def test_waiting_grows_to_its_maximum_and_is_shaken() -> None:
    settings = DeliveryEventSinkSettings(
        "webhook", "http://client.example/", SECRET, backoff_min_s=1.0, backoff_max_s=8.0
    )
    sink = WebhookSink(settings, AsyncioSelectorReactor(asyncio.new_event_loop()), chance=random.Random(3))
    for attempt, full in ((2, 1.0), (3, 2.0), (4, 4.0), (5, 8.0), (6, 8.0), (400, 8.0)):
        waits = [sink._wait_s(attempt) for _ in range(50)]
        assert all(full / 2 <= wait <= full for wait in waits)
        assert len(set(waits)) > 1


@pytest.mark.parametrize(
    ("secret", "options", "named"),
    [(b"", {}, "secret"), (SECRET, {"colour": "red"}, "colour")],
)
def test_settings_that_a_webhook_cannot_work_with_stop_the_start(
    secret: bytes, options: dict[str, str], named: str
) -> None:
    settings = DeliveryEventSinkSettings("hook", "http://client.example/", secret, options=options)
    with pytest.raises(OperatorError, match=named):
        WebhookSink(settings, AsyncioSelectorReactor(asyncio.new_event_loop()))
