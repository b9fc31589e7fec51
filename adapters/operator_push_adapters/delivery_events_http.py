"""Delivery events to a client's web server: signed POSTs of JSON, tried until the server says 2xx.

One batch is one request; its body is {"events": [{…}]}, one object per services.ports.DeliveryEvent, in
order. 64-bit ids travel as text, since JSON numbers lose them in many languages. Headers of every request:

- `X-Operator-Push-Signature: t=SECONDS,v1=HEX`, HEX = HMAC-SHA256(secret, SECONDS + "." + body) (RFC 2104).
  The receiver computes it over the octets as they came, compares in constant time, and refuses a t that is
  minutes old.
- `Idempotency-Key: FIRST-LAST`, the sequences of the first and last event: the same key is the same batch.

Retries wait longer each time, with jitter, and are bounded; then the caller keeps its cursor and the batch
comes again later. Redirects are not followed: a signature is for the address that it was made for.
"""

import hashlib
import hmac
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.error import TimeoutError as TwistedTimeoutError
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.client import Agent, HTTPConnectionPool
from twisted.web.http_headers import Headers
from twisted.web.iweb import IBodyProducer
from zope.interface import implementer

from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.instants import iso
from operator_push.services.ports import DeliveryEvent, DeliveryEventSinkSettings

SIGNATURE_HEADER = "X-Operator-Push-Signature"
IDEMPOTENCY_HEADER = "Idempotency-Key"
ANSWER_OCTETS_MAX = 64 * 1024  # Ours: an answer is only its status; a longer body is cut off.
_JITTER_MIN = 0.5

log = Logger()


def signature(secret: bytes, at_s: int, body: bytes) -> str:
    """The value of SIGNATURE_HEADER for a body sent at a moment (whole seconds since 1970)."""
    digest = hmac.new(secret, f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={digest}"


def body_of(events: Sequence[DeliveryEvent]) -> bytes:
    """The JSON body of a batch."""
    return msgspec.json.encode({"events": [_event_fields(event) for event in events]})


class WebhookSink:
    """A services.ports.DeliveryEventSink that POSTs to one address.

    `clock` gives seconds since 1970; `chance` shakes the waiting times, so that many servers that come back
    together do not knock together.
    """

    def __init__(
        self,
        settings: DeliveryEventSinkSettings,
        reactor: Any,
        clock: Callable[[], float] = time.time,
        chance: random.Random | None = None,
    ) -> None:
        if settings.options:
            raise OperatorError(
                f"a webhook knows no options; remove {', '.join(sorted(settings.options))}",
                key=f"delivery_events.{settings.name}.options",
            )
        if not settings.secret:
            raise OperatorError(
                "a webhook needs a secret to sign with", key=f"delivery_events.{settings.name}.secret"
            )
        self._settings = settings
        self._reactor = reactor
        self._clock = clock
        self._chance = chance or random.Random()
        self._pool = HTTPConnectionPool(reactor, persistent=True)
        self._agent = Agent(reactor, connectTimeout=settings.timeout_s, pool=self._pool)
        self._under_way: Deferred[None] | None = None
        self._closed = False

    def publish(self, events: Sequence[DeliveryEvent]) -> Deferred[None]:
        """POST a batch until the server says 2xx.

        Fails with ResourceError: all attempts failed, or the sink was closed meanwhile.
        """
        if not events:
            return succeed(None)
        key = f"{events[0].sequence}-{events[-1].sequence}"
        self._under_way = Deferred.fromCoroutine(self._deliver(key, body_of(events)))
        return self._under_way

    def close(self) -> Deferred[None]:
        """Give connections back; a batch on its way fails with ResourceError."""
        self._closed = True
        if self._under_way is not None:
            self._under_way.cancel()
        return self._pool.closeCachedConnections()  # type: ignore[no-any-return]

    async def _deliver(self, key: str, body: bytes) -> None:
        settings = self._settings
        reason = "closed before the first attempt"
        for attempt in range(1, settings.attempts_max + 1):
            if self._closed:
                break
            try:
                if attempt > 1:
                    await deferLater(self._reactor, self._wait_s(attempt))
                status = await self._post_once(key, body)
            except Exception as error:  # The rim: whatever a network can do is one failed attempt.
                if self._closed:
                    reason = "closed meanwhile"
                    break
                reason = self._reason(error)
            else:
                if 200 <= status < 300:
                    return
                reason = f"the server answered {status}"
            log.warn(
                "delivery events {key} to {sink}: attempt {attempt} of {attempts_max} failed: {reason}",
                key=key,
                sink=settings.name,
                attempt=attempt,
                attempts_max=settings.attempts_max,
                reason=reason,
            )
        raise ResourceError(f"delivery events {key} to {settings.name} are not taken: {reason}")

    def _post_once(self, key: str, body: bytes) -> Deferred[int]:
        attempt = Deferred.fromCoroutine(self._post(key, body))
        return attempt.addTimeout(self._settings.timeout_s, self._reactor)

    async def _post(self, key: str, body: bytes) -> int:
        headers = Headers()
        headers.addRawHeader("Content-Type", "application/json")
        headers.addRawHeader("User-Agent", "operator-push")
        headers.addRawHeader(IDEMPOTENCY_HEADER, key)
        headers.addRawHeader(SIGNATURE_HEADER, signature(self._settings.secret, int(self._clock()), body))
        content: Any = _Body(body)
        response: Any = await self._agent.request(
            b"POST", self._settings.url.encode("ascii"), headers, content
        )
        # The connection is free for the next batch only when the answer has been read.
        discard = _Discard()
        response.deliverBody(discard)
        await discard.done
        return int(response.code)

    def _reason(self, error: Exception) -> str:
        """What went wrong, without the address, which may hold a token."""
        inner = getattr(error, "reasons", None)  # of ResponseFailed and its kin
        cause = inner[0].value if inner else error
        if isinstance(cause, TimeoutError | TwistedTimeoutError | CancelledError):
            return f"no answer within {self._settings.timeout_s:g} s"
        return str(cause) or type(cause).__name__

    def _wait_s(self, attempt: int) -> float:
        """Seconds before an attempt: doubled each time up to the maximum, shaken down by up to a half."""
        doubled = self._settings.backoff_min_s * 2 ** min(attempt - 2, 32)
        return float(min(doubled, self._settings.backoff_max_s) * self._chance.uniform(_JITTER_MIN, 1.0))


@implementer(IBodyProducer)
class _Body:
    """A body in memory, written at once; Twisted's FileBodyProducer would run on the global reactor."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.length = len(body)

    def startProducing(self, consumer: Any) -> Deferred[None]:  # noqa: N802 - Twisted's name
        consumer.write(self._body)
        return succeed(None)

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Nothing is left to pause."""

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Nothing is left to resume."""

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Nothing is left to stop."""


class _Discard(Protocol):
    """Reads an answer's body and forgets it; hangs up where it is unreasonably long."""

    def __init__(self) -> None:
        self.done: Deferred[None] = Deferred(self._hang_up)
        self._octets = 0

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        self._octets += len(data)
        if self._octets > ANSWER_OCTETS_MAX:
            self._hang_up()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 - Twisted's name
        if not self.done.called:
            self.done.callback(None)

    def _hang_up(self, _: object = None) -> None:
        transport: Any = self.transport
        if transport is not None:
            transport.loseConnection()


def _event_fields(event: DeliveryEvent) -> dict[str, Any]:
    return {
        "sequence": event.sequence,
        "message_id": str(event.message_id),
        "client_message_id": event.client_message_id or str(event.message_id),
        "account": event.account,
        "state": event.state,
        "smsc_message_id": event.smsc_message_id,
        "segments": event.segments,
        "charged_micros": event.charged_micros,
        "final_at": iso(event.final_at_us),
        "client_reference": event.client_reference if event.client_reference >= 0 else None,
        "campaign": event.campaign or None,
    }
