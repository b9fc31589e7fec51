"""Built-in functions: CEL's meaning, and every one written for every database."""

import pytest

from operator_push.domain.audience.built_ins import (
    PYTHON,
    factor_template,
    set_text,
    template_of,
    times_written,
)
from operator_push.domain.audience.to_sql import SqlDialect
from operator_push.domain.audience.tree import Attribute, BuiltIn, Literal


def test_every_function_has_python_and_sql() -> None:
    assert set(PYTHON) == set(BuiltIn)
    for function in BuiltIn:
        for dialect in SqlDialect:
            assert "{0" in template_of(function, dialect.value)
        assert times_written(function) >= 1


@pytest.mark.parametrize(
    ("function", "operands", "value"),
    [
        (BuiltIn.INT_OVER, (7, 2), 3),
        (BuiltIn.INT_OVER, (-7, 2), -3),
        (BuiltIn.INT_OVER, (7, -2), -3),
        (BuiltIn.INT_OVER, (7, 0), None),
        (BuiltIn.INT_MODULO, (-7, 3), -1),
        (BuiltIn.INT_MODULO, (7, -3), 1),
        (BuiltIn.INT_MODULO, (7, 0), None),
        (BuiltIn.INT_TIMES, (1 << 26, 1 << 26), 1 << 52),
        (BuiltIn.INT_TIMES, (1 << 27, -(1 << 26)), None),
        (BuiltIn.DOUBLE_TIMES, (2.0, 0.0), 0.0),
        (BuiltIn.DOUBLE_TIMES, (1e101, 2.0), None),
        (BuiltIn.DOUBLE_OVER, (1.0, 0.0), None),
        (BuiltIn.DOUBLE_OVER, (1.0, 1e-101), None),
        (BuiltIn.TO_INT, (-2.9,), -2),
        (BuiltIn.TO_INT, (1e300,), None),
        (BuiltIn.SIZE, ("पुणे",), 4),
        (BuiltIn.LOWER_ASCII, ("ÀB",), "Àb"),
        (BuiltIn.UPPER_ASCII, ("éb",), "éB"),
        (BuiltIn.HAS_ITEM, (set_text(["tea", "golf"]), "tea"), True),
        (BuiltIn.HAS_ITEM, (set_text(["tea"]), "te"), False),
        (BuiltIn.SET_SIZE, (set_text([]),), 0),
        (BuiltIn.SET_SIZE, (set_text(["a", "b", "a"]),), 2),
    ],
)
def test_meanings(function: BuiltIn, operands: tuple[object, ...], value: object) -> None:
    answer = PYTHON[function](*operands)
    assert (answer, type(answer)) == (value, type(value))


def test_only_what_is_not_known_before_is_asked_of_a_factor() -> None:
    assert factor_template(Literal(2.0, 1)) == "TRUE"
    assert "BETWEEN" in factor_template(Literal(1e300, 1))
    assert "BETWEEN" in factor_template(Attribute("spend_30d", 1))
