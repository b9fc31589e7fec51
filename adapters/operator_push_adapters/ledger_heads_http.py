"""Ledger heads to a web server of somebody who keeps them: one POST of one signed JSON line a day.

The line carries its own signature (Ed25519), so no other is needed; `Idempotency-Key` is `SHARD-SEAL_NO`, so
that a line that comes twice is known as one. Redirects are not followed. Called in a thread, not on the loop.
"""

import http.client
import json
import urllib.error
import urllib.request

from operator_push.kernel.errors import OperatorError, ResourceError

TIMEOUT_S = 10.0  # Ours: heads are offered again later, and nobody waits for this.


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **more: object) -> None:
        """What is answered with a redirect is not taken."""


class WebhookHeads:
    """A services.ports.LedgerHeadReceiver that POSTs to one address."""

    def __init__(self, url: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise OperatorError("must be an http:// or https:// address", key="ledger.heads_url")
        self._url = url
        self._opener = urllib.request.build_opener(_NoRedirect)

    def __call__(self, line: str) -> None:
        """Send one line.

        Raises:
            ResourceError: it was not answered with 2xx; the reason never holds the address.
        """
        head = json.loads(line)
        request = urllib.request.Request(self._url, data=line.encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        request.add_header("User-Agent", "operator-push")
        chain = f"{head['chain']}-" if "chain" in head else ""  # heads of consent are lines of their own
        request.add_header("Idempotency-Key", f"{chain}{head['shard']}-{head['seal_no']}")
        try:
            with self._opener.open(request, timeout=TIMEOUT_S):
                return
        except urllib.error.HTTPError as error:
            reason = f"the server answered {error.code}"
            error.close()
        except (OSError, http.client.HTTPException) as error:
            reason = str(getattr(error, "reason", "")) or type(error).__name__
        raise ResourceError(f"the head of seal {head['seal_no']} is not taken: {reason}")
