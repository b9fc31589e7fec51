"""Feature reading: one thread that asks the feature file for one person at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from pyroaring import BitMap

from operator_push.config import Settings
from operator_push.domain.consent import Purpose
from operator_push.http.selfcare.desk import Attribute
from operator_push.kernel.contracts import DataPurpose, TriggerEvent
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME
from operator_push.profiles.kept_records import Records
from operator_push.profiles.open_profiles import OpenProfiles
from operator_push.profiles.permitted_profiles import Permission
from operator_push.profiles.trigger_memory import Remembered

READ_TIMEOUT_S = 20.0
PAGE_ROWS_MAX = 200_000_000  # Ours: what is looked through while a person waits for a page


class Kept(NamedTuple):
    """What is kept of a person: records by kind, events, what triggers remember; `notes` are (about, why):
    what of it is not there."""

    records: Records
    events: list[TriggerEvent]
    remembered: list[Remembered]
    notes: list[tuple[str, str]]


class FeatureReading:
    """What was learnt about one person; open files of features belong to one thread, so there is one."""

    def __init__(self, settings: Settings, rows_max: int | None = PAGE_ROWS_MAX) -> None:
        """`rows_max`: of more kept records of all people none are looked through."""
        self._settings = settings
        self._rows_max = rows_max
        self._kept = threading.local()
        self._thread = ThreadPoolExecutor(1, "selfcare-features")

    def learnt(self, subscriber_no: int, permitted: DataPurpose, now_us: int) -> list[Attribute]:
        """The attributes that the person's permissions open now; none where nothing was learnt yet."""
        if permitted == DataPurpose.NONE:
            return []
        return self._thread.submit(self._learnt, subscriber_no, permitted, now_us).result(READ_TIMEOUT_S)

    def kept(self, subscriber_no: int, permitted: DataPurpose, now_us: int) -> Kept:
        """The records and events of the person that are kept and that the permissions open now."""
        if permitted == DataPurpose.NONE:
            return Kept({}, [], [], [])
        return self._thread.submit(self._kept_of, subscriber_no, permitted, now_us).result(READ_TIMEOUT_S)

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _learnt(self, subscriber_no: int, permitted: DataPurpose, now_us: int) -> list[Attribute]:
        try:
            opened = self._opened().permitted(_own(subscriber_no, permitted, now_us))
            found, taken_at = opened.of(subscriber_no), opened.taken_at
        except OperatorError:
            return []  # no run of cdr-ingest yet
        return [
            Attribute(
                name,
                str(value).lower() if isinstance(value, bool) else str(value),
                FEATURES_BY_NAME[name].unit,
                FEATURES_BY_NAME[name].purpose,
                FEATURES_BY_NAME[name].meaning,
                taken_at,
            )
            for name, value in found.items()
        ]

    def _kept_of(self, subscriber_no: int, permitted: DataPurpose, now_us: int) -> Kept:
        opened = self._opened().permitted(_own(subscriber_no, permitted, now_us))
        records: Records = {}
        remembered: list[Remembered] = []
        notes = []
        try:
            records = opened.records_of(subscriber_no, self._rows_max)
        except OperatorError as error:
            notes.append(("records", str(error)))
        try:
            remembered = opened.remembered_of(subscriber_no)
        except OperatorError as error:
            notes.append(("remembered", str(error)))
        return Kept(records, opened.events_of(subscriber_no), remembered, notes)

    def _opened(self) -> OpenProfiles:
        """The files, held open by the one thread that reads them."""
        kept: OpenProfiles | None = getattr(self._kept, "profiles", None)
        if kept is None:
            profiles = self._settings.profiles
            kept = self._kept.profiles = OpenProfiles(
                self._settings.features_file,
                memory_limit=f"{profiles.memory_limit_mb}MB",
                threads=profiles.threads,
            )
        return kept


def _own(subscriber_no: int, permitted: DataPurpose, now_us: int) -> Permission:
    """What a person may see of themselves: what they let us learn."""
    alone, nobody = BitMap([subscriber_no]), BitMap()
    return Permission(
        Purpose.SERVICE, "*", now_us, alone, lambda bit: alone if bit & permitted == bit else nobody
    )
