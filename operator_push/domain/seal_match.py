"""Seal match: the stored postings held against the chain that sealed them, so that the wrong row has a name.

Rows and seals are read side by side, each in its own order (by key, by commit); what one side is ahead of the
other is remembered and forgotten as they meet. So memory grows with the messages that were open at the same
time, never with the ledger. A row is trusted only where its seal follows from the seal before it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from operator_push.domain.ledger_chain import (
    POSTING_FIELDS,
    START,
    Posting,
    Seal,
    Tip,
    postings_of,
    why_broken,
)
from operator_push.kernel.ids import id_epoch_us

_KEY = slice(2, 4)  # reference and kind: with the shard they name a posting for ever
_REFERENCE, _AMOUNT = POSTING_FIELDS.index("reference"), POSTING_FIELDS.index("amount_micros")
_CURRENCY = POSTING_FIELDS.index("currency")
_PAIRED_AT_MOST = 100  # Ours: how many rows that have lost their seal are compared with seals without a row.
_IN_THE_CHAIN, _IN_A_ROW = range(2)

_Key = tuple[Any, ...]


class SealMatch:
    """One comparison. `first` names the first seal that does not follow, failing that the first wrong row."""

    def __init__(self, signed: Mapping[int, tuple[bytes, str]] | None = None) -> None:
        """`signed`: heads that were given away, seal_no → (head, in whose words)."""
        self._signed = dict(signed or {})
        self._tip = START
        self._rows: dict[_Key, Posting] = {}
        self._sealed: dict[_Key, Posting] = {}
        self._unreadable = False
        self._first: tuple[int, int, int, str] | None = None
        self.errors = 0
        self.micros = 0

    @property
    def tip(self) -> Tip:
        """The last seal that was read."""
        return self._tip

    @property
    def first(self) -> str | None:
        """Table, key and what is wrong; None where all is as it was sealed."""
        return None if self._first is None else self._first[3]

    def proved(self, rows: Iterable[Posting], seals: Iterable[Seal]) -> Iterator[Posting]:
        """Every row that has the types of a posting, in the order of `rows`, compared on its way.

        The findings are complete once this is exhausted.
        """
        following = iter(seals)
        seal = next(following, None)
        sealed = self._sealed
        for row in rows:
            if type(row[_REFERENCE]) is int:
                moment = id_epoch_us(row[_REFERENCE])
                while seal is not None and (type(seal.at_us) is not int or seal.at_us <= moment):
                    self._take(seal)
                    seal = next(following, None)
            posting = sealed.pop(row[_KEY], None)
            if posting != row:
                if posting is None:
                    self._rows[row[_KEY]] = row
                else:
                    self._differs(row, posting)
                if not _has_types(row):
                    continue
            yield row
        while seal is not None:
            self._take(seal)
            seal = next(following, None)
        self._end()

    def _take(self, seal: Seal) -> None:
        broken = why_broken(self._tip, seal)
        if broken is not None:
            self._find_seal(seal.seal_no, f"ledger_seal ({_seal_name(seal)}): {broken}")
        self._check_signed(seal)
        if isinstance(seal.seal_no, int) and isinstance(seal.at_us, int) and isinstance(seal.head, bytes):
            self._tip = seal.tip
        try:
            postings = postings_of(seal)
        except ValueError:
            self._unreadable = True
            return
        rows, sealed = self._rows, self._sealed
        for posting in postings:
            key = posting[_KEY]
            row = rows.pop(key, None)
            if row is None:
                sealed[key] = posting
            elif row != posting:
                self._differs(row, posting)

    def _check_signed(self, seal: Seal) -> None:
        signed = self._signed.pop(seal.seal_no, None)
        if signed is not None and signed[0] != seal.head:
            what = f"its head is not the one that {signed[1]} names: what is sealed up to here was rewritten"
            self._find_seal(seal.seal_no, f"ledger_seal ({_seal_name(seal)}): {what}")

    def _differs(self, row: Posting, posting: Posting) -> None:
        """A row that is there, and not as it was sealed."""
        changed = [
            f"{name} is {now!r}, was sealed as {then!r}"
            for name, now, then in zip(POSTING_FIELDS, row, posting, strict=False)
            if now != then
        ]
        self.micros += abs(_micros(row) - posting[_AMOUNT])
        self._find(_IN_A_ROW, posting, "; ".join(changed))

    def _end(self) -> None:
        self._end_of_chain()
        pairs = self._pair() if len(self._sealed) + len(self._rows) <= _PAIRED_AT_MOST else []
        for row, posting in pairs:
            del self._rows[row[_KEY]], self._sealed[posting[_KEY]]
            self._differs(row, posting)
        for posting in self._sealed.values():
            self.micros += posting[_AMOUNT]
            self._find(_IN_A_ROW, posting, f"was sealed with {_rest(posting)}, and is gone")
        if self._unreadable:
            return  # whose rows these are is not known any more; the seal itself has been told
        for row in self._rows.values():
            self.micros += abs(_micros(row))
            last = self._tip.seal_no
            self._find(_IN_A_ROW, row, f"is in no seal, with {_rest(row)}; the chain ends with seal {last}")

    def _end_of_chain(self) -> None:
        for seal_no, (_, name) in sorted(self._signed.items()):
            last = self._tip.seal_no
            where = (
                f"the chain ends with seal {last}: its tail is gone" if seal_no > last else "it is missing"
            )
            self._find_seal(seal_no, f"ledger_seal (seal_no {seal_no}): {name} names it, and {where}")

    def _pair(self) -> list[tuple[Posting, Posting]]:
        """Rows whose key was changed, each with the posting that it was: all but one column are the same."""
        pairs, left = [], list(self._sealed.values())
        for row in self._rows.values():
            for posting in left:
                if sum(now != then for now, then in zip(row, posting, strict=True)) == 1:
                    pairs.append((row, posting))
                    left.remove(posting)
                    break
        return pairs

    def _find(self, rank: int, posting: Posting, what: str) -> None:
        reference, kind = posting[_KEY]
        order = (reference if type(reference) is int else 0, kind if type(kind) is int else 0)
        self._note((rank, *order, f"{_name(posting)}: {what}"))

    def _find_seal(self, seal_no: int, what: str) -> None:
        self._note((_IN_THE_CHAIN, seal_no if type(seal_no) is int else 0, 0, what))

    def _note(self, found: tuple[int, int, int, str]) -> None:
        self.errors += 1
        if self._first is None or found < self._first:
            self._first = found


def _has_types(row: Posting) -> bool:
    """Whether each column holds what a posting can hold there; SQLite would keep anything."""
    return all(type(value) is (str if place == _CURRENCY else int) for place, value in enumerate(row))


def _micros(row: Posting) -> int:
    return row[_AMOUNT] if type(row[_AMOUNT]) is int else 0


def _name(posting: Posting) -> str:
    shard, day, reference, kind = posting[:4]
    return f"ledger_transfer (shard {shard}, day {day}, reference {reference!r}, kind {kind!r})"


def _seal_name(seal: Seal) -> str:
    return f"shard {seal.shard}, day {seal.day}, seal_no {seal.seal_no}"


def _rest(posting: Posting) -> str:
    account_no, amount, currency = posting[4], posting[_AMOUNT], posting[_CURRENCY]
    return f"{amount} micros {currency!r} of account {account_no}"
