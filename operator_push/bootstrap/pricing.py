"""Pricing: the tariff documents of a store at a start, and the part of the gateway that prices by them."""

from dataclasses import dataclass

from sqlalchemy import Connection

from operator_push.domain.campaign_terms import CampaignTerms
from operator_push.domain.rating.charge import Charge
from operator_push.domain.rating.contract import ChargeOn
from operator_push.gateway.offer_encoding import encoding_of_offer
from operator_push.kernel.instants import from_epoch_us
from operator_push.services.accept_submissions import AcceptSubmissions
from operator_push.services.campaign_texts import attributes_used, texts_of
from operator_push.services.finish_message import FinishMessage
from operator_push.services.manage_documents import ManageDocuments
from operator_push.services.open_messages import OpenMessages
from operator_push.services.price_by_documents import PriceByDocuments
from operator_push.services.registry import Registry
from operator_push.services.stored_charges import StoredCharges
from operator_push.services.usage_book import UsageBook, month_before
from operator_push.store.document_rows import chosen_tariff, open_prices, stored_documents
from operator_push.store.held_rows import charged_early
from operator_push.store.since import Since
from operator_push.store.usage_rows import usage_since


@dataclass(slots=True)
class TariffMemory:
    """What a start reads of documents."""

    documents: ManageDocuments
    book: UsageBook


def load_tariffs(connection: Connection, shard: int, now_us: int) -> TariffMemory:
    """Documents, the choice among them, and what is used this month and last.

    Raises:
        OperatorError: a stored document is not readable by this version.
    """
    documents = ManageDocuments(stored_documents(connection), chosen_tariff(connection))
    # A month begins up to 14 hours earlier elsewhere, so the month before in UTC is early enough for all.
    at = from_epoch_us(now_us)
    oldest = month_before(at.year * 100 + at.month)
    return TariffMemory(documents, UsageBook(usage_since(connection, shard, oldest), oldest))


def load_prices(
    connection: Connection, shard: int, since: Since, memory: TariffMemory, messages: OpenMessages
) -> None:
    """Give the open messages back by what they are charged.

    Raises:
        MoneyInvariantError: what a message was priced by cannot be worked out again.
    """
    charges = StoredCharges(memory.documents.document)
    early: dict[int, Charge] = {}
    for row in open_prices(connection, shard, since):
        message, charge = messages.by_id[row.message_id], charges.charge(row)
        if not charge.is_per_segment(message.segment_count):
            message.charge = charge
            if charge.posts_at is not ChargeOn.DELIVERY:
                early[row.message_id] = charge
    for message_id, payer_no, amount, tax in charged_early(connection, shard, early):
        charge = early[message_id]
        charge.settled_micros, charge.tax_micros, charge.payer_no = amount, tax, payer_no


def price_by_documents(
    memory: TariffMemory,
    registry: Registry,
    house_currency: str,
    accept: AcceptSubmissions,
    finish: FinishMessage,
) -> PriceByDocuments:
    """The part that prices by documents, connected: the door asks it only while there is a document, or an
    account that the simple rows cannot price."""
    known: dict[int, tuple[str, CampaignTerms, tuple[str, ...]]] = {}

    def attributes_of(campaign_no: int) -> tuple[str, ...]:
        campaign = registry.campaign(campaign_no)
        if campaign is None:
            return ()
        found = known.get(campaign_no)
        if found is None or found[0] != campaign.rule + campaign.text or found[1] is not campaign.terms:
            used = attributes_used(campaign.rule, texts_of(campaign))
            found = known[campaign_no] = campaign.rule + campaign.text, campaign.terms, used
        return found[2]

    prices = PriceByDocuments(
        memory.documents, registry, memory.book, attributes_of, house_currency=house_currency
    )
    finish.usage_book = memory.book
    accept.on_charged = finish.early.accepted
    accept.encoding_of = encoding_of_offer

    def connect() -> None:
        accept.documents = prices if prices.active else None

    prices.on_active = connect
    connect()
    return prices
