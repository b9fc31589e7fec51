"""Account limits: each has its status, and a rate lets exactly its share through."""

from hypothesis import given
from hypothesis import strategies as st

from operator_push.smpp.constants import CommandStatus
from smsc_sim.account_limits import AccountLimits
from smsc_sim.scenario_accounts import Account


def limits(**fields):
    return AccountLimits(Account(system_id="shop", **fields))


def test_an_account_without_limits_has_none():
    free = limits()
    assert not free.is_limited
    assert free.window is None
    assert free.bind_types == {"transmitter", "receiver", "transceiver"}


def test_only_allowed_sources_pass():
    some = limits(allowed_sources=("CHAI*", "5607?"))
    assert some.refusal("CHAIPT", 0.0) is None
    assert some.refusal("56070", 0.0) is None
    assert some.refusal("chai", 0.0) is CommandStatus.ESME_RINVSRCADR


def test_a_burst_passes_and_then_one_per_interval():
    paced = limits(rate_per_s=10, burst=3)
    assert [paced.refusal("x", 100.0) for _ in range(5)] == [None] * 3 + [CommandStatus.ESME_RTHROTTLED] * 2
    assert paced.refusal("x", 100.05) is CommandStatus.ESME_RTHROTTLED
    assert paced.refusal("x", 100.1) is None
    assert paced.refusal("x", 100.1) is CommandStatus.ESME_RTHROTTLED


def test_one_second_s_worth_is_the_burst_where_none_is_named():
    paced = limits(rate_per_s=50)
    assert sum(paced.refusal("x", 7.0) is None for _ in range(80)) == 50
    assert limits(rate_per_s=0.5).refusal("x", 0.0) is None


def test_a_refused_source_uses_up_no_turn():
    paced = limits(rate_per_s=1, burst=1, allowed_sources=("56070",))
    assert paced.refusal("else", 0.0) is CommandStatus.ESME_RINVSRCADR
    assert paced.refusal("56070", 0.0) is None


@given(
    rate=st.integers(1, 500),
    burst=st.integers(1, 50),
    steps=st.lists(st.floats(0, 0.1), min_size=1, max_size=200),
)
def test_no_rate_is_ever_exceeded(rate, burst, steps):
    paced = limits(rate_per_s=rate, burst=burst)
    now, passed = 50.0, 0
    for step in steps:
        now += step
        passed += paced.refusal("x", now) is None
    assert passed <= burst + (now - 50.0) * rate + 1
