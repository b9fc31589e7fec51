"""List macros: what they become."""

import pytest

from operator_push.domain.audience.list_macros import expand_macro, expansion_of
from operator_push.domain.audience.parser import parse
from operator_push.domain.audience.tree import AllOf, AnyOf, Call, Compare, Literal, Node


def expanded(text: str) -> Node:
    call = parse(text)
    assert isinstance(call, Call)
    return expand_macro(call)


def test_a_macro_is_its_body_once_for_every_item() -> None:
    either = expanded("[1, 2].exists(x, age > x)")
    assert isinstance(either, AnyOf)
    assert [each.right for each in either.operands if isinstance(each, Compare)] == [
        Literal(1, 2),
        Literal(2, 5),
    ]
    both = expanded("[1, 2].all(x, age > x)")
    assert isinstance(both, AllOf)
    assert len(both.operands) == 2


def test_an_inner_name_hides_the_outer_one() -> None:
    outer = expanded("[1].exists(x, [2].exists(x, x == 2))")
    assert isinstance(outer, AnyOf)
    inner = outer.operands[0]
    assert isinstance(inner, Call)
    assert inner.arguments == parse("              [2].exists(x, x == 2)").arguments  # type: ignore[union-attr]


@pytest.mark.parametrize(("text", "nodes"), [("[1, 2, 3].exists(x, x > 1)", 12), ("age.exists(x, x > 1)", 0)])
def test_an_expansion_is_known_before_it_is_made(text: str, nodes: int) -> None:
    call = parse(text)
    assert isinstance(call, Call)
    assert expansion_of(call) == nodes
