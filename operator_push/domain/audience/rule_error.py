"""The error of the rule language: where, what, and what was probably meant."""

from operator_push.kernel.errors import OperatorError


class RuleError(OperatorError):
    """A rule that cannot be used. `column` counts characters from 1; `suggestion` may be empty."""

    def __init__(self, column: int, message: str, suggestion: str = "") -> None:
        self.column = column
        self.message = message
        self.suggestion = suggestion
        hint = f"; {suggestion}" if suggestion else ""
        super().__init__(f"column {column}: {message}{hint}")
