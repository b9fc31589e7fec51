"""Delivery lines: what is between the same two addresses keeps its order through a refusal."""

from hypothesis import given
from hypothesis import strategies as st

from operator_push.gateway.delivery_lines import Delivery, DeliveryLines, pair_of
from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import DeliverSm


def a_delivery(number: int, source: str = "918", destination: str = "SHOP") -> Delivery:
    body = encode_pdu(DeliverSm(service_type="CMT", source_addr=source, destination_addr=destination))
    return Delivery(number, 1, body)


def test_a_pair_is_both_addresses_whatever_their_kind_is_said_to_be():
    one = encode_pdu(DeliverSm(source_addr="918", source_addr_ton=1, destination_addr="SHOP"))
    other = encode_pdu(DeliverSm(service_type="CMT", source_addr="918", destination_addr="SHOP"))
    assert pair_of(one) == pair_of(other)
    assert pair_of(a_delivery(1).body) != pair_of(a_delivery(1, destination="SHOPS").body)
    assert pair_of(a_delivery(1, "12", "3").body) != pair_of(a_delivery(1, "1", "23").body)


def test_without_a_refusal_nothing_is_kept():
    lines = DeliveryLines()
    assert not lines.keeps(a_delivery(1))
    assert not lines


def test_only_one_try_of_a_line_has_its_moment():
    lines = DeliveryLines()
    first, second = a_delivery(1), a_delivery(2)
    name = lines.refused(second)
    assert name is not None
    assert lines.refused(first) is None
    assert lines.next_try(name) is first
    assert lines.next_try(name) is None  # it is out
    assert lines.refused(first) == name
    assert len(lines) == 2


def test_another_pair_of_addresses_goes_on():
    lines = DeliveryLines()
    lines.refused(a_delivery(1))
    assert lines.keeps(a_delivery(2))
    assert not lines.keeps(a_delivery(3, source="917"))


@given(st.lists(st.integers(0, 3), max_size=60))
def test_whatever_an_esme_answers_a_line_ends_in_order(answers: list[int]):
    """With one out at a time, as behind a head: acknowledged ids ascend, nothing is kept for ever."""
    lines, queue = DeliveryLines(), [a_delivery(number) for number in range(5)]
    acknowledged: list[int] = []
    choices = iter(answers)
    name = pair_of(queue[0].body)
    for _ in range(500):
        if not queue:
            head = lines.next_try(name)
            if head is None:
                break
            queue.insert(0, head)
        delivery = queue.pop(0)
        if lines.keeps(delivery):
            continue
        if next(choices, 0):
            lines.refused(delivery)
        else:
            acknowledged.append(delivery.delivery_id)
            queue[:0] = lines.ended(delivery)
    assert acknowledged == [0, 1, 2, 3, 4]
    assert not lines
