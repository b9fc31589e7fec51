"""The error of the rule language: parts for machines, a sentence for people."""

from operator_push.domain.audience.rule_error import RuleError
from operator_push.kernel.errors import OperatorError


def test_parts_and_sentence() -> None:
    error = RuleError(5, "unknown name 'agee'", "did you mean age?")
    assert isinstance(error, OperatorError)
    assert (error.column, error.message, error.suggestion) == (5, "unknown name 'agee'", "did you mean age?")
    assert str(error) == "column 5: unknown name 'agee'; did you mean age?"
    assert str(RuleError(1, "the rule is empty")) == "column 1: the rule is empty"
