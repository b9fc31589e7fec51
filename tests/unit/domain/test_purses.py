"""Purses: months of a zone, caps that give back, parts that never exceed what was earned."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.ledger import Balances, LedgerStatus, TransferKind
from operator_push.domain.purses import PPM, REWARD_ACCOUNTS_FROM, MonthCap, Purse, month_of_zone
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.instants import to_epoch_us
from operator_push.kernel.money import Rounding


def moment(text: str, zone: str = "UTC") -> int:
    return to_epoch_us(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


JANUARY = moment("2027-01-31T23:00")


@pytest.mark.parametrize(
    ("zone", "now", "begins", "ends"),
    [
        ("UTC", "2027-01-31T23:00", "2027-01-01", "2027-02-01"),
        ("Asia/Kolkata", "2027-01-31T23:00", "2027-02-01", "2027-03-01"),
        ("Europe/Berlin", "2027-03-31T21:59", "2027-03-01", "2027-04-01"),
        ("UTC", "2027-12-31T23:59", "2027-12-01", "2028-01-01"),
    ],
)
def test_a_month_is_that_of_its_zone(zone: str, now: str, begins: str, ends: str) -> None:
    assert month_of_zone(zone, moment(now)) == (moment(begins, zone), moment(ends, zone))


def test_a_cap_begins_anew_with_the_month_and_takes_nothing_back_over_its_border() -> None:
    cap = MonthCap(1, 1_000, "UTC", JANUARY)
    cap.used_micros += 900
    assert cap.room_micros(JANUARY) == 100
    cap.give_back(200, JANUARY)
    assert cap.room_micros(JANUARY) == 300
    february = JANUARY + 3_600_000_000
    assert cap.room_micros(february) == 1_000
    cap.give_back(200, JANUARY)
    assert cap.room_micros(february) == 1_000, "what January releases is not February's"


def test_a_child_spends_its_parents_money_within_the_caps_of_both() -> None:
    balances, ids = Balances(), IdSequence()
    house, agency = MonthCap(1, 1_000, "UTC", JANUARY), MonthCap(2, 300, "UTC", JANUARY)
    balances.purses = {1: Purse(1, caps=[house]), 2: Purse(2, 1, [agency, house])}
    balances.top_up(1, ids.next_id(JANUARY), 700)
    first, second, third = (ids.next_id(JANUARY) for _ in range(3))
    assert balances.spendable(2, JANUARY) == 300
    result = balances.hold(2, first, 250)
    assert result.status is LedgerStatus.HELD
    assert [row.account_no for row in result.transfers] == [1]
    assert balances.hold(2, second, 60).status is LedgerStatus.OVER_CAP
    assert balances.hold(1, second, 500).status is LedgerStatus.OVERDRAWN
    assert balances.hold(1, second, 450).status is LedgerStatus.HELD
    assert (balances.available(1), balances.held(1), balances.held(2)) == (0, 700, 0)
    settled = balances.settle(2, first, 250, 100)
    assert [(row.kind, row.account_no, row.amount_micros) for row in settled.transfers] == [
        (TransferKind.SETTLE, 1, 100),
        (TransferKind.RELEASE, 1, 150),
    ]
    assert (agency.used_micros, house.used_micros) == (100, 550)
    assert balances.settle(2, first, 250, 100).status is LedgerStatus.ALREADY_SETTLED
    assert balances.hold(2, first, 250).status is LedgerStatus.DUPLICATE
    assert balances.hold(2, third, 150).status is LedgerStatus.HELD
    assert balances.payers == {third: 1}


def test_a_lowered_credit_line_is_taken_back_as_it_becomes_free() -> None:
    balances, ids = Balances(), IdSequence()

    def reference() -> int:
        return ids.next_id(JANUARY)

    balances.purses = {1: Purse(1, credit_limit_micros=1_000)}
    (granted,) = balances.set_credit(1, 1_000, reference).transfers
    assert (granted.kind, granted.amount_micros) == (TransferKind.CREDIT_GRANT, 1_000)
    hold = reference()
    balances.hold(1, hold, 800)
    (revoked,) = balances.set_credit(1, 500, reference).transfers
    assert (revoked.kind, revoked.amount_micros) == (TransferKind.CREDIT_REVOKE, 200)
    assert (balances.available(1), balances.credit(1), balances.reserve(1)) == (0, 800, 300)
    balances.settle(1, hold, 800, 0)
    assert balances.spendable(1, JANUARY) == 500
    assert balances.hold(1, reference(), 501).status is LedgerStatus.OVERDRAWN
    (revoked,) = balances.set_credit(1, 500, reference).transfers
    assert (revoked.amount_micros, balances.reserve(1), balances.available(1)) == (300, 0, 500)
    assert balances.set_credit(1, 500, reference).transfers == ()


def test_parts_go_up_the_chain_but_not_to_the_parent_that_pays() -> None:
    purse = Purse(3, 2, parents=[(2, 100_000), (1, 50_000)], reward_ppm=10_000)
    shares, reward = purse.parts_of(1_009, 7)
    assert shares == [(2, 0), (1, 50)]
    assert reward == (REWARD_ACCOUNTS_FROM + 7, 10)
    assert purse.parts_of(1_009, 0)[1] is None
    assert purse.parts_of(99, 7)[1] is None, "less than a micro is no posting"


@given(
    earned=st.integers(0, 10**12),
    ppm=st.lists(st.integers(0, PPM), min_size=1, max_size=3),
    reward=st.integers(0, PPM),
    rounding=st.sampled_from(Rounding),
)
def test_parts_never_exceed_what_was_earned(
    earned: int, ppm: list[int], reward: int, rounding: Rounding
) -> None:
    purse = Purse(9, parents=list(enumerate(ppm, start=1)), reward_ppm=reward, rounding=rounding)
    shares, rewarded = purse.parts_of(earned, 5)
    parts = [part.micros for part in shares] + ([rewarded.micros] if rewarded else [])
    assert sum(parts) <= earned
    assert all(micros >= 0 for micros in parts)
