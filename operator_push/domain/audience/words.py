"""Rules in words: one English sentence that a person can check against what they meant."""

from collections.abc import Mapping

from operator_push.domain.audience.tree import (
    AllOf,
    AnyOf,
    Apply,
    Arithmetic,
    Attribute,
    BuiltIn,
    Clock,
    Compare,
    Comparison,
    Conditional,
    IsNull,
    ListOf,
    Literal,
    Member,
    Near,
    Negate,
    Node,
    Not,
    Sign,
    ToDouble,
    Value,
    Within,
    attribute_names,
)
from operator_push.kernel.feature_catalogue import Feature

_COMPARISONS = {
    Comparison.EQUAL: "is",
    Comparison.NOT_EQUAL: "is not",
    Comparison.LESS: "is less than",
    Comparison.AT_MOST: "is at most",
    Comparison.MORE: "is more than",
    Comparison.AT_LEAST: "is at least",
}
_TEXT_QUESTIONS = {
    BuiltIn.STARTS_WITH: "starts with",
    BuiltIn.ENDS_WITH: "ends with",
    BuiltIn.CONTAINS: "contains",
    BuiltIn.HAS_ITEM: "has",
}
_PRODUCTS = {
    BuiltIn.INT_TIMES: "times",
    BuiltIn.DOUBLE_TIMES: "times",
    BuiltIn.INT_OVER: "divided by",
    BuiltIn.DOUBLE_OVER: "divided by",
    BuiltIn.INT_MODULO: "modulo",
    BuiltIn.CONCATENATE: "followed by",
}
_SETS = {
    "list": "are in the list",
    "received": "received the campaign",
    "clicked": "clicked in the campaign",
    "replied": "replied to the campaign",
    "bought": "bought after the campaign",
}
_SIGNS = {Sign.PLUS: "plus", Sign.MINUS: "minus"}
# Units that follow a number in a sentence; others (names, codes, shares) would only disturb it.
_SPOKEN_UNITS = frozenset({"years", "days", "minutes", "MB", "rupees"})


def in_words(root: Node, features: Mapping[str, Feature]) -> str:
    """A checked rule as a sentence: "people whose age is at least 18 years and whose …"."""
    words = _Words(features)
    if isinstance(root, AllOf):
        return "people " + _listed([words.whose(each) for each in root.operands], "and")
    if isinstance(root, AnyOf):
        return "people " + _listed([words.whose(each) for each in root.operands], "or")
    return "people " + words.whose(root)


def attribute_words(name: str) -> str:
    """A catalogue name as people say it: home.city → home city, spend_30d → spend in 30 days."""
    spoken = name.replace(".", " ")
    if spoken.endswith("_30d"):
        spoken = spoken.removesuffix("_30d") + " in 30 days"
    return spoken.replace("_", " ")


class _Words:
    def __init__(self, features: Mapping[str, Feature]) -> None:
        self._features = features

    def whose(self, node: Node) -> str:
        """A condition as a relative clause."""
        match node:
            case AllOf() | AnyOf():
                return f"for whom {self.condition(node)}"
            case Member(key):
                kind, _, name = key.partition(":")
                return f"who {_SETS[kind]} {name}"
            case Not(Member(key)):
                kind, _, name = key.partition(":")
                return f"who are not people who {_SETS[kind]} {name}"
            case Not() | Literal() | Conditional():
                return f"for whom {self.condition(node)}"
            case Attribute(name):
                return f"who are {attribute_words(name)}"
            case _:
                return f"whose {self.condition(node)}"

    def condition(self, node: Node) -> str:
        """A condition as a clause; joined ones in parentheses, so that nothing can be read two ways."""
        match node:
            case AllOf(operands):
                return "(" + " and ".join(map(self.condition, operands)) + ")"
            case AnyOf(operands):
                return "(" + " or ".join(map(self.condition, operands)) + ")"
            case Not(operand):
                return f"it is not so that {self.condition(operand)}"
            case Compare(comparison, left, right):
                unit = self._unit(left) or self._unit(right)
                return f"{self._value(left, unit)} {_COMPARISONS[comparison]} {self._value(right, unit)}"
            case IsNull(operand, negated):
                return f"{self._value(operand, '')} is {'known' if negated else 'not known'}"
            case Within(operand, ListOf(items)):
                if not items:
                    return f"{self._value(operand, '')} is one of nothing"
                options = [self._value(item, self._unit(operand)) for item in items]
                return f"{self._value(operand, '')} is {_listed(options, 'or')}"
            case Literal(value):
                return "always" if value else "never"
            case Member(key):
                kind, _, name = key.partition(":")
                return f"the person {_SETS[kind]} {name}"
            case Near():
                return f"home is within {node.km:g} km of {node.place}"
            case Conditional(asked, then, otherwise):
                return (
                    f"(if {self.condition(asked)} then {self.condition(then)},"
                    f" otherwise {self.condition(otherwise)})"
                )
            case Apply(function, (text, part)) if function in _TEXT_QUESTIONS:
                return f"{self._value(text, '')} {_TEXT_QUESTIONS[function]} {self._value(part, '')}"
            case _:
                return self._value(node, "")

    def _value(self, node: Node, unit: str) -> str:
        match node:
            case Literal(value, _, shown):
                return shown or _spoken(value, unit)
            case Clock(_, shown):
                return shown
            case Apply(function, (one, other)) if function in _PRODUCTS:
                return f"({self._value(one, unit)} {_PRODUCTS[function]} {self._value(other, '')})"
            case Apply(BuiltIn.SIZE, (text,)):
                return f"the length of {self._value(text, '')}"
            case Apply(BuiltIn.SET_SIZE, (items,)):
                return f"the number of {self._value(items, '')}"
            case Apply(BuiltIn.TO_INT, (number,)):
                return f"the whole of {self._value(number, unit)}"
            case Apply(_, (text,)):
                return self._value(text, "")
            case Conditional(asked, then, otherwise):
                return (
                    f"({self._value(then, unit)} if {self.condition(asked)},"
                    f" otherwise {self._value(otherwise, unit)})"
                )
            case Attribute(name):
                return attribute_words(name)
            case ToDouble(operand):
                return self._value(operand, unit)
            case Negate(operand):
                return f"minus {self._value(operand, unit)}"
            case Arithmetic(sign, left, right):
                return f"({self._value(left, unit)} {_SIGNS[sign]} {self._value(right, unit)})"
            case _:
                return self.condition(node)

    def _unit(self, node: Node) -> str:
        """The unit that the numbers beside this node carry."""
        for name in attribute_names(node):
            unit = self._features[name].unit
            if unit in _SPOKEN_UNITS:
                return unit
        return ""


def _spoken(value: Value, unit: str) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "nothing"}[value]
    if isinstance(value, str):
        return value or "empty"
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    return f"{number:,} {unit}".rstrip()


def _listed(parts: list[str], joint: str) -> str:
    if len(parts) == 1:
        return parts[0]
    return f"{', '.join(parts[:-1])} {joint} {parts[-1]}"
