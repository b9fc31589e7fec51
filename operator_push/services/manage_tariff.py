"""Manage the tariff: show, replace, and change one price while the product runs.

A change counts for the next message; what was accepted before keeps the price at which its money is held.
No row is ever rewritten: a price that goes is ended by the version that replaced it, so that the store tells
which price was in force when, and who changed it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from operator_push.domain.message import TrafficClass
from operator_push.domain.price_changes import with_price, without_price
from operator_push.domain.tariff import Tariff, TariffRow
from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes

ANY_CLASS = 0  # stored where a row is for every class of traffic; the classes count from 1
OPEN_END_US = 0  # stored where a row has no end

_Content = tuple[str, int, int, str, int, int]  # as `content` gives it


@dataclass(frozen=True, slots=True)
class StoredPrice:
    """A price row with its number and its history: which version began it, when, and by whom.

    `ended_version` 0: in force.
    """

    row_no: int
    version: int
    price: TariffRow
    changed_us: int
    changed_by: str
    ended_version: int = 0
    ended_us: int = 0
    ended_by: str = ""

    def as_row(self) -> dict[str, object]:
        """The row of store.schema.tariff_row."""
        price = self.price
        return {
            "row_no": self.row_no,
            "version": self.version,
            "prefix": price.prefix,
            "traffic_class": int(price.traffic_class or ANY_CLASS),
            "price_micros": price.price_micros,
            "currency": price.currency,
            "valid_from_us": price.valid_from_us,
            "valid_until_us": price.valid_until_us or OPEN_END_US,
            "changed_us": self.changed_us,
            "changed_by": self.changed_by,
            "ended_version": self.ended_version,
            "ended_us": self.ended_us,
            "ended_by": self.ended_by,
        }


@dataclass(frozen=True, slots=True)
class StoredTariff:
    """The rows in force with the highest numbers ever given, of rows and of versions (0: none yet)."""

    prices: tuple[StoredPrice, ...]
    last_row_no: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class TariffChange:
    """What a change did, in rows; `version` is the one in force now."""

    version: int
    added: int
    ended: int
    unchanged: int


class TariffInForce:
    """The tariff by which messages are priced, replaced as a whole.

    Whoever prices asks this object for `price_per_segment` every time and keeps neither answer nor method.
    """

    __slots__ = ("price_per_segment", "tariff")

    price_per_segment: Callable[[str, int, int], int | None]

    def __init__(self, tariff: Tariff) -> None:
        self.put(tariff)

    @property
    def currency(self) -> str:
        """ISO 4217; a tariff is never replaced by one of another currency."""
        return self.tariff.currency

    def put(self, tariff: Tariff) -> None:
        """Price the next message by this one."""
        self.tariff = tariff
        self.price_per_segment = tariff.price_per_segment


class ManageTariff:
    """The use case: one tariff for the operator, in memory as in the store."""

    def __init__(self, in_force: TariffInForce, stored: StoredTariff) -> None:
        self._in_force = in_force
        self._prices = list(stored.prices)
        self._last_row_no = stored.last_row_no
        self.version = stored.version

    def prices(self) -> Sequence[StoredPrice]:
        """The rows in force, planned and past ones included, by prefix, class and beginning."""
        return sorted(self._prices, key=lambda each: content(each.price))

    def row_for(self, destination: str, traffic_class: TrafficClass, at_us: int) -> TariffRow | None:
        """The row that prices a message at a moment, None where none does."""
        return self._in_force.tariff.row_for(destination, traffic_class, at_us)

    def replace(self, rows: Iterable[TariffRow], by: str, now_us: int, changes: Changes) -> TariffChange:
        """Put a whole tariff in force; rows that stand in both stay as they are.

        Raises:
            OperatorError: the rows contradict each other, there are none, or they are in another currency
                than the balances; then nothing has changed.
        """
        wanted = list(rows)
        tariff = Tariff(wanted)
        if tariff.currency != self._in_force.currency:
            raise OperatorError(
                f"the tariff is in {tariff.currency}, but balances and open holds are in "
                f"{self._in_force.currency}; a running product cannot change its currency"
            )
        missing = Counter(content(row) for row in wanted)
        kept, ended = [], []
        for stored in self._prices:
            key = content(stored.price)
            if missing[key]:
                missing[key] -= 1
                kept.append(stored)
            else:
                ended.append(stored)
        added = [row for row in wanted if _take(missing, content(row))]
        if not added and not ended:
            return TariffChange(self.version, 0, 0, len(kept))
        self.version += 1
        for stored in ended:
            self._put(_ended(stored, self.version, now_us, by), changes)
        fresh = [self._begun(row, by, now_us) for row in added]
        for stored in fresh:
            self._put(stored, changes)
        self._prices = kept + fresh
        self._in_force.put(tariff)
        return TariffChange(self.version, len(added), len(ended), len(kept))

    def set_price(self, price: TariffRow, by: str, now_us: int, changes: Changes) -> TariffChange:
        """Let one price apply throughout its validity; other rows of its prefix and class give way there.

        Raises:
            OperatorError: as `replace`.
        """
        Tariff([price])  # judged alone first, so that an error speaks of this row
        return self.replace(with_price(self._rows(), price), by, now_us, changes)

    def end_price(
        self,
        prefix: str,
        traffic_class: TrafficClass | None,
        from_us: int,
        by: str,
        now_us: int,
        changes: Changes,
    ) -> TariffChange:
        """Let there be no price for this very prefix and class from a moment on; shorter prefixes then apply.

        Raises:
            OperatorError: there is no such price from then on, or nothing at all would have a price.
        """
        rows = self._rows()
        left = without_price(rows, prefix, traffic_class, from_us)
        if left == rows:
            name = traffic_class.name.lower() if traffic_class else "any"
            raise OperatorError(f"no row has a price for prefix {prefix!r} and class {name} from then on")
        if not left:
            raise OperatorError("this is the only price; set another one first, or nothing could be sent")
        return self.replace(left, by, now_us, changes)

    def _rows(self) -> list[TariffRow]:
        return [stored.price for stored in self._prices]

    def _begun(self, row: TariffRow, by: str, now_us: int) -> StoredPrice:
        self._last_row_no += 1
        return StoredPrice(self._last_row_no, self.version, row, now_us, by)

    def _put(self, stored: StoredPrice, changes: Changes) -> None:
        changes.upserts.append(("tariff_row", stored.as_row()))


def first_tariff(rows: Iterable[TariffRow], by: str, now_us: int) -> StoredTariff:
    """The stored form of a store's first tariff: version 1, numbered from 1."""
    prices = tuple(StoredPrice(number, 1, row, now_us, by) for number, row in enumerate(rows, start=1))
    return StoredTariff(prices, last_row_no=len(prices), version=1)


def price_of_row(row: dict[str, object]) -> StoredPrice:
    """The price of a row of store.schema.tariff_row."""
    values = dict(row)
    traffic_class, until_us = int(str(values.pop("traffic_class"))), int(str(values.pop("valid_until_us")))
    price = TariffRow(
        prefix=str(values.pop("prefix")),
        price_micros=int(str(values.pop("price_micros"))),
        currency=str(values.pop("currency")),
        traffic_class=TrafficClass(traffic_class) if traffic_class != ANY_CLASS else None,
        valid_from_us=int(str(values.pop("valid_from_us"))),
        valid_until_us=until_us if until_us != OPEN_END_US else None,
        version=int(str(values["version"])),
    )
    return StoredPrice(price=price, **values)  # type: ignore[arg-type]


def content(row: TariffRow) -> _Content:
    """What a row says, in an order for people; two rows with the same content are the same price."""
    return (
        row.prefix,
        int(row.traffic_class or ANY_CLASS),
        row.valid_from_us,
        row.currency,
        row.price_micros,
        row.valid_until_us or OPEN_END_US,
    )


def _take(missing: Counter[_Content], key: _Content) -> bool:
    if not missing[key]:
        return False
    missing[key] -= 1
    return True


def _ended(stored: StoredPrice, version: int, now_us: int, by: str) -> StoredPrice:
    return replace(stored, ended_version=version, ended_us=now_us, ended_by=by)
