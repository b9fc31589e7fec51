"""Comparisons: the operators of assertions, and what they do."""

import operator
from collections.abc import Callable
from typing import Final, Literal

Operator = Literal["==", "!=", "<", "<=", ">", ">="]
COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
