"""Audience rules: what compiling one costs, and judging a count against the earlier answers of a client.

Run with `python benchmarks/rule_costs.py`. CPU milliseconds; every rule is another one, so that nothing is
found ready. `--answers`, `--people`: how many answered sets, of up to how many people, a new one is held
against.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from random import Random
from typing import Any

from pyroaring import BitMap

from operator_push.domain.audience.differencing import Answered, nearness
from operator_push.domain.audience.rule import compile_rule

RULES = 200
COMPILE_MS_MAX = 5.0
ANSWERS, PEOPLE = 200, 1_000_000


def measure_rules(answers: int = ANSWERS, people: int = PEOPLE) -> dict[str, Any]:
    """Median CPU milliseconds of a rule with all its outputs, and of judging one count."""
    compiled = [_cpu_ms(lambda number=number: _every_output(_text(number))) for number in range(RULES)]  # type: ignore[misc]
    chance = Random(5)
    sets = [
        BitMap(range(chance.randrange(people), 2 * people, chance.randrange(1, 4))) for _ in range(answers)
    ]
    book = [Answered(len(each), len(each), lambda each=each: each) for each in sets]  # type: ignore[misc]
    asked = BitMap(range(7, 2 * people, 2))
    return {
        "rules": RULES,
        "compile_ms": round(statistics.median(compiled), 3),
        "answers": answers,
        "people": people,
        "judge_ms": round(
            statistics.median(_cpu_ms(lambda: nearness(asked, book, 100)) for _ in range(3)), 1
        ),
    }


def _text(number: int) -> str:
    return (
        f'age >= {18 + number % 40} && home.city in ["Pune", "City {number}"] && spend_30d > {number}.5'
        f' && !(device.os == "feature") && did("top_up", 3, "30d") && within("Pune", {5 + number})'
    )


def _every_output(text: str) -> None:
    rule = compile_rule(text)
    rule.sql()
    rule.function()
    rule.words()


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1_000


def main() -> None:
    """Print the figures as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--answers", type=int, default=ANSWERS)
    options.add_argument("--people", type=int, default=PEOPLE)
    chosen = options.parse_args()
    print(json.dumps(measure_rules(chosen.answers, chosen.people), indent=2))


if __name__ == "__main__":
    main()
