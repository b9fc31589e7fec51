"""Laws of the reconciliation over random worlds: an honest world matches, each lie is counted once."""

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.message import MessageState
from operator_push.services.reconcile import (
    OurMessage,
    OurMoney,
    OurSegment,
    ReconciliationClass,
    SmscRecord,
    reconcile,
)

NOW_US = 1_800_000_000_000_000
SECOND_US = 1_000_000
PRICE = 70_000
ENDS = (
    MessageState.DELIVERED,
    MessageState.EXPIRED,
    MessageState.DELETED,
    MessageState.UNDELIVERABLE,
    MessageState.REJECTED,
)
# (end, does the SMSC say its id in time, recipient, seconds since the segment before)
segments = st.tuples(st.sampled_from(ENDS), st.booleans(), st.integers(1, 4), st.integers(1, 300))
worlds = st.lists(st.lists(segments, min_size=1, max_size=3), max_size=12)


def honest_world(world: Any) -> tuple[list[OurMessage], list[SmscRecord]]:
    """Messages and the SMSC's rows of a world in which everybody tells the truth."""
    messages, records = [], []
    at_us, identifier = NOW_US, 0
    for message_id, parts in enumerate(world, start=1):
        ours = []
        for segment_no, (state, told, recipient, gap_s) in enumerate(parts, start=1):
            at_us += gap_s * SECOND_US
            identifier += 1
            destination = f"91981234567{recipient}"
            ours.append(
                OurSegment(
                    message_id,
                    segment_no,
                    "chai",
                    destination,
                    "56070",
                    identifier % 5,  # few keys, so that they are used again
                    f"A{identifier}" if told else "",
                    1,
                    state,
                    PRICE,
                    link_no=1,
                    taken=True,
                    first_attempt_us=at_us,
                    last_attempt_us=at_us,
                )
            )
            records.append(
                SmscRecord(
                    f"A{identifier}",
                    "operator",
                    "56070",
                    destination,
                    identifier % 5,
                    at_us + SECOND_US // 2,
                    at_us + SECOND_US,
                    state,
                    "0",
                )
            )
        held = PRICE * len(ours)
        settled = PRICE * sum(each.state == MessageState.DELIVERED for each in ours)
        money = OurMoney(held, settled, held - settled)
        messages.append(OurMessage(message_id, PRICE, True, money, tuple(ours)))
    return messages, records


def knows_every_id(world: Any) -> Any:
    return [[(state, True, recipient, gap_s) for state, _, recipient, gap_s in parts] for parts in world]


@given(world=worlds, seed=st.integers(0, 1000))
def test_an_honest_world_matches_in_whatever_order_its_rows_come(world: Any, seed: int) -> None:
    messages, records = honest_world(knows_every_id(world))
    random.Random(seed).shuffle(records)
    random.Random(seed + 1).shuffle(messages)
    result = reconcile(messages, records)
    assert result.is_clean
    assert result.matched == len(records)
    assert result.findings == []


@given(world=worlds, closed=st.booleans(), drop=st.sets(st.integers(0, 35)), add=st.integers(0, 3))
def test_every_segment_and_every_row_is_counted_once(
    world: Any, closed: bool, drop: set[int], add: int
) -> None:
    messages, records = honest_world(world)
    records = [record for place, record in enumerate(records) if place not in drop]
    strangers = [
        SmscRecord(f"S{n}", "operator", "56070", "919800000000", n, NOW_US, NOW_US, ENDS[0], "0")
        for n in range(add)
    ]
    result = reconcile(messages, records + strangers, closed=closed)
    segments_in = sum(len(message.segments) for message in messages)
    not_ours = result.classes[ReconciliationClass.NOT_OURS].segments
    assert sum(total.segments for total in result.classes.values()) == segments_in + not_ours
    assert add <= not_ours <= add + len(records)
    assert result.segments_smsc == len(records) + add
    assert result.matched + result.mismatched == segments_in + not_ours


@given(world=worlds.filter(bool), pick=st.integers(0, 1000))
def test_one_missing_row_is_one_mismatch_with_its_money(world: Any, pick: int) -> None:
    messages, records = honest_world(knows_every_id(world))
    missing = records.pop(pick % len(records))
    result = reconcile(messages, records)
    assert result.mismatched == 1
    assert result.matched == len(records)
    delivered = missing.state == MessageState.DELIVERED
    expected = ReconciliationClass.CHARGED_NOT_SENT if delivered else ReconciliationClass.OUTCOME_DIFFERS
    assert result.classes[expected].segments == 1
    assert result.classes[expected].charged_micros == (PRICE if delivered else 0)


@given(world=worlds.filter(bool), pick=st.integers(0, 1000))
def test_one_row_too_many_is_one_segment_sent_twice(world: Any, pick: int) -> None:
    messages, records = honest_world(knows_every_id(world))
    again = records[pick % len(records)]
    values = {name: getattr(again, name) for name in again.__struct_fields__}
    records.append(SmscRecord(**{**values, "smsc_message_id": "Z", "submit_us": again.submit_us + 1}))
    result = reconcile(messages, records)
    assert result.classes[ReconciliationClass.TWICE].segments == 1
    assert result.mismatched == 1
