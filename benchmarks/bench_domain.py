"""The domain's rows of the hot path's budget: decision, price, hold and settle, receipts, rules.

Run with `pytest benchmarks/bench_domain.py`. Each round handles a batch of distinct messages, so divide by
BATCH for the time of one; `extra_info` has it in microseconds.
"""

import random
from collections.abc import Callable
from itertools import count

from pytest_benchmark.fixture import BenchmarkFixture

from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.delivery import judge_receipt
from operator_push.domain.facts import AccountPolicy, PolicyFacts
from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.ledger import Balances, Transfer, verify
from operator_push.domain.message import MessageState, Origin, Submission, TrafficClass
from operator_push.domain.permission import ConsentAction, ConsentEvent, Evidence, PermissionBook, Purpose
from operator_push.domain.policy import Policy, standard_policy
from operator_push.domain.quiet_rules import QuietRules
from operator_push.domain.routing import Route, RoutingTable
from operator_push.domain.subscriber_clocks import SubscriberClocks
from operator_push.domain.tariff import Tariff, TariffRow
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.instants import parse_iso

BATCH = 1_000
SUBSCRIBERS = 1_000_000
NOON_US = parse_iso("2027-01-15T12:00:00Z")
EVIDENCE = Evidence("import")


def measure(benchmark: BenchmarkFixture, one_round: Callable[[], object]) -> None:
    benchmark.pedantic(one_round, rounds=20, warmup_rounds=2)
    benchmark.extra_info["us_each"] = round(benchmark.stats.stats.median / BATCH * 1e6, 3)


def full_policy() -> Policy:
    """A million subscribers, half of whom permit; stops, quiet hours, caps and routes all in use."""
    facts = PolicyFacts(
        routes=RoutingTable([Route("91", "a"), Route("9198", "b"), Route("", "c")]),
        clocks=SubscriberClocks(QuietRules([(21 * 60, 9 * 60)])),
        caps=FrequencyCaps(per_handset=5, per_brand=3),
    )
    facts.accounts[1] = AccountPolicy(1, 1, allowed_sources=frozenset({"CHAI"}))
    book = facts.permission
    for brand, category in ((1, 8), (2, 6)):
        book.apply(
            ConsentEvent(1, brand, category, Purpose.MARKETING, "sms", ConsentAction.GRANT, 1, EVIDENCE)
        )
    book.apply(ConsentEvent(1, 0, 0, Purpose.MARKETING, "*", ConsentAction.WITHDRAW, 2, EVIDENCE))
    for record in book._records.values():
        chance = random.Random(len(record.scope.channel))
        share = 50_000 if record.stopped else 500_000
        (record.stopped or record.granted).update(chance.sample(range(2, SUBSCRIBERS), share))
    return standard_policy(facts)


def submissions() -> list[Submission]:
    chance = random.Random(7)
    return [
        Submission(1, 1, 8, TrafficClass.PROMOTIONAL, Origin.CAMPAIGN, number, f"9198{number:08d}", "CHAI", 1)
        for number in chance.sample(range(2, SUBSCRIBERS), BATCH)
    ]


def test_decision(benchmark: BenchmarkFixture) -> None:
    """Budget: 5 µs, all rules asked, trail included."""
    decide, offers = full_policy().decide, submissions()
    measure(benchmark, lambda: [decide(offer, NOON_US) for offer in offers])


def test_decision_before_sending(benchmark: BenchmarkFixture) -> None:
    """Budget: 5 µs."""
    decide_again, offers = full_policy().decide_again, submissions()
    measure(benchmark, lambda: [decide_again(offer, NOON_US) for offer in offers])


def test_permission_question(benchmark: BenchmarkFixture) -> None:
    """Budget: 1 µs."""
    allows = full_policy().facts.permission.allows
    numbers = [offer.subscriber_no for offer in submissions()]
    measure(benchmark, lambda: [allows(number, 1, 8, Purpose.MARKETING) for number in numbers])


def test_consent_event(benchmark: BenchmarkFixture) -> None:
    """A million consents are to be imported in a minute, so 60 µs with everything around it."""
    book = PermissionBook()
    numbers = count(1)

    def one_round() -> None:
        for number in (next(numbers) for _ in range(BATCH)):
            book.apply(ConsentEvent(number, 1, 8, Purpose.MARKETING, "sms", ConsentAction.GRANT, 1, EVIDENCE))

    measure(benchmark, one_round)


def test_price(benchmark: BenchmarkFixture) -> None:
    tariff = Tariff(
        [TariffRow("", 900_000, "INR"), TariffRow("91", 150_000, "INR"), TariffRow("9198", 120_000, "INR")]
    )
    destinations = [offer.destination for offer in submissions()]
    price = tariff.price_per_segment
    measure(benchmark, lambda: [price(each, TrafficClass.PROMOTIONAL, NOON_US) for each in destinations])


def test_hold_and_settle(benchmark: BenchmarkFixture) -> None:
    """One message's money, both ways, with its transfers."""
    balances, ids = Balances(), IdSequence()
    balances.top_up(1, ids.next_id(NOON_US), 10**15)

    def one_round() -> None:
        references = [ids.next_id(NOON_US) for _ in range(BATCH)]
        for reference in references:
            balances.hold(1, reference, 150_000, NOON_US)
        for reference in references:
            balances.settle(1, reference, 150_000, 150_000, NOON_US)

    measure(benchmark, one_round)


def test_ledger_proof(benchmark: BenchmarkFixture) -> None:
    """Per message: its hold and its settlement read and proved."""
    balances, ids, rows = Balances(), IdSequence(), list[Transfer]()
    rows += balances.top_up(1, ids.next_id(NOON_US), 10**12).transfers
    for _ in range(BATCH):
        reference = ids.next_id(NOON_US)
        rows += balances.hold(1, reference, 150_000, NOON_US).transfers
        rows += balances.settle(1, reference, 150_000, 150_000, NOON_US).transfers
    measure(benchmark, lambda: verify(rows))


def test_receipt_judged(benchmark: BenchmarkFixture) -> None:
    pairs = [(MessageState.SENT, MessageState.DELIVERED), (MessageState.DELIVERED, MessageState.DELIVERED)]
    measure(benchmark, lambda: [judge_receipt(now, told) for now, told in pairs * (BATCH // 2)])


def test_rule_evaluated(benchmark: BenchmarkFixture) -> None:
    rule = compile_rule('age >= 18 && home.city in ["Pune", "Mumbai"] && spend_30d > 200.0 && !prepaid')
    function = rule.function()
    people = [{"age": 10 + age % 50, "home.city": "Pune", "spend_30d": 250.0} for age in range(BATCH)]
    measure(benchmark, lambda: [function(person) for person in people])


def test_rule_compiled(benchmark: BenchmarkFixture) -> None:
    """Budget: 5 ms a rule."""
    text = 'age >= 18 && home.city in ["Pune", "Mumbai"] && spend_30d > 200.0 && !(device.os == "feature")'

    def compile_all() -> None:
        rule = compile_rule(text)
        rule.sql()
        rule.function()
        rule.words()

    benchmark(compile_all)
