"""The type check: names, operators, and the tree that leaves it."""

import pytest

from operator_push.domain.audience.parser import parse
from operator_push.domain.audience.rule_error import RuleError
from operator_push.domain.audience.tree import (
    Arithmetic,
    Attribute,
    Compare,
    Comparison,
    IsNull,
    ListOf,
    Literal,
    Node,
    Sign,
    ToDouble,
    Within,
)
from operator_push.domain.audience.types import check_rule
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME


def check(text: str) -> Node:
    return check_rule(parse(text), FEATURES_BY_NAME)


def test_ints_beside_doubles_become_doubles() -> None:
    assert check("age > 17.5") == Compare(
        Comparison.MORE, ToDouble(Attribute("age", 1), 1), Literal(17.5, 7), 5
    )
    spend = check("spend_30d > 200")
    assert isinstance(spend, Compare)
    assert spend.right == Literal(200.0, 13)
    assert isinstance(spend.right, Literal)
    assert type(spend.right.value) is float
    assert check("age + 1 < 3.0") == Compare(
        Comparison.LESS,
        ToDouble(Arithmetic(Sign.PLUS, Attribute("age", 1), Literal(1, 7), 5), 5),
        Literal(3.0, 11),
        9,
    )
    mixed = check("age in [18, 20.5]")
    assert isinstance(mixed, Within)
    assert mixed.operand == ToDouble(Attribute("age", 1), 1)
    assert mixed.options == ListOf((Literal(18.0, 9), Literal(20.5, 13)), 8)


def test_comparing_with_null_asks_whether_a_value_is_known() -> None:
    assert check("age == null") == IsNull(Attribute("age", 1), False, 5)
    assert check("null != age") == IsNull(Attribute("age", 9), True, 6)


@pytest.mark.parametrize(
    "text",
    [
        "prepaid",
        "prepaid == true",
        "prepaid == (age > 18)",
        "true || false",
        "!prepaid",
        'language in ["hi", "en"]',
        "prepaid in [true]",
        "age in [-1, 2]",
        "age in []",
        "null == null",
        "-age < -spend_30d",
        "age - tenure_days + 3 >= 0",
        'plan < "gold" == true',
        "age * 2 % 3 == tenure_days / 7",
        "spend_30d / 30.0 > 5",
        'plan + "x" == "goldx"',
        "(prepaid ? age : tenure_days) > 3",
        "age in [tenure_days, 18]",
        "prepaid in [true, age > 3]",
    ],
)
def test_good_rules(text: str) -> None:
    check(text)


@pytest.mark.parametrize(
    ("text", "column", "told"),
    [
        ("agee > 3", 1, "unknown name 'agee'; did you mean age?"),
        ('home.cty == "Pune"', 1, "did you mean home.city?"),
        ("zebra > 3", 1, "feature catalogue"),
        ("plan == gold", 9, "unknown name 'gold'"),
        ("subscriber_no == 5", 1, "unknown name"),
        ("age", 1, "a rule is a condition, this is an int"),
        ('"x"', 1, "this is a string"),
        ("null", 1, "this is null"),
        ("age && prepaid", 1, "&& joins conditions, this is an int"),
        ("prepaid || plan", 12, "|| joins conditions, this is a string"),
        ("null && prepaid", 1, "this is null"),
        ("!age", 2, "! joins conditions"),
        ('age == "18"', 5, "write 18 without quotes"),
        ('age == "old"', 5, "== cannot join an int and a string"),
        ("prepaid == 1", 9, "== cannot join a condition and an int"),
        ("prepaid < true", 9, "< orders numbers, this is a condition"),
        ("age + 1.5 > 2.0", 5, "+ cannot join an int and a double; write double(age)"),
        ("spend_30d * 2 > 2.0", 11, "* cannot join a double and an int; write 2.0"),
        ("spend_30d % 2.0 > 2.0", 11, "% needs ints, this is a double; use int(…)"),
        ("age / 0 > 2", 7, "divided by zero"),
        ("prepaid ? 1 : 2.0", 9, "? : has an int on one side and a double on the other; write 1.0"),
        ("age ? true : false", 1, "? joins conditions, this is an int"),
        ("prepaid ? null : 1", 11, "chooses among values, this is null"),
        ("City == 'x'", 1, "did you mean work.city?"),
        ("Age > 1", 1, "did you mean age?"),
        ("now > 1", 1, "write now()"),
        ("age < null", 5, "cannot compare with null"),
        ("plan + 1 == 2", 1, "+ needs numbers, this is a string"),
        ("1 - prepaid == 2", 5, "- needs numbers, this is a condition"),
        ("-plan == 2", 2, "- needs numbers"),
        ("age in 5", 8, "after in stands a list"),
        ("age in plan", 8, "after in stands a list"),
        ("age in [plan]", 9, "the list holds a string, what is looked for is an int"),
        ("age in [null]", 9, "a list holds no null"),
        ('age in [1, "b"]', 12, "the list holds a string, what is looked for is an int"),
        ("age in [true]", 9, "the list holds a condition"),
        ("prepaid in [1.0, 2]", 13, "the list holds a double"),
        ("null in [1]", 1, "null is in no list"),
        ("[1] == [1]", 1, "a list stands only after in"),
        ("[1]", 1, "a list stands only after in"),
        ("18 < age == 3", 10, "== cannot join a condition and an int"),
        ("age in [1] in [2]", 16, "the list holds an int, what is looked for is a condition"),
    ],
)
def test_errors_point_at_the_column(text: str, column: int, told: str) -> None:
    with pytest.raises(RuleError) as caught:
        check(text)
    assert (caught.value.column, told in str(caught.value)) == (column, True), str(caught.value)
