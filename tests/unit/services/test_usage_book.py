"""The usage book: what stands is counted once, given back once, and written by value."""

from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.values import Usage
from operator_push.kernel.instants import parse_iso
from operator_push.services.changes import Changes
from operator_push.services.usage_book import FOR_EVER, UsageBook, UsageKind, month_before, month_of

TARIFF = read_tariff(
    'tariff="t"\nversion=1\ncurrency="INR"\nzone="Asia/Kolkata"\n[[price]]\nname="a"\nper_segment=1\n',
    "t.toml",
)
USED = Usage(segments={"own": 2}, contact_segments={"hotline": 2}, credit_micros={"welcome": 50})


def test_months_are_those_of_the_zone() -> None:
    assert month_of(TARIFF, parse_iso("2026-12-31T18:29:59Z")) == 202_612
    assert month_of(TARIFF, parse_iso("2026-12-31T18:30:00Z")) == 202_701
    assert (month_before(202_701), month_before(202_612)) == (202_612, 202_611)


def test_what_is_taken_stands_and_what_is_given_back_does_not() -> None:
    book, changes = UsageBook(oldest_month=202_604), Changes()
    for _ in range(2):
        book.take(1, "t", 202_605, 7, USED, changes)
    assert book.usage(1, "t", 202_605, 7) == Usage(
        segments={"own": 4}, contact_segments={"hotline": 4}, credit_micros={"welcome": 100}
    )
    assert book.usage(1, "t", 202_605, 8).contact_segments == {}
    assert book.usage(1, "t", 202_606, 7) == Usage(credit_micros={"welcome": 100})
    assert book.usage(2, "t", 202_605, 7) == book.usage(1, "u", 202_605, 7) == Usage()
    book.give_back(1, "t", 202_605, 7, USED, changes)
    book.give_back(1, "t", 202_605, 7, USED, changes)
    assert book.usage(1, "t", 202_605, 7) == Usage()  # the contact's month is not paid any more either
    assert changes.usage == {
        (1, 202_605, int(UsageKind.SEGMENTS), 0, "t", "own"): 0,
        (1, 202_605, int(UsageKind.CONTACT), 7, "t", "hotline"): 0,
        (1, FOR_EVER, int(UsageKind.CREDIT), 0, "t", "welcome"): 0,
    }


def test_rows_bring_it_back() -> None:
    book, changes = UsageBook(oldest_month=202_604), Changes()
    book.take(1, "t", 202_605, 7, USED, changes)
    again = UsageBook(changes.usage.items(), 202_604)
    assert again.usage(1, "t", 202_605, 7) == USED


def test_a_closed_month_is_forgotten_and_does_not_move() -> None:
    book, changes = UsageBook(oldest_month=202_604), Changes()
    book.take(1, "t", 202_605, 7, USED, changes)
    book.take(1, "t", 202_607, 7, Usage(segments={"own": 1}), changes)
    assert book.usage(1, "t", 202_605, 7) == Usage(credit_micros={"welcome": 50})
    late = Changes()
    book.give_back(1, "t", 202_605, 7, USED, late)
    assert list(late.usage) == [(1, FOR_EVER, int(UsageKind.CREDIT), 0, "t", "welcome")]
