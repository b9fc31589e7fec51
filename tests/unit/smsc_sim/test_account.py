"""Accounts: who is admitted, and message ids that never meet."""

from operator_push.smpp.constants import CommandStatus
from smsc_sim import scenario
from smsc_sim.account import ACCOUNTS_MAX, Account, Accounts

NAMED = (
    scenario.Account(system_id="shop", password="secret", binds_max=2),
    scenario.Account(system_id="bank", password="vault"),
)


def accounts(rows=NAMED, seed=7, base="decimal"):
    return Accounts(rows, seed, base, lambda: None)


def test_named_accounts_need_their_password_and_strangers_the_any_row():
    only_named, also_any = accounts(), accounts((*NAMED, scenario.Account(any=True)))
    assert only_named.admit("shop", "secret").system_id == "shop"
    assert only_named.admit("shop", "Secret") is CommandStatus.ESME_RINVPASWD
    assert only_named.admit("shop", "sécret") is CommandStatus.ESME_RINVPASWD
    assert only_named.admit("else", "x") is CommandStatus.ESME_RINVSYSID
    assert also_any.admit("else", "x").system_id == "else"
    assert also_any.admit("shop", "wrong") is CommandStatus.ESME_RINVPASWD


def test_strangers_are_bounded():
    book = accounts((scenario.Account(any=True),))
    admitted = [book.admit(f"esme{i}", "") for i in range(ACCOUNTS_MAX + 1)]
    assert isinstance(admitted[-2], Account)
    assert admitted[-1] is CommandStatus.ESME_RBINDFAIL
    assert isinstance(book.admit("esme0", ""), Account)


def test_lanes_never_share_an_id_and_go_on_after_a_reconnect():
    book = accounts()
    shop, bank = book.account("shop"), book.account("bank")
    first, second = shop.take_lane(), shop.take_lane()
    assert shop.take_lane() is None
    ids = [lane.next_id() for lane in (first, second, bank.take_lane()) for _ in range(100)]
    first.taken = False
    again = shop.take_lane()
    ids += [again.next_id() for _ in range(100)]
    assert len(set(ids)) == 400
    assert all(len(identifier) == 19 and int(identifier) < 2**63 for identifier in ids)


def test_the_seed_decides_the_ids():
    def first(seed):
        return accounts(seed=seed).account("shop").take_lane().next_id()

    assert first(1) == first(1)
    assert len({first(seed) for seed in range(20)}) > 15


def test_hexadecimal_ids_are_the_same_numbers():
    decimal, hexadecimal = (
        accounts(base=base).account("shop").take_lane().next_id() for base in ("decimal", "hex")
    )
    assert int(decimal) == int(hexadecimal, 16)
