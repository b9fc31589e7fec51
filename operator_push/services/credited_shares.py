"""Credited shares: what parents and the subscriber give back of a message that is credited to its payer.

Each had a part of what the message earned; of what is given back of that, each gives its part, in the same
transaction and under the reference of the credit note. Laws: over all credit notes about a message nobody
gives back more than it had; nobody's account falls below zero, what was paid out already is borne by the
operator and told (`short_micros`). Not here: whether the credit note itself may be posted (correct_ledger).
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from operator_push.domain.transfers import TransferKind
from operator_push.services.changes import Changes
from operator_push.services.share_rows import add_posting

_K = TransferKind
# The posting that gave a part → the one that gives it back, and the one that brings it to the revenue.
BACK: Final[Mapping[TransferKind, tuple[TransferKind, TransferKind]]] = {
    _K.SHARE_IN: (_K.SHARE_BACK, _K.SHARES_BACK_IN),
    _K.SHARE_IN_SECOND: (_K.SHARE_BACK_SECOND, _K.SHARES_BACK_IN),
    _K.SHARE_IN_THIRD: (_K.SHARE_BACK_THIRD, _K.SHARES_BACK_IN),
    _K.REWARD_IN: (_K.REWARD_BACK, _K.REWARD_BACK_IN),
}


class SharedPart(msgspec.Struct, frozen=True):
    """A part that somebody had of a message: by which posting, whose, how much; and what is owed to it now,
    so that it can give so much back."""

    kind: TransferKind
    account_no: int
    micros: int
    owed_micros: int


class CreditedMessage(msgspec.Struct, frozen=True):
    """The money of a message that is to be credited.

    `payer_no` who was charged for it; `earned_micros` what that was without taxes; `credited_micros` what
    earlier credit notes gave back of it; `shard` on whose books all of it stands.
    """

    message_id: int
    shard: int
    payer_no: int
    currency: str
    earned_micros: int
    credited_micros: int
    parts: tuple[SharedPart, ...] = ()

    def back(self, micros: int) -> list[tuple[SharedPart, int, int]]:
        """Who gives back what where so much more is credited: (part, micros, micros that it has not)."""
        earned = self.earned_micros
        if earned <= 0:
            return []
        before = min(self.credited_micros, earned)
        after = min(before + micros, earned)
        owed: dict[int, int] = {}
        found = []
        for part in self.parts:
            # Of the sum of all credit notes, so that their parts come to the whole and never to more; up, so
            # that the rest of the earnings always covers the rest of the credit.
            due = -(-part.micros * after // earned) + (-part.micros * before // earned)
            left = owed.setdefault(part.account_no, max(0, part.owed_micros))
            given = min(due, left)
            owed[part.account_no] -= given
            if due:
                found.append((part, given, due - given))
        return found


def take_back(
    changes: Changes,
    message: CreditedMessage,
    micros: int,
    key: tuple[int, int, int],
    at_us: int,
) -> tuple[int, int]:
    """Stage what is given back where so much is credited, under `key` (shard, day, reference of the credit
    note); returns what came back, and what the operator bears instead."""
    returned: dict[TransferKind, int] = {}
    short = 0
    for part, given, missing in message.back(micros):
        out, into = BACK[part.kind]
        short += missing
        if given:
            add_posting(changes, key, out, part.account_no, given, message.currency, at_us)
            returned[into] = returned.get(into, 0) + given
    for into, amount in returned.items():
        add_posting(changes, key, into, message.payer_no, amount, message.currency, at_us)
    return sum(returned.values()), short
