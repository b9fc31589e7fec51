"""Rules as SQL: a condition for WHERE, for DuckDB, SQLite and PostgreSQL.

Laws: values are parameters, always; names come from the catalogue and are quoted; logic is SQL's own
three-valued one. Columns carry the catalogue's names and types (doubles finite: no engine agrees with another
on NaN). The text is complete in itself, so it may stand inside any larger condition.
"""

import re
from enum import Enum

from operator_push.domain.audience.built_ins import factor_template, template_of
from operator_push.domain.audience.to_python import KM_PER_DEGREE, map_about, to_python
from operator_push.domain.audience.tree import (
    AllOf,
    AnyOf,
    Apply,
    Arithmetic,
    Attribute,
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
    ToDouble,
    Value,
    Within,
    children,
    reads_clock,
    walk,
)


class SqlDialect(Enum):
    """Whose SQL; they differ in placeholders, and PostgreSQL wants to be told the type of a parameter."""

    DUCKDB = "duckdb"
    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


_COMPARISONS = {
    Comparison.EQUAL: "=",
    Comparison.NOT_EQUAL: "<>",
    Comparison.LESS: "<",
    Comparison.AT_MOST: "<=",
    Comparison.MORE: ">",
    Comparison.AT_LEAST: ">=",
}
_PARAMETER_TYPES = {int: "BIGINT", float: "DOUBLE PRECISION", str: "TEXT"}
_MEMBER = '("subscriber_no" IN (SELECT "subscriber_no" FROM "membership" WHERE "set_key" = {0}))'
_OPERAND = re.compile(r"\{(\d)(\??)\}")


def to_sql(
    root: Node,
    dialect: SqlDialect = SqlDialect.DUCKDB,
    first_parameter: int = 1,
    now_us: int | None = None,
) -> tuple[str, list[Value]]:
    """A checked rule as (SQL text, parameters in order).

    Placeholders are `?`, for PostgreSQL `$n` from `first_parameter` on. A rule that asks for sets reads a
    table `membership(set_key, subscriber_no)` without nulls beside the profile's columns and
    `subscriber_no`. `now_us` is what its clock says.

    Raises:
        ValueError: the rule reads the clock, and `now_us` is not given.
    """
    writer = _Writer(dialect, first_parameter, now_us, reads_clock(root))
    return writer.write(root), writer.parameters


class _Writer:
    def __init__(
        self, dialect: SqlDialect, first_parameter: int, now_us: int | None, reads_clock: bool
    ) -> None:
        self._dialect = dialect
        self._first = first_parameter
        self._now_us = now_us
        self._reads_clock = reads_clock
        self.parameters: list[Value] = []

    def write(self, node: Node) -> str:
        if self._reads_clock and _is_the_clock_s(node):
            # Nobody's attribute is in it: it is the same for all, and to_python says what.
            return self._typed(to_python(node)({}, self._now_us))
        match node:
            case Literal(value):
                return self._literal(value)
            case Attribute(name):
                quoted = name.replace('"', '""')
                return f'"{quoted}"'
            case AllOf(operands):
                return "(" + " AND ".join(map(self.write, operands)) + ")"
            case AnyOf(operands):
                return "(" + " OR ".join(map(self.write, operands)) + ")"
            case Not(operand):
                return f"(NOT {self.write(operand)})"
            case Negate(operand):
                return f"(- {self.write(operand)})"
            case Compare():
                return self._compare(node)
            case IsNull(operand, negated):
                return f"({self.write(operand)} IS {'NOT ' if negated else ''}NULL)"
            case Arithmetic(sign, left, right):
                return f"({self.write(left)} {sign.value} {self.write(right)})"
            case ToDouble(operand):
                return f"CAST({self.write(operand)} AS DOUBLE PRECISION)"
            case Within(operand, ListOf(items)):
                if not items:
                    return "(1 = 0)"
                return f"({self.write(operand)} IN ({', '.join(map(self.write, items))}))"
            case Conditional(condition, then, otherwise):
                return (
                    f"(CASE {self.write(condition)} WHEN TRUE THEN {self._operand(then)}"
                    f" WHEN FALSE THEN {self._operand(otherwise)} END)"
                )
            case Apply():
                return self._apply(node)
            case Member(key):
                return _MEMBER.format(self._typed(key))
            case Near():
                return self._near(node)
            case _:
                raise TypeError(f"{type(node).__name__} does not leave the type check")

    def _apply(self, node: Apply) -> str:
        def operand(found: re.Match[str]) -> str:
            part = node.operands[int(found[1])]
            if not found[2]:
                return self._operand(part)
            return _OPERAND.sub(lambda _: self._operand(part), factor_template(part))

        return _OPERAND.sub(operand, template_of(node.function, self._dialect.value))

    def _near(self, node: Near) -> str:
        """The sums of to_python's map, in the same order; parameters come in the order of the text."""
        latitude, longitude = map(self.write, node.operands)
        about_latitude, about_longitude, at, less, lesser = map_about(node.latitude, node.longitude)
        number, limit = self._typed, node.km * node.km

        def north() -> str:
            return f"(({latitude} - {number(about_latitude)}) * {number(KM_PER_DEGREE)})"

        def past() -> str:
            return f"{longitude} - {number(about_longitude)}"

        def east() -> str:
            return (
                f"(CASE WHEN {past()} > 180 THEN {past()} - 360 WHEN {past()} < -180 THEN {past()} + 360"
                f" ELSE {past()} END * {number(KM_PER_DEGREE)})"
            )

        def narrowed() -> str:
            return f"({number(at)} - {north()} * ({number(less)} + {north()} * {number(lesser)}))"

        return (
            f"CASE WHEN {latitude} BETWEEN -90 AND 90 AND {longitude} BETWEEN -180 AND 180"
            f" THEN ({north()} * {north()} <= {number(limit)} AND"
            f" {north()} * {north()} + {east()} * {east()} * {narrowed()} <= {number(limit)}) END"
        )

    def _operand(self, node: Node) -> str:
        """A part of an expression in which an engine would else pick a type for a parameter."""
        return self._typed(node.value) if isinstance(node, Literal) else self.write(node)

    def _typed(self, value: Value) -> str:
        literal = self._literal(value)
        return f"CAST(? AS {_PARAMETER_TYPES[type(value)]})" if literal == "?" else literal

    def _literal(self, value: Value) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        self.parameters.append(value)
        if self._dialect is not SqlDialect.POSTGRESQL:
            return "?"
        number = self._first + len(self.parameters) - 1
        return f"CAST(${number} AS {_PARAMETER_TYPES[type(value)]})"

    def _compare(self, node: Compare) -> str:
        return f"({self.write(node.left)} {_COMPARISONS[node.comparison]} {self.write(node.right)})"


def _is_the_clock_s(node: Node) -> bool:
    """Whether a part depends on the clock and on nobody."""
    leaves = [each for each in walk(node) if not children(each) and not isinstance(each, ListOf)]
    return all(isinstance(leaf, Literal | Clock) for leaf in leaves) and reads_clock(node)
