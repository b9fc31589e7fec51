"""A payment is asked for once by its id, signed; only paid and refused are answers."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.services.ports import RewardPayerSettings, RewardPayment
from operator_push_adapters.reward_payouts_http import HttpPayer

SECRET = b"a secret of enough octets"
PAYMENT = RewardPayment(77, "919812345678", "airtime", 5_000_000, "INR")


class TopUp(BaseHTTPRequestHandler):
    """Answers as the test says and keeps what it was asked."""

    asked: list[tuple[Any, bytes]]
    answer: tuple[int, bytes]

    def do_POST(self) -> None:  # http.server's name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).asked.append((self.headers, body))
        status, octets = type(self).answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    TopUp.asked, TopUp.answer = [], (200, b'{"status": "paid", "told": "R-1"}')
    server = HTTPServer(("127.0.0.1", 0), TopUp)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/pay"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_payment_is_signed_and_named(url: str) -> None:
    answer = HttpPayer(RewardPayerSettings(url, SECRET))(PAYMENT)
    assert (answer.is_paid, answer.told) == (True, "R-1")
    ((headers, body),) = TopUp.asked
    assert headers["Idempotency-Key"] == "77"
    assert headers["X-Signature"] == hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    assert json.loads(body)["amount_micros"] == 5_000_000


def test_a_refusal_is_an_answer_and_everything_else_is_none(url: str) -> None:
    pay = HttpPayer(RewardPayerSettings(url, SECRET))
    TopUp.answer = (200, b'{"status": "refused", "told": "no such number"}')
    assert not pay(PAYMENT).is_paid
    for wrong in ((500, b""), (302, b""), (200, b"paid"), (200, b'{"status": "maybe"}'), (200, b"[]")):
        TopUp.answer = wrong
        with pytest.raises(ResourceError) as error:
            pay(PAYMENT)
        assert PAYMENT.msisdn not in str(error.value)


def test_what_it_needs_is_asked_for_at_the_start() -> None:
    with pytest.raises(OperatorError, match="http"):
        HttpPayer(RewardPayerSettings("ftp://x", SECRET))
    with pytest.raises(OperatorError, match="16"):
        HttpPayer(RewardPayerSettings("http://127.0.0.1/", b"short"))
