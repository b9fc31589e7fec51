"""The parser: precedence, shape, bounds, and errors at the right place."""

import pytest

from operator_push.domain.audience.parser import CHAINED_SIGNS_MAX, DEPTH_MAX, LIST_ITEMS_MAX, parse
from operator_push.domain.audience.rule_error import RuleError
from operator_push.domain.audience.tree import (
    AllOf,
    AnyOf,
    Arithmetic,
    Attribute,
    Call,
    Compare,
    Conditional,
    ListOf,
    Literal,
    Negate,
    Node,
    Not,
    Within,
)


def shape(node: Node) -> str:
    """The tree with every bracket written out."""
    match node:
        case Literal(value):
            return repr(value)
        case Attribute(name):
            return name
        case AllOf(operands):
            return "(" + " && ".join(map(shape, operands)) + ")"
        case AnyOf(operands):
            return "(" + " || ".join(map(shape, operands)) + ")"
        case Not(operand):
            return f"!{shape(operand)}"
        case Negate(operand):
            return f"-{shape(operand)}"
        case Compare(comparison, left, right):
            return f"({shape(left)} {comparison.value} {shape(right)})"
        case Arithmetic(sign, left, right):
            return f"({shape(left)} {sign.value} {shape(right)})"
        case Within(operand, options):
            return f"({shape(operand)} in {shape(options)})"
        case ListOf(items):
            return "[" + ", ".join(map(shape, items)) + "]"
        case Call(function, arguments, _, receiver):
            before = f"{shape(receiver)}." if receiver else ""
            return f"{before}{function}({', '.join(map(shape, arguments))})"
        case Conditional(condition, then, otherwise):
            return f"({shape(condition)} ? {shape(then)} : {shape(otherwise)})"
        case _:
            raise AssertionError(f"the parser made {node}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a || b && c", "(a || (b && c))"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a || b ? c && d : e", "((a || b) ? (c && d) : e)"),
        ("a + b * c - d / e % f", "((a + (b * c)) - ((d / e) % f))"),
        ("a < b == c", "((a < b) == c)"),
        ("-a * b", "(-a * b)"),
        ('a.b.startsWith("x").size()', "a.b.startsWith('x').size()"),
        ('"x".size() == (a).size()', "('x'.size() == a.size())"),
        ("sets.contains(a, [b])", "sets.contains(a, [b])"),
        ("a && b || c && d", "((a && b) || (c && d))"),
        ("(a || b) && c", "((a || b) && c)"),
        ("a || b || c", "(a || b || c)"),
        ("!a && b", "(!a && b)"),
        ("!!a", "!!a"),
        ("x + 1 - y < z", "(((x + 1) - y) < z)"),
        ("x - (y - 1)  == 0", "((x - (y - 1)) == 0)"),
        ("-x < -5", "(-x < -5)"),
        ("- - 5 == 5", "(5 == 5)"),
        ("-2.5 > x", "(-2.5 > x)"),
        ("a == b && c != d", "((a == b) && (c != d))"),
        ("home.city in ['Pune', \"Goa\"]", "(home.city in ['Pune', 'Goa'])"),
        ("x in []", "(x in [])"),
        ("x in [1,]", "(x in [1])"),
        ("!(x in [1])", "!(x in [1])"),
        ("x == null || true", "((x == None) || True)"),
        ('did("top_up", 3, "30d") && days.since(x) > 2', "(did('top_up', 3, '30d') && (days.since(x) > 2))"),
        ("((((a))))", "a"),
        ("in_stock && nullable && truest", "(in_stock && nullable && truest)"),
    ],
)
def test_shape(text: str, expected: str) -> None:
    assert shape(parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "column", "told"),
    [
        ("", 1, "empty"),
        ("  // nothing", 1, "empty"),
        ("a &&", 5, "ends where a value"),
        ("a && && b", 6, "'&&' stands where a value"),
        ("(a", 3, "ends where ')'"),
        ("a)", 2, "operator or the end"),
        ("a b", 3, "operator or the end"),
        ("a and b", 3, "write && instead of and"),
        ("not a", 1, "write ! instead of not"),
        ("a ? b", 6, "the rule ends where ':'"),
        ("a.b[1]", 4, "no index brackets"),
        ('"a".b', 6, "'(' after the method b"),
        ("18 < a < 30", 8, "comparisons do not chain"),
        ("a in [1 2]", 9, "','"),
        ("a in [1", 8, "ends where ','"),
        ("a.", 3, "a name after the dot"),
        ("a.5", 2, "operator or the end"),
        ("in [1]", 1, "'in' stands where a value"),
        ("(" * 60 + "a", DEPTH_MAX + 1, "nested deeper"),
        ("!" * 60 + "a", DEPTH_MAX + 1, "nested deeper"),
        ("f(" * 60, 2 * (DEPTH_MAX + 1), "nested deeper"),
        ("[" * 60, DEPTH_MAX + 1, "nested deeper"),
        ("a" + " + 1" * (CHAINED_SIGNS_MAX + 1), 3 + 4 * CHAINED_SIGNS_MAX, "signs of arithmetic"),
        ("a in [" + "1," * (LIST_ITEMS_MAX + 1) + "]", 6, "1001 items"),
    ],
)
def test_errors_point_at_the_column(text: str, column: int, told: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse(text)
    assert (caught.value.column, told in str(caught.value)) == (column, True), str(caught.value)


def test_the_deepest_rule_that_is_allowed_fits_every_stack() -> None:
    nest = DEPTH_MAX // 2
    text = "!(" * nest + "a == b" + " + 1" * CHAINED_SIGNS_MAX + ")" * nest
    assert shape(parse(text)).startswith("!!!")
    many = " || ".join(["a == 1"] * 600)
    assert isinstance(parse(many), AnyOf)
