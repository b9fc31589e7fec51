"""The queue of one link: urgent traffic first, each line in its order, nothing starves, nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.message import TrafficClass
from operator_push.services.open_messages import OpenMessage, OpenSegment
from operator_push.services.outbox_queue import LOWER_SHARE, Entry, OutboxQueue, line_of
from operator_push.services.release_pace import SECOND_US, ReleasePace

OTP, SERVICE, OFFER = TrafficClass.TRANSACTIONAL, TrafficClass.SERVICE, TrafficClass.PROMOTIONAL
MANY = 1_000


def a_message(number: int, traffic_class: TrafficClass = OFFER, destination: str = "", segments: int = 1):
    return OpenMessage(
        message_id=number,
        day=0,
        account_no=1,
        origin=1,
        campaign_no=0,
        brand_no=1,
        category=0,
        traffic_class=traffic_class,
        subscriber_no=0,
        source="CHAI",
        destination=destination or f"9198{number:08}",
        segment_count=segments,
        price_micros=1,
        held_micros=segments,
        registered_delivery=0,
        client_reference=-1,
        not_before_us=0,
        body=b"",
        segments=[OpenSegment(no) for no in range(1, segments + 1)],
    )


def add(queue: OutboxQueue, message: OpenMessage, not_before_us: int = 0) -> None:
    for segment in message.segments:
        queue.add(message, segment, not_before_us)


def taken(entry: Entry | None) -> int:
    assert entry is not None
    return entry[0].message_id


def test_a_one_time_password_overtakes_a_campaign():
    queue = OutboxQueue()
    for number in range(100):
        add(queue, a_message(number))
    add(queue, a_message(200, SERVICE))
    add(queue, a_message(300, OTP))
    assert [taken(queue.take(MANY, MANY)) for _ in range(3)] == [300, 200, 0]


def test_a_flood_of_one_time_passwords_leaves_the_campaign_a_share():
    queue = OutboxQueue()
    for number in range(100):
        add(queue, a_message(number, OTP))
        add(queue, a_message(1000 + number))
    first = [taken(queue.take(MANY, MANY)) for _ in range(LOWER_SHARE * 2)]
    assert sum(number >= 1000 for number in first) == 2


def test_room_that_is_kept_for_the_urgent_is_not_given_to_others():
    queue = OutboxQueue()
    add(queue, a_message(1))
    assert queue.take(0, MANY) is None
    add(queue, a_message(2, OTP))
    assert taken(queue.take(0, MANY)) == 2
    assert queue.take(0, 0) is None
    assert len(queue) == 1


def test_of_one_line_one_is_out_and_the_next_follows_its_answer():
    queue = OutboxQueue()
    messages = [a_message(number, destination="919812345678") for number in range(3)]
    for message in messages:
        add(queue, message)
    assert taken(queue.take(MANY, MANY)) == 0
    assert queue.take(MANY, MANY) is None
    assert len(queue) == 2
    queue.answered(messages[0])
    assert taken(queue.take(MANY, MANY)) == 1
    queue.put_back(messages[1], messages[1].segments[0])
    assert taken(queue.take(MANY, MANY)) == 1
    queue.retry(messages[1], messages[1].segments[0], 50)
    queue.wake(49)
    assert queue.take(MANY, MANY) is None
    assert queue.next_due_us() == 50
    queue.wake(50)
    assert taken(queue.take(MANY, MANY)) == 1
    queue.answered(messages[1])
    assert taken(queue.take(MANY, MANY)) == 2
    assert len(queue) == 0


def test_an_offer_that_waits_does_not_hold_up_a_password_to_the_same_person():
    queue = OutboxQueue()
    offer, otp = a_message(1, destination="919812345678"), a_message(2, OTP, destination="919812345678")
    add(queue, offer)
    assert taken(queue.take(MANY, MANY)) == 1
    add(queue, otp)
    assert taken(queue.take(MANY, MANY)) == 2


def test_without_order_the_segments_of_a_line_leave_together():
    queue = OutboxQueue(in_order=False)
    add(queue, a_message(1, segments=3))
    assert [queue.take(MANY, MANY) is not None for _ in range(4)] == [True, True, True, False]


def test_what_waits_for_its_hour_comes_back_in_line():
    queue = OutboxQueue()
    add(queue, a_message(1), not_before_us=10)
    queue.wake(9)
    assert queue.take(MANY, MANY) is None
    assert queue.next_due_us() == 10
    queue.wake(10)
    assert taken(queue.take(MANY, MANY)) == 1


def test_messages_are_taken_out_wherever_they_wait_and_their_lines_go_on():
    queue = OutboxQueue()
    first, second, third = (a_message(number, destination="919812345678") for number in range(3))
    deferred = a_message(4)
    for message in (first, second, third):
        add(queue, message)
    add(queue, deferred, not_before_us=99)
    entry = queue.take(MANY, MANY)
    assert entry is not None
    queue.retry(*entry, 50)
    queue.take(MANY, MANY)
    gone = queue.remove_if(lambda message: message in (first, third, deferred))
    assert [message.message_id for message, _ in gone] == [0, 2, 4]
    assert len(queue) == 1
    assert taken(queue.take(MANY, MANY)) == 1
    queue.answered(second)
    assert queue.take(MANY, MANY) is None


@given(st.lists(st.tuples(st.sampled_from(["in", "out", "ok", "later", "back"]), st.integers(0, 3))))
def test_nothing_is_lost_and_each_line_keeps_its_order(acts):
    queue, out, now = OutboxQueue(), [], 0
    added, left = [], []
    for number, (act, person) in enumerate(acts):
        now += 1
        queue.wake(now)
        if act == "in":
            message = a_message(number, [OTP, SERVICE, OFFER][person % 3], f"91981234567{person}")
            added.append(message)
            add(queue, message)
        elif act == "out":
            entry = queue.take(MANY, MANY)
            if entry is not None:
                out.append(entry)
        elif out:
            message, segment = out.pop(person % len(out))
            if act == "ok":
                left.append(message)
                queue.answered(message)
            elif act == "later":
                queue.retry(message, segment, now + person)
            else:
                queue.put_back(message, segment)
        assert len(queue) + len(out) + len(left) == len(added) == len(list(queue)) + len(out) + len(left)
        assert len({line_of(message) for message, _ in out}) == len(out)
    queue.wake(now + 10)
    for message, _ in out:
        queue.answered(message)
        left.append(message)
    while (entry := queue.take(MANY, MANY)) is not None:
        queue.answered(entry[0])
        left.append(entry[0])
    assert len(left) == len(added)
    for line in {line_of(message) for message in added}:
        numbers = [message.message_id for message in left if line_of(message) == line]
        assert numbers == sorted(numbers)


def test_what_waited_for_the_morning_comes_back_at_a_pace_and_in_order():
    """Those due first, then those accepted first; other traffic passes them."""
    queue, morning = OutboxQueue(pace=ReleasePace(10)), 10**15
    for number in reversed(range(100)):
        add(queue, a_message(number), morning)
    add(queue, a_message(500), morning - SECOND_US)
    add(queue, a_message(300, OTP), morning)
    queue.wake(morning)
    released = []
    while (entry := queue.take(MANY, MANY)) is not None:
        released.append(taken(entry))
    assert released[:2] == [300, 500]
    assert released[2:] == [0, 1], "two more make a fifth of a second's ten"
    for tick in range(1, 11):
        queue.wake(morning + tick * SECOND_US // 10)
    assert [taken(queue.take(MANY, MANY)) for _ in range(10)] == [*range(2, 12)]
    assert queue.take(MANY, MANY) is None
    assert len(queue) == 88 == len([*queue])
    assert queue.next_due_us() == morning
    assert len(queue.remove_if(lambda message: message.message_id < 50)) == 38


@given(
    waiting=st.lists(
        st.tuples(st.sampled_from([OTP, SERVICE, OFFER]), st.integers(0, 3), st.integers(1, 2)), max_size=14
    ),
    rooms=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=8),
    lanes=st.sampled_from([1, 3]),
    in_order=st.booleans(),
)
def test_what_is_taken_together_is_what_is_taken_one_by_one(waiting, rooms, lanes, in_order):
    """Whatever waits, and also after what was taken has been answered."""
    queues = OutboxQueue(in_order), OutboxQueue(in_order)
    for queue in queues:
        for number, (kind, person, segments) in enumerate(waiting):
            add(queue, a_message(number, kind if lanes > 1 else OFFER, f"9198{person:08}", segments))
    one_by_one, together = queues
    for room, kept in rooms:
        found: list[Entry] = []
        singles: list[Entry] = []
        while (left := room + kept - len(found)) > 0 and (some := together.take_some(left - kept, left)):
            found += some
        while (left := room + kept - len(singles)) > 0 and (one := one_by_one.take(left - kept, left)):
            singles.append(one)
        assert [_named(entry) for entry in found] == [_named(entry) for entry in singles]
        for entry, single in zip(found, singles, strict=True):
            together.answered(entry[0])
            one_by_one.answered(single[0])
        assert len(together) == len(one_by_one)


def _named(entry: Entry) -> tuple[int, int]:
    return entry[0].message_id, entry[1].segment_no


def test_a_lane_that_is_alone_is_taken_at_once():
    queue = OutboxQueue()
    for number in range(9):
        add(queue, a_message(number))
    assert [taken(entry) for entry in queue.take_some(4, 4)] == [0, 1, 2, 3]
    add(queue, a_message(100, OTP))
    assert [taken(entry) for entry in queue.take_some(4, 4)] == [100]
