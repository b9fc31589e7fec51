"""Set states: the latest that fits counts, by number or pattern."""

from hypothesis import given
from hypothesis import strategies as st

from smsc_sim.patterns import Patterns
from smsc_sim.set_states import SetStates

LIKE = st.sampled_from(["1", "12", "13", "1*", "?2", "*"])
STATE = st.sampled_from(["on", "off", "barred", None])


@given(st.lists(st.tuples(LIKE, STATE), max_size=12), st.sampled_from(["1", "12", "13", "22", "9"]))
def test_the_latest_that_fits_counts(steps, number):
    known = SetStates()
    in_order = {}
    for like, state in steps:
        known.set(like, state)
        in_order.pop(like, None)
        if state is not None:
            in_order[like] = state
    fitting = [state for like, state in in_order.items() if Patterns((like,)).fits(number)]
    assert known.state_of(number) == (fitting[-1] if fitting else None)
    assert known.states == in_order
