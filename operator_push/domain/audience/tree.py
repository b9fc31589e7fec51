"""The tree of a rule: what the parser makes, the type check completes, and every output walks.

Columns count from 1 in the rule's text. Logic is three-valued: a missing value is unknown, not false.
After the type check timestamps and durations are ints of microseconds, dates ints of days since 1970-01-01.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
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
    """Operators of arithmetic; after the type check only the first two stand in an Arithmetic."""

    PLUS = "+"
    MINUS = "-"
    TIMES = "*"
    OVER = "/"
    MODULO = "%"


class BuiltIn(Enum):
    """What Apply applies; `functions` says how each is written in Python and in SQL."""

    INT_TIMES = "times"
    INT_OVER = "over"
    INT_MODULO = "modulo"
    DOUBLE_TIMES = "double times"
    DOUBLE_OVER = "double over"
    TO_INT = "int"
    SIZE = "size"
    CONCATENATE = "concatenate"
    STARTS_WITH = "startsWith"
    ENDS_WITH = "endsWith"
    CONTAINS = "contains"
    LOWER_ASCII = "lowerAscii"
    UPPER_ASCII = "upperAscii"
    BY_CODE_POINT = "by code point"
    HAS_ITEM = "has item"
    SET_SIZE = "set size"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the rule; None is `null`. `shown`: what people read instead of the value."""

    value: Value
    column: int
    shown: str = field(default="", compare=False)


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
    """Sum or difference of two numbers of one type; before the type check any sign."""

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
    """A list in brackets; after the type check it stands only to the right of `in`."""

    items: tuple["Node", ...]
    column: int


@dataclass(frozen=True, slots=True)
class Within:
    """`x in [..]`; unknown where x is, except that nothing is in an empty list."""

    operand: "Node"
    options: "Node"
    column: int


@dataclass(frozen=True, slots=True)
class Conditional:
    """`condition ? then : otherwise`; unknown where the condition is."""

    condition: "Node"
    then: "Node"
    otherwise: "Node"
    column: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call by name, of a function or of `receiver`'s method. The type check replaces it."""

    function: str
    arguments: tuple["Node", ...]
    column: int
    receiver: "Node | None" = None


@dataclass(frozen=True, slots=True)
class Apply:
    """A built-in function of its operands, unknown where one is. Made by the type check."""

    function: BuiltIn
    operands: tuple["Node", ...]
    column: int


@dataclass(frozen=True, slots=True)
class Clock:
    """What the clock says when the rule is asked; `reading` makes an int of it. Made by the type check.

    `reading` takes microseconds since 1970 UTC. `shown` is what people read instead.
    """

    reading: Callable[[int], int] = field(compare=False)
    shown: str
    column: int


@dataclass(frozen=True, slots=True)
class Near:
    """Within `km` of a point, by the home of a person. Made by the type check; unknown where home is."""

    place: str
    latitude: float
    longitude: float
    km: float
    operands: tuple["Node", ...]
    column: int


@dataclass(frozen=True, slots=True)
class Member:
    """Whether a person is in a set by its key (`list:vip`): never unknown. Made by the type check."""

    key: str
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
    | Conditional
    | Call
    | Apply
    | Clock
    | Near
    | Member
)


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node, left to right."""
    match node:
        case Literal() | Attribute() | Clock() | Member():
            return ()
        case Not(operand) | Negate(operand) | ToDouble(operand) | IsNull(operand):
            return (operand,)
        case AllOf(operands) | AnyOf(operands) | ListOf(operands):
            return operands
        case Compare(_, left, right) | Arithmetic(_, left, right) | Within(left, right):
            return (left, right)
        case Conditional(condition, then, otherwise):
            return (condition, then, otherwise)
        case Call(_, arguments, _, receiver):
            return arguments if receiver is None else (receiver, *arguments)
        case Apply(_, operands) | Near(operands=operands):
            return operands


def rebuilt(node: Node, parts: Sequence[Node]) -> Node:
    """The same node over other parts, in the order of `children`; for trees that left the type check."""
    match node:
        case Not() | Negate() | ToDouble() | IsNull():
            return replace(node, operand=parts[0])
        case AllOf() | AnyOf() | Apply():
            return replace(node, operands=tuple(parts))
        case ListOf():
            return replace(node, items=tuple(parts))
        case Compare() | Arithmetic():
            return replace(node, left=parts[0], right=parts[1])
        case Within():
            return replace(node, operand=parts[0], options=parts[1])
        case Conditional():
            return replace(node, condition=parts[0], then=parts[1], otherwise=parts[2])
        case Call(receiver=receiver):
            first = 0 if receiver is None else 1
            return replace(node, receiver=parts[0] if first else None, arguments=tuple(parts[first:]))
        case Near() if any(not isinstance(part, Attribute) for part in parts):
            return Literal(None, node.column)
        case _:
            return node


def walk(root: Node) -> Iterator[Node]:
    """Every node of a tree, parents before their parts, left to right."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def set_keys(root: Node) -> tuple[str, ...]:
    """The sets that a rule asks for, each once, in the order of their first use."""
    return tuple(dict.fromkeys(node.key for node in walk(root) if isinstance(node, Member)))


def reads_clock(root: Node) -> bool:
    """Whether a rule's answer depends on when it is asked."""
    return any(isinstance(node, Clock) for node in walk(root))


def attribute_names(root: Node) -> tuple[str, ...]:
    """The attributes that a rule uses, each once, in the order of their first use."""
    return tuple(dict.fromkeys(node.name for node in walk(root) if isinstance(node, Attribute)))
