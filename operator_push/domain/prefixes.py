"""Prefixes: the longest row that a number starts with, remembered per head of the number."""

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import E164_DIGITS_MAX

Row = TypeVar("Row")

HEADS_REMEMBERED = 65_536  # Ours: bounds the memory of answers; beyond it they are found again.


def check_prefix(prefix: str, key: str) -> None:
    """Refuse what is not the digits at the start of an international number; "" stands for all.

    Raises:
        OperatorError: naming the key.
    """
    if not (prefix == "" or (prefix.isascii() and prefix.isdigit() and len(prefix) <= E164_DIGITS_MAX)):
        raise OperatorError(
            f"prefix {prefix!r} is not the leading digits of an international number without + or 00"
            ' (for example "91"), nor "" for every number',
            key=key,
        )


class PrefixTable(Generic[Row]):
    """Rows by prefix; asks for all rows along a number's head, longest prefix first."""

    __slots__ = ("_heads", "_longest", "_rows")

    def __init__(self, rows: Iterable[tuple[str, Row]]) -> None:
        by_prefix: dict[str, list[Row]] = {}
        for prefix, row in rows:
            by_prefix.setdefault(prefix, []).append(row)
        self._rows: Mapping[str, tuple[Row, ...]] = {
            prefix: tuple(found) for prefix, found in by_prefix.items()
        }
        self._longest = max(map(len, by_prefix), default=0)
        self._heads: dict[str, tuple[Row, ...]] = {}

    def along(self, number: str) -> tuple[Row, ...]:
        """Every row whose prefix starts `number`, longest prefix first, rows of one prefix as given."""
        head = number[: self._longest]
        found = self._heads.get(head)
        if found is None:
            found = self._find(head)
        return found

    def _find(self, head: str) -> tuple[Row, ...]:
        lengths = range(len(head), -1, -1)
        found = tuple(row for length in lengths for row in self._rows.get(head[:length], ()))
        if len(self._heads) >= HEADS_REMEMBERED:
            self._heads.clear()
        self._heads[head] = found
        return found
