"""Withholding: a checked rule as it reads for people who do not permit some of its attributes.

What is not permitted is not known: the attribute becomes null, and three-valued logic does the rest. For SQL,
which reads whole columns; a compiled function is given a PermittedProfile, where the attribute is absent.
"""

from collections.abc import Collection

from operator_push.domain.audience.tree import (
    AllOf,
    AnyOf,
    Arithmetic,
    Attribute,
    Call,
    Compare,
    IsNull,
    ListOf,
    Literal,
    Negate,
    Node,
    Not,
    ToDouble,
    Within,
)


def withhold(root: Node, names: Collection[str]) -> Node:
    """The rule with every attribute in `names` replaced by null; for to_sql alone."""
    if not names:
        return root
    match root:
        case Attribute(name, column):
            return Literal(None, column) if name in names else root
        case Literal():
            return root
        case Not(operand, column):
            return Not(withhold(operand, names), column)
        case Negate(operand, column):
            return Negate(withhold(operand, names), column)
        case ToDouble(operand, column):
            return ToDouble(withhold(operand, names), column)
        case IsNull(operand, negated, column):
            return IsNull(withhold(operand, names), negated, column)
        case AllOf(operands, column):
            return AllOf(tuple(withhold(each, names) for each in operands), column)
        case AnyOf(operands, column):
            return AnyOf(tuple(withhold(each, names) for each in operands), column)
        case ListOf(items, column):
            return ListOf(tuple(withhold(each, names) for each in items), column)
        case Compare(comparison, left, right, column):
            return Compare(comparison, withhold(left, names), withhold(right, names), column)
        case Arithmetic(sign, left, right, column):
            return Arithmetic(sign, withhold(left, names), withhold(right, names), column)
        case Within(operand, options, column):
            return Within(withhold(operand, names), withhold(options, names), column)
        case Call(function, arguments, column):
            return Call(function, tuple(withhold(each, names) for each in arguments), column)
