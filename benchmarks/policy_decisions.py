"""The whole policy decision: microseconds each, and what the permissions of so many people hold in memory.

    python benchmarks/policy_decisions.py [--subscribers 10000000] [--decisions 200000] [--json]

In a process of its own: the acts of every subscriber are folded into the permission book one by one, as a
start does; then batches of distinct random subscribers are decided, each made just before as a door or a
campaign makes it, all rules asked, trail included: permission, the national register, the control group,
quiet hours on each one's clock by the law of its country, frequency caps of which some are taken. Exit
status 1 where a decision costs more than it may, or the book holds more.
"""

import argparse
import gc
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time
from typing import Any

from yardstick import REFERENCE_US, work

from operator_push.domain.dnd_register import parse_entry
from operator_push.domain.facts import AccountPolicy, PolicyFacts
from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.holdout import Holdout
from operator_push.domain.message import Origin, Submission, TrafficClass, Verdict
from operator_push.domain.packs.shelf import shipped_packs
from operator_push.domain.permission import ConsentAction, ConsentEvent, Evidence, PermissionBook, Purpose
from operator_push.domain.policy import Policy, standard_policy
from operator_push.domain.quiet_rules import QuietRules
from operator_push.domain.routing import Route, RoutingTable
from operator_push.domain.subscriber_clocks import SubscriberClocks
from operator_push.kernel.instants import parse_iso
from operator_push.services.number_country import country_of, country_of_head, deciding_head

US_EACH_MAX = 5.0
MIB_MAX_AT_TEN_MILLION = 2048.0
TEN_MILLION = 10_000_000
SUBSCRIBERS, DECISIONS, BATCH = 1_000_000, 200_000, 1_000  # of a bench; the figure takes ten million
NOON_US = parse_iso("2027-01-15T06:30:00Z")  # noon in India, the middle of the night in America
BRANDS = 20
_PAGE_OCTETS = 4096


def measure_policy(subscribers: int = SUBSCRIBERS, decisions: int = DECISIONS) -> dict[str, Any]:
    """The figures, from a process of its own."""
    command = [sys.executable, __file__, "--json", "--subscribers", str(subscribers)]
    told = subprocess.run(
        [*command, "--decisions", str(decisions)], capture_output=True, text=True, check=False
    )
    if not told.stdout:
        raise RuntimeError(told.stderr)
    return dict(json.loads(told.stdout))


def fill(book: PermissionBook, subscribers: int, chance: random.Random) -> int:
    """Fold the acts of everybody in: two grants each, half of them with an end, some stops; returns how many.

    Brands and categories at random, so that no bitmap is a long run.
    """
    acts = 0
    evidence = Evidence("import")
    year_us = 365 * 86_400_000_000
    for number in range(1, subscribers + 1):
        for brand in (1, chance.randint(2, BRANDS)):
            kind = chance.getrandbits(16)
            if brand == 1 and not kind & 7:
                continue  # an eighth has not said yes to the brand that will be asked about
            ends_us = NOON_US + kind * 600_000_000 if kind & 1 else 0
            category = 8 if kind & 6 else 0
            scope = (number, brand, category, Purpose.MARKETING, "sms")
            grant = ConsentEvent(*scope, ConsentAction.GRANT, NOON_US - year_us, evidence)
            if ends_us:
                grant = ConsentEvent(
                    *scope, ConsentAction.GRANT, NOON_US - year_us, evidence, expires_us=ends_us
                )
            book.apply(grant)
            acts += 1
        if chance.random() < 0.05:
            everything = (number, 0, 0, Purpose.MARKETING, "*")
            book.apply(ConsentEvent(*everything, ConsentAction.WITHDRAW, NOON_US - number, evidence))
            acts += 1
    return acts


def policy_over(book: PermissionBook) -> Policy:
    """Every rule has something to look at."""
    facts = PolicyFacts(
        permission=book,
        routes=RoutingTable([Route("91", "a"), Route("9198", "b"), Route("", "c")]),
        clocks=SubscriberClocks(
            QuietRules([(21 * 60, 9 * 60)], shipped_packs()),
            country_of,
            country_of_head=country_of_head,
            deciding_head=deciding_head,
        ),
        caps=FrequencyCaps(per_handset=5, per_brand=3),
        holdout=Holdout(bytes(32), "control", 100),
    )
    facts.accounts[1] = AccountPolicy(1, 1, allowed_sources=frozenset({"CHAI"}))
    return standard_policy(facts)


def submissions(numbers: Sequence[int]) -> list[Submission]:
    """Messages of one brand to these people; every twentieth has an American number."""
    return [
        Submission(
            1,
            1,
            8,
            TrafficClass.PROMOTIONAL,
            Origin.CAMPAIGN,
            number,
            f"9198{number:08d}" if number % 20 else f"1212{number % 10_000_000:07d}",
            "CHAI",
            1,
        )
        for number in numbers
    ]


def run(subscribers: int, decisions: int) -> dict[str, Any]:
    """Fill, decide, tell."""
    chance = random.Random(7)
    book = PermissionBook()
    gc.collect()
    before, started = _rss_mib(), perf_counter()
    acts = fill(book, subscribers, chance)
    gc.collect()
    permission_mib, folded_s = _rss_mib() - before, perf_counter() - started
    policy = policy_over(book)
    people = chance.sample(range(1, subscribers + 1), min(decisions, subscribers))
    caps = policy.facts.caps
    assert caps is not None
    for number in people[::3]:
        caps.take(number, 1, NOON_US)
    for number in range(1, subscribers, 10):  # a tenth is in the register, most for another category
        policy.facts.dnd.put(f"9198{number:08d}", parse_entry("8" if number % 4 == 1 else "3;5"))
    policy.decide(submissions(people[:1])[0], NOON_US)
    gc.freeze()
    raw, paced = [], []
    outcomes: Counter[str] = Counter()
    decide = policy.decide
    for at in range(0, len(people), BATCH):
        batch = submissions(people[at : at + BATCH])
        slow = _slow_now()
        began = thread_time()
        decided = [decide(offer, NOON_US) for offer in batch]
        spent_us = (thread_time() - began) * 1e6 / len(batch)
        raw.append(spent_us)
        paced.append(spent_us / slow)
        outcomes.update(
            decision.reason.name if decision.verdict is not Verdict.ADMIT else "ADMIT" for decision in decided
        )
    return {
        "subscribers": subscribers,
        "acts": acts,
        "fold_us_each": round(folded_s * 1e6 / acts, 2),
        "permission_mib": round(permission_mib, 1),
        "octets_a_subscriber": round(permission_mib * 2**20 / subscribers, 1),
        "decisions": len(people),
        "us_each": round(median(paced), 2),
        "us_each_raw": round(median(raw), 2),
        "us_each_mean_raw": round(sum(raw) / len(raw), 2),
        "outcomes": dict(outcomes),
    }


def _rss_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_OCTETS / 2**20


def _slow_now() -> float:
    started = thread_time()
    work()
    return (thread_time() - started) * 1e6 / REFERENCE_US


def main() -> int:
    """Parse the options, measure, tell, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--subscribers", type=int, default=SUBSCRIBERS)
    parser.add_argument("--decisions", type=int, default=DECISIONS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    told = run(options.subscribers, options.decisions)
    if options.json:
        print(json.dumps(told))
    else:
        for name, value in told.items():
            print(f"{name:<22}{value}")
    mib_max = MIB_MAX_AT_TEN_MILLION * max(options.subscribers / TEN_MILLION, 0.1)
    return 0 if told["us_each"] <= US_EACH_MAX and told["permission_mib"] <= mib_max else 1


if __name__ == "__main__":
    sys.exit(main())
