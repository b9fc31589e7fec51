"""What each bind sends, to whom and when: from plan and seed alone."""

from math import inf

import pytest

from operator_push.kernel.errors import OperatorError
from smsc_sim.load.feed import make_feeds, read_destinations
from smsc_sim.load.message_mix import prepare_kinds
from smsc_sim.load.plan import MIXES, BindGroup, LoadPlan, Loop, MessageKind, Numbers


def feeds_of(plan):
    feeds = make_feeds(plan, prepare_kinds(plan))
    for feed in feeds:
        feed.start(50.0)
    return feeds


def drained(feed):
    rows = []
    while feed.due_at != inf:
        rows.append(feed.take(feed.due_at))
    return rows


def plan_of(**fields):
    fields = {"loop": Loop(rate=20, duration_s=5, arrivals="poisson"), "messages": MIXES["everyday"]} | fields
    return LoadPlan(binds=(BindGroup(count=2), BindGroup(type="receiver")), **fields)


def test_the_same_seed_sends_the_same_on_each_bind_and_another_seed_does_not():
    one, again = ([drained(feed) for feed in feeds_of(plan_of(seed=7))] for _ in range(2))
    assert one == again
    assert one[0] != one[1]
    assert [drained(feed) for feed in feeds_of(plan_of(seed=8))] != one


def test_receivers_have_no_feed():
    assert len(feeds_of(plan_of())) == 2


def test_moments_count_from_the_start_and_segments_are_due_together():
    plan = LoadPlan(loop=Loop(rate=10, count=3), messages=(MessageKind(characters=200),))
    [feed] = feeds_of(plan)
    assert [round(due_at, 3) for due_at, _, _ in drained(feed)] == [50.0, 50.0, 50.1, 50.1, 50.2, 50.2]
    assert (feed.messages, feed.segments) == (3, 6)


def test_a_count_is_shared_by_the_binds():
    plan = LoadPlan(binds=(BindGroup(count=3),), loop=Loop(kind="closed", count=7))
    assert [len(drained(feed)) for feed in feeds_of(plan)] == [3, 2, 2]


def test_a_closed_loop_is_always_due_until_it_is_stopped():
    [feed] = feeds_of(LoadPlan(loop=Loop(kind="closed", duration_s=1)))
    for now in (50.0, 51.0, 90.0):
        assert feed.due_at <= now
        assert feed.take(now)[0] == now
    feed.stop()
    assert feed.due_at == inf


def test_destinations_are_drawn_where_the_plan_says_so():
    numbers = Numbers(first="919800000000", count=1000, order="drawn")
    plan = LoadPlan(loop=Loop(rate=100, count=200), numbers=numbers)
    bodies = {body for _, body, _ in drained(feeds_of(plan)[0])}
    assert 150 < len(bodies) <= 200


def test_destinations_come_from_a_file(tmp_path):
    path = tmp_path / "numbers.csv"
    path.write_text('msisdn,name\n+919800000001,a\n# nobody\n\n"919800000002"\n')
    assert read_destinations(path) == [b"919800000001", b"919800000002"]
    plan = LoadPlan(loop=Loop(rate=1, count=3), numbers=Numbers(file=str(path)))
    bodies = [body for _, body, _ in drained(feeds_of(plan)[0])]
    assert [b"919800000001" in body for body in bodies] == [True, False, True]
    drawn = LoadPlan(loop=Loop(rate=1, count=9), numbers=Numbers(file=str(path), order="drawn"))
    assert len(drained(feeds_of(drawn)[0])) == 9


@pytest.mark.parametrize(
    ("text", "word"), [("9198\n12x4\n", "line 2"), ("# nobody\n", "no number"), (None, "cannot read")]
)
def test_a_file_that_holds_something_else_is_told(tmp_path, text, word):
    path = tmp_path / "numbers.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(OperatorError, match=word):
        read_destinations(path)
