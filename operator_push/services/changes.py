"""Changes: what a use case wants written, as rows ready for the driver.

One field per table; the order inside a tuple is the order of the table's columns. The committer merges the
changes of everything that arrived meanwhile into one `Changes` and writes it in one transaction.
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import msgspec

from operator_push.domain.contact_channels import CHANNEL_NUMBERS

Row = tuple[Any, ...]
UsageKey = tuple[int, int, int, int, str, str]  # account_no, month, kind, subscriber_no, tariff, rule


class Changes(msgspec.Struct, gc=False):
    """Rows to insert, table by table; `upserts` of small tables (table, row by column name), in order;
    balances to move: (account_no, side) → micros; and what stands in the usage book from now on.
    `message_at`: where in `message` the rows of new admitted messages stand, by message_id."""

    message: list[Row] = msgspec.field(default_factory=list)
    attempt: list[Row] = msgspec.field(default_factory=list)
    submit_result: list[Row] = msgspec.field(default_factory=list)
    segment_outcome: list[Row] = msgspec.field(default_factory=list)
    message_final: list[Row] = msgspec.field(default_factory=list)
    ledger_transfer: list[Row] = msgspec.field(default_factory=list)
    esme_delivery: list[Row] = msgspec.field(default_factory=list)
    esme_delivery_ack: list[Row] = msgspec.field(default_factory=list)
    receipt_aside: list[Row] = msgspec.field(default_factory=list)
    mo_message: list[Row] = msgspec.field(default_factory=list)
    consent_event: list[Row] = msgspec.field(default_factory=list)
    reconciliation_case: list[Row] = msgspec.field(default_factory=list)
    shown_message: list[Row] = msgspec.field(default_factory=list)
    review_item: list[Row] = msgspec.field(default_factory=list)
    vault_subscriber: list[Row] = msgspec.field(default_factory=list)
    vault_audit: list[Row] = msgspec.field(default_factory=list)
    message_alias: list[Row] = msgspec.field(default_factory=list)
    message_price: list[Row] = msgspec.field(default_factory=list)
    deferral: list[Row] = msgspec.field(default_factory=list)
    message_channel: list[Row] = msgspec.field(default_factory=list)
    upserts: list[tuple[str, dict[str, object]]] = msgspec.field(default_factory=list)
    balance_micros: dict[tuple[int, int], int] = msgspec.field(default_factory=dict)
    usage: dict[UsageKey, int] = msgspec.field(default_factory=dict)
    message_at: dict[int, int] = msgspec.field(default_factory=dict)

    def is_empty(self) -> bool:
        """True where nothing is to be written."""
        return not any(_all_of(self))

    def note_channel(self, shard: int, day: int, message_id: int, channel: str) -> None:
        """Note by what a message goes that is no SMS."""
        self.message_channel.append((shard, day, message_id, CHANNEL_NUMBERS[channel]))

    def move(self, account_no: int, side: int, by_micros: int) -> None:
        """Note that a balance changes; the committer writes one update per account and side."""
        key = (account_no, side)
        self.balance_micros[key] = self.balance_micros.get(key, 0) + by_micros


_all_of = attrgetter(*Changes.__struct_fields__)  # asked for every commit and for every chunk while none runs

# The fields that are tables of insert-only rows, in an order in which they may be written.
TABLE_FIELDS: Sequence[str] = tuple(
    name
    for name in Changes.__struct_fields__
    if name not in {"upserts", "balance_micros", "usage", "message_at"}
)
