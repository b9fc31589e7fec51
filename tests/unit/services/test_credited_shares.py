"""Who had a part of a message gives back its part of what is credited, never more than it had or has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.ledger import Balances, Transfer, TransferKind, verify
from operator_push.domain.transfers import LEGS, LedgerAccount
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.services.changes import Changes
from operator_push.services.correct_ledger import Correction, CorrectLedger
from operator_push.services.credited_shares import CreditedMessage, SharedPart
from operator_push.services.share_rows import add_posting

NOW_US = 1_800_000_000_000_000
SHARD, PAYER, PARENT, GRANDPARENT, SUBSCRIBER = 3, 1, 8, 9, (1 << 32) + 5
K = TransferKind
EARNED = LedgerAccount.EARNED


class Room:
    """A message of 1,000 of which 200 went to the parent, 70 to its parent and 30 to the subscriber."""

    def __init__(self) -> None:
        self.ids = IdSequence(SHARD)
        self.balances, self.changes = Balances(), Changes()
        self.correct = CorrectLedger(self.balances, self.ids)
        self.message_id = self.ids.next_id(NOW_US)
        key = (SHARD, id_day(self.message_id), self.message_id)
        top_up = (SHARD, key[1], self.ids.next_id(NOW_US))
        add_posting(self.changes, top_up, K.TOP_UP, PAYER, 1_000, "INR", NOW_US)
        posted = ((K.HOLD, PAYER, 1_000), (K.SETTLE, PAYER, 1_000), (K.SHARE_OUT, PAYER, 270))
        shares = ((K.SHARE_IN, PARENT, 200), (K.SHARE_IN_SECOND, GRANDPARENT, 70))
        rewards = ((K.REWARD_OUT, PAYER, 30), (K.REWARD_IN, SUBSCRIBER, 30))
        for kind, account_no, micros in posted + shares + rewards:
            add_posting(self.changes, key, kind, account_no, micros, "INR", NOW_US)
        self.credited = 0
        self.notes = 0

    def about(self, **more: object) -> CreditedMessage:
        parts = tuple(
            SharedPart(kind, account_no, micros, self.side(account_no, EARNED))
            for kind, account_no, micros in (
                (K.SHARE_IN, PARENT, 200),
                (K.SHARE_IN_SECOND, GRANDPARENT, 70),
                (K.REWARD_IN, SUBSCRIBER, 30),
            )
        )
        named = {"shard": SHARD, "payer_no": PAYER, **more}
        return CreditedMessage(  # type: ignore[call-arg]
            message_id=self.message_id,
            currency="INR",
            earned_micros=1_000,
            credited_micros=self.credited,
            parts=parts,
            **named,  # type: ignore[arg-type]
        )

    def side(self, account_no: int, side: LedgerAccount) -> int:
        return self.changes.balance_micros.get((account_no, int(side)), 0)

    def credit(self, micros: int, **more: object) -> Correction:
        self.notes += 1
        asked = Correction(
            PAYER, f"c{self.notes}", int(K.CREDIT_NOTE), 0, micros, 0, self.message_id, "r", 0, "ann"
        )
        sides = {LedgerAccount.REVENUE: self.side(PAYER, LedgerAccount.REVENUE)}
        posted = self.correct.post(asked, None, sides, NOW_US, self.changes, self.about(**more))
        self.credited += micros
        return posted

    def pay_out(self, account_no: int, micros: int) -> None:
        reference = self.ids.next_id(NOW_US)
        key = (SHARD, id_day(reference), reference)
        add_posting(self.changes, key, K.PAY_OUT, account_no, micros, "INR", NOW_US)

    def earned(self) -> tuple[int, int, int]:
        self.proved()
        return self.side(PARENT, EARNED), self.side(GRANDPARENT, EARNED), self.side(SUBSCRIBER, EARNED)

    def proved(self) -> None:
        rows = [
            Transfer(*row[:3], K(row[3]), row[4], *LEGS[K(row[3])], *row[7:])
            for row in self.changes.ledger_transfer
            # The postings of corrections are those of shard 0 in a test without a settled memory.
        ]
        proof = verify(rows)
        assert proof.ok, proof.first_error


def test_a_credit_of_all_of_it_brings_everything_back() -> None:
    """Also where the account's revenue is nothing but what is left of this very message."""
    room = Room()
    posted = room.credit(1_000)
    assert (posted.taken_back_micros, posted.short_micros) == (300, 0)
    assert room.earned() == (0, 0, 0)
    assert room.side(PAYER, LedgerAccount.REVENUE) == 0
    kinds = [K(row[3]) for row in room.changes.ledger_transfer if row[2] == posted.reference]
    assert set(kinds) == {
        K.CREDIT_NOTE,
        K.SHARE_BACK,
        K.SHARE_BACK_SECOND,
        K.SHARES_BACK_IN,
        K.REWARD_BACK,
        K.REWARD_BACK_IN,
    }
    assert len(kinds) == len(set(kinds))


def test_a_part_is_given_back_in_proportion() -> None:
    room = Room()
    posted = room.credit(500)
    assert (posted.taken_back_micros, room.earned()) == (150, (100, 35, 15))


@given(notes=st.lists(st.integers(1, 400), max_size=8))
def test_however_many_credit_notes_come_to_the_whole_nobody_gives_more_than_it_had(notes: list[int]) -> None:
    room = Room()
    for micros in notes:
        if room.credited + micros <= 1_000:
            room.credit(micros)
    gone = room.credited
    assert room.earned() == tuple(part * (1_000 - gone) // 1_000 for part in (200, 70, 30))


def test_what_was_paid_out_already_is_borne_by_the_operator_and_told() -> None:
    room = Room()
    room.pay_out(PARENT, 150)
    room.pay_out(SUBSCRIBER, 30)
    with pytest.raises(OperatorError, match="all that was earned"):
        room.credit(1_000)  # 120 came back, and nothing else was earned
    posted = room.credit(800)
    assert (posted.taken_back_micros, posted.short_micros) == (50 + 56, (160 - 50) + 24)
    assert room.earned() == (0, 14, 0)


@pytest.mark.parametrize(
    ("more", "told"),
    [({"payer_no": 2}, "was paid for by account number 2"), ({"shard": 4}, "on the books of shard 4")],
)
def test_shares_on_other_books_are_not_passed_over(more: dict[str, object], told: str) -> None:
    room = Room()
    with pytest.raises(OperatorError, match=told):
        room.credit(10, **more)
    assert not [row for row in room.changes.ledger_transfer if row[3] == K.CREDIT_NOTE]


def test_a_message_without_shares_is_credited_as_ever() -> None:
    message = CreditedMessage(1, SHARD, PAYER, "INR", 0, 0)
    assert message.back(10) == []
