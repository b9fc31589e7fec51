"""The product's rows, tallied: what became of every message, as its database tells it.

Read through the store's own readers, from one moment, after the run. One message is counted in one place.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, select

from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.ledger import LedgerAccount, LedgerProof, TransferKind, verify
from operator_push.domain.message import MessageState, Origin, RefusalReason, Verdict
from operator_push.kernel.ids import id_epoch_us
from operator_push.store import facts, schema
from operator_push.store.database import Database
from operator_push.store.ledger_audit import verify_ledger
from operator_push.store.proof_rows import account_names
from operator_push.store.stored_messages import StoredMessage, segment_state_of, stored_messages

SHARD = 0
WITHDRAWN_BEFORE_SENDING = "WITHDRAWN_BEFORE_SENDING"
_PLACES = {MessageState.DELIVERED: "delivered", MessageState.EXPIRED: "expired"}


@dataclass(slots=True)
class Tally:
    """Messages of one campaign or account. `suppressed`: never sent, by reason."""

    submitted: int = 0
    delivered: int = 0
    failed: int = 0
    expired: int = 0
    unknown: int = 0
    suppressed: Counter[str] = field(default_factory=Counter)
    segments_delivered: int = 0
    price_micros: int = 0
    charged_micros: int = 0

    @property
    def audience(self) -> int:
        """Everybody who was handed in."""
        return self.submitted + self.suppressed.total()


@dataclass(slots=True)
class AccountMoney:
    """One account's money by kind of transfer, and what is left of it."""

    topped_up: int = 0
    held: int = 0
    settled: int = 0
    released: int = 0

    @property
    def left(self) -> int:
        """Topped up and not spent."""
        return self.topped_up - self.settled


@dataclass(slots=True)
class ProductFacts:
    """Everything that the report takes from the product's database. Moments in microseconds since 1970."""

    campaigns: dict[str, Tally] = field(default_factory=dict)
    accounts: dict[str, Tally] = field(default_factory=dict)  # ESMEs only
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)  # (account, reason)
    ends: Counter[tuple[str, str]] = field(default_factory=Counter)  # (state, error code) of segments
    accepted: int = 0
    accepted_ids: dict[str, set[int]] = field(default_factory=dict)  # by ESME account
    accepted_us: list[int] = field(default_factory=list)
    ended_us: list[int] = field(default_factory=list)
    first_us: int = 0
    sent_keys: Counter[tuple[str, int]] = field(default_factory=Counter)  # segments by correlation key
    holds_unlike_price: int = 0
    charges_unlike_delivery: int = 0
    stops_heard: int = 0
    receipts_aside: Counter[str] = field(default_factory=Counter)
    money: dict[str, AccountMoney] = field(default_factory=dict)
    below_zero: int = 0
    ledger: LedgerProof = field(default_factory=lambda: verify(()))

    @property
    def refusals_of_esmes(self) -> Counter[str]:
        """Refused messages of ESME accounts by reason."""
        counts: Counter[str] = Counter()
        for (account, reason), count in self.refusals.items():
            if account in self.accounts:
                counts[reason] += count
        return counts

    @property
    def last_us(self) -> int:
        """The end of the last message."""
        return max(self.ended_us, default=self.first_us)


def read_product(database_file: Path) -> ProductFacts:
    """Read and tally everything in one transaction."""
    database = Database.open(f"sqlite:///{database_file}")
    try:
        return database.read(_facts)
    finally:
        database.close()


def _facts(connection: Connection) -> ProductFacts:
    found = ProductFacts()
    names = account_names(connection)
    campaign = schema.campaign.c
    campaigns = {
        row.campaign_no: row.name for row in connection.execute(select(campaign.campaign_no, campaign.name))
    }
    for stored in stored_messages(connection, SHARD, refused=True):
        _add_message(found, stored, names, campaigns)
    _add_money(found, connection, names)
    found.ledger = verify_ledger(connection, SHARD)
    found.stops_heard = _stops_heard(connection)
    return found


def _add_message(
    found: ProductFacts, stored: StoredMessage, names: Mapping[int, str], campaigns: Mapping[int, str]
) -> None:
    row = stored.row
    account = names.get(row.account_no, "?")
    at_us = id_epoch_us(row.message_id)
    found.first_us = min(found.first_us or at_us, at_us)
    if row.origin == Origin.CAMPAIGN:
        tally = found.campaigns.setdefault(campaigns[row.campaign_no], Tally())
    else:
        tally = found.accounts.setdefault(account, Tally())
    if row.verdict == Verdict.REFUSE:
        reason = RefusalReason(row.reason).name
        found.refusals[(account, reason)] += 1
        tally.suppressed[reason] += 1
        return
    found.accepted += 1
    found.accepted_us.append(at_us)
    if row.origin == Origin.ESME:
        found.accepted_ids.setdefault(account, set()).add(row.message_id)
    _add_end(found, tally, stored)


def _add_end(found: ProductFacts, tally: Tally, stored: StoredMessage) -> None:
    row, final = stored.row, stored.final
    left = {
        attempt.segment_no: attempt.user_message_reference for attempt in stored.attempts if attempt.left_us
    }
    found.sent_keys.update((row.destination, reference) for reference in left.values())
    found.holds_unlike_price += row.held_micros != row.price_micros * row.segment_count
    tally.price_micros = max(tally.price_micros, row.price_micros)
    for outcome in stored.outcomes:
        found.ends[(MessageState(outcome.state).name, outcome.error_code)] += 1
    if final is None:
        tally.submitted += 1
        tally.unknown += 1
        return
    found.ended_us.append(final.at_us)
    tally.charged_micros += final.settled_micros
    tally.segments_delivered += final.segments_delivered
    found.charges_unlike_delivery += not _is_charged_right(stored)
    if final.state == MessageState.WITHDRAWN and not left:
        tally.suppressed[WITHDRAWN_BEFORE_SENDING] += 1
        return
    tally.submitted += 1
    match _PLACES.get(MessageState(final.state), "failed"):
        case "delivered":
            tally.delivered += 1
        case "expired":
            tally.expired += 1
        case _:
            tally.failed += 1


def _is_charged_right(stored: StoredMessage) -> bool:
    """Delivered segments times price is what was settled, and the rest of the hold was released."""
    row, final = stored.row, stored.final
    if final is None:
        return True
    delivered = sum(
        segment_state_of(stored, number) is MessageState.DELIVERED
        for number in range(1, row.segment_count + 1)
    )
    return bool(
        final.settled_micros == delivered * row.price_micros
        and final.settled_micros + final.released_micros == row.held_micros
    )


def _add_money(found: ProductFacts, connection: Connection, names: Mapping[int, str]) -> None:
    for transfer in facts.transfers(connection, SHARD):
        money = found.money.setdefault(names.get(transfer.account_no, "?"), AccountMoney())
        match transfer.kind:
            case TransferKind.TOP_UP:
                money.topped_up += transfer.amount_micros
            case TransferKind.HOLD:
                money.held += transfer.amount_micros
            case TransferKind.SETTLE:
                money.settled += transfer.amount_micros
            case TransferKind.RELEASE | TransferKind.EXPIRE:
                money.released += transfer.amount_micros
    found.below_zero = sum(
        amount < 0
        for (_, side), amount in facts.balances(connection, SHARD).items()
        if side in (LedgerAccount.AVAILABLE, LedgerAccount.HELD)
    )


def _stops_heard(connection: Connection) -> int:
    row = schema.mo_message.c
    stops = [int(action) for action in InboundAction if action.is_stop]
    return len(connection.execute(select(row.mo_id).where(row.action.in_(stops))).all())
