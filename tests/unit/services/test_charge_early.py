"""Charges are posted when the contract says: accepted, submitted or ended; what fails goes back."""

from dataclasses import dataclass

import pytest
from priced_shard import PricedShard
from shard import ACCOUNT, MSISDN, NOW_US

from operator_push.domain.delivery import ReceiptOutcome
from operator_push.domain.ledger import verify
from operator_push.domain.message import MessageState
from operator_push.domain.purses import MonthCap, Purse
from operator_push.domain.rating.document import TariffDocument
from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.transfers import LedgerAccount, Transfer, TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.services.charge_early import may_go_back
from operator_push.services.expire_holds import ExpireHolds
from operator_push.services.match_receipts import Receipt
from operator_push.services.open_messages import OpenMessage

HEAD = 'tariff = "t"\nversion = 1\ncurrency = "INR"\n'
PRICE = '[[price]]\nname = "all"\nper_segment = "0.10"\n'
TAX = '[[tax]]\nname = "GST"\npercent = 18\n'
DELIVERED, UNDELIVERABLE = MessageState.DELIVERED, MessageState.UNDELIVERABLE
EXPIRED, REJECTED = MessageState.EXPIRED, MessageState.REJECTED
EXPIRES_US = 10**9
SENT_OK, REFUSED, TRY_AGAIN = 0, 0x0B, 0x58


def document(contract: str, more: str = TAX) -> TariffDocument:
    return read_tariff(f"{HEAD}[contract]\n{contract}\n{PRICE}{more}", "t.toml")


@dataclass
class House:
    """One message at a time; what was posted since the last look, by kind."""

    shard: PricedShard
    seen: int = 0
    sent: int = 0

    def posted(self) -> dict[str, int]:
        rows = self.shard.changes.ledger_transfer[self.seen :]
        self.seen += len(rows)
        return {TransferKind(row[3]).name.lower(): row[7] for row in rows}

    def accept(self, segments: int = 1) -> OpenMessage:
        (accepted,) = self.shard.accept(self.shard.offer(1, segments))
        assert accepted.message is not None
        return accepted.message

    def send(self, *statuses: int) -> None:
        for status in statuses:
            (attempt,) = self.shard.outbox.fill(1, NOW_US, self.shard.changes)
            self.sent += 1
            name = f"s{self.sent}" if status == SENT_OK else ""
            self.shard.outbox.answered(attempt, status, name, NOW_US, self.shard.changes)

    def proved(self) -> None:
        """The rows by themselves, and memory beside them."""
        rows = [
            Transfer(*row[:3], TransferKind(row[3]), row[4], *map(LedgerAccount, row[5:7]), *row[7:])
            for row in self.shard.changes.ledger_transfer
        ]
        proof = verify(rows)
        errors = [proof.first_error] if proof.first_error else []
        assert not [each for each in errors if "available is" not in each]  # the top-up is not among the rows
        spent = -proof.balances[ACCOUNT, LedgerAccount.AVAILABLE]
        assert self.shard.balances.available(ACCOUNT) == 10**15 - spent
        assert self.shard.balances.held(ACCOUNT) == proof.balances[ACCOUNT, LedgerAccount.HELD]


def house(contract: str, more: str = TAX) -> House:
    return House(PricedShard(document(contract, more)))


def test_on_acceptance_it_is_charged_with_the_hold() -> None:
    found = house('charge_on = "acceptance"')
    message = found.accept(2)
    assert found.posted() == {"hold": 236_000, "settle": 236_000, "tax": 36_000}
    found.send(SENT_OK, SENT_OK)
    assert found.shard.end(message, DELIVERED, UNDELIVERABLE) == 236_000
    assert found.posted() == {}
    found.proved()


def test_on_submission_it_is_charged_when_the_smsc_has_taken_all_of_it() -> None:
    found = house('charge_on = "submission"')
    message = found.accept(2)
    found.send(SENT_OK)
    assert found.posted() == {"hold": 236_000}
    found.send(SENT_OK)
    assert found.posted() == {"settle": 236_000, "tax": 36_000}
    assert found.shard.end(message, UNDELIVERABLE) == 236_000
    assert found.posted() == {}
    found.proved()


def test_a_segment_that_the_smsc_refused_is_no_part_of_it() -> None:
    found = house('charge_on = "submission"', "")
    message = found.accept(2)
    found.send(SENT_OK, REFUSED)
    assert found.posted() == {"hold": 200_000, "settle": 100_000, "release": 100_000}
    found.shard.finish.segment_ended(
        1, message, message.segments[0], DELIVERED, 1, "", NOW_US, found.shard.changes
    )
    assert found.shard.changes.message_final[-1][6:8] == (100_000, 100_000)
    assert found.posted() == {}
    found.proved()


def test_what_is_tried_again_is_charged_once_it_is_taken() -> None:
    found = house('charge_on = "submission"', "")
    found.accept()
    found.send(TRY_AGAIN)
    assert found.posted() == {"hold": 100_000}
    found.shard.outbox.waiting.wake(NOW_US + 10**12)
    found.send(SENT_OK)
    assert found.posted() == {"settle": 100_000}


def test_on_delivery_nothing_moves_before_the_end() -> None:
    found = house('charge_on = "delivery"')
    message = found.accept()
    found.send(SENT_OK)
    assert found.posted() == {"hold": 118_000}
    found.shard.end(message, DELIVERED)
    assert found.posted() == {"settle": 118_000, "tax": 18_000}


@pytest.mark.parametrize(
    ("contract", "charged_at", "end", "back"),
    [
        ('charge_on = "acceptance"\nstates = { rejected = false }', "accepted", REJECTED, True),
        ('charge_on = "acceptance"\nstates = { rejected = false }', "accepted", EXPIRED, False),
        ('charge_on = "submission"\nstates = { undeliverable = false }', "sent", UNDELIVERABLE, True),
        ('charge_on = "submission"\nstates = { undeliverable = false }', "sent", DELIVERED, False),
        # Intermediate states by contract: a deposit that what is not delivered gets back.
        ("states = { sent = true }", "sent", UNDELIVERABLE, True),
        ("states = { accepted = true }", "accepted", EXPIRED, True),
        ("states = { accepted = true }", "accepted", DELIVERED, False),
        # And the other way round: charged on submission, but not before the end.
        ('charge_on = "submission"\nstates = { sent = false }', "end", UNDELIVERABLE, False),
        ('charge_on = "acceptance"\nstates = { accepted = false }', "sent", UNDELIVERABLE, False),
    ],
)
def test_what_its_end_does_not_owe_goes_back_with_its_tax(
    contract: str, charged_at: str, end: MessageState, back: bool
) -> None:
    found = house(contract)
    message = found.accept()
    assert ("settle" in found.posted()) is (charged_at == "accepted")
    found.send(SENT_OK)
    assert ("settle" in found.posted()) is (charged_at == "sent")
    settled = found.shard.end(message, end)
    posted = found.posted()
    assert settled == (0 if back else 118_000)
    if charged_at == "end":
        assert posted == {"settle": 118_000, "tax": 18_000}
    else:
        assert posted == ({"tax_back": 18_000, "failed_refund": 118_000} if back else {})
    assert found.shard.balances.available(ACCOUNT) == 10**15 - settled
    found.proved()


def test_an_end_that_fewer_segments_make_dearer_charges_nothing_more() -> None:
    tiers = 'charge_on = "acceptance"\nstates = { undeliverable = false }'
    steps = 'tiers = [{ up_to = 3, per_segment = 1 }, { per_segment = "0.5" }]'
    dear = f'[[price]]\nname = "all"\nvolume = "all_units"\n{steps}\n'
    found = House(PricedShard(read_tariff(f"{HEAD}[contract]\n{tiers}\n{dear}", "t.toml")))
    message = found.accept(4)
    assert found.posted() == {"hold": 3_000_000, "settle": 2_000_000, "release": 1_000_000}
    assert found.shard.end(message, DELIVERED, DELIVERED, DELIVERED, UNDELIVERABLE) == 2_000_000
    assert found.posted() == {}


def test_a_cap_of_the_month_counts_what_was_kept() -> None:
    found = house('charge_on = "acceptance"\nstates = { rejected = false }', "")
    cap = MonthCap(ACCOUNT, 10**9, "UTC", NOW_US)
    found.shard.balances.purses[ACCOUNT] = Purse(ACCOUNT, caps=[cap])
    message = found.accept()
    assert cap.used_micros == 100_000
    found.shard.end(message, REJECTED)
    assert cap.used_micros == 0


def test_shares_are_of_what_is_left_after_the_end() -> None:
    found = house('charge_on = "acceptance"\nstates = { undeliverable = false }')
    found.shard.balances.purses[ACCOUNT] = Purse(ACCOUNT, parents=[(9, 500_000)])
    failed, delivered = found.accept(), found.accept()
    found.posted()
    found.shard.end(failed, UNDELIVERABLE)
    assert "share_out" not in found.posted()
    found.shard.end(delivered, DELIVERED)
    assert found.posted() == {"share_out": 50_000, "share_in": 50_000}


def test_a_credit_note_cannot_give_back_what_an_end_may_give_back() -> None:
    found = house('charge_on = "acceptance"\nstates = { undeliverable = false }')
    found.accept()
    assert may_go_back(found.shard.messages, ACCOUNT) == (118_000, 18_000)
    assert may_go_back(found.shard.messages, 2) == (0, 0)


@pytest.mark.parametrize(
    ("contract", "answered", "moved"),
    [
        # Nobody has ever spoken, and its hold expires: in full by the contract's word, or not.
        ("", True, {"expire": 118_000}),
        ("states = { unknown = true }", True, {"settle": 118_000, "tax": 18_000}),
        ("states = { unknown = true }", False, {"settle": 118_000, "tax": 18_000}),
        ("states = { expired = true }", True, {"settle": 118_000, "tax": 18_000}),
        ("states = { expired = true, unknown = false }", True, {"expire": 118_000}),
        ('charge_on = "submission"', False, {"expire": 118_000}),
        ('charge_on = "submission"\nstates = { unknown = true }', False, {"settle": 118_000, "tax": 18_000}),
        ('charge_on = "submission"', True, {}),
        (
            'charge_on = "submission"\nstates = { unknown = false }',
            True,
            {"tax_back": 18_000, "failed_refund": 118_000},
        ),
    ],
)
def test_what_nobody_ever_spoke_of_is_charged_by_a_word_of_its_own(
    contract: str, answered: bool, moved: dict[str, int]
) -> None:
    found = house(contract)
    shard = found.shard
    expiring = ExpireHolds(0, shard.ids, shard.messages, shard.finish, shard.balances, EXPIRES_US)
    shard.receipts.on_late = expiring.heard_late
    message = found.accept()
    if answered:
        found.send(SENT_OK)
    else:
        (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
        shard.outbox.unanswered(attempt)
    found.posted()
    assert expiring.expire(NOW_US + 2 * EXPIRES_US, shard.changes) == 1
    assert found.posted() == moved
    found.proved()
    # A receipt after that is a case only where something is left to be charged.
    receipt = Receipt("s1", DELIVERED, "000", MSISDN, message.segments[0].user_message_reference)
    outcome = shard.receipts.record(1, receipt, NOW_US + 3 * EXPIRES_US, shard.changes)
    assert outcome in (ReceiptOutcome.LATE, ReceiptOutcome.CONTRADICTION)
    expired = {"expire", "failed_refund"} & moved.keys()
    assert len(shard.changes.reconciliation_case) == (1 if expired else 0)
    assert found.posted() == {}


@pytest.mark.parametrize(
    ("words", "moved"), [("", {}), ("states = { expired = false }\n", {"late_charge": 118_000})]
)
def test_a_receipt_after_the_expiry_may_be_charged_only_where_the_charge_had_gone_back(
    words: str, moved: dict[str, int]
) -> None:
    found = house(f'charge_on = "acceptance"\n{words}')
    shard = found.shard
    expiring = ExpireHolds(0, shard.ids, shard.messages, shard.finish, shard.balances, EXPIRES_US)
    shard.receipts.on_late = expiring.heard_late
    message = found.accept()
    found.send(SENT_OK)
    assert expiring.expire(NOW_US + 2 * EXPIRES_US, shard.changes) == 1
    found.posted()
    receipt = Receipt("s1", DELIVERED, "000", MSISDN, -1)
    outcome = shard.receipts.record(1, receipt, NOW_US + 3 * EXPIRES_US, shard.changes)
    assert outcome in (ReceiptOutcome.LATE, ReceiptOutcome.CONTRADICTION)
    if moved:
        assert expiring.charge_late(message.message_id, "ann", NOW_US, shard.changes) == 118_000
    else:
        with pytest.raises(OperatorError, match="not on the list"):
            expiring.charge_late(message.message_id, "ann", NOW_US, shard.changes)
    assert found.posted() == moved
    found.proved()
