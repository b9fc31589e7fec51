"""Correct the ledger: postings that people make, each with its reason, its author and a client's reference.

Laws: nothing that is posted is edited; what is given back was earned, what is paid out was owed, what is
written off is a debt. The reference is the client's, so that a retry changes nothing. Judged against the
balances on disk, which in-flight messages can only raise.
"""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from operator_push.domain.ledger import Balances, LedgerStatus
from operator_push.domain.ledger_papers import with_digest
from operator_push.domain.transfers import LedgerAccount, TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence, id_day, id_shard
from operator_push.kernel.money import format_micros
from operator_push.services.changes import Changes
from operator_push.services.credited_shares import CreditedMessage, take_back
from operator_push.services.ledger_rows import add_transfers

CORRECTIONS: Final[Mapping[str, TransferKind]] = {
    "credit-note": TransferKind.CREDIT_NOTE,
    "write-off": TransferKind.WRITE_OFF,
    "payment": TransferKind.PAYMENT,
    "refund": TransferKind.REFUND,
    "charge": TransferKind.CHARGE,
    "pay-out": TransferKind.PAY_OUT,
    "use-earnings": TransferKind.EARNINGS_USED,
}
# What posts the tax of a kind: that of a credit note is beside its amount, that of a charge within it.
_TAXES: Final[Mapping[TransferKind, TransferKind]] = {
    TransferKind.CREDIT_NOTE: TransferKind.TAX_CREDIT,
    TransferKind.CHARGE: TransferKind.CHARGE_TAX,
}
REASON_MAX: Final = 1_000
REFERENCE_MAX: Final = 200
AMOUNT_MAX: Final = 10**15  # Ours: as a top-up

Sides = Mapping[LedgerAccount, int]


class Correction(msgspec.Struct, frozen=True, gc=False):
    """A row of store.money_tables.correction.

    Of a credit note about a message whose earnings were shared: `taken_back_micros` what parents and the
    subscriber gave back, `short_micros` what they should have and was paid out to them already.
    """

    account_no: int
    client_reference: str
    kind: int
    reference: int
    amount_micros: int
    tax_micros: int
    message_id: int
    reason: str
    at_us: int
    changed_by: str
    taken_back_micros: int = 0
    short_micros: int = 0


class CorrectLedger:
    """The use case for one shard; one correction of an account at a time, which the door sees to."""

    def __init__(self, balances: Balances, ids: IdSequence) -> None:
        self._balances = balances
        self._ids = ids
        # What open messages of an account were charged before their end, and the tax in it: their ends may
        # give it back, so that no credit note may do so too.
        self.may_go_back: Callable[[int], tuple[int, int]] = lambda account_no: (0, 0)

    def post(
        self,
        asked: Correction,
        known: Correction | None,
        sides: Sides,
        now_us: int,
        changes: Changes,
        about: CreditedMessage | None = None,
    ) -> Correction:
        """Post what was asked (its `reference` and `at_us` are given here), or return what is `known`.

        `sides` are the account's balances on disk; `about` the money of the message that a credit note is
        about: whoever had a part of it gives that back.

        Raises:
            OperatorError: the amount is not allowed, the reference was used for something else, or a
                reason or a reference is missing.
        """
        kind = TransferKind(asked.kind)
        if known is not None:
            same = (known.kind, known.amount_micros, known.tax_micros) == (
                asked.kind,
                asked.amount_micros,
                asked.tax_micros,
            )
            if same:
                return known
            raise OperatorError(f"reference {asked.client_reference!r} was used for another posting")
        _check_words(asked)
        reference = self._ids.next_id(now_us)
        if kind is TransferKind.CREDIT_NOTE:
            amount, tax = self.may_go_back(asked.account_no)
            sides = {
                **sides,
                LedgerAccount.REVENUE: sides.get(LedgerAccount.REVENUE, 0) - (amount - tax),
                LedgerAccount.TAX: sides.get(LedgerAccount.TAX, 0) - tax,
            }
            if about is not None and about.parts:
                _check_about(asked, about, id_shard(reference))
                back = sum(given for _, given, _ in about.back(asked.amount_micros))
                sides[LedgerAccount.REVENUE] += back
        _check_amount(asked, kind, sides)
        number = asked.account_no
        moved = self._balances.move(kind, number, reference, asked.amount_micros, now_us)
        if moved.status is not LedgerStatus.MOVED:
            available = format_micros(self._balances.available(number))
            raise OperatorError(f"the account has {available} available, which is less; nothing is posted")
        transfers = moved.transfers
        if asked.tax_micros:
            of_tax = _TAXES[kind]
            transfers += self._balances.move(of_tax, number, reference, asked.tax_micros, now_us).transfers
        add_transfers(changes, transfers)
        taken = short = 0
        if kind is TransferKind.CREDIT_NOTE and about is not None:
            key = (id_shard(reference), id_day(reference), reference)
            taken, short = take_back(changes, about, asked.amount_micros, key, now_us)
        posted = msgspec.structs.replace(
            asked, reference=reference, at_us=now_us, taken_back_micros=taken, short_micros=short
        )
        row = {name: getattr(posted, name) for name in posted.__struct_fields__}
        changes.upserts.append(("correction", with_digest("correction", row)))
        return posted


def _check_about(asked: Correction, about: CreditedMessage, shard: int) -> None:
    """That the parts of a message can be given back on these books."""
    if about.payer_no != asked.account_no:
        raise OperatorError(
            f"message {about.message_id} was paid for by account number {about.payer_no}, and its earnings "
            "were shared; credit that account"
        )
    if about.shard != shard:
        raise OperatorError(
            f"message {about.message_id} and its shares stand on the books of shard {about.shard}, and this "
            f"server owns shard {shard}; ask the server of that shard"
        )


def _check_words(asked: Correction) -> None:
    for name, text, longest in (
        ("reference", asked.client_reference, REFERENCE_MAX),
        ("reason", asked.reason, REASON_MAX),
    ):
        if not text or len(text) > longest or not text.isprintable():
            raise OperatorError(f"{name}: give one of 1..{longest} printable characters")


def _check_amount(asked: Correction, kind: TransferKind, sides: Sides) -> None:
    if not 0 < asked.amount_micros <= AMOUNT_MAX:
        raise OperatorError(f"an amount of {asked.amount_micros} micros is not in 1..{AMOUNT_MAX}")
    if asked.tax_micros < 0 or (asked.tax_micros and kind not in _TAXES):
        raise OperatorError("a tax belongs to a credit note or to a charge, and is not below 0")
    if kind is TransferKind.CHARGE:
        if asked.tax_micros >= asked.amount_micros:
            raise OperatorError("the tax of a charge is within its amount, and less than it")
        return
    limit = _most(kind, sides)
    if limit is not None and asked.amount_micros > limit[0]:
        most, what = limit
        raise OperatorError(
            f"{format_micros(asked.amount_micros)} is more than {format_micros(max(0, most))}, {what}"
        )
    collected = sides.get(LedgerAccount.TAX, 0)
    if asked.tax_micros > collected:
        tax, all_of_it = format_micros(asked.tax_micros), format_micros(collected)
        raise OperatorError(f"a tax of {tax} is more than the {all_of_it} collected")


def _most(kind: TransferKind, sides: Sides) -> tuple[int, str] | None:
    """The most that a kind may post, and what that is; None where only the money that is there limits it."""
    line = -sides.get(LedgerAccount.CREDIT, 0)
    available, held = sides.get(LedgerAccount.AVAILABLE, 0), sides.get(LedgerAccount.HELD, 0)
    match kind:
        case TransferKind.CREDIT_NOTE:
            return sides.get(LedgerAccount.REVENUE, 0), "all that was earned from this account"
        case TransferKind.WRITE_OFF:
            return line - available - held, "all that this account owes"
        case TransferKind.REFUND:
            return available - line, "what is left of this account's own money"
        case TransferKind.PAY_OUT | TransferKind.EARNINGS_USED:
            return sides.get(LedgerAccount.EARNED, 0), "all that is owed to this account"
    return None
