"""Plans: messages that are alike share one, for as long as the tariff says the same."""

from typing import Any

from operator_push.domain.message import TrafficClass
from operator_push.domain.rating.charge import ChargePlan
from operator_push.domain.rating.plans import Asked, TariffPlans
from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.values import Unpriced
from operator_push.kernel.instants import parse_iso
from operator_push.text.data_coding import Encoding

AT_US = parse_iso("2026-05-11T12:00:00+05:30")
HEAD = 'tariff = "t"\nversion = {version}\ncurrency = "INR"\nzone = "Asia/Kolkata"\n'
SIMPLE = HEAD + '[[price]]\nname = "all"\nper_segment = "0.10"\n'


def asked(destination: str = "917012345678", encoding: Any = lambda: Encoding.GSM7, **more: Any) -> Asked:
    given = {"account": "shop", "currency": "INR", "traffic_class": TrafficClass.SERVICE, "sender": "SHOP"}
    return Asked(destination=destination, encoding=encoding, **(given | more))


def never() -> Encoding:
    raise AssertionError("nothing asks for the alphabet")


def total(plans: TariffPlans, message: Asked, at_us: int = AT_US) -> int:
    plan = plans.plan(message, at_us)
    assert isinstance(plan, ChargePlan), plan
    return plan.total(1)


def test_what_the_tariff_does_not_look_at_is_not_asked_for() -> None:
    plans = TariffPlans([(1, read_tariff(SIMPLE.format(version=1), "t.toml"))])
    first = plans.plan(asked("917012345678", never), AT_US)
    assert plans.plan(asked("4915112345678", never), AT_US) is first
    assert plans.plan(asked("4915112345678", never, account="other"), AT_US) is not first


def test_digits_alphabet_network_and_country_tell_messages_apart() -> None:
    text = SIMPLE.format(version=1) + (
        '[[price]]\nname = "d"\nprefix = "9111"\nper_segment = "0.2"\n'
        '[[price]]\nname = "u"\nencoding = "ucs2"\nper_segment = "0.3"\n'
        '[[price]]\nname = "c"\ncountry = "DE"\nper_segment = "0.4"\n'
        '[[price]]\nname = "n"\nnetwork = "404-45"\nper_segment = "0.5"\n'
        '[[price]]\nname = "s"\nsender_kind = "short_code"\nper_segment = "0.6"\n'
    )
    ported = {"911112345678": "404-45"}
    plans = TariffPlans(
        [(1, read_tariff(text, "t.toml"))],
        lambda msisdn: "DE" if msisdn.startswith("49") else "IN",
        lambda msisdn, at_us: ported.get(msisdn),
    )
    assert total(plans, asked()) == 100_000
    assert total(plans, asked("911199999999")) == 200_000
    assert total(plans, asked(encoding=lambda: Encoding.UCS2)) == 300_000
    assert total(plans, asked("4915112345678")) == 400_000
    assert total(plans, asked("911112345678")) == 500_000
    assert total(plans, asked(sender="56070")) == 600_000


def test_the_version_of_the_moment_counts_also_for_a_moment_that_steps_back() -> None:
    first = read_tariff(SIMPLE.format(version=1), "t.toml")
    later = HEAD.format(version=2) + "valid_from = 2026-05-11T13:00:00+05:30\n"
    second = read_tariff(later + '[[price]]\nname = "all"\nper_segment = "0.20"\n', "t.toml")
    plans = TariffPlans([(1, first), (2, second)])
    hour_us = 3_600_000_000
    assert [total(plans, asked(), AT_US + step) for step in (0, hour_us, hour_us - 1)] == [
        100_000,
        200_000,
        100_000,
    ]


def test_without_a_version_or_a_rate_nothing_is_priced() -> None:
    text = (
        HEAD.format(version=1)
        + "valid_until = 2026-01-01T00:00:00Z\n"
        + '[[price]]\nname = "a"\nper_segment = 1\n'
    )
    over = TariffPlans([(1, read_tariff(text, "t.toml"))])
    assert isinstance(over.plan(asked(), AT_US), Unpriced)
    plans = TariffPlans([(1, read_tariff(SIMPLE.format(version=1), "t.toml"))])
    assert isinstance(plans.plan(asked(currency="USD"), AT_US), Unpriced)
