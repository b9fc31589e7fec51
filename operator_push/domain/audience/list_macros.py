"""List macros: exists and all over a written list, and CEL's sets.contains and sets.intersects.

A macro over a list that is written in the rule is its body, once for every item; so it means the same in
every output without any of them knowing lists.
"""

from collections.abc import Callable
from dataclasses import replace

from operator_push.domain.audience.rule_error import RuleError
from operator_push.domain.audience.tree import (
    AllOf,
    AnyOf,
    Apply,
    Attribute,
    BuiltIn,
    Call,
    ListOf,
    Literal,
    Node,
    children,
    rebuilt,
    walk,
)
from operator_push.domain.audience.value_types import Typed, ValueType

EXPANDED_NODES_MAX = 5_000  # Ours: of all macros of a rule, those within others included.
LIST_MACROS = ("exists", "all")


def expansion_of(call: Call) -> int:
    """How many nodes a macro becomes."""
    items = len(call.receiver.items) if isinstance(call.receiver, ListOf) else 0
    return items * sum(1 for part in call.arguments for _ in walk(part))


def expand_macro(call: Call) -> Node:
    """`[a, b].exists(x, body)` as body(a) || body(b), `all` with &&.

    Raises:
        RuleError: not a list before the dot, or not a name and a condition within.
    """
    receiver, arguments = call.receiver, call.arguments
    example = f'["Pu", "Mu"].{call.function}(x, home.city.startsWith(x))'
    if not isinstance(receiver, ListOf):
        raise RuleError(call.column, f"{call.function}() is asked of a written list", f"as in {example}")
    if len(arguments) != 2 or not isinstance(arguments[0], Attribute) or "." in arguments[0].name:
        raise RuleError(call.column, f"{call.function}() takes a name and a condition", f"as in {example}")
    name, body = arguments[0].name, arguments[1]
    bodies = tuple(_with_item(body, name, item) for item in receiver.items)
    if not bodies:
        return Literal(call.function == "all", call.column)
    if len(bodies) == 1:
        # A condition joined with what changes nothing stays one, and is checked as one.
        bodies = (*bodies, Literal(call.function == "all", call.column))
    return (AnyOf if call.function == "exists" else AllOf)(bodies, call.column)


def set_call(call: Call, check: Callable[[Node], Typed]) -> Typed:
    """sets.contains(set, list) and sets.intersects(set, list), over an attribute that is a set.

    Raises:
        RuleError: other arguments than a set attribute and a list of strings.
    """
    example = f'{call.function}(interests, ["tea", "tennis"])'
    if len(call.arguments) != 2 or not isinstance(call.arguments[1], ListOf):
        raise RuleError(call.column, f"{call.function}() takes a set and a list", f"as in {example}")
    of, kind = check(call.arguments[0])
    if kind is not ValueType.SET:
        raise RuleError(
            call.arguments[0].column, f"a set stands here, this is {kind.value}", f"as in {example}"
        )
    asked: list[Node] = []
    for item in call.arguments[1].items:
        checked, item_kind = check(item)
        if item_kind is not ValueType.STRING:
            raise RuleError(item.column, f"the list holds strings, this is {item_kind.value}")
        asked.append(Apply(BuiltIn.HAS_ITEM, (of, checked), call.column))
    every = call.function == "sets.contains"
    if not asked:
        return Literal(every, call.column), ValueType.BOOL
    if len(asked) == 1:
        return asked[0], ValueType.BOOL
    return (AllOf if every else AnyOf)(tuple(asked), call.column), ValueType.BOOL


def _with_item(node: Node, name: str, item: Node) -> Node:
    if isinstance(node, Attribute):
        return item if node.name == name else node
    parts = children(node)
    if not parts:
        return node
    if isinstance(node, Call) and node.function in LIST_MACROS and node.arguments:
        inner = node.arguments[0]
        if isinstance(inner, Attribute) and inner.name == name:  # hides the outer one within
            receiver = _with_item(node.receiver, name, item) if node.receiver else None
            return replace(node, receiver=receiver)
    return rebuilt(node, [_with_item(part, name, item) for part in parts])
