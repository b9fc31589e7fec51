"""A shard whose account pays by tariff documents; moments by hand, and restarts from its rows alone."""

from shard import ACCOUNT, BRAND, NOW_US, Shard

from operator_push.domain.message import MessageState, TrafficClass
from operator_push.domain.rating.document import TariffDocument
from operator_push.kernel.instants import from_epoch_us
from operator_push.services.finish_message import TOLD_BY_RECEIPT
from operator_push.services.manage_documents import ManageDocuments, StoredDocument
from operator_push.services.open_messages import OpenMessage
from operator_push.services.price_by_documents import PriceByDocuments
from operator_push.services.registry import Account, Registry
from operator_push.services.stored_charges import PriceRow, StoredCharges
from operator_push.services.usage_book import UsageBook, month_before

MONEY_MICROS = 10**15
NAME = "shop"


def account(currency: str = "INR") -> Account:
    """Account 1 of tests.shard as the registry knows it."""
    return Account(
        ACCOUNT,
        NAME,
        "esme",
        BRAND,
        "",
        True,
        int(TrafficClass.PROMOTIONAL),
        0,
        (),
        True,
        10,
        10,
        currency,
        0,
    )


class PricedShard(Shard):
    """A shard with money enough, whose tariff documents are given; the first one's tariff is in force."""

    def __init__(self, *documents: TariffDocument) -> None:
        super().__init__(segments_paid=0)
        self.balances.top_up(ACCOUNT, self.ids.next_id(NOW_US), MONEY_MICROS)
        stored = (StoredDocument(no, each, "f", "", 0, "ann") for no, each in enumerate(documents, start=1))
        self.documents = ManageDocuments(stored, documents[0].tariff)
        self.registry = Registry(accounts=[account()])
        at = from_epoch_us(NOW_US)
        self._oldest = month_before(at.year * 100 + at.month)
        self.usage: dict[tuple[int, int, int, int, str, str], int] = {}
        self._connect(UsageBook(oldest_month=self._oldest))

    def _connect(self, book: UsageBook) -> None:
        self.book = book
        self.prices = PriceByDocuments(self.documents, self.registry, book)
        self.accept_use_case.documents = self.prices
        self.finish.usage_book = book
        self.accept_use_case.on_charged = self.finish.early.accepted

    def restart(self) -> None:
        """Forget what is used and by what open messages are charged, and read it from the rows again."""
        self.usage |= self.changes.usage
        self._connect(UsageBook(((key, value) for key, value in self.usage.items() if value), self._oldest))
        charges = StoredCharges(self.documents.document)
        for row in self.changes.message_price:
            message = self.messages.by_id.get(row[2])
            if message is not None:
                charge = charges.charge(PriceRow(*row[2:]))
                message.charge = None if charge.is_per_segment(message.segment_count) else charge

    def end(
        self,
        message: OpenMessage,
        *states: MessageState,
        told_by: int = TOLD_BY_RECEIPT,
        now_us: int = NOW_US,
    ) -> int:
        """End every segment, the last state for those without one of their own; what it cost."""
        for number, segment in enumerate(message.segments):
            state = states[min(number, len(states) - 1)]
            self.finish.segment_ended(1, message, segment, state, told_by, "", now_us, self.changes)
        row = self.changes.message_final[-1]
        assert row[2] == message.message_id
        return int(row[6])
