"""The one error of this room: what is wrong in a charging record or file, and at which octet."""

from operator_push.kernel.errors import OperatorError


class CdrError(OperatorError):
    """Octets that are not what the standard says.

    `offset` counts from the first octet of the file (or buffer); `path` names the field, "" above the fields.
    """

    def __init__(self, what: str, offset: int, *, path: str = "", file: str | None = None) -> None:
        self.what = what
        self.offset = offset
        self.path = path
        place = f"octet {offset}, {path}" if path else f"octet {offset}"
        super().__init__(f"{place}: {what}", file=file)

    def within(self, path: str) -> "CdrError":
        """The same, one field further out."""
        return CdrError(self.what, self.offset, path=f"{path}.{self.path}" if self.path else path)

    def in_file(self, file: str) -> "CdrError":
        """The same, with the name of the file."""
        return CdrError(self.what, self.offset, path=self.path, file=file)
