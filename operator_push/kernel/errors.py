"""Error types, split by whose fault it is.

A `PeerError` holds the answer for the peer; an `OperatorError` stops a start and names file and key; a
`ResourceError` passes with time. Business outcomes (refused, overdrawn) are values, never exceptions.
"""


class OperatorPushError(Exception):
    """Root of the errors that this product raises on purpose."""


class PeerError(OperatorPushError):
    """The other end of a bind sent something wrong; the subclass carries the command_status to answer."""


class OperatorError(OperatorPushError):
    """Configuration or a command is wrong: the message tells a person what is allowed.

    `line` counts from 1 and is told as editors open it: "file:line".
    """

    def __init__(
        self, message: str, *, file: str | None = None, key: str | None = None, line: int | None = None
    ) -> None:
        self.file = file
        self.key = key
        self.line = line
        place = f"{file}:{line}" if file and line else file
        where = ": ".join(part for part in (place, key) if part)
        super().__init__(f"{where}: {message}" if where else message)


class ResourceError(OperatorPushError):
    """Something that we lean on (disk, database, link) is not available now; trying later can succeed."""


class MoneyInvariantError(OperatorPushError):
    """A law of the ledger does not hold. Raised, never asserted: stopping beats charging wrongly."""
