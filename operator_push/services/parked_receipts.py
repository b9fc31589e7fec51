"""Parked receipts: those that came before the submit_sm_resp that names their message.

They are found by every form in which the response may write the id of the receipt (SMSCs pad it with zeros,
write it in decimal here and hexadecimal there, in small letters or capitals). What is found may be the one:
whether it is, match_receipts says.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator

from operator_push.services.match_receipts import Receipt

PARKED_MAX = 50_000  # Ours: beyond it the oldest is an orphan.

Key = tuple[int, str]  # number of the SMSC, id as far as it could be translated


class ParkedReceipts:
    """The receipts of all SMSCs, oldest first."""

    def __init__(self, parked_max: int = PARKED_MAX) -> None:
        self._parked_max = parked_max
        self._receipts: OrderedDict[Key, tuple[Receipt, tuple[str, ...]]] = OrderedDict()
        self.any: Collection[Key] = self._receipts  # true where there is one; asked for every submit_sm_resp
        self._by_reading: dict[Key, list[Key]] = {}

    def __len__(self) -> int:
        return len(self._receipts)

    def __contains__(self, key: Key) -> bool:
        return key in self._receipts

    def __iter__(self) -> Iterator[tuple[Key, Receipt]]:
        return iter([(key, receipt) for key, (receipt, _) in self._receipts.items()])

    @property
    def is_full(self) -> bool:
        """True where one more would push the oldest out."""
        return len(self._receipts) >= self._parked_max

    def put(self, key: Key, receipt: Receipt, readings: Iterable[str]) -> tuple[Key, Receipt] | None:
        """Keep a receipt; returns the oldest with its key where there was no room for both.

        `readings`: the texts by which it is to be found beside its own id.
        """
        if key in self._receipts:
            self.take(key)
        smsc_no, identifier = key
        texts = tuple(dict.fromkeys((identifier, *readings)))
        self._receipts[key] = receipt, texts
        for text in texts:
            self._by_reading.setdefault((smsc_no, text), []).append(key)
        if len(self._receipts) <= self._parked_max:
            return None
        oldest = next(iter(self._receipts))
        return oldest, self.take(oldest)

    def take(self, key: Key) -> Receipt:
        """The receipt, which is parked no more."""
        receipt, texts = self._receipts.pop(key)
        for text in texts:
            keys = self._by_reading[key[0], text]
            keys.remove(key)
            if not keys:
                del self._by_reading[key[0], text]
        return receipt

    def candidates(
        self, smsc_no: int, response_id: str, readings: Iterable[str]
    ) -> list[tuple[Key, Receipt]]:
        """Receipts whose id may be this one of a submit_sm_resp, or one of its `readings`.

        The one of the very same text comes first.
        """
        own = (smsc_no, response_id)
        found = [own] if own in self._receipts else []
        for text in (response_id, *readings):
            found += self._by_reading.get((smsc_no, text), ())
        return [(key, self._receipts[key][0]) for key in dict.fromkeys(found)]
