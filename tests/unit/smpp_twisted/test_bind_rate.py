"""How often an SMSC may be knocked at."""

from operator_push.smpp_twisted.bind_rate import BindRate


def test_so_many_tries_in_any_minute_and_no_more():
    rate = BindRate(3)
    assert [rate.wait_s(now) for now in (0.0, 1.0, 2.0)] == [0.0, 0.0, 0.0]
    assert rate.wait_s(10.0) == 50.0
    assert rate.wait_s(59.0) == 1.0  # waiting does not count as a try
    assert rate.wait_s(60.0) == 0.0
    assert rate.wait_s(60.0) == 1.0
    assert rate.wait_s(61.0) == 0.0
