"""Messages to be priced, from a CSV file: one row a message.

account, to and at are required, and text or segments; class, channel, sender, attributes (with spaces
between) and state are for the asking. Errors name the line and never the number or the text.
"""

import csv
from pathlib import Path

from operator_push.cli.moments import moment_of
from operator_push.domain.message import MessageState, TrafficClass
from operator_push.domain.rating.portability import NumberPortability
from operator_push.domain.rating.values import RatingRequest, sender_kind_of
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import to_epoch_us
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.number_country import country_of
from operator_push.text.data_coding import Encoding
from operator_push.text.segmentation import plan_text

REQUIRED = ("account", "to", "at")
COLUMNS = (*REQUIRED, "text", "segments", "class", "channel", "sender", "attributes", "state")


def read_messages(file: Path, ported: NumberPortability | None = None) -> list[RatingRequest]:
    """Every row as a message to be priced.

    Raises:
        OperatorError: the file cannot be read or a row is wrong; file and line are named.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            names = reader.fieldnames or ()
            unknown = [name for name in names if name not in COLUMNS]
            if unknown or not set(REQUIRED) <= set(names):
                raise OperatorError(
                    f"the first line must name {', '.join(REQUIRED)}, text or segments, and may name "
                    f"{', '.join(COLUMNS[5:])}",
                    file=str(file),
                    line=1,
                )
            found = []
            for row in reader:
                try:
                    found.append(_message({key: value or "" for key, value in row.items() if key}, ported))
                except OperatorError as error:
                    raise OperatorError(str(error), file=str(file), line=reader.line_num) from error
            return found
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise OperatorError(f"cannot be read: {error}", file=str(file)) from error


def _message(row: dict[str, str], ported: NumberPortability | None) -> RatingRequest:
    msisdn = normalise_msisdn(row["to"])
    if msisdn is None:
        raise OperatorError("to: is not an international number")
    at_us = to_epoch_us(moment_of(row["at"]))
    segments, encoding = _cut(row)
    class_name, state = row.get("class") or "promotional", row.get("state", "")
    if class_name.upper() not in TrafficClass.__members__:
        raise OperatorError(f"class: {class_name!r} is not one of transactional, service, promotional")
    if state and state.upper() not in MessageState.__members__:
        raise OperatorError(f"state: {state!r} is not one of {', '.join(MessageState.__members__).lower()}")
    return RatingRequest(
        account=row["account"],
        destination=msisdn,
        segments=segments,
        at_us=at_us,
        traffic_class=TrafficClass[class_name.upper()],
        encoding=encoding,
        sender_kind=sender_kind_of(row.get("sender") or "SENDER"),
        channel=row.get("channel") or "sms",
        country=country_of(msisdn),
        ported_network=ported.network_of(msisdn, at_us) if ported else None,
        attributes=tuple(row.get("attributes", "").split()),
        state=MessageState[state.upper()] if state else None,
    )


def _cut(row: dict[str, str]) -> tuple[int, Encoding]:
    count = row.get("segments", "")
    if not count:
        plan = plan_text(row.get("text", ""))
        return len(plan.cuts), plan.encoding
    if not (count.isascii() and count.isdigit() and int(count) >= 1):
        raise OperatorError(f"segments: {count!r} is not a whole number from 1")
    return int(count), Encoding.GSM7
