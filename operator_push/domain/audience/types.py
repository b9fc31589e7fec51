"""The type check: names against the vocabulary, operators against types, and a tree without guesswork.

As in CEL, int and double do not meet in arithmetic, but compare with each other. What leaves here compares
like with like: ints beside doubles are wrapped in ToDouble, `== null` has become IsNull, a list holds
literals of one type, a call has become what it means. Outputs rely on it and check nothing again.
"""

from collections.abc import Mapping
from difflib import get_close_matches

from operator_push.domain.audience.built_ins import times_written
from operator_push.domain.audience.calls import Calls
from operator_push.domain.audience.rule_error import RuleError
from operator_push.domain.audience.tree import (
    AllOf,
    AnyOf,
    Apply,
    Arithmetic,
    Attribute,
    BuiltIn,
    Call,
    Compare,
    Comparison,
    Conditional,
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
from operator_push.domain.audience.value_types import (
    BY_FEATURE_TYPE,
    BY_PYTHON_TYPE,
    NUMBERS,
    ORDERED,
    Typed,
    ValueType,
    literal_of,
)
from operator_push.domain.audience.vocabulary import STANDARD, Vocabulary
from operator_push.kernel.feature_catalogue import Feature

WEIGHT_MAX = 20_000  # Ours: nodes of the SQL, in which an operand may stand more than once.

_EQUALITY = (Comparison.EQUAL, Comparison.NOT_EQUAL)
_LIST_EXAMPLE = 'as in plan in ["gold", "silver"]'
_PRODUCTS = {
    (Sign.TIMES, ValueType.INT): BuiltIn.INT_TIMES,
    (Sign.OVER, ValueType.INT): BuiltIn.INT_OVER,
    (Sign.MODULO, ValueType.INT): BuiltIn.INT_MODULO,
    (Sign.TIMES, ValueType.DOUBLE): BuiltIn.DOUBLE_TIMES,
    (Sign.OVER, ValueType.DOUBLE): BuiltIn.DOUBLE_OVER,
}
_T, _D = ValueType.TIMESTAMP, ValueType.DURATION
_SUMS = {
    (Sign.PLUS, _T, _D): _T,
    (Sign.PLUS, _D, _T): _T,
    (Sign.PLUS, _D, _D): _D,
    (Sign.MINUS, _T, _D): _T,
    (Sign.MINUS, _T, _T): _D,
    (Sign.MINUS, _D, _D): _D,
}


def check_rule(root: Node, vocabulary: Vocabulary | Mapping[str, Feature] = STANDARD) -> Node:
    """The checked tree of a rule, which is a condition.

    Raises:
        RuleError: a name that may not be used, an operator between types that it does not join, no condition
            at all, or more work than WEIGHT_MAX.
    """
    if not isinstance(vocabulary, Vocabulary):
        vocabulary = Vocabulary(vocabulary)
    node, kind = _Check(vocabulary).check(root)
    if kind is not ValueType.BOOL:
        raise RuleError(
            root.column, f"a rule is a condition, this is {kind.value}", "compare it with something"
        )
    if _weight(node) > WEIGHT_MAX:
        raise RuleError(root.column, "the rule asks for too much at once", "nest less arithmetic, list less")
    return node


class _Check:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._calls = Calls(vocabulary, self.check)

    def check(self, node: Node) -> Typed:
        match node:
            case Literal(value):
                return node, BY_PYTHON_TYPE[type(value)]
            case Attribute():
                return self._attribute(node)
            case AllOf(operands, column):
                return AllOf(tuple(self._condition(each, "&&") for each in operands), column), ValueType.BOOL
            case AnyOf(operands, column):
                return AnyOf(tuple(self._condition(each, "||") for each in operands), column), ValueType.BOOL
            case Not(operand, column):
                return Not(self._condition(operand, "!"), column), ValueType.BOOL
            case Negate(operand, column):
                checked, kind = self.check(operand)
                if kind not in (*NUMBERS, ValueType.DURATION):
                    raise RuleError(operand.column, f"- needs numbers, this is {kind.value}")
                return _folded(Negate(checked, column), kind)
            case Arithmetic():
                return self._arithmetic(node)
            case Compare():
                return self._compare(node), ValueType.BOOL
            case Within(operand, options, column):
                return self._within(operand, options, column), ValueType.BOOL
            case Conditional():
                return self._conditional(node)
            case ListOf(_, column):
                raise RuleError(column, "a list stands only after in", _LIST_EXAMPLE)
            case Call():
                return self._calls.check(node)
            case _:
                raise TypeError(f"{type(node).__name__} does not leave the parser")

    def _attribute(self, node: Attribute) -> Typed:
        feature = self._vocabulary.features.get(node.name)
        if feature is None:
            raise RuleError(node.column, f"unknown name {node.name!r}", self._suggestion(node.name))
        if reason := self._vocabulary.barred.get(node.name):
            raise RuleError(node.column, f"{node.name} may not be used here: {reason}")
        return node, BY_FEATURE_TYPE[feature.type]

    def _suggestion(self, name: str) -> str:
        if name in ("now", "today"):
            return f"write {name}()"
        usable = [each for each in self._vocabulary.features if each not in self._vocabulary.barred]
        near = get_close_matches(name, usable, n=1)
        if not near:
            lower = {each.lower(): each for each in usable}
            near = get_close_matches(name.lower(), lower, n=1)
            near = [lower[each] for each in near]
        if not near:  # city → home.city
            near = [each for each in usable if each.rpartition(".")[2] == name.lower()]
        return f"did you mean {near[0]}?" if near else "see the feature catalogue for the names"

    def _condition(self, node: Node, operator: str) -> Node:
        checked, kind = self.check(node)
        if kind is not ValueType.BOOL:
            raise RuleError(
                node.column, f"{operator} joins conditions, this is {kind.value}", "compare it with something"
            )
        return checked

    def _arithmetic(self, node: Arithmetic) -> Typed:
        left, right = self.check(node.left), self.check(node.right)
        sign, column = node.sign, node.column
        kinds = left[1], right[1]
        if sign is Sign.PLUS and kinds == (ValueType.STRING, ValueType.STRING):
            return Apply(BuiltIn.CONCATENATE, (left[0], right[0]), column), ValueType.STRING
        if (kind := _SUMS.get((sign, *kinds))) is not None:
            return _folded(Arithmetic(sign, left[0], right[0], column), kind)
        for part, (_, kind) in ((node.left, left), (node.right, right)):
            if kind not in NUMBERS and not (kind in (_T, _D) and kinds[0] is not kinds[1]):
                raise RuleError(part.column, f"{sign.value} needs numbers, this is {kind.value}")
        if kinds[0] is not kinds[1]:
            raise RuleError(
                column,
                f"{sign.value} cannot join {kinds[0].value} and {kinds[1].value}",
                _arithmetic_hint(left, right),
            )
        if sign in (Sign.PLUS, Sign.MINUS):
            return _folded(Arithmetic(sign, left[0], right[0], column), kinds[0])
        function = _PRODUCTS.get((sign, kinds[0]))
        if function is None:
            raise RuleError(column, f"{sign.value} needs ints, this is {kinds[0].value}", "use int(…)")
        if sign is not Sign.TIMES and isinstance(right[0], Literal) and right[0].value == 0:
            raise RuleError(node.right.column, "nothing can be divided by zero")
        return Apply(function, (left[0], right[0]), column), kinds[0]

    def _alike(self, left: Typed, right: Typed, operator: str, column: int) -> tuple[Node, Node, ValueType]:
        """Both sides in one type; an int beside a double becomes one."""
        if left[1] is right[1]:
            return left[0], right[0], left[1]
        if left[1] in NUMBERS and right[1] in NUMBERS:
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
        if comparison not in _EQUALITY and kinds[0] is kinds[1] and kinds[0] not in ORDERED:
            raise RuleError(
                column, f"{comparison.value} orders numbers, this is {kinds[0].value}", "use == or !="
            )
        if ValueType.SET in kinds:
            raise RuleError(column, "sets of strings are not compared", 'use in, as in "tea" in interests')
        one, other, kind = self._alike(left, right, comparison.value, column)
        if kind is ValueType.STRING and comparison not in _EQUALITY:
            one = Apply(BuiltIn.BY_CODE_POINT, (one,), column)
        return Compare(comparison, one, other, column)

    def _within(self, operand: Node, options: Node, column: int) -> Node:
        item = self.check(operand)
        if item[1] is ValueType.NULL:
            raise RuleError(operand.column, "null is in no list", "use == null")
        if not isinstance(options, ListOf):
            return self._in_set(item, options, column)
        checked = [self.check(option) for option in options.items]
        for option, (_, kind) in zip(options.items, checked, strict=True):
            if kind is ValueType.NULL:
                raise RuleError(option.column, "a list holds no null", "use == null")
            if kind is not item[1] and not (kind in NUMBERS and item[1] in NUMBERS):
                raise RuleError(
                    option.column, f"the list holds {kind.value}, what is looked for is {item[1].value}"
                )
        if any(not isinstance(node, Literal) for node, _ in checked):
            # As CEL says of in: one of the items is equal.
            equal = [
                self._compare(Compare(Comparison.EQUAL, operand, option, column)) for option in options.items
            ]
            return equal[0] if len(equal) == 1 else AnyOf(tuple(equal), column)
        if ValueType.DOUBLE in (item[1], *(kind for _, kind in checked)):
            item = _to_double(item), ValueType.DOUBLE
            checked = [(_to_double(each), ValueType.DOUBLE) for each in checked]
        return Within(item[0], ListOf(tuple(each for each, _ in checked), options.column), column)

    def _in_set(self, item: Typed, options: Node, column: int) -> Node:
        items, kind = self.check(options)
        if kind is not ValueType.SET:
            raise RuleError(options.column, "after in stands a list", _LIST_EXAMPLE)
        if item[1] is not ValueType.STRING:
            raise RuleError(column, f"the set holds strings, what is looked for is {item[1].value}")
        return Apply(BuiltIn.HAS_ITEM, (items, item[0]), column)

    def _conditional(self, node: Conditional) -> Typed:
        condition = self._condition(node.condition, "?")
        then, otherwise = self.check(node.then), self.check(node.otherwise)
        for part, (_, kind) in ((node.then, then), (node.otherwise, otherwise)):
            if kind in (ValueType.NULL, ValueType.SET):
                raise RuleError(part.column, f"? : chooses among values, this is {kind.value}")
        if then[1] is not otherwise[1]:
            raise RuleError(
                node.column,
                f"? : has {then[1].value} on one side and {otherwise[1].value} on the other",
                _arithmetic_hint(then, otherwise),
            )
        return Conditional(condition, then[0], otherwise[0], node.column), then[1]


def _folded(node: Negate | Arithmetic, kind: ValueType) -> Typed:
    """Arithmetic of literals alone is done here, so that no database picks a narrow type for it."""
    values = [part.value for part in children(node) if isinstance(part, Literal)]
    numbers = [value for value in values if isinstance(value, int | float)]
    if len(numbers) < len(children(node)):
        return node, kind
    if isinstance(node, Negate):
        return literal_of(-numbers[0], kind, node.column)
    left, right = numbers
    return literal_of(left + right if node.sign is Sign.PLUS else left - right, kind, node.column)


def _to_double(typed: Typed) -> Node:
    node, kind = typed
    if kind is ValueType.DOUBLE:
        return node
    if isinstance(node, Literal) and isinstance(node.value, int):
        return Literal(float(node.value), node.column)
    return ToDouble(node, node.column)


def _weight(node: Node) -> int:
    times = times_written(node.function) if isinstance(node, Apply) else 1
    return 1 + times * sum(_weight(part) for part in children(node))


def _arithmetic_hint(left: Typed, right: Typed) -> str:
    """How an int beside a double becomes one."""
    if {left[1], right[1]} != set(NUMBERS):
        return _hint(left, right)
    node = left[0] if left[1] is ValueType.INT else right[0]
    if isinstance(node, Literal):
        return f"write {node.value}.0"
    return f"write double({node.name})" if isinstance(node, Attribute) else "use double(…)"


def _hint(left: Typed, right: Typed) -> str:
    """What people mostly meant when a number or a moment met a string."""
    for (node, kind), (_, other) in ((left, right), (right, left)):
        if kind is ValueType.STRING and isinstance(node, Literal) and isinstance(node.value, str):
            if other in (ValueType.TIMESTAMP, ValueType.DURATION, ValueType.DATE):
                return f'write {other.name.lower()}("{node.value[:40]}")'
            bare = node.value.strip()
            if bare.replace(".", "", 1).removeprefix("-").isdigit():
                return f"write {bare} without quotes"
    return ""
