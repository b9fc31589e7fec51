"""What the bank is told to send."""

from pathlib import Path

from hypothesis import given
from hypothesis.strategies import integers

from operator_push.cli.demo import esme_orders as orders
from operator_push.kernel.numbering import is_msisdn, normalise_msisdn

PERMITTED = [f"9198000{number:05d}" for number in range(40)]
OTHERS = [f"9197000{number:05d}" for number in range(40)]


@given(integers(0, 400), integers(0, 5))
def test_orders_become_exactly_as_many_submits_as_asked(submits: int, seed: int) -> None:
    made = orders.bank_orders(submits, PERMITTED, OTHERS, "NAGARB", seed)
    assert orders.submits_of(made) == submits
    assert [order.number for order in made] == list(range(1, len(made) + 1))


def test_each_wrong_order_is_wrong_in_one_way() -> None:
    made = orders.bank_orders(2_000, PERMITTED, OTHERS, "NAGARB", 1)
    by_kind = {kind: [order for order in made if order.kind == kind] for kind in {o.kind for o in made}}
    assert all(normalise_msisdn(order.destination) is None for order in by_kind[orders.BAD_ADDRESS])
    assert all(order.source == orders.WRONG_SOURCE for order in by_kind[orders.BAD_SOURCE])
    assert all(order.destination in OTHERS for order in by_kind[orders.NO_PERMISSION])
    wrong = {orders.BAD_ADDRESS, orders.BAD_SOURCE, orders.NO_PERMISSION}
    for kind, some in by_kind.items():
        if kind != orders.BAD_SOURCE:
            assert {order.source for order in some} == {"NAGARB"}
        if kind not in wrong:
            assert all(order.destination in PERMITTED and is_msisdn(order.destination) for order in some)


def test_every_kind_is_there() -> None:
    made = orders.bank_orders(1_000, PERMITTED, OTHERS, "NAGARB", 1)
    assert {order.kind for order in made} == {
        orders.GSM7, orders.UCS2, orders.UDH_2, orders.UDH_3, orders.PAYLOAD,
        orders.NO_PERMISSION, orders.BAD_ADDRESS, orders.BAD_SOURCE,
    }  # fmt: skip


def test_the_seed_decides() -> None:
    def made(seed: int) -> list[orders.Order]:
        return orders.bank_orders(200, PERMITTED, OTHERS, "NAGARB", seed)

    assert made(3) == made(3)
    assert made(3) != made(4)


def test_orders_survive_their_file(tmp_path: Path) -> None:
    made = orders.bank_orders(50, PERMITTED, OTHERS, "NAGARB", 1)
    orders.write_orders(tmp_path / "orders.jsonl", made)
    assert list(orders.read_orders(tmp_path / "orders.jsonl")) == made


def test_without_customers_only_wrong_orders_are_left() -> None:
    made = orders.bank_orders(100, [], OTHERS, "NAGARB", 1)
    assert {order.kind for order in made} <= {orders.NO_PERMISSION, orders.BAD_ADDRESS}
