"""Built-in functions: what each means in Python and in each SQL; the only place that says so.

An operand is never unknown here: whoever calls has asked. A result may be: None, or SQL's null. Every guard
stands in both meanings, so that no engine raises where another answers, and none rounds alone.
"""

from collections.abc import Callable, Mapping

from operator_push.domain.audience.lexer import INT_MAX
from operator_push.domain.audience.tree import BuiltIn, Literal, Node

# Factors of a double's product or quotient are 0 or within these, else the result is unknown: PostgreSQL
# raises where a result is beyond a double or lost below it, the others answer infinity or 0.
FACTOR_MIN = 1e-100
FACTOR_MAX = 1e100
SET_SEPARATOR = "\x1f"  # A set's text: each item between two of them, "\x1fa\x1fb\x1f".
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TO_LOWER = str.maketrans(_UPPER, _UPPER.lower())
_TO_UPPER = str.maketrans(_UPPER.lower(), _UPPER)


def set_text(items: list[str] | tuple[str, ...]) -> str:
    """A set of strings as the one text that profiles and columns carry."""
    return SET_SEPARATOR + "".join(f"{item}{SET_SEPARATOR}" for item in sorted(set(items)))


def _int_times(left: int, right: int) -> int | None:
    return left * right if abs(float(left) * float(right)) < INT_MAX else None


def _int_over(left: int, right: int) -> int | None:
    """CEL: towards zero."""
    if right == 0:
        return None
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _int_modulo(left: int, right: int) -> int | None:
    """CEL: with the sign of the dividend."""
    if right == 0:
        return None
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def _is_factor(number: float) -> bool:
    return number == 0 or FACTOR_MIN <= abs(number) <= FACTOR_MAX


def _double_times(left: float, right: float) -> float | None:
    return left * right if _is_factor(left) and _is_factor(right) else None


def _double_over(left: float, right: float) -> float | None:
    return left / right if right and _is_factor(left) and _is_factor(right) else None


def _to_int(number: float) -> int | None:
    return int(number) if abs(number) < INT_MAX else None


PYTHON: Mapping[BuiltIn, Callable[..., object]] = {
    BuiltIn.INT_TIMES: _int_times,
    BuiltIn.INT_OVER: _int_over,
    BuiltIn.INT_MODULO: _int_modulo,
    BuiltIn.DOUBLE_TIMES: _double_times,
    BuiltIn.DOUBLE_OVER: _double_over,
    BuiltIn.TO_INT: _to_int,
    BuiltIn.SIZE: len,
    BuiltIn.CONCATENATE: lambda left, right: left + right,
    BuiltIn.STARTS_WITH: str.startswith,
    BuiltIn.ENDS_WITH: str.endswith,
    BuiltIn.CONTAINS: lambda text, part: part in text,
    BuiltIn.LOWER_ASCII: lambda text: text.translate(_TO_LOWER),
    BuiltIn.UPPER_ASCII: lambda text: text.translate(_TO_UPPER),
    BuiltIn.BY_CODE_POINT: lambda text: text,
    BuiltIn.HAS_ITEM: lambda items, item: f"{SET_SEPARATOR}{item}{SET_SEPARATOR}" in items,
    BuiltIn.SET_SIZE: lambda items: items.count(SET_SEPARATOR) - 1,
}

_TRANSLATE_LOWER = f"translate({{0}}, '{_UPPER}', '{_UPPER.lower()}')"
_TRANSLATE_UPPER = f"translate({{0}}, '{_UPPER.lower()}', '{_UPPER}')"
# Templates over the operands; a dialect's own stand before those of all. `{0}` more than once is why rules
# have a weight.
_ALL: Mapping[BuiltIn, str] = {
    BuiltIn.INT_TIMES: (
        "CASE WHEN abs(CAST({0} AS DOUBLE PRECISION) * CAST({1} AS DOUBLE PRECISION)) < 9007199254740992.0"
        " THEN {0} * {1} END"
    ),
    BuiltIn.INT_OVER: "({0} / NULLIF({1}, 0))",
    BuiltIn.INT_MODULO: "({0} % NULLIF({1}, 0))",
    BuiltIn.DOUBLE_TIMES: "CASE WHEN {0?} AND {1?} THEN {0} * {1} END",
    BuiltIn.DOUBLE_OVER: "CASE WHEN {0?} AND {1?} THEN {0} / NULLIF({1}, 0) END",
    BuiltIn.TO_INT: "CASE WHEN abs({0}) < 9007199254740992.0 THEN CAST(trunc({0}) AS BIGINT) END",
    BuiltIn.SIZE: "CAST(length({0}) AS BIGINT)",
    BuiltIn.CONCATENATE: "({0} || {1})",
    BuiltIn.BY_CODE_POINT: "{0}",
    BuiltIn.STARTS_WITH: "starts_with({0}, {1})",
    BuiltIn.ENDS_WITH: "(right({0}, CAST(length({1}) AS INTEGER)) = {1})",
    BuiltIn.CONTAINS: "(strpos({0}, {1}) > 0)",
    BuiltIn.LOWER_ASCII: _TRANSLATE_LOWER,
    BuiltIn.UPPER_ASCII: _TRANSLATE_UPPER,
    BuiltIn.HAS_ITEM: "(strpos({0}, chr(31) || {1} || chr(31)) > 0)",
    BuiltIn.SET_SIZE: "CAST(length({0}) - length(replace({0}, chr(31), '')) - 1 AS BIGINT)",
}
_DUCKDB: Mapping[BuiltIn, str] = {
    BuiltIn.INT_OVER: "({0} // NULLIF({1}, 0))",
    BuiltIn.ENDS_WITH: "ends_with({0}, {1})",
}
_SQLITE: Mapping[BuiltIn, str] = {
    BuiltIn.TO_INT: "CASE WHEN abs({0}) < 9007199254740992.0 THEN CAST({0} AS INTEGER) END",
    BuiltIn.STARTS_WITH: "(substr({0}, 1, length({1})) = {1})",
    BuiltIn.ENDS_WITH: ("(length({0}) >= length({1}) AND substr({0}, length({0}) - length({1}) + 1) = {1})"),
    BuiltIn.CONTAINS: "(instr({0}, {1}) > 0)",
    BuiltIn.LOWER_ASCII: "lower({0})",
    BuiltIn.UPPER_ASCII: "upper({0})",
    BuiltIn.HAS_ITEM: "(instr({0}, char(31) || {1} || char(31)) > 0)",
    BuiltIn.SET_SIZE: "(length({0}) - length(replace({0}, char(31), '')) - 1)",
}
_POSTGRESQL: Mapping[BuiltIn, str] = {
    BuiltIn.BY_CODE_POINT: '({0} COLLATE "C")',
}
_OWN = {"duckdb": _DUCKDB, "sqlite": _SQLITE, "postgresql": _POSTGRESQL}
_FACTOR = "({0} = 0 OR abs({0}) BETWEEN 1e-100 AND 1e100)"


def template_of(function: BuiltIn, dialect: str) -> str:
    """The SQL of a function: `{n}` is an operand, `{n?}` the question whether it is a factor."""
    return _OWN[dialect].get(function) or _ALL[function]


def factor_template(operand: Node) -> str:
    """SQL that asks whether an operand may be multiplied; nothing to ask of most literals."""
    if isinstance(operand, Literal) and isinstance(operand.value, float) and _is_factor(operand.value):
        return "TRUE"
    return _FACTOR


def times_written(function: BuiltIn) -> int:
    """How often an operand stands in the longest SQL of a function."""
    return max(
        template_of(function, dialect).count("{0}") + 2 * template_of(function, dialect).count("{0?}")
        for dialect in _OWN
    )
