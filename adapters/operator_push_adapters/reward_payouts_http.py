"""Reward payouts by a web service of the operator, such as its airtime transfer: a signed POST of JSON each.

    {"payout_id": "…", "msisdn": "…", "how": "airtime", "amount_micros": 5000000, "currency": "INR"}

`Idempotency-Key` is the payout_id: the service pays it once, however often it is asked. `X-Signature` is
HMAC-SHA256 over the body under the shared secret, hexadecimal. It answers 2xx with {"status": "paid" or
"refused", "told": "…"}; anything else is no answer, and it is asked again. Redirects are not followed.
"""

import hashlib
import hmac
import http.client
import json
import urllib.error
import urllib.request

from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.services.ports import RewardPayerSettings, RewardPayment, RewardPaymentAnswer

TIMEOUT_S = 15.0  # Ours: nobody waits for it.
SECRET_OCTETS_MIN = 16
ANSWER_OCTETS_MAX = 65_536
TOLD_MAX = 200


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **more: object) -> None:
        """What is answered with a redirect is not taken."""


class HttpPayer:
    """A services.ports.RewardPayer over one address."""

    def __init__(self, settings: RewardPayerSettings) -> None:
        if not settings.url.startswith(("http://", "https://")):
            raise OperatorError("must be an http:// or https:// address", key="payouts.url")
        if len(settings.secret) < SECRET_OCTETS_MIN:
            raise OperatorError(f"must have at least {SECRET_OCTETS_MIN} characters", key="payouts.secret")
        self._url, self._secret = settings.url, settings.secret
        self._opener = urllib.request.build_opener(_NoRedirect)

    def __call__(self, payment: RewardPayment) -> RewardPaymentAnswer:
        """Ask for one payment.

        Raises:
            ResourceError: no final answer; the reason holds neither address nor number.
        """
        told = {"payout_id": str(payment.payout_id), "msisdn": payment.msisdn, "how": payment.how}
        body = json.dumps({**told, "amount_micros": payment.amount_micros, "currency": payment.currency})
        request = urllib.request.Request(self._url, data=body.encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        request.add_header("User-Agent", "operator-push")
        request.add_header("Idempotency-Key", str(payment.payout_id))
        signature = hmac.new(self._secret, body.encode(), hashlib.sha256).hexdigest()
        request.add_header("X-Signature", signature)
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return _answer(answer.read(ANSWER_OCTETS_MAX))
        except urllib.error.HTTPError as error:
            reason = f"it answered {error.code}"
            error.close()
        except (OSError, http.client.HTTPException) as error:
            reason = str(getattr(error, "reason", "")) or type(error).__name__
        raise ResourceError(f"payout {payment.payout_id}: {reason}")


def _answer(octets: bytes) -> RewardPaymentAnswer:
    try:
        found = json.loads(octets)
        status, told = found["status"], str(found.get("told", ""))[:TOLD_MAX]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ResourceError(f"it answered something else: {error!r}") from error
    if status not in ("paid", "refused"):
        raise ResourceError(f"it answered the status {status!r}, which is neither paid nor refused")
    return RewardPaymentAnswer(status == "paid", told)
