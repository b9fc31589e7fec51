"""Expired holds: money goes back once, late receipts are cases, and nothing is charged twice."""

import pytest
from shard import ACCOUNT, LINK, MSISDN, NOW_US, PRICE_MICROS, SECOND_US, Shard

from operator_push.domain.delivery import ReceiptOutcome
from operator_push.domain.ledger import LedgerAccount, Transfer, TransferKind, verify
from operator_push.domain.message import MessageState
from operator_push.kernel.errors import OperatorError
from operator_push.services.expire_holds import ExpiredHold, ExpireHolds, SentSegment
from operator_push.services.ledger_rows import add_transfers
from operator_push.services.match_receipts import Receipt
from operator_push.services.open_messages import OpenMessage

DAY_US = 86_400 * SECOND_US
AFTER_US = 14 * DAY_US
LATER_US = NOW_US + AFTER_US + SECOND_US
HOLD, SETTLE, EXPIRE = TransferKind.HOLD, TransferKind.SETTLE, TransferKind.EXPIRE


class Silent(Shard):
    """A shard whose SMSC takes messages and then says nothing."""

    def __init__(self, hot_days: int = 0) -> None:
        super().__init__(segments_paid=0)
        paid = self.balances.top_up(ACCOUNT, self.ids.next_id(NOW_US), 10 * PRICE_MICROS)
        add_transfers(self.changes, paid.transfers)
        parts = (self.messages, self.finish, self.balances)
        self.expiring = ExpireHolds(0, self.ids, *parts, AFTER_US, hot_days)
        self.receipts.on_late = self.expiring.heard_late

    def send(self, segments: int = 1, smsc_id: str = "S", now_us: int = NOW_US) -> OpenMessage:
        (accepted,) = self.accept(self.offer(segment_count=segments), now_us=now_us)
        message = accepted.message
        assert message is not None
        message.smsc_no = LINK
        for number, segment in enumerate(message.segments, 1):
            segment.state, segment.attempted_us = MessageState.SENT, now_us
            self.messages.bind_reference(message, segment, 100 + number)
            if smsc_id:
                self.messages.bind_smsc_id(LINK, message, segment, f"{smsc_id}{number}")
        return message

    def hear(self, smsc_id: str, now_us: int = LATER_US, reference: int = -1) -> ReceiptOutcome:
        receipt = Receipt(smsc_id, MessageState.DELIVERED, "000", MSISDN, reference)
        return self.receipts.record(LINK, receipt, now_us, self.changes)

    def postings(self, message: OpenMessage) -> list[tuple[TransferKind, int]]:
        """What was posted for a message; all rows so far are proved first."""
        rows = [
            Transfer(*row[:3], TransferKind(row[3]), row[4], *map(LedgerAccount, row[5:7]), *row[7:])
            for row in self.changes.ledger_transfer
        ]
        proof = verify(rows, self.changes.balance_micros)
        assert proof.ok, proof.first_error
        assert self.balances.available(ACCOUNT) == proof.balances[(ACCOUNT, LedgerAccount.AVAILABLE)]
        return [(row.kind, row.amount_micros) for row in rows if row.reference == message.message_id]

    def cases(self) -> list[tuple[str, int, int]]:
        return [row[3:6] for row in self.changes.reconciliation_case]


def test_a_silent_message_ends_and_its_hold_goes_back_as_expired() -> None:
    silent = Silent()
    message, young = silent.send(), silent.send(smsc_id="Y", now_us=NOW_US + DAY_US)
    assert silent.expiring.expire(NOW_US + AFTER_US, silent.changes) == 0
    assert silent.expiring.expire(LATER_US + 60 * SECOND_US, silent.changes) == 1
    assert silent.ends == [(message.message_id, MessageState.EXPIRED)]
    assert silent.postings(message) == [(HOLD, PRICE_MICROS), (EXPIRE, PRICE_MICROS)]
    assert silent.balances.available(ACCOUNT) == 9 * PRICE_MICROS
    (upsert,) = silent.changes.upserts
    assert (upsert[0], upsert[1]["message_id"]) == ("expired_hold", message.message_id)
    assert list(silent.messages.by_id) == [young.message_id]


def test_what_was_delivered_of_it_is_settled_and_only_the_rest_expires() -> None:
    silent = Silent()
    message = silent.send(segments=3)
    silent.hear("S2", NOW_US)
    silent.expiring.expire(LATER_US, silent.changes)
    assert silent.postings(message) == [
        (HOLD, 3 * PRICE_MICROS),
        (SETTLE, PRICE_MICROS),
        (EXPIRE, 2 * PRICE_MICROS),
    ]


def test_what_waits_to_be_sent_ends_by_its_validity_and_not_here() -> None:
    silent = Silent()
    message = silent.send(segments=2)
    message.segments[1].state = MessageState.ACCEPTED
    assert silent.expiring.expire(LATER_US, silent.changes) == 0


@pytest.mark.parametrize(("smsc_id", "reference"), [("S1", -1), ("", 101)])
def test_a_late_receipt_is_a_case_once_and_moves_no_money(smsc_id: str, reference: int) -> None:
    silent = Silent()
    message = silent.send(smsc_id="S" if smsc_id else "")
    silent.expiring.expire(LATER_US, silent.changes)
    before = silent.postings(message)
    for _ in range(3):
        assert silent.hear(smsc_id or "unheard of", reference=reference) is ReceiptOutcome.LATE
    assert silent.postings(message) == before
    assert silent.cases() == [("delivered_after_expiry", message.message_id, 1)]
    assert silent.expiring.expired[message.message_id].chargeable_micros == PRICE_MICROS


def test_what_came_late_is_charged_once_and_by_decision() -> None:
    silent = Silent()
    message = silent.send(segments=2)
    silent.expiring.expire(LATER_US, silent.changes)
    with pytest.raises(OperatorError, match="nothing of message"):
        silent.expiring.charge_late(message.message_id, "ann", LATER_US, silent.changes)
    silent.hear("S2")
    assert silent.expiring.charge_late(message.message_id, "ann", LATER_US, silent.changes) == PRICE_MICROS
    assert silent.postings(message)[-1] == (TransferKind.LATE_CHARGE, PRICE_MICROS)
    silent.hear("S1")
    with pytest.raises(OperatorError, match="charged already"):
        silent.expiring.charge_late(message.message_id, "ann", LATER_US, silent.changes)
    with pytest.raises(OperatorError, match="not on the list"):
        silent.expiring.charge_late(4711, "ann", LATER_US, silent.changes)


def test_a_late_charge_needs_the_money_and_a_day_that_is_not_archived() -> None:
    silent = Silent(hot_days=14)
    message = silent.send()
    silent.expiring.expire(LATER_US, silent.changes)
    silent.hear("S1")
    with pytest.raises(OperatorError, match="archived"):
        silent.expiring.charge_late(message.message_id, "ann", LATER_US, silent.changes)
    silent = Silent()
    message = silent.send()
    silent.expiring.expire(LATER_US, silent.changes)
    silent.hear("S1")
    silent.balances.hold(ACCOUNT, silent.ids.next_id(LATER_US), 10 * PRICE_MICROS)
    with pytest.raises(OperatorError, match="nothing is charged"):
        silent.expiring.charge_late(message.message_id, "ann", LATER_US, silent.changes)


def test_a_restart_knows_what_has_expired() -> None:
    silent = Silent()
    hold = ExpiredHold(7, ACCOUNT, PRICE_MICROS, PRICE_MICROS, NOW_US)
    sent = SentSegment(7, 1, LINK, "old", MSISDN, 9)
    parts = (silent.messages, silent.finish, silent.balances)
    silent.receipts.on_late = ExpireHolds(0, silent.ids, *parts, AFTER_US, 0, [hold], [sent]).heard_late
    assert silent.hear("old") is ReceiptOutcome.LATE
    assert silent.hear("another") is ReceiptOutcome.EARLY
    assert silent.cases() == [("delivered_after_expiry", 7, 1)]


def test_a_wall_clock_that_was_stepped_expires_nothing_early_and_stops_no_expiry() -> None:
    silent = Silent()
    silent.send()
    hour_us = 3_600 * SECOND_US
    at_us = NOW_US + AFTER_US - SECOND_US
    assert silent.expiring.expire(at_us + 9 * hour_us, silent.changes, at_us) == 0
    assert silent.expiring.expire(at_us - 9 * hour_us, silent.changes, LATER_US) == 1
