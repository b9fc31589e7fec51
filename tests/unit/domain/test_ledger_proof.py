"""The ledger's proof: a sound set of rows is proved in any order, every kind of damage is found and named."""

import random
from collections.abc import Callable

import msgspec
import pytest

from operator_push.domain.ledger import LEGS, Balances, LedgerAccount, Transfer, TransferKind, verify
from operator_push.domain.transfers import MESSAGE_KINDS, NEVER_NEGATIVE, NEVER_POSITIVE, RESOLUTIONS
from operator_push.kernel.ids import IdSequence, id_day

NOW_US = 1_800_000_000_000_000
Damage = Callable[[list[Transfer]], None]


def sound_rows() -> list[Transfer]:
    """Account 1: top-up 1000, hold 600 (settled 400, released 200), hold 300 still open."""
    ids, balances = IdSequence(), Balances()
    top_up, first, second = (ids.next_id(NOW_US) for _ in range(3))
    return [
        *balances.top_up(1, top_up, 1_000, NOW_US).transfers,
        *balances.hold(1, first, 600, NOW_US + 1).transfers,
        *balances.hold(1, second, 300, NOW_US + 2).transfers,
        *balances.settle(1, first, 600, 400, NOW_US + 3).transfers,
    ]


def changed(index: int, **fields: object) -> Damage:
    def damage(rows: list[Transfer]) -> None:
        rows[index] = msgspec.structs.replace(rows[index], **fields)

    return damage


def test_sound_rows_are_proved_in_any_order() -> None:
    rows = sound_rows()
    for seed in range(20):
        random.Random(seed).shuffle(rows)
        proof = verify(rows)
        assert proof.ok
        assert (proof.imbalance_micros, proof.first_error, proof.errors) == (0, None, 0)
        assert (proof.postings, proof.accounts) == (5, 1)
        assert proof.balances == {
            (1, LedgerAccount.FUNDING): -1_000,
            (1, LedgerAccount.AVAILABLE): 300,
            (1, LedgerAccount.HELD): 300,
            (1, LedgerAccount.REVENUE): 400,
        }
        assert proof.open_holds_micros == 300
        assert proof.total(LedgerAccount.REVENUE) == 400


def test_no_rows_are_a_sound_ledger() -> None:
    proof = verify([])
    assert proof.ok
    assert (proof.postings, proof.accounts, proof.open_holds) == (0, 0, {})


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (changed(3, amount_micros=401), "held 600 micros and resolved 601"),
        (changed(1, amount_micros=599), "held 599 micros and resolved 600"),
        (changed(0, amount_micros=-1_000), "less than nothing"),
        (changed(3, debit=LedgerAccount.AVAILABLE), "moves from side 1 to 3, not from 2 to 3"),
        (changed(3, account_no=2), "held 600 micros and resolved 200"),
        (changed(3, kind=TransferKind.RELEASE), "moves from side 2 to 3"),
        (changed(3, kind=99), "is of no known kind"),
        (changed(3, currency="EUR"), "is in EUR on an account in INR"),
        (changed(2, day=1), "is filed under day 1"),
        (changed(2, reference=5), "filed under day"),
        (changed(0, amount_micros=100), "available is -600 micros, below zero"),
        (lambda rows: rows.append(rows[3]), "is posted twice"),
        (lambda rows: rows.pop(1) and None, "resolves 600 micros that were never held"),
        (lambda rows: rows.pop(3) and None, "held 600 micros and resolved 200"),
        (lambda rows: rows.pop(0) and None, "below zero"),
    ],
)
def test_damage_is_found(damage: Damage, told: str) -> None:
    rows = sound_rows()
    damage(rows)
    proof = verify(rows)
    assert not proof.ok
    assert proof.errors >= 1
    assert proof.first_error is not None
    assert told in proof.first_error
    random.Random(1).shuffle(rows)
    if told != "is in EUR on an account in INR":  # which of two currencies came first is a matter of order
        assert verify(rows).first_error == proof.first_error


def test_money_that_cannot_be_explained_is_counted() -> None:
    rows = sound_rows()
    rows[3] = msgspec.structs.replace(rows[3], amount_micros=450)
    assert verify(rows).imbalance_micros >= 50
    rows = sound_rows()
    del rows[3:]
    assert verify(rows).imbalance_micros == 0, "an open hold is no imbalance"


def test_stored_balances_are_compared_with_the_rows() -> None:
    rows = sound_rows()
    stored = {(1, 1): 300, (1, 2): 300, (1, 3): 400, (1, 4): -1_000}
    assert verify(rows, stored).ok
    proof = verify(rows, stored | {(1, 3): 401})
    assert not proof.ok
    assert proof.imbalance_micros == 1
    assert proof.first_error == "account 1: side 3 is stored as 401 micros, its rows come to 400"
    assert not verify(rows, {**stored, (2, 1): 5}).ok
    assert not verify(rows, {}).ok


def posting(kind: TransferKind, reference: int, micros: int, account_no: int = 1) -> Transfer:
    return Transfer(0, id_day(reference), reference, kind, account_no, *LEGS[kind], micros, "INR", NOW_US)


def test_every_kind_joins_two_sides_of_its_own() -> None:
    assert set(LEGS) == set(TransferKind)
    assert all(debit != credit for debit, credit in LEGS.values())
    assert not NEVER_NEGATIVE & NEVER_POSITIVE
    assert {LEGS[kind][0] for kind in RESOLUTIONS} == {LedgerAccount.HELD}
    assert set(RESOLUTIONS) < MESSAGE_KINDS


LEDGER_SCRIPT = """
kind            account  reference  micros
credit_grant    1        1          1000
payment         1        2          200
hold            1        3          600
settle          1        3          400
release         1        3          200
tax             1        3          50
share_out       1        3          90
share_in        2        3          60
share_in_second 3        3          30
reward_out      1        3          10
reward_in       9        3          10
hold            1        4          300
expire          1        4          300
late_charge     1        4          300
credit_note     1        5          100
tax_credit      1        5          20
write_off       1        6          70
credit_revoke   1        7          500
pay_out         2        8          25
earnings_used   2        9          35
refund          2        10         15
charge          1        11         5
top_up          4        12         40
"""


def script_rows() -> list[Transfer]:
    ids = IdSequence()
    first = ids.next_id(NOW_US)
    rows = []
    for line in LEDGER_SCRIPT.strip().splitlines()[1:]:
        kind, account, reference, micros = line.split()
        rows.append(posting(TransferKind[kind.upper()], first + int(reference), int(micros), int(account)))
    return rows


def test_a_ledger_of_every_kind_is_proved() -> None:
    rows = script_rows()
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        proof = verify(rows)
        assert proof.ok, proof.first_error
        assert (proof.accounts, len(proof.open_holds)) == (5, 0)
        assert proof.balances[(1, LedgerAccount.REVENUE)] == 400 - 50 - 90 - 10 + 300 - 100 + 5
        assert proof.balances[(1, LedgerAccount.CREDIT)] == -500
        assert proof.balances[(1, LedgerAccount.LOSS)] == -70
        assert proof.balances[(9, LedgerAccount.EARNED)] == 10
        assert proof.total(LedgerAccount.CLEARING) == 0


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (TransferKind.SHARE_IN, "60 micros left one account and did not arrive"),
        (TransferKind.REWARD_OUT, "-10 micros left one account and did not arrive"),
        (TransferKind.EXPIRE, "is charged 300 micros late, and no expired hold covers that"),
        (TransferKind.CREDIT_GRANT, "available is -815 micros, below zero"),
        (TransferKind.HOLD, "that were never held"),
    ],
)
def test_a_missing_row_of_a_correction_or_a_share_is_found(kind: TransferKind, told: str) -> None:
    rows = script_rows()
    del rows[next(index for index, row in enumerate(rows) if row.kind == kind)]
    proof = verify(rows)
    assert not proof.ok
    assert proof.first_error is not None
    assert told in proof.first_error


def test_an_expired_hold_may_not_be_settled_too() -> None:
    rows = script_rows()
    expired = next(index for index, row in enumerate(rows) if row.kind is TransferKind.EXPIRE)
    rows[expired] = msgspec.structs.replace(rows[expired], amount_micros=200)
    rows.append(posting(TransferKind.RELEASE, rows[expired].reference, 100))
    assert "expired and was released as well" in str(verify(rows).first_error)


@pytest.mark.parametrize("micros", [301, 1_000])
def test_a_late_charge_stays_within_its_hold(micros: int) -> None:
    rows = [posting(TransferKind.TOP_UP, 7 << 40, 10_000)]
    for row in script_rows():
        late = row.kind is TransferKind.LATE_CHARGE
        rows.append(msgspec.structs.replace(row, amount_micros=micros) if late else row)
    assert "no expired hold covers that" in str(verify(rows).first_error)
