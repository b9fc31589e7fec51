"""A shard in memory for tests of the use cases: every part real, nothing written, moments by hand."""

from operator_push.domain.contact_channels import SENT_BY
from operator_push.domain.facts import AccountPolicy, PolicyFacts
from operator_push.domain.ledger import Balances
from operator_push.domain.message import Origin, Submission, TrafficClass
from operator_push.domain.permission import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.policy import standard_policy
from operator_push.domain.routing import Route, RoutingTable
from operator_push.domain.tariff import Tariff, TariffRow
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.meters import Meters
from operator_push.services.accept_submissions import Accepted, AcceptSubmissions, Offered
from operator_push.services.changes import Changes
from operator_push.services.dispatch_outbox import DispatchOutbox
from operator_push.services.finish_message import FinishMessage
from operator_push.services.holds import TrafficHolds
from operator_push.services.open_messages import OpenMessages
from operator_push.services.record_receipts import RecordReceipts

NOW_US = 1_800_000_000_000_000  # 2027-01-15T08:00:00Z
SECOND_US = 1_000_000
PRICE_MICROS = 100_000
ACCOUNT, BRAND, LINK = 1, 7, 1
MSISDN = "919812345678"


class Shard:
    """Account 1 (brand 7) with money for ten segments; people 1..9 permit its marketing."""

    def __init__(self, segments_paid: int = 10, open_max: int = 1000, in_order: bool = True) -> None:
        self.ids = IdSequence()
        self.facts = PolicyFacts()
        self.facts.accounts[ACCOUNT] = AccountPolicy(ACCOUNT, BRAND, traffic_class=TrafficClass.PROMOTIONAL)
        self.facts.routes = RoutingTable([Route("", "main", channel=channel) for channel in SENT_BY])
        self.permission = self.facts.permission
        for subscriber_no in range(1, 10):
            self.consent(subscriber_no, ConsentAction.GRANT, brand_no=BRAND, at_us=NOW_US - SECOND_US)
        self.policy = standard_policy(self.facts)
        self.balances = Balances()
        self.changes = Changes()
        if segments_paid:
            self.balances.top_up(ACCOUNT, self.ids.next_id(NOW_US), segments_paid * PRICE_MICROS)
        self.messages = OpenMessages()
        self.meters = Meters()
        self.finish = FinishMessage(0, self.messages, self.balances, 0)
        self.ends: list[tuple[int, int]] = []
        self.finish.on_final.append(
            lambda message, state, now_us, changes: self.ends.append((message.message_id, state))
        )
        self.tariff = Tariff([TariffRow("", PRICE_MICROS, "INR")])
        self.accept_use_case = AcceptSubmissions(
            0, self.ids, self.policy, self.tariff, self.balances, self.messages, open_max
        )
        self.holds = TrafficHolds()
        parts = (self.policy, self.messages, self.finish)
        self.outbox = DispatchOutbox(0, LINK, LINK, 1, *parts, in_order=in_order, holds=self.holds)
        self.accept_use_case.on_admitted = self.outbox.queue
        self.receipts = RecordReceipts(0, self.ids, self.messages, self.finish, self.meters)

    def consent(
        self,
        subscriber_no: int,
        action: ConsentAction,
        *,
        brand_no: int = 0,
        purpose: Purpose = Purpose.MARKETING,
        at_us: int = NOW_US,
        channel: str = "sms",
    ) -> None:
        """One consent act by web."""
        self.permission.apply(
            ConsentEvent(subscriber_no, brand_no, 0, purpose, channel, action, at_us, Evidence("web"))
        )

    def offer(self, subscriber_no: int = 1, segment_count: int = 1, destination: str = MSISDN) -> Offered:
        """A promotional submission of the account."""
        submission = Submission(
            account_no=ACCOUNT,
            brand_no=BRAND,
            category=0,
            traffic_class=TrafficClass.PROMOTIONAL,
            origin=Origin.ESME,
            subscriber_no=subscriber_no,
            destination=destination,
            source="CHAI",
            segment_count=segment_count,
            client_reference=-1,
        )
        return Offered(submission, b"body", 1)

    def accept(self, *offers: Offered, now_us: int = NOW_US) -> list[Accepted]:
        """Decide offers; rows go to `changes`."""
        return self.accept_use_case.accept(offers, now_us, self.changes)
