"""Rules as SQL: a condition for WHERE, for DuckDB, SQLite and PostgreSQL.

Laws: values are parameters, always; names come from the catalogue and are quoted; logic is SQL's own
three-valued one. Columns carry the catalogue's names and types (doubles finite: no engine agrees with another
on NaN). The text is complete in itself, so it may stand inside any larger condition.
"""

from enum import Enum

from operator_push.domain.audience.tree import (
    AllOf,
    AnyOf,
    Arithmetic,
    Attribute,
    Compare,
    Comparison,
    IsNull,
    ListOf,
    Literal,
    Negate,
    Node,
    Not,
    ToDouble,
    Value,
    Within,
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
_POSTGRESQL_TYPES = {int: "BIGINT", float: "DOUBLE PRECISION", str: "TEXT"}


def to_sql(
    root: Node, dialect: SqlDialect = SqlDialect.DUCKDB, first_parameter: int = 1
) -> tuple[str, list[Value]]:
    """A checked rule as (SQL text, parameters in order).

    Placeholders are `?`, for PostgreSQL `$n` from `first_parameter` on.
    """
    writer = _Writer(dialect, first_parameter)
    return writer.write(root), writer.parameters


class _Writer:
    def __init__(self, dialect: SqlDialect, first_parameter: int) -> None:
        self._dialect = dialect
        self._first = first_parameter
        self.parameters: list[Value] = []

    def write(self, node: Node) -> str:
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
            case _:
                raise TypeError(f"{type(node).__name__} does not leave the type check")

    def _literal(self, value: Value) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        self.parameters.append(value)
        if self._dialect is not SqlDialect.POSTGRESQL:
            return "?"
        number = self._first + len(self.parameters) - 1
        return f"CAST(${number} AS {_POSTGRESQL_TYPES[type(value)]})"

    def _compare(self, node: Compare) -> str:
        return f"({self.write(node.left)} {_COMPARISONS[node.comparison]} {self.write(node.right)})"
