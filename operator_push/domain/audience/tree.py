"""The tree of a rule: what the parser makes, the type check completes, and every output walks.

Columns count from 1 in the rule's text. Logic is three-valued: a missing value is unknown, not false.
"""

from dataclasses import dataclass
from enum import Enum

Value = bool | int | float | str | None


class Comparison(Enum):
    """Operators that compare two values of one type."""

    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


class Sign(Enum):
    """Operators of arithmetic."""

    PLUS = "+"
    MINUS = "-"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the rule; None is `null`."""

    value: Value
    column: int


@dataclass(frozen=True, slots=True)
class Attribute:
    """A name of the feature catalogue."""

    name: str
    column: int


@dataclass(frozen=True, slots=True)
class Not:
    """Logical negation; unknown stays unknown."""

    operand: "Node"
    column: int


@dataclass(frozen=True, slots=True)
class Negate:
    """Arithmetic negation."""

    operand: "Node"
    column: int


@dataclass(frozen=True, slots=True)
class AllOf:
    """`&&` over two or more operands: false if one is, else unknown if one is, else true."""

    operands: tuple["Node", ...]
    column: int


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`||` over two or more operands: true if one is, else unknown if one is, else false."""

    operands: tuple["Node", ...]
    column: int


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison; unknown where a side is."""

    comparison: Comparison
    left: "Node"
    right: "Node"
    column: int


@dataclass(frozen=True, slots=True)
class IsNull:
    """`x == null`, or with `negated` `x != null`: never unknown. Made by the type check."""

    operand: "Node"
    negated: bool
    column: int


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Sum or difference of two numbers of one type."""

    sign: Sign
    left: "Node"
    right: "Node"
    column: int


@dataclass(frozen=True, slots=True)
class ToDouble:
    """An int as a double, where the other side is one. Made by the type check."""

    operand: "Node"
    column: int


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list in brackets; it stands only to the right of `in`."""

    items: tuple["Node", ...]
    column: int


@dataclass(frozen=True, slots=True)
class Within:
    """`x in [..]`; unknown where x is, except that nothing is in an empty list."""

    operand: "Node"
    options: "Node"
    column: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function by name. The grammar knows it; functions come with what needs them."""

    function: str
    arguments: tuple["Node", ...]
    column: int


Node = (
    Literal
    | Attribute
    | Not
    | Negate
    | AllOf
    | AnyOf
    | Compare
    | IsNull
    | Arithmetic
    | ToDouble
    | ListOf
    | Within
    | Call
)


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node, left to right."""
    match node:
        case Literal() | Attribute():
            return ()
        case Not(operand) | Negate(operand) | ToDouble(operand) | IsNull(operand):
            return (operand,)
        case AllOf(operands) | AnyOf(operands) | ListOf(operands):
            return operands
        case Compare(_, left, right) | Arithmetic(_, left, right) | Within(left, right):
            return (left, right)
        case Call(_, arguments):
            return arguments


def attribute_names(root: Node) -> tuple[str, ...]:
    """The attributes that a rule uses, each once, in the order of their first use."""
    names: dict[str, None] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Attribute):
            names[node.name] = None
        waiting.extend(reversed(children(node)))
    return tuple(names)
