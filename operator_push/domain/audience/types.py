"""The type check: names against the catalogue, operators against types, and a tree without guesswork.

Narrower than CEL: strings have no order, since databases disagree about it. What leaves here compares like
with like: ints beside doubles are wrapped in ToDouble, `== null` has become
IsNull, a list holds literals of one type. Outputs rely on it and check nothing again.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from enum import Enum

from operator_push.domain.audience.rule_error import RuleError
from operator_push.domain.audience.tree import (
    AllOf,
    AnyOf,
    Arithmetic,
    Attribute,
    Call,
    Compare,
    Comparison,
    IsNull,
    ListOf,
    Literal,
    Negate,
    Node,
    Not,
    Sign,
    ToDouble,
    Within,
    children,
)
from operator_push.kernel.feature_catalogue import Feature, FeatureType


class ValueType(Enum):
    """Types of the language; the value is the word for people."""

    BOOL = "a condition"
    INT = "an int"
    DOUBLE = "a double"
    STRING = "a string"
    NULL = "null"
    LIST = "a list"


_BY_FEATURE_TYPE = {
    FeatureType.BOOL: ValueType.BOOL,
    FeatureType.INT: ValueType.INT,
    FeatureType.DOUBLE: ValueType.DOUBLE,
    FeatureType.STRING: ValueType.STRING,
}
_BY_PYTHON_TYPE: Mapping[type, ValueType] = {
    bool: ValueType.BOOL,
    int: ValueType.INT,
    float: ValueType.DOUBLE,
    str: ValueType.STRING,
    type(None): ValueType.NULL,
}
_NUMBERS = (ValueType.INT, ValueType.DOUBLE)
_EQUALITY = (Comparison.EQUAL, Comparison.NOT_EQUAL)

Typed = tuple[Node, ValueType]


def check_rule(root: Node, features: Mapping[str, Feature]) -> Node:
    """The checked tree of a rule, which is a condition.

    Raises:
        RuleError: an unknown name, an operator between types that it does not join, or no condition at all.
    """
    node, kind = _Check(features).check(root)
    if kind is not ValueType.BOOL:
        raise RuleError(
            root.column, f"a rule is a condition, this is {kind.value}", "compare it with something"
        )
    return node


class _Check:
    def __init__(self, features: Mapping[str, Feature]) -> None:
        self._features = features

    def check(self, node: Node) -> Typed:
        match node:
            case Literal(value):
                return node, _BY_PYTHON_TYPE[type(value)]
            case Attribute():
                return self._attribute(node)
            case AllOf(operands, column):
                return AllOf(tuple(self._condition(each, "&&") for each in operands), column), ValueType.BOOL
            case AnyOf(operands, column):
                return AnyOf(tuple(self._condition(each, "||") for each in operands), column), ValueType.BOOL
            case Not(operand, column):
                return Not(self._condition(operand, "!"), column), ValueType.BOOL
            case Negate(operand, column):
                checked, kind = self._number(operand, "-")
                return _folded(Negate(checked, column)), kind
            case Arithmetic(sign, left, right, column):
                left, right, kind = self._alike(
                    self._number(left, sign.value), self._number(right, sign.value), sign.value, column
                )
                return _folded(Arithmetic(sign, left, right, column)), kind
            case Compare():
                return self._compare(node), ValueType.BOOL
            case Within(operand, options, column):
                return self._within(operand, options, column), ValueType.BOOL
            case ListOf(_, column):
                raise RuleError(column, "a list stands only after in", 'as in plan in ["gold", "silver"]')
            case Call(function, _, column):
                raise RuleError(column, f"there is no function {function}()")
            case IsNull() | ToDouble():
                return node, ValueType.BOOL if isinstance(node, IsNull) else ValueType.DOUBLE

    def _attribute(self, node: Attribute) -> Typed:
        feature = self._features.get(node.name)
        if feature is None:
            near = get_close_matches(node.name, self._features, n=1)
            suggestion = f"did you mean {near[0]}?" if near else "see the feature catalogue for the names"
            raise RuleError(node.column, f"unknown name {node.name!r}", suggestion)
        return node, _BY_FEATURE_TYPE[feature.type]

    def _condition(self, node: Node, operator: str) -> Node:
        checked, kind = self.check(node)
        if kind is not ValueType.BOOL:
            raise RuleError(
                node.column, f"{operator} joins conditions, this is {kind.value}", "compare it with something"
            )
        return checked

    def _number(self, node: Node, operator: str) -> Typed:
        checked, kind = self.check(node)
        if kind not in _NUMBERS:
            raise RuleError(node.column, f"{operator} needs numbers, this is {kind.value}")
        return checked, kind

    def _alike(self, left: Typed, right: Typed, operator: str, column: int) -> tuple[Node, Node, ValueType]:
        """Both sides in one type; an int beside a double becomes one."""
        if left[1] is right[1]:
            return left[0], right[0], left[1]
        if left[1] in _NUMBERS and right[1] in _NUMBERS:
            return _to_double(left), _to_double(right), ValueType.DOUBLE
        raise RuleError(
            column, f"{operator} cannot join {left[1].value} and {right[1].value}", _hint(left, right)
        )

    def _compare(self, node: Compare) -> Node:
        left, right = self.check(node.left), self.check(node.right)
        comparison, column = node.comparison, node.column
        kinds = (left[1], right[1])
        if ValueType.NULL in kinds:
            if comparison not in _EQUALITY:
                raise RuleError(column, f"{comparison.value} cannot compare with null", "use == or !=")
            negated = comparison is Comparison.NOT_EQUAL
            return IsNull(right[0] if left[1] is ValueType.NULL else left[0], negated, column)
        if comparison not in _EQUALITY and kinds[0] is kinds[1] and kinds[0] not in _NUMBERS:
            raise RuleError(
                column, f"{comparison.value} orders numbers, this is {kinds[0].value}", "use == or !="
            )
        one, other, _ = self._alike(left, right, comparison.value, column)
        return Compare(comparison, one, other, column)

    def _within(self, operand: Node, options: Node, column: int) -> Node:
        item = self.check(operand)
        if item[1] is ValueType.NULL:
            raise RuleError(operand.column, "null is in no list", "use == null")
        if not isinstance(options, ListOf):
            raise RuleError(options.column, "after in stands a list", 'as in plan in ["gold", "silver"]')
        checked: list[Typed] = []
        for option in options.items:
            if not isinstance(option, Literal) or option.value is None:
                raise RuleError(option.column, "a list holds numbers, strings, true or false")
            checked.append(self.check(option))
        kinds = {item[1], *(kind for _, kind in checked)}
        if kinds == set(_NUMBERS):
            item = _to_double(item), ValueType.DOUBLE
            checked = [(_to_double(each), ValueType.DOUBLE) for each in checked]
        for option, (_, kind) in zip(options.items, checked, strict=True):
            if kind is not item[1]:
                raise RuleError(
                    option.column, f"the list holds {kind.value}, what is looked for is {item[1].value}"
                )
        return Within(item[0], ListOf(tuple(each for each, _ in checked), options.column), column)


def _folded(node: Negate | Arithmetic) -> Node:
    """Arithmetic of literals alone is done here, so that no database picks a narrow type for it."""
    values = [part.value for part in children(node) if isinstance(part, Literal)]
    numbers = [value for value in values if isinstance(value, int | float)]
    if len(numbers) < len(children(node)):
        return node
    if isinstance(node, Negate):
        return Literal(-numbers[0], node.column)
    left, right = numbers
    return Literal(left + right if node.sign is Sign.PLUS else left - right, node.column)


def _to_double(typed: Typed) -> Node:
    node, kind = typed
    if kind is ValueType.DOUBLE:
        return node
    if isinstance(node, Literal) and isinstance(node.value, int):
        return Literal(float(node.value), node.column)
    return ToDouble(node, node.column)


def _hint(left: Typed, right: Typed) -> str:
    """What people mostly meant when a number met a string."""
    for node, kind in (left, right):
        if kind is ValueType.STRING and isinstance(node, Literal) and isinstance(node.value, str):
            bare = node.value.strip()
            if bare.replace(".", "", 1).removeprefix("-").isdigit():
                return f"write {bare} without quotes"
    return ""
