"""The faults of a stream: why its octets end before they should."""

from enum import Enum


class StreamFaultKind(Enum):
    """What is wrong with a packed file."""

    BROKEN = "broken"
    TOO_LARGE = "too large"


class StreamFaultError(Exception):
    """Raised behind the last octet that could be read.

    `what` is a sentence for people; `offset` is an octet of the file as it lies on the disk.
    """

    def __init__(self, kind: StreamFaultKind, what: str, offset: int) -> None:
        super().__init__(f"{what} (octet {offset} of the file)")
        self.kind = kind
        self.what = what
        self.offset = offset
