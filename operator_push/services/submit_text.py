"""Submit a text: one message of the operator's own programs, through the one door (law 6).

What other processes of the house have to say to one person, such as the code that opens self-care, comes in
here; it is decided, priced and held as every other submission of its account.
"""

from collections.abc import Callable

from operator_push.domain.message import Origin, RefusalReason, Submission, TrafficClass
from operator_push.kernel.errors import OperatorError
from operator_push.services.accept_submissions import NO_REFERENCE, AcceptSubmissions, Offered
from operator_push.services.changes import Changes
from operator_push.services.registry import Registry
from operator_push.services.run_campaign import RECEIPT_ALWAYS, Render

SECOND_US = 1_000_000


class SubmitText:
    """The use case for one shard."""

    def __init__(
        self,
        registry: Registry,
        accept: AcceptSubmissions,
        number_of: Callable[[str], int],
        render: Render,
    ) -> None:
        self._registry = registry
        self._accept = accept
        self._number_of = number_of
        self._render = render

    def submit(
        self,
        account_name: str,
        sender: str,
        msisdn: str,
        text: str,
        valid_s: int,
        now_us: int,
        changes: Changes,
    ) -> int:
        """Accept a text to one number, in the account's own class of traffic; returns the message's id.

        `valid_s`: seconds after which it is not to arrive any more, 0 for the product's own limit. The caller
        promises nothing to anybody before `changes` are committed.

        Raises:
            OperatorError: there is no such account, the text cannot be sent, or it was refused, with why.
        """
        account = self._registry.require_account(account_name)
        kind = TrafficClass(account.traffic_class)
        try:
            body, segments, wire, whole = self._render(sender, msisdn, text, account.account_no, kind, now_us)
        except ValueError as fault:
            raise OperatorError(f"this text cannot be sent: {fault}") from fault
        submission = Submission(
            account_no=account.account_no,
            brand_no=account.brand_no,
            category=account.category,
            traffic_class=kind,
            origin=Origin.API,
            subscriber_no=self._number_of(msisdn),
            destination=msisdn,
            source=sender,
            segment_count=segments,
            client_reference=NO_REFERENCE,
        )
        expires_us = now_us + valid_s * SECOND_US if valid_s else 0
        offer = Offered(submission, body, RECEIPT_ALWAYS, 0, wire, expires_us=expires_us, whole=whole)
        (accepted,) = self._accept.accept([offer], now_us, changes)
        if accepted.reason is not None:
            raise OperatorError(f"the message was refused: {RefusalReason(accepted.reason).name}")
        return accepted.message_id
