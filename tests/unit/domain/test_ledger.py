"""The ledger: scripts of what is asked, with the status it is answered and the balances after it."""

import pytest

from operator_push.domain import ledger
from operator_push.domain.ledger import (
    LEGS,
    Balances,
    LedgerAccount,
    LedgerStatus,
    Transfer,
    TransferKind,
    verify,
)
from operator_push.kernel.errors import MoneyInvariantError
from operator_push.kernel.ids import IdSequence, id_day, id_epoch_us

#  what    reference  amount    status           available held
SCRIPTS = {
    "a hold is settled once": """
        top_up   T1  1000          topped_up        1000  0
        hold     C1  600           held             400   600
        hold     C2  500           overdrawn        400   600
        settle   C1  400/600       settled          600   0
        settle   C1  400/600       already_settled  600   0
        settle   C1  0/600         already_settled  600   0
    """,
    "what is released can be held again": """
        top_up   T1  1000          topped_up        1000  0
        hold     C1  1000          held             0     1000
        hold     C2  1             overdrawn        0     1000
        settle   C1  0/1000        settled          1000  0
        hold     C2  1000          held             0     1000
        settle   C2  1000/1000     settled          0     0
    """,
    "repeating changes nothing": """
        top_up   T1  1000          topped_up        1000  0
        top_up   T1  1000          duplicate        1000  0
        top_up   T1  999           conflict         1000  0
        hold     C1  300           held             700   300
        hold     C1  300           duplicate        700   300
        hold     C1  301           conflict         700   300
        settle   C1  300/300       settled          700   0
        hold     C1  300           duplicate        700   0
    """,
    "nothing is settled that was not held": """
        settle   C1  1/1           unknown_hold     0     0
        hold     C2  5             overdrawn        0     0
        settle   C2  5/5           unknown_hold     0     0
        top_up   T1  5             topped_up        5     0
        hold     C2  5             held             0     5
    """,
    "a free message has its hold like any other": """
        hold     C1  0             held             0     0
        settle   C1  0/0           settled          0     0
        settle   C1  0/0           already_settled  0     0
    """,
    "the last micro can be spent": """
        top_up   T1  3             topped_up        3     0
        hold     C1  1             held             2     1
        hold     C2  2             held             0     3
        hold     C3  1             overdrawn        0     3
    """,
}
ACCOUNT = 41


def references() -> dict[str, int]:
    ids = IdSequence()
    return {name: ids.next_id(1_800_000_000_000_000) for name in ("T1", "C1", "C2", "C3")}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_script(script: str) -> None:
    balances, ids, written = Balances(), references(), list[Transfer]()
    for line in script.strip().splitlines():
        what, name, amount, status, available, held = line.split()
        match what:
            case "top_up":
                result = balances.top_up(ACCOUNT, ids[name], int(amount))
            case "hold":
                result = balances.hold(ACCOUNT, ids[name], int(amount))
            case _:
                settled, of = map(int, amount.split("/"))
                result = balances.settle(ACCOUNT, ids[name], of, settled)
        written += result.transfers
        assert result.status.name.lower() == status, line
        assert (balances.available(ACCOUNT), balances.held(ACCOUNT)) == (int(available), int(held)), line
        moved = result.status in (LedgerStatus.TOPPED_UP, LedgerStatus.HELD, LedgerStatus.SETTLED)
        assert bool(result.transfers) == moved, line
    proof = verify(written)
    assert proof.ok
    assert proof.balances.get((ACCOUNT, LedgerAccount.AVAILABLE), 0) == balances.available(ACCOUNT)
    assert proof.open_holds_micros == balances.held(ACCOUNT)


def test_transfers_say_all_that_a_row_needs() -> None:
    balances, ids = Balances(shard=3, currency="EUR"), references()
    (top_up,) = balances.top_up(ACCOUNT, ids["T1"], 1_000, at_us=77).transfers
    assert top_up == Transfer(
        3,
        id_day(ids["T1"]),
        ids["T1"],
        TransferKind.TOP_UP,
        ACCOUNT,
        LedgerAccount.FUNDING,
        LedgerAccount.AVAILABLE,
        1_000,
        "EUR",
        77,
    )
    (hold,) = balances.hold(ACCOUNT, ids["C1"], 600).transfers
    assert hold.at_us == id_epoch_us(ids["C1"]), "without a moment, the one inside the reference"
    settle, release = balances.settle(ACCOUNT, ids["C1"], 600, 400, 99).transfers
    assert (settle.kind, settle.amount_micros, settle.at_us) == (TransferKind.SETTLE, 400, 99)
    assert (release.kind, release.amount_micros) == (TransferKind.RELEASE, 200)
    assert settle.day == release.day == hold.day


def test_the_numbers_in_rows_never_move() -> None:
    assert " ".join(side.name.lower() for side in LedgerAccount) == (
        "available held revenue funding tax credit earned clearing loss leased"
    )
    assert " ".join(kind.name.lower() for kind in TransferKind) == (
        "top_up hold settle release expire tax payment credit_note write_off credit_grant credit_revoke"
        " share_out share_in share_in_second share_in_third reward_out reward_in pay_out earnings_used"
        " late_charge refund lease_out lease_in return_out return_in tax_credit charge"
        " ocs_grant ocs_return ocs_offline failed_refund tax_back charge_tax"
        " share_back share_back_second share_back_third shares_back_in reward_back reward_back_in"
        " incentive_out incentive_in incentive_back_out incentive_back_in pay_out_back"
    )
    assert [int(side) for side in LedgerAccount] == list(range(1, 11))
    assert [int(kind) for kind in TransferKind] == list(range(1, 45))
    assert LEGS[TransferKind.HOLD] == (LedgerAccount.AVAILABLE, LedgerAccount.HELD)


def test_accounts_do_not_pay_for_each_other() -> None:
    balances, ids = Balances(), references()
    balances.top_up(1, ids["T1"], 500)
    assert balances.hold(2, ids["C1"], 1).status is LedgerStatus.OVERDRAWN
    balances.hold(1, ids["C1"], 100)
    assert balances.settle(2, ids["C1"], 100, 100).status is LedgerStatus.UNKNOWN_HOLD
    assert dict(balances.open_holds(1)) == {ids["C1"]: 100}
    assert dict(balances.open_holds(99)) == {}
    assert balances.available(99) == balances.held(99) == 0


def test_a_broken_law_raises() -> None:
    balances, ids = Balances(), references()
    balances.top_up(1, ids["T1"], 500)
    balances.hold(1, ids["C1"], 100)
    for settled, of in ((101, 100), (-1, 100), (100, 99)):
        with pytest.raises(MoneyInvariantError):
            balances.settle(1, ids["C1"], of, settled)
    for amount in (0, -5):
        with pytest.raises(MoneyInvariantError):
            balances.top_up(1, ids["C2"], amount)
    with pytest.raises(MoneyInvariantError):
        balances.hold(1, ids["C2"], -1)
    with pytest.raises(MoneyInvariantError):
        balances.restore(1, -1, {})
    assert (balances.available(1), balances.held(1)) == (400, 100), "nothing moved"


def test_a_restored_account_goes_on_where_it_stopped() -> None:
    balances, ids = Balances(), references()
    balances.restore(1, 400, {ids["C1"]: 100}, {ids["T1"]: 500})
    assert (balances.available(1), balances.held(1)) == (400, 100)
    assert balances.top_up(1, ids["T1"], 500).status is LedgerStatus.DUPLICATE
    assert balances.settle(1, ids["C1"], 100, 30).status is LedgerStatus.SETTLED
    assert (balances.available(1), balances.held(1)) == (470, 0)


def test_resolved_references_are_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "RESOLVED_REMEMBERED", 10)
    balances, ids = Balances(), IdSequence()
    held = [ids.next_id(1_800_000_000_000_000) for _ in range(100)]
    for reference in held:
        balances.hold(1, reference, 0)
        balances.settle(1, reference, 0, 0)
    assert len(balances._resolved) + len(balances._resolved_before) <= 20
    assert balances.settle(1, held[-1], 0, 0).status is LedgerStatus.ALREADY_SETTLED
    assert balances.settle(1, held[0], 0, 0).status is LedgerStatus.UNKNOWN_HOLD
