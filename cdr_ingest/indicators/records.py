"""Columns of many people's records, ordered by person and time."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdr_ingest.indicators.groups import Flags, Floats, Ints
from cdr_ingest.indicators.places import Places

CALL, TEXT, LOCATION = 0, 1, 2
NO_KIND, NO_WAY, ODD_DURATION = 1, 2, 4  # flags of `Records.quirks`
FIELDS = ("all", "interaction", "direction", "correspondent_id", "datetime", "call_duration", "location")


@dataclass(slots=True)
class Records:
    """Good records. `person` counts from 0; `time_s` is local time as seconds since 1970, zone unstated.

    `place` is where the record itself says it was made; `Places.corrected`: what the antenna file says.
    `quirks` are flags of what only a match of two people's records looks at: the interaction is empty, the
    direction is missing, the duration is there but no whole number.
    """

    person: Ints
    time_s: Ints
    interaction: NDArray[np.int8]
    is_out: Flags
    contact: Ints
    duration_s: Floats
    place: Ints
    quirks: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.person)

    @classmethod
    def none(cls) -> "Records":
        """No record."""
        count = np.zeros(0, dtype=np.int64)
        flags, amount, small = np.zeros(0, dtype=np.bool_), np.zeros(0), np.zeros(0, dtype=np.int8)
        return cls(count, count, small, flags, count, amount, count, small)

    def take(self, rows: NDArray[Any]) -> "Records":
        """These rows, as a mask or as row numbers in their order."""
        return Records(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(slots=True)
class Recharges:
    """Top-ups, ordered by person and time."""

    person: Ints
    time_s: Ints
    amount: Floats

    def __len__(self) -> int:
        return len(self.person)

    @classmethod
    def none(cls) -> "Recharges":
        """No top-up."""
        none = np.zeros(0, dtype=np.int64)
        return cls(none, none, none.astype(np.float64))

    def take(self, rows: NDArray[Any]) -> "Recharges":
        """These rows."""
        return Recharges(self.person[rows], self.time_s[rows], self.amount[rows])


@dataclass(slots=True)
class People:
    """All that was read: records, top-ups, places, and what was ignored and why."""

    names: list[str]
    records: Records
    recharges: Recharges
    places: Places
    ignored: Ints  # person × FIELDS
    antennas: int = 0  # of the antenna file
    antennas_path: str | None = None
    contacts: list[str] = field(default_factory=list)  # what the files call each contact, by its code
    # What is said of each person beside records, as key and value; empty where none of it was read.
    attributes: list[dict[str, str | None]] = field(default_factory=list)
    attributes_path: str | None = None
    # Of people whose records their network has taken all: when the first and the last of them were.
    emptied: dict[int, tuple[int, int]] = field(default_factory=dict)

    def corrected(self) -> Records:
        """The records, each where the antenna file says that it was made."""
        places = self.places.corrected
        return self.records if places is None else replace(self.records, place=places[self.records.place])
