"""Columns of many people's records, ordered by person and time."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdr_ingest.indicators.groups import Flags, Floats, Ints

CALL, TEXT, LOCATION = 0, 1, 2
FIELDS = ("all", "interaction", "direction", "correspondent_id", "datetime", "call_duration", "location")


@dataclass(slots=True)
class Places:
    """Where records were made: a code per different place.

    `latitude` and `longitude` are NaN where it is unknown where the place is; `has_antenna` is False for a
    place known by its coordinates alone and for the empty place of records that name none.
    """

    latitude: Floats
    longitude: Floats
    has_antenna: Flags
    from_file: Flags  # named by the antenna file

    @property
    def located(self) -> Flags:
        """Which places have coordinates."""
        return ~np.isnan(self.latitude)


@dataclass(slots=True)
class Records:
    """Good records. `person` counts from 0; `time_s` is local time as seconds since 1970, zone unstated."""

    person: Ints
    time_s: Ints
    interaction: NDArray[np.int8]
    is_out: Flags
    contact: Ints
    duration_s: Floats
    place: Ints

    def __len__(self) -> int:
        return len(self.person)

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
