"""Checks: what the types of a document cannot say. The first problem is told, with the path of its key."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from operator_push.domain.rating.contract import STATE_NAMES, Contract
from operator_push.domain.rating.document import Price, Scope, TariffDocument
from operator_push.domain.rating.matching import minutes_of, rank

DIGITS_MAX = 12  # Ours, before and after the point: in micros within the 64 bits of a row.
SCOPED = ("price", "bundle", "contact", "surcharge", "discount", "credit", "tax")
_EXACT = ("prefix", "network", "country", "traffic_class", "channel", "encoding", "sender_kind")


class Problem(msgspec.Struct, frozen=True):
    """What is wrong, and where: `path` holds names and places (from 0)."""

    sentence: str
    path: tuple[str | int, ...]


def problem_of(document: TariffDocument) -> Problem | None:
    """The first problem of a document, None where it is good."""
    return next(_problems(document), None)


def is_out_of_proportion(number: Decimal) -> bool:
    """Whether a number has too many digits: 1e999999999 is short in a file and fills the memory elsewhere."""
    return number.is_finite() and number != 0 and not -DIGITS_MAX <= number.adjusted() < DIGITS_MAX


def _problems(document: TariffDocument) -> Iterator[Problem]:
    try:
        ZoneInfo(document.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Problem(f"{document.zone!r} is not a zone of the IANA database such as Asia/Kolkata", ("zone",))
    yield from _validity(document, ())
    yield from _contracts(document)
    for kind in SCOPED:
        yield from _scopes(kind, getattr(document, kind))
    if not document.price:
        yield Problem("a tariff needs at least one price", ("price",))
    for number, price in enumerate(document.price):
        yield from _price(price, ("price", number))
    for (_, first), (number, second) in combinations(enumerate(document.price), 2):
        if _coincide(first, second):
            yield Problem(
                f"prices {first.name} and {second.name} hold the same messages at the same time, and neither"
                " is more exact; state another key in one, or end the first where the second begins",
                ("price", number),
            )
    prices = {price.name for price in document.price}
    for number, bundle in enumerate(document.bundle):
        if bundle.name in prices:
            yield Problem(
                f"{bundle.name!r} is a price's name already; both count segments, each under its own name",
                ("bundle", number, "name"),
            )
    for number, credit in enumerate(document.credit):
        if credit.valid_until is None:
            yield Problem("a credit must expire; give valid_until", ("credit", number))
    yield from _rates(document)


def _validity(part: Scope | TariffDocument, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if part.valid_from and part.valid_until and part.valid_until <= part.valid_from:
        yield Problem("valid_until is not after valid_from", (*path, "valid_until"))


def _contracts(document: TariffDocument) -> Iterator[Problem]:
    found: list[tuple[tuple[str | int, ...], Contract]] = [(("contract",), document.contract)]
    for name, part in document.accounts.items():
        if part.contract:
            found.append((("accounts", name, "contract"), part.contract))
    for path, contract in found:
        for state in contract.states:
            if state not in STATE_NAMES:
                yield Problem(
                    f"{state!r} is not a state; the states are {', '.join(STATE_NAMES)}", (*path, "states")
                )


def _scopes(kind: str, scopes: Sequence[Scope]) -> Iterator[Problem]:
    names: set[str] = set()
    for number, scope in enumerate(scopes):
        if scope.name in names:
            yield Problem(f"another {kind} has the name {scope.name!r}", (kind, number, "name"))
        names.add(scope.name)
        yield from _validity(scope, (kind, number))
        if scope.hours is not None and not minutes_of(scope.hours):
            yield Problem("these hours are empty", (kind, number, "hours"))


def _price(price: Price, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if (price.per_segment is None) == (price.tiers is None):
        yield Problem("give either per_segment or tiers", (*path, "per_segment"))
    if price.tiers is None:
        return
    ends = [tier.up_to for tier in price.tiers]
    bounds = [end for end in ends[:-1] if end is not None]
    if not ends or ends[-1] is not None or len(bounds) != len(ends) - 1:
        yield Problem("every tier but the last needs up_to, and the last has none", (*path, "tiers"))
    elif bounds != sorted(set(bounds)):
        yield Problem("up_to must rise from tier to tier", (*path, "tiers"))


def _coincide(first: Price, second: Price) -> bool:
    """Two prices of one rank that could hold one message at one moment."""
    if rank(first) != rank(second):
        return False
    if any((getattr(first, key) or None) != (getattr(second, key) or None) for key in _EXACT):
        return False
    if not (_share(first.accounts, second.accounts) and _share(first.weekdays, second.weekdays)):
        return False
    first_minutes = minutes_of(first.hours) if first.hours else None
    if not _share(first_minutes, minutes_of(second.hours) if second.hours else None):
        return False
    first_ends = first.valid_until and second.valid_from and first.valid_until <= second.valid_from
    second_ends = second.valid_until and first.valid_from and second.valid_until <= first.valid_from
    return not (first_ends or second_ends)


def _share(first: Iterable[object] | None, second: Iterable[object] | None) -> bool:
    """Two conditions that one message can meet; None is no condition."""
    return first is None or second is None or not set(first).isdisjoint(second)


def _rates(document: TariffDocument) -> Iterator[Problem]:
    seen = set()
    for number, each in enumerate(document.exchange_rate):
        if not each.rate.is_finite() or each.rate <= 0 or is_out_of_proportion(each.rate):
            yield Problem(
                f"a rate is greater than 0, with at most {DIGITS_MAX} digits before and after the point",
                ("exchange_rate", number, "rate"),
            )
        if (each.to, each.valid_from) in seen:
            yield Problem(f"two rates to {each.to} begin then", ("exchange_rate", number, "valid_from"))
        seen.add((each.to, each.valid_from))
    named = {each.to for each in document.exchange_rate} | {document.currency}
    for name, part in document.accounts.items():
        if part.currency is not None and part.currency not in named:
            yield Problem(f"there is no exchange_rate to {part.currency}", ("accounts", name, "currency"))
        taxes = {tax.name for tax in document.tax}
        unknown = [exempt for exempt in part.exempt if exempt not in taxes]
        if unknown:
            yield Problem(f"there is no tax {unknown[0]!r}", ("accounts", name, "exempt"))
