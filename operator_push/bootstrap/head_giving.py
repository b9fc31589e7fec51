"""Head giving: signed lines of the store are given away, to a file that is only added to and to a receiver.

The heads of the ledger and those of consent are lines of different kinds that are given away alike.
"""

import fcntl
from collections.abc import Callable, Iterable
from pathlib import Path

from operator_push.kernel.errors import OperatorError
from operator_push.store.database import Database
from operator_push.store.head_rows import set_taken


def add_missing_lines(path: Path, lines: list[str], verify: str) -> int:
    """Add to a file the lines that it does not have yet; returns how many. `verify` is the command to say.

    Raises:
        OperatorError: the file cannot be written, or does not begin with these lines.
    """
    if not lines:
        return 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            there = file.read().splitlines()
            if there != lines[: len(there)]:
                raise OperatorError(
                    "does not begin with the heads that the store has signed: one of the two was changed; "
                    f"run operator-push {verify} verify --heads with this file",
                    file=str(path),
                )
            missing = lines[len(there) :]
            file.writelines(f"{line}\n" for line in missing)
    except OSError as error:
        raise OperatorError(f"cannot be written: {error.strerror}", file=str(path)) from error
    return len(missing)


def give(
    database: Database,
    shard: int,
    receiver: str,
    heads: Iterable[tuple[int, str]],
    publish: Callable[[str], None],
) -> int:
    """Give a receiver (seal_no, text) one after the other, each remembered once taken; returns how many.

    Raises:
        ResourceError: it did not take one; that one comes first the next time.
    """
    count = 0
    for seal_no, text in heads:
        publish(text)
        database.run(lambda connection, upto=seal_no: set_taken(connection, shard, receiver, upto))  # type: ignore[misc]
        count += 1
    return count
