"""Samples of charging records: those of the folder beside the project where it is there, and our own."""

import os
from pathlib import Path

from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.smsc_message import SmscMessage

# The folder lies beside the repository; a worktree elsewhere names it by SHARED_DATA.
SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")) / "cdr"
NOON_US = 1_793_016_000_000_000


def sample(name: str) -> bytes | None:
    """The octets of a shared sample, None where the folder is not there."""
    path = SHARED / name
    return path.read_bytes() if path.is_file() else None


def smsc_message(**changes: object) -> SmscMessage:
    """A delivered message of one segment."""
    values: dict[str, object] = {
        "smsc_message_id": "0a1b2c3d",
        "system_id": "push",
        "source": "MYSHOP",
        "destination": "919800000001",
        "user_message_reference": 4711,
        "submit_us": NOON_US,
        "final_us": NOON_US + 5_000_000,
        "state": "DELIVERED",
        "error_code": 0,
        "data_coding": 0,
        "octets": 12,
    }
    return SmscMessage(**{**values, **changes})  # type: ignore[arg-type]


def check_place(error: CdrError, octets: int) -> None:
    """An error names an octet of the buffer, or the one behind its last."""
    assert 0 <= error.offset <= octets
