"""Types of the rule language, and a node together with its type."""

from collections.abc import Mapping
from enum import Enum

from operator_push.domain.audience.moments import date_text, duration_text, timestamp_text
from operator_push.domain.audience.tree import Literal, Node
from operator_push.kernel.feature_catalogue import FeatureType


class ValueType(Enum):
    """Types of the language; the value is the word for people."""

    BOOL = "a condition"
    INT = "an int"
    DOUBLE = "a double"
    STRING = "a string"
    TIMESTAMP = "a timestamp"
    DURATION = "a duration"
    DATE = "a date"
    SET = "a set of strings"
    NULL = "null"
    LIST = "a list"


Typed = tuple[Node, ValueType]

BY_FEATURE_TYPE: Mapping[FeatureType, ValueType] = {
    FeatureType.BOOL: ValueType.BOOL,
    FeatureType.INT: ValueType.INT,
    FeatureType.DOUBLE: ValueType.DOUBLE,
    FeatureType.STRING: ValueType.STRING,
    FeatureType.TIMESTAMP: ValueType.TIMESTAMP,
    FeatureType.DATE: ValueType.DATE,
    FeatureType.SET: ValueType.SET,
}
BY_PYTHON_TYPE: Mapping[type, ValueType] = {
    bool: ValueType.BOOL,
    int: ValueType.INT,
    float: ValueType.DOUBLE,
    str: ValueType.STRING,
    type(None): ValueType.NULL,
}
NUMBERS = (ValueType.INT, ValueType.DOUBLE)
# All of them are compared as ints are.
ORDERED = (*NUMBERS, ValueType.STRING, ValueType.TIMESTAMP, ValueType.DURATION, ValueType.DATE)
_SHOWN = {
    ValueType.TIMESTAMP: timestamp_text,
    ValueType.DURATION: duration_text,
    ValueType.DATE: date_text,
}


def literal_of(value: int | float | bool | str, kind: ValueType, column: int) -> Typed:
    """A literal of a type, with what people read instead of the number of a moment."""
    show = _SHOWN.get(kind)
    return Literal(value, column, show(int(value)) if show else ""), kind
