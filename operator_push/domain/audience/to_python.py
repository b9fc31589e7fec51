"""Rules as Python: one function per rule, for one person or one event at a time.

Straight-line code is generated, one guarded assignment a node, and compiled once; values of the rule reach it
as constants, never as source text. It means what to_sql means: None is SQL's null.
"""

from collections.abc import Callable, Mapping

from operator_push.domain.audience.tree import (
    AllOf,
    AnyOf,
    Arithmetic,
    Attribute,
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

RuleFunction = Callable[[Mapping[str, object]], bool | None]


def to_python(root: Node) -> RuleFunction:
    """A checked rule as a function of a mapping from catalogue names to values.

    An absent or None attribute is unknown. The function returns True, False or None (unknown); an audience
    takes only True.
    """
    writer = _Writer()
    result = writer.write(root)
    lines = ["def rule(profile):", "    get = profile.get", *writer.lines, f"    return {result}"]
    namespace = writer.constants
    exec(compile("\n".join(lines), "<rule>", "exec"), namespace)
    function: RuleFunction = namespace["rule"]  # type: ignore[assignment]
    return function


class _Writer:
    """Writes each node as lines that leave its value in a local name, and returns that name."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, object] = {"__builtins__": {}, "double": float}
        self._attributes: dict[str, str] = {}

    def write(self, node: Node) -> str:
        match node:
            case Literal(value):
                return self._constant(value)
            case Attribute(name):
                return self._attribute(name)
            case AllOf(operands):
                return self._joined(operands, "False", "True")
            case AnyOf(operands):
                return self._joined(operands, "True", "False")
            case Not(operand):
                return self._guarded("not {0}", operand)
            case Negate(operand):
                return self._guarded("-{0}", operand)
            case ToDouble(operand):
                return self._guarded("double({0})", operand)
            case Compare(comparison, left, right):
                return self._guarded(f"{{0}} {comparison.value} {{1}}", left, right)
            case Arithmetic(sign, left, right):
                return self._guarded(f"{{0}} {sign.value} {{1}}", left, right)
            case IsNull(operand, negated):
                return self._assign(f"{self.write(operand)} is {'not ' if negated else ''}None")
            case Within(operand, ListOf(items)):
                if not items:
                    return "False"
                values = frozenset(item.value for item in items if isinstance(item, Literal))
                return self._guarded(f"{{0}} in {self._constant(values)}", operand)
            case _:
                raise TypeError(f"{type(node).__name__} does not leave the type check")

    def _constant(self, value: object) -> str:
        if value is None or isinstance(value, bool):
            return str(value)
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    def _attribute(self, name: str) -> str:
        local = self._attributes.get(name)
        if local is None:
            local = self._attributes[name] = self._assign(f"get({self._constant(name)})")
        return local

    def _assign(self, expression: str) -> str:
        local = f"v{len(self.lines)}"
        self.lines.append(f"    {local} = {expression}")
        return local

    def _guarded(self, template: str, *operands: Node) -> str:
        """The expression, or None where an operand is unknown; literals never are."""
        names = [self.write(operand) for operand in operands]
        unknown = " or ".join(
            f"{name} is None"
            for name, operand in zip(names, operands, strict=True)
            if not isinstance(operand, Literal)
        )
        expression = template.format(*names)
        return self._assign(f"None if {unknown} else {expression}" if unknown else expression)

    def _joined(self, operands: tuple[Node, ...], decisive: str, otherwise: str) -> str:
        """`decisive` if one operand is, else unknown if one operand is, else `otherwise`."""
        names = [self.write(operand) for operand in operands]
        decided = " or ".join(f"{name} is {decisive}" for name in names)
        unknown = " or ".join(f"{name} is None" for name in names)
        return self._assign(f"{decisive} if {decided} else None if {unknown} else {otherwise}")
