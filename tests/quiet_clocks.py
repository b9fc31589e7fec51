"""Clocks for tests: everybody on one zone, with windows that are given."""

from zoneinfo import ZoneInfo

from operator_push.domain.local_clock import LocalClock, every_day
from operator_push.domain.quiet_rules import QuietRules
from operator_push.domain.quiet_windows import parse_window
from operator_push.domain.subscriber_clocks import SubscriberClocks


def quiet_clocks(*windows: str, zone: str = "UTC") -> SubscriberClocks:
    """Everybody's clock shows `zone`; quiet in windows such as 21:00-09:00."""
    return SubscriberClocks(QuietRules([parse_window(window) for window in windows]), zone=zone)


def clock_with(*windows: str, zone: str = "UTC") -> LocalClock:
    """One clock with those windows every day."""
    return LocalClock(zone, [(ZoneInfo(zone), every_day([parse_window(window) for window in windows]))])
