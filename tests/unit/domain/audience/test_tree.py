"""The tree: its parts and the attributes that it reads."""

from operator_push.domain.audience.parser import parse
from operator_push.domain.audience.tree import (
    Attribute,
    IsNull,
    Literal,
    Not,
    ToDouble,
    attribute_names,
    children,
)


def test_attributes_come_once_in_the_order_of_their_first_use() -> None:
    text = 'f(plan) && !(age > -tenure_days + 3) || age in [1] || language == "x" && plan != null'
    assert attribute_names(parse(text)) == ("plan", "age", "tenure_days", "language")
    assert attribute_names(parse("true")) == ()


def test_children() -> None:
    age = Attribute("age", 1)
    assert children(age) == children(Literal(1, 1)) == ()
    for node in (Not(age, 1), ToDouble(age, 1), IsNull(age, True, 1)):
        assert children(node) == (age,)
