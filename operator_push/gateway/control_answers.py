"""Control answers: what every table of handlers needs to read arguments and to answer after a commit."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from pyroaring import BitMap

from operator_push.gateway.committer import Committer
from operator_push.gateway.control_server import Answer, Refuse
from operator_push.kernel.errors import OperatorError, OperatorPushError
from operator_push.kernel.instants import parse_iso

WHO_MAX = 64  # Ours: characters of a name that stands in rows as who changed something.
UNNAMED = "control socket"
# Does what reads much and changes nothing away from the loop, and tells its result there (law 6).
Aside = Callable[
    [Callable[[], Mapping[str, Any]], Callable[[Mapping[str, Any] | OperatorPushError], None]], None
]


def after_commit(committer: Committer, answer: Answer, result: Mapping[str, Any]) -> None:
    """Answer once everything that is staged now is on disk."""
    committer.promise(lambda: answer(result))
    committer.kick()


def whole(value: Any, key: str) -> int:
    """A whole number as JSON has it.

    Raises:
        OperatorError: it is something else, true and false included.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise OperatorError(f"{key} {value!r} is not a whole number")
    return value


def moment(value: Any, key: str, default_us: int | None = None) -> int | None:
    """Microseconds since 1970 of an ISO 8601 text with a zone; `default_us` where there is none.

    Raises:
        OperatorError: the text is no moment.
    """
    if value is None or value == "":
        return default_us
    try:
        return parse_iso(str(value))
    except ValueError as error:
        raise OperatorError(
            f"{key} {value!r} is not a moment with its zone, such as 2026-04-01T00:00:00+05:30"
        ) from error


def who(args: Mapping[str, Any]) -> str:
    """The name under which a change is written down: argument `by`, as far as it is printable."""
    name = "".join(each for each in str(args.get("by") or "") if each.isprintable())
    return name[:WHO_MAX].strip() or UNNAMED


def rows_by_name(args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of an import by name: as they came, or as `columns` names their values once for all."""
    columns = args.get("columns")
    if columns is None:
        return list(args["rows"])
    return [dict(zip(columns, row, strict=True)) for row in args["rows"]]


def imported(rows: int, applied: int, rejected: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer to an import of so many rows; what was neither applied nor rejected was known already."""
    return {"applied": applied, "unchanged": rows - applied - len(rejected), "rejected": rejected}


def pass_on(told: Mapping[str, Any] | OperatorPushError, answer: Answer, refuse: Refuse) -> None:
    """Answer with what was told from aside, or refuse with its error."""
    if isinstance(told, OperatorPushError):
        refuse(str(told))
    else:
        answer(told)


def encode_bitmap(numbers: BitMap) -> str:
    """A bitmap as base64 of its portable form."""
    return base64.b64encode(numbers.serialize()).decode("ascii")


def decode_bitmap(text: str) -> BitMap:
    """The bitmap of `encode_bitmap`."""
    return BitMap.deserialize(base64.b64decode(text))
