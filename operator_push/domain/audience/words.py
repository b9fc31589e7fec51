"""Rules in words: one sentence that a person can check against what they meant, in several languages."""

from collections.abc import Mapping

from operator_push.domain.audience.phrasebook import PhraseBook, phrase_book
from operator_push.domain.audience.tree import (
    AllOf,
    AnyOf,
    Apply,
    Arithmetic,
    Attribute,
    BuiltIn,
    Clock,
    Compare,
    Conditional,
    IsNull,
    ListOf,
    Literal,
    Member,
    Near,
    Negate,
    Node,
    Not,
    ToDouble,
    Value,
    Within,
    attribute_names,
)
from operator_push.kernel.feature_catalogue import Feature

_PRODUCTS = {
    BuiltIn.INT_TIMES: "times",
    BuiltIn.DOUBLE_TIMES: "times",
    BuiltIn.INT_OVER: "over",
    BuiltIn.DOUBLE_OVER: "over",
    BuiltIn.INT_MODULO: "modulo",
    BuiltIn.CONCATENATE: "concatenate",
}
_MEASURES = {BuiltIn.SIZE: "length", BuiltIn.SET_SIZE: "number", BuiltIn.TO_INT: "whole"}
_TEXT_QUESTIONS = (BuiltIn.STARTS_WITH, BuiltIn.ENDS_WITH, BuiltIn.CONTAINS, BuiltIn.HAS_ITEM)


def in_words(root: Node, features: Mapping[str, Feature], language: str = "en") -> str:
    """A checked rule as a sentence: "people whose age is at least 18 years and whose …".

    Raises:
        OperatorError: a language without phrases.
    """
    words = _Words(features, phrase_book(language))
    if isinstance(root, AllOf):
        clauses = words.listed([words.whose(each) for each in root.operands], "and")
    elif isinstance(root, AnyOf):
        clauses = words.listed([words.whose(each) for each in root.operands], "or")
    else:
        clauses = words.whose(root)
    return words.book.say("people", clauses=clauses)


def attribute_words(name: str) -> str:
    """A catalogue name as people say it in English: home.city → home city, spend_30d → spend in 30 days."""
    spoken = name.replace(".", " ")
    if spoken.endswith("_30d"):
        spoken = spoken.removesuffix("_30d") + " in 30 days"
    return spoken.replace("_", " ")


class _Words:
    def __init__(self, features: Mapping[str, Feature], book: PhraseBook) -> None:
        self._features = features
        self.book = book
        self._say = book.say

    def whose(self, node: Node) -> str:
        """A condition as a relative clause."""
        match node:
            case Attribute(name):
                return self._say("who_are", value=self._attribute(name))
            case Member(key):
                return self._set("members", key)
            case Not(Member(key)):
                return self._set("strangers", key)
            case AllOf() | AnyOf() | Not() | Literal() | Conditional():
                return self._say("for_whom", condition=self.condition(node))
            case _:
                return self._say("whose", condition=self.condition(node))

    def condition(self, node: Node) -> str:
        """A condition as a clause; joined ones in parentheses, so that nothing can be read two ways."""
        match node:
            case AllOf(operands):
                return self._joined(operands, "and")
            case AnyOf(operands):
                return self._joined(operands, "or")
            case Not(operand):
                return self._say("not", condition=self.condition(operand))
            case Compare(comparison, left, right):
                unit = self._unit(left) or self._unit(right)
                return self._compared(comparison.value, self._value(left, unit), self._value(right, unit))
            case IsNull(operand, negated):
                return self._say("known" if negated else "not_known", value=self._value(operand, ""))
            case Within(operand, ListOf(items)):
                return self._within(operand, items)
            case Literal(value):
                return self._say("always" if value else "never")
            case Member(key):
                return self._set("membership", key)
            case Near():
                return self._say("near", km=f"{node.km:g}", place=node.place)
            case Conditional():
                return self._say(
                    "choice_of_conditions",
                    asked=self.condition(node.condition),
                    then=self.condition(node.then),
                    otherwise=self.condition(node.otherwise),
                )
            case Apply(function, (text, part)) if function in _TEXT_QUESTIONS:
                return self._compared(function.value, self._value(text, ""), self._value(part, ""))
            case _:
                return self._value(node, "")

    def listed(self, parts: list[str], joint: str) -> str:
        """a, b and c."""
        if len(parts) == 1:
            return parts[0]
        return f"{', '.join(parts[:-1])} {self._say(joint)} {parts[-1]}"

    def _joined(self, operands: tuple[Node, ...], joint: str) -> str:
        return "(" + f" {self._say(joint)} ".join(map(self.condition, operands)) + ")"

    def _compared(self, how: str, left: str, right: str) -> str:
        return self.book.say_of("comparisons", how, left=left, right=right)

    def _within(self, operand: Node, items: tuple[Node, ...]) -> str:
        if not items:
            return self._say("in_nothing", value=self._value(operand, ""))
        options = [self._value(item, self._unit(operand)) for item in items]
        return self._compared("==", self._value(operand, ""), self.listed(options, "or"))

    def _set(self, table: str, key: str) -> str:
        kind, _, name = key.partition(":")
        return self.book.say_of(table, kind, name=name)

    def _value(self, node: Node, unit: str) -> str:
        match node:
            case Literal(value, _, shown):
                return shown or self._spoken(value, unit)
            case Clock(_, shown):
                return self._say(shown) if shown in ("now", "today") else shown
            case Attribute(name):
                return self._attribute(name)
            case ToDouble(operand):
                return self._value(operand, unit)
            case Negate(operand):
                return self._say("negative", value=self._value(operand, unit))
            case Arithmetic(sign, left, right):
                return self._calculated(sign.value, self._value(left, unit), self._value(right, unit))
            case Apply(function, (one, other)) if function in _PRODUCTS:
                return self._calculated(_PRODUCTS[function], self._value(one, unit), self._value(other, ""))
            case Apply(function, (of,)):
                value = self._value(of, unit)
                return self._say(_MEASURES[function], value=value) if function in _MEASURES else value
            case Conditional():
                return self._say(
                    "choice_of_values",
                    asked=self.condition(node.condition),
                    then=self._value(node.then, unit),
                    otherwise=self._value(node.otherwise, unit),
                )
            case _:
                return self.condition(node)

    def _calculated(self, how: str, left: str, right: str) -> str:
        return self.book.say_of("arithmetic", how, left=left, right=right)

    def _attribute(self, name: str) -> str:
        return self.book.tables["attributes"].get(name) or attribute_words(name)

    def _unit(self, node: Node) -> str:
        """The unit that the numbers beside this node carry; others (names, codes) would only disturb it."""
        for name in attribute_names(node):
            spoken = self.book.tables["units"].get(self._features[name].unit)
            if spoken:
                return spoken
        return ""

    def _spoken(self, value: Value, unit: str) -> str:
        if isinstance(value, bool):
            return self._say("true" if value else "false")
        if value is None:
            return self._say("nothing")
        if isinstance(value, str):
            return value or self._say("empty")
        number = int(value) if isinstance(value, float) and value.is_integer() else value
        whole, point, rest = f"{number:,}".partition(".")
        written = whole.replace(",", self._say("thousands")) + (self._say("decimal") if point else "") + rest
        return f"{written} {unit}".rstrip()
