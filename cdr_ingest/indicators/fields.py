"""From columns of text to good records: what each field may be, and what is ignored where it is not.

The rules are bandicoot's: an ignored record counts once under `all` and once under each field that is wrong.
"""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cdr_ingest.indicators.groups import Flags, Floats, Ints, count
from cdr_ingest.indicators.places import Antennas, PlaceCodes, Places
from cdr_ingest.indicators.records import (
    CALL,
    FIELDS,
    LOCATION,
    NO_KIND,
    NO_WAY,
    ODD_DURATION,
    TEXT,
    Records,
)

_MOMENT_CHARACTERS = 19  # YYYY-MM-DD HH:MM:SS; of what Arrow takes for moments, one with a T is as long
_PLACE = ("antenna_id", "latitude", "longitude")
NO_TIME = np.iinfo(np.int64).min


class Fields:
    """What several files share: codes for contacts and places. `antennas`: None where no file has any."""

    def __init__(self, antennas: Antennas | None) -> None:
        self._contacts: dict[str, int] = {}
        self._places = PlaceCodes(antennas)

    def contact_codes(self, texts: pa.ChunkedArray) -> Ints:
        """A number for each different contact."""
        return _codes(texts, self._contacts)

    def contacts(self) -> list[str]:
        """What the files call each contact so far, by its number."""
        return list(self._contacts)

    def place_codes(self, table: pa.Table) -> Ints:
        """A number for each different place."""
        if table.column("latitude").null_count == table.num_rows:
            found = _dictionary(table.column("antenna_id"))
            codes = [self._places.of_antenna(antenna) for antenna in found.dictionary.to_pylist()]
            return _looked_up(codes, found, self._places.of_antenna(""))
        rows = zip(*(table.column(name).to_pylist() for name in _PLACE), strict=True)
        each = (
            self._places.as_written(antenna or "", *_coordinates(north, east))
            for antenna, north, east in rows
        )
        return np.fromiter(each, dtype=np.int64, count=table.num_rows)

    def places(self) -> Places:
        """All places so far, by their codes."""
        return self._places.places()


def good_records(fields: Fields, person: Ints, table: pa.Table, ignored: Ints) -> Records:
    """The good rows as records; the others are counted in `ignored` (person × FIELDS)."""
    kind, kind_is_good = _kinds(table.column("interaction"))
    talk = kind != LOCATION
    direction = _dictionary(table.column("direction"))
    way = _looked_up(
        [{"out": 1, "in": 0}.get(text, 2) for text in direction.dictionary.to_pylist()], direction, 3
    )
    time_s = moments(table.column("datetime"))
    duration = _whole_numbers(table.column("call_duration"))
    named = _filled(table.column("correspondent_id"))
    place = fields.place_codes(table)
    places = fields.places()
    nowhere = ~places.has_antenna & ~places.located
    wrong = {
        "interaction": ~kind_is_good,
        "direction": ~((way < 2) | (~talk & (way == 3))),
        "correspondent_id": talk & kind_is_good & ~named,
        "datetime": time_s == NO_TIME,
        "call_duration": (kind == CALL) & np.isnan(duration),
        "location": ~(talk & kind_is_good) & nowhere[place],
    }
    bad = np.zeros(len(person), dtype=np.bool_)
    for name, flags in wrong.items():
        bad |= flags
        ignored[:, FIELDS.index(name)] += count(person[flags], len(ignored))
    ignored[:, FIELDS.index("all")] += count(person[bad], len(ignored))
    contact = fields.contact_codes(table.column("correspondent_id"))
    quirks = _quirks(table, kind, way == 3, np.isnan(duration))
    records = Records(person, time_s, kind, way == 1, contact, duration, place, quirks)
    return records.take(~bad) if bad.any() else records


def recharge_columns(table: pa.Table) -> tuple[Ints, Floats]:
    """Times and amounts of top-ups; one without an amount counts as 0."""
    texts = table.column("amount").to_pylist()
    return moments(table.column("datetime"), also_days=True), np.array([_number(text) for text in texts])


def moments(texts: pa.ChunkedArray, also_days: bool = False) -> Ints:
    """YYYY-MM-DD HH:MM:SS as seconds since 1970; the smallest integer where it is none."""
    has_form = pc.equal(pc.binary_length(texts), _MOMENT_CHARACTERS)
    if pc.all(has_form, min_count=0, skip_nulls=False).as_py() and not _has_any(texts, "T"):
        try:
            return np.asarray(pc.cast(texts, pa.timestamp("s")).to_numpy()).astype(np.int64)
        except pa.ArrowInvalid:  # A 30th of February
            pass
    return np.array([_moment(text, also_days) for text in texts.to_pylist()], dtype=np.int64)


def _moment(text: str | None, also_days: bool) -> int:
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d") if also_days else ("%Y-%m-%d %H:%M:%S",):
        try:
            return int(datetime.strptime(text or "", form).replace(tzinfo=UTC).timestamp())
        except ValueError:
            continue
    return int(NO_TIME)


def _number(text: str | None) -> float:
    try:
        return float(text or "")
    except ValueError:
        return 0.0


def _kinds(texts: pa.ChunkedArray) -> tuple[NDArray[np.int8], Flags]:
    """Call, text or location of each, and whether it may be; an empty one is a location."""
    found = _dictionary(texts)
    names = found.dictionary.to_pylist()
    codes = _looked_up([{"call": CALL, "text": TEXT}.get(name, LOCATION) for name in names], found, LOCATION)
    good = _looked_up([name in ("call", "text", "gps", "") for name in names], found, 1)
    return codes.astype(np.int8), good.astype(np.bool_)


def _quirks(table: pa.Table, kind: NDArray[np.int8], no_way: Flags, no_number: Flags) -> NDArray[np.int8]:
    out = np.where(no_way, NO_WAY, 0)
    rare = np.flatnonzero(kind == LOCATION)
    if len(rare):
        out[rare] |= np.where(_filled(table.column("interaction").take(pa.array(rare))), 0, NO_KIND)
    empty = np.asarray(pc.fill_null(pc.equal(table.column("call_duration"), ""), False).to_numpy())
    out[no_number & ~empty] |= ODD_DURATION
    return out.astype(np.int8)


def _whole_numbers(texts: pa.ChunkedArray) -> Floats:
    """Seconds; NaN where there is no whole number."""
    filled = pc.if_else(pc.equal(texts, ""), None, texts)
    if not _has_any(filled, "x") and not _has_any(filled, "X"):  # Arrow takes 0x1F for a number
        try:
            numbers = pc.cast(filled, pa.int64())
            return np.asarray(pc.cast(numbers, pa.float64(), safe=False).to_numpy(), dtype=np.float64)
        except pa.ArrowInvalid:  # no number, or a longer one
            pass
    return np.array([_seconds(text) for text in texts.to_pylist()], dtype=np.float64)


def _has_any(texts: pa.ChunkedArray, part: str) -> bool:
    """Whether some text has this in it."""
    return bool(pc.any(pc.match_substring(texts, part), min_count=0).as_py())


def _seconds(text: str | None) -> float:
    try:
        return float(int(text or ""))
    except ValueError:
        return np.nan


def _coordinates(latitude: str | None, longitude: str | None) -> tuple[float | None, float | None]:
    if not latitude or not longitude:
        return None, None
    try:
        return float(latitude), float(longitude)
    except ValueError:
        return None, None


def _filled(texts: pa.ChunkedArray) -> Flags:
    return np.asarray(pc.fill_null(pc.not_equal(texts, ""), False).to_numpy(), dtype=np.bool_)


def _dictionary(texts: pa.ChunkedArray) -> pa.DictionaryArray:
    return texts.combine_chunks().dictionary_encode()


def _codes(texts: pa.ChunkedArray, known: dict[str, int]) -> Ints:
    found = _dictionary(texts)
    codes = [known.setdefault(text, len(known)) for text in found.dictionary.to_pylist()]
    nobody = known.setdefault("", len(known)) if found.null_count else 0
    return _looked_up(codes, found, nobody)


def _looked_up(values: list[int] | list[bool], found: pa.DictionaryArray, otherwise: int) -> Ints:
    """The value of each row's dictionary entry; `otherwise` where the row has none."""
    if not len(found):
        return np.zeros(0, dtype=np.int64)
    table = np.array([*values, otherwise], dtype=np.int64)
    return table[np.asarray(pc.fill_null(found.indices, len(values)), dtype=np.int64)]
