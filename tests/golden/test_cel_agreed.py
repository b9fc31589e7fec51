"""Rules beside two other implementations of CEL, which agreed on these answers.

Drawn were expressions of the subset over profiles with missing values; kept are those on which cel-python
0.5.0 and common-expression-language 0.10.0 came to the same true or false. Left out is what the page of
rules says to differ here: what would be infinite, or divides by a written zero.
"""

import json
from pathlib import Path

import pytest

from operator_push.domain.audience.rule import compile_rule

AGREED = [
    json.loads(line)
    for line in Path(__file__).with_name("cel_agreed.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("part", range(5))
def test_a_rule_means_what_it_means_in_cel(part: int) -> None:
    for rule, profile, answer in AGREED[part::5]:
        assert compile_rule(rule).function()(profile, 0) is answer, (rule, profile)
