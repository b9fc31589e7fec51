"""CSV mapping: how another SMSC's CSV reads, from a TOML file that an operator writes.

Columns by our names (services.smsc_cdr) → theirs, times in any form and zone, states in their words, ids in
their form. Law: what a row says and the mapping does not know stops the reading with file and line.
"""

import csv
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from operator_push.domain.delivery import STATE_BY_CDR
from operator_push.domain.message import MessageState
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import MICROS_PER_SECOND, to_epoch_us
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.smsc_cdr import NO_REFERENCE, SmscRecord, row_error

_Number = Annotated[int, Meta(ge=1)]
_NEEDED = ("smsc_message_id", "destination_addr", "submit_time", "state")
_MAY = (
    "system_id",
    "source_addr",
    "user_message_reference",
    "final_time",
    "error_code",
    "concat_part",
    "segments",
)


class TimeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`form`: iso, unix_s, unix_ms, or directives of strptime; `zone` holds where a time names none."""

    form: str = "iso"
    zone: str = "UTC"


class CsvMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping as its file says it. `columns`: our name → the header's text, or the number from 1.

    `constants` stand for columns that their file does not have, such as system_id.
    """

    columns: dict[str, str | _Number]
    constants: dict[str, str] = {}
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    header: bool = True
    skip_lines: Annotated[int, Meta(ge=0)] = 0
    times: TimeForm = TimeForm()
    states: dict[str, str] = {}
    ids: Literal["as_written", "hex_to_decimal", "decimal_to_hex"] = "as_written"


def read_mapping(text: str, file_name: str) -> CsvMapping:
    """The mapping of a TOML file.

    Raises:
        OperatorError: it is not TOML, has an unknown key, or lacks a column that is needed.
    """
    try:
        mapping = msgspec.convert(tomllib.loads(text), CsvMapping)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise OperatorError(f"is not a CSV mapping: {error}", file=file_name) from error
    known = {*_NEEDED, *_MAY}
    if strange := sorted({*mapping.columns, *mapping.constants} - known):
        raise OperatorError(
            f"{', '.join(strange)} is none of {', '.join(sorted(known))}", file=file_name, key="columns"
        )
    if missing := [name for name in _NEEDED if name not in mapping.columns]:
        raise OperatorError(f"lacks {', '.join(missing)}", file=file_name, key="columns")
    if not mapping.header and not all(isinstance(at, int) for at in mapping.columns.values()):
        raise OperatorError("without a header columns are numbers from 1", file=file_name, key="columns")
    if wrong := sorted(set(mapping.states.values()) - set(STATE_BY_CDR)):
        raise OperatorError(
            f"{', '.join(wrong)} is none of {', '.join(STATE_BY_CDR)}", file=file_name, key="states"
        )
    try:
        ZoneInfo(mapping.times.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise OperatorError(
            f"{mapping.times.zone!r} is not a zone such as Asia/Kolkata", file=file_name, key="times.zone"
        ) from error
    return mapping


def read_mapped_csv(lines: Iterable[str], file_name: str, mapping: CsvMapping) -> Iterator[SmscRecord]:
    """The records of one closed file.

    Raises:
        OperatorError: a column is missing or a row cannot be read; the message names file and line.
    """
    reader = csv.reader(lines, delimiter=mapping.delimiter)
    for _ in range(mapping.skip_lines):
        next(reader, None)
    places = _places(next(reader, []) if mapping.header else [], mapping, file_name)
    moment, canonical_id = moment_reader(mapping.times), _ID_FORMS[mapping.ids]
    for row in reader:
        if not row:
            continue
        fields = dict(mapping.constants)
        try:
            for name, place in places.items():
                fields[name] = row[place]
            yield _record(fields, mapping, moment, canonical_id)
        except IndexError as error:
            raise row_error(file_name, reader.line_num, f"has {len(row)} fields") from error
        except ValueError as error:
            raise row_error(file_name, reader.line_num, str(error)) from error


def moment_reader(times: TimeForm) -> Callable[[str], int]:
    """What turns their time into microseconds since 1970; it raises ValueError for what it cannot read."""
    zone = ZoneInfo(times.zone)

    def with_zone(moment: datetime) -> int:
        return to_epoch_us(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone))

    match times.form:
        case "iso":
            return lambda text: with_zone(datetime.fromisoformat(text))
        case "unix_s":
            return lambda text: int(text) * MICROS_PER_SECOND
        case "unix_ms":
            return lambda text: int(text) * 1_000
        case form:
            return lambda text: with_zone(datetime.strptime(text, form))  # noqa: DTZ007  the zone follows


def _places(header: list[str], mapping: CsvMapping, file_name: str) -> Mapping[str, int]:
    places = {}
    for name, column in mapping.columns.items():
        if isinstance(column, int):
            places[name] = column - 1
        elif column in header:
            places[name] = header.index(column)
        else:
            raise OperatorError(f"its first line has no column {column!r} (for {name})", file=file_name)
    return places


def _record(
    fields: Mapping[str, str],
    mapping: CsvMapping,
    moment: Callable[[str], int],
    canonical_id: Callable[[str], str],
) -> SmscRecord:
    submit_us = moment(fields["submit_time"])
    final, reference = fields.get("final_time", ""), fields.get("user_message_reference", "")
    destination = fields["destination_addr"]
    return SmscRecord(
        smsc_message_id=canonical_id(fields["smsc_message_id"]),
        system_id=fields.get("system_id", ""),
        source=fields.get("source_addr", ""),
        destination=normalise_msisdn(destination) or destination,
        user_message_reference=int(reference) if reference else NO_REFERENCE,
        submit_us=submit_us,
        final_us=moment(final) if final else submit_us,
        state=_state(fields["state"], mapping),
        error_code=fields.get("error_code", ""),
        part=int(fields.get("concat_part") or 0),
        segments=int(fields.get("segments") or 0),
    )


def _state(word: str, mapping: CsvMapping) -> MessageState:
    state = STATE_BY_CDR.get(mapping.states.get(word, word))
    if state is None:
        known = ", ".join((*mapping.states, *STATE_BY_CDR))
        raise ValueError(f"state {word!r} is none of {known}; name it under [states] of the mapping")
    return state


_ID_FORMS: Mapping[str, Callable[[str], str]] = {
    "as_written": str,
    "hex_to_decimal": lambda text: str(int(text, 16)),
    "decimal_to_hex": lambda text: f"{int(text):x}",
}
