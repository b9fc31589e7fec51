"""What may not be used is not known: a withheld attribute makes its conditions unknown, not false."""

import sqlite3

import pytest

from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.audience.to_sql import SqlDialect, to_sql
from operator_push.domain.audience.tree import attribute_names
from operator_push.domain.audience.withholding import withhold

PROFILE = {"age": 30, "calls_30d": 12, "prepaid": True, "plan": "gold", "spend_30d": 250.0}
TABLE = [
    # rule, withheld, true for PROFILE
    ("age >= 18", [], True),
    ("age >= 18", ["age"], False),
    ("!(age >= 18)", ["age"], False),
    ("age >= 18 || calls_30d > 10", ["age"], True),
    ("age >= 18 && calls_30d > 10", ["age"], False),
    ("age == null", ["age"], True),
    ("age != null", ["age"], False),
    ("prepaid", ["prepaid"], False),
    ("!prepaid", ["prepaid"], False),
    ('plan in ["gold"] || age > 20', ["plan"], True),
    ('plan in ["gold"]', ["plan"], False),
    ("age - calls_30d > 1", ["calls_30d"], False),
    ("-age < 0", ["age"], False),
    ("spend_30d > calls_30d", ["calls_30d"], False),
]


@pytest.mark.parametrize(("text", "withheld", "expected"), TABLE)
def test_sql_reads_a_withheld_attribute_as_a_profile_without_it(
    text: str, withheld: list[str], expected: bool
) -> None:
    rule = compile_rule(text)
    permitted = {name: value for name, value in PROFILE.items() if name not in withheld}
    assert (rule.function()(permitted) is True) is expected
    root = withhold(rule.root, withheld)
    assert not set(withheld) & set(attribute_names(root))
    sql, parameters = to_sql(root, SqlDialect.SQLITE)
    connection = sqlite3.connect(":memory:")
    columns = ", ".join(f'? AS "{name}"' for name in PROFILE)
    found = connection.execute(
        f"SELECT 1 FROM (SELECT {columns}) WHERE {sql}", [*PROFILE.values(), *parameters]
    ).fetchone()
    connection.close()
    assert (found is not None) is expected
