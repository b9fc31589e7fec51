"""Where records were made: which places there are, which of them are one, what the antenna file changes.

A place is an antenna, coordinates, both, or neither (the empty place of records that name none). bandicoot
compares two places by their antennas where both have one and by their coordinates otherwise, and counts
places by all that is known of them; both are done here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from cdr_ingest.indicators.groups import Flags, Floats, Ints

Place = tuple[str, float | None, float | None]  # antenna or "", latitude, longitude
Antennas = Mapping[str, tuple[float, float]]  # antenna to (latitude, longitude)


@dataclass(slots=True)
class Places:
    """Columns of all places, by their codes.

    `latitude` and `longitude` are NaN where it is unknown where the place is. `antenna` and `location` number
    the antennas and the coordinates; -1: it has none. `corrected` is the place that each one is by the
    antenna file, None where the file changes none.
    """

    latitude: Floats
    longitude: Floats
    antenna: Ints
    location: Ints
    from_file: Flags  # its antenna is in the antenna file
    corrected: Ints | None
    likened: Flags = field(init=False)  # there is another place that is alike

    def __post_init__(self) -> None:
        self.likened = _shared(self.antenna, self.antenna >= 0)
        bare = self.antenna < 0
        by_location = _shared(self.location, self.location >= 0)
        has_bare = np.isin(self.location, self.location[bare])
        self.likened |= by_location & has_bare

    @property
    def located(self) -> Flags:
        """Which places have coordinates."""
        return self.location >= 0

    @property
    def has_antenna(self) -> Flags:
        """Which places have an antenna."""
        return self.antenna >= 0

    def alike(self, some: Ints, others: Ints) -> Flags:
        """Which of two columns of places are one place: by their antennas, or else by their coordinates."""
        one, other = self.antenna[some], self.antenna[others]
        both = (one >= 0) & (other >= 0)
        located = (self.location[some] >= 0) & (self.location[some] == self.location[others])
        same: Flags = (some == others) | np.where(both, one == other, located)
        return same

    def most_frequent(self, seen: Ints) -> int:
        """The first of those places that most of them are alike."""
        size = [int(np.count_nonzero(self.alike(seen, np.full(len(seen), place)))) for place in seen]
        return int(seen[int(np.argmax(size))])


def _shared(key: Ints, counts: Flags) -> Flags:
    """Which rows that count share their key with another one."""
    _, row, size = np.unique(key, return_inverse=True, return_counts=True)
    shared: Flags = (size[row] > 1) & counts
    return shared


class PlaceCodes:
    """Gives every different place a code. `antennas` is what the antenna file has; None: there is no file."""

    def __init__(self, antennas: Antennas | None) -> None:
        self.antennas = antennas
        self._codes: dict[Place, int] = {}

    def of_antenna(self, antenna: str) -> int:
        """A record that names its antenna alone: it is where the file says."""
        return self._code(self._corrected((antenna, None, None)))

    def as_written(self, antenna: str, latitude: float | None, longitude: float | None) -> int:
        """A record with coordinates of its own, which count until the antenna file has its say."""
        self._code(self._corrected((antenna, latitude, longitude)))
        return self._code((antenna, latitude, longitude))

    def places(self) -> Places:
        """All places so far."""
        antennas, latitudes, longitudes = zip(*self._codes, strict=True) if self._codes else ((), (), ())
        corrected = None
        if self.antennas is not None:
            corrected = np.array([self._codes[self._corrected(one)] for one in self._codes], dtype=np.int64)
            if np.array_equal(corrected, np.arange(len(corrected))):
                corrected = None
        return Places(
            np.array(latitudes, dtype=np.float64),
            np.array(longitudes, dtype=np.float64),
            _numbered(antennas, none=""),
            _numbered(zip(latitudes, longitudes, strict=True), none=(None, None)),
            np.array([antenna in (self.antennas or {}) for antenna in antennas], dtype=np.bool_),
            corrected,
        )

    def _corrected(self, place: Place) -> Place:
        if self.antennas is None:
            return place
        antenna = place[0]
        return (antenna, *(self.antennas.get(antenna, (None, None)) if antenna else (None, None)))

    def _code(self, place: Place) -> int:
        return self._codes.setdefault(place, len(self._codes))


def _numbered(keys: Iterable[object], none: object) -> Ints:
    known: dict[object, int] = {none: -1}
    return np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)
