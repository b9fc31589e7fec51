"""The parts of a subscriber's long message wait for each other, not for ever and not in unbounded memory."""

import pytest
from shard import MSISDN, NOW_US, SECOND_US

from operator_push.domain.concatenated_parts import Part
from operator_push.services.hear_subscribers import Inbound
from operator_push.services.reassemble_mo import GROUPS_MAX, ReassembleMo

WAIT_US = 60 * SECOND_US


def part(number: int, total: int = 3, reference: int = 7, source: str = MSISDN) -> Inbound:
    return Inbound(source, "56070", f"{number}.", b"pdu", Part(reference, total, number))


@pytest.fixture
def waiting() -> ReassembleMo:
    return ReassembleMo(WAIT_US)


def test_the_last_missing_part_gives_the_whole_in_order(waiting: ReassembleMo):
    assert waiting.add(1, part(3), NOW_US) is None
    assert waiting.add(2, part(1), NOW_US) is None
    whole = waiting.add(3, part(2), NOW_US)
    assert whole is not None
    assert [inbound.text for _, inbound in whole] == ["1.", "2.", "3."]
    assert [mo_id for mo_id, _ in whole] == [2, 3, 1]
    assert len(waiting) == 0


def test_a_part_that_comes_again_is_not_another_one(waiting: ReassembleMo):
    waiting.add(1, part(1, 2), NOW_US)
    assert waiting.add(2, part(1, 2), NOW_US) is None
    whole = waiting.add(3, part(2, 2), NOW_US)
    assert whole is not None
    assert [mo_id for mo_id, _ in whole] == [2, 3]


def test_other_people_and_references_do_not_mix(waiting: ReassembleMo):
    waiting.add(1, part(1, 2), NOW_US)
    assert waiting.add(2, part(2, 2, reference=8), NOW_US) is None
    assert waiting.add(3, part(2, 2, source="919800000000"), NOW_US) is None
    assert len(waiting) == 3


def test_what_is_not_whole_in_time_goes_on_as_the_parts_that_came(waiting: ReassembleMo):
    waiting.add(1, part(3), NOW_US)
    waiting.add(2, part(1), NOW_US + SECOND_US)
    assert waiting.overdue(NOW_US + WAIT_US - 1) == []
    ((first, second),) = waiting.overdue(NOW_US + WAIT_US)
    assert (first[0], second[0]) == (2, 1)
    assert waiting.overdue(NOW_US + 10 * WAIT_US) == []


def test_memory_is_bounded(waiting: ReassembleMo):
    for number in range(GROUPS_MAX + 5):
        waiting.add(number, part(1, source=str(number)), NOW_US)
    assert len(waiting.overdue(NOW_US)) == 5
    assert len(waiting) == GROUPS_MAX


def test_a_restart_keeps_what_waits_and_drops_what_has_gone_on(waiting: ReassembleMo):
    stored = [(1, part(1, 2)), (2, part(2, 2)), (3, part(1, reference=8)), (4, part(1, reference=9))]
    waiting.restore((mo_id, inbound, NOW_US) for mo_id, inbound in stored)
    assert list(waiting.waiting_ids()) == [3, 4]
    waiting.drop({4})
    assert list(waiting.waiting_ids()) == [3]


def test_a_part_of_a_message_that_was_whole_is_a_duplicate_as_long_as_parts_wait(waiting: ReassembleMo):
    for number in (1, 2):
        waiting.add(number, part(number, 2), NOW_US)
    assert waiting.add(3, part(2, 2), NOW_US + WAIT_US - 1) == []
    assert len(waiting) == 0
    assert waiting.add(4, part(2, 2), NOW_US + WAIT_US) is None
    assert len(waiting) == 1


def test_another_text_by_the_same_reference_is_a_new_message(waiting: ReassembleMo):
    for number in (1, 2):
        waiting.add(number, part(number, 2), NOW_US)
    other = Inbound(MSISDN, "56070", "another", b"pdu", Part(7, 2, 1))
    assert waiting.add(3, other, NOW_US) is None
    whole = waiting.add(4, part(2, 2), NOW_US)
    assert whole is not None
    assert [inbound.text for _, inbound in whole] == ["another", "2."]


def test_what_was_whole_is_remembered_within_bounds(waiting: ReassembleMo):
    for number in range(GROUPS_MAX + 5):
        for of_two in (1, 2):
            waiting.add(number, part(of_two, 2, source=str(number)), NOW_US)
    assert len(waiting._whole) == GROUPS_MAX
    waiting.overdue(NOW_US + WAIT_US)
    assert len(waiting._whole) == 0


def test_a_restart_knows_what_was_whole(waiting: ReassembleMo):
    waiting.restore((number, part(number, 2), NOW_US) for number in (1, 2))
    assert waiting.add(3, part(1, 2), NOW_US + SECOND_US) == []
