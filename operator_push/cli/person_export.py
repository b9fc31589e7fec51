"""operator-push person export: everything about one person, as JSON and as CSV tables, for that person.

The same copy as on the page "Your data" of self-care. Who asks is noted in the vault's audit.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from operator_push.cli.reading_threads import ReadingThreads
from operator_push.cli.selfcare.feature_reading import FeatureReading
from operator_push.cli.selfcare.house_desk import HouseDesk
from operator_push.config import Settings
from operator_push.http.selfcare.personal_copy import copy_json, copy_tables, copy_zip
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import to_epoch_us

JSON_FILE, ZIP_FILE = "my-data.json", "my-data.zip"


def export_person(settings: Settings, typed: str, folder: Path, by: str) -> dict[str, int]:
    """Write both files, readable by their owner alone; returns how many rows each table has.

    Raises:
        OperatorError: this is no number, nobody is known by it, or the files cannot be written.
        ResourceError: the server or the store cannot be asked now.
    """
    now_us = to_epoch_us(datetime.now(UTC))
    reading = ReadingThreads(settings.database_url)
    features = FeatureReading(settings, rows_max=None)
    desk = HouseDesk(settings, reading, features, by)
    try:
        try:
            msisdn, person = desk.find(typed)
        except ValueError:
            raise OperatorError("--msisdn is not an international number") from None
        if person is None:
            raise OperatorError("nobody is known by this number; there is nothing to export")
        tables = copy_tables(desk.everything(person, now_us))
    finally:
        desk.close()
        features.close()
        reading.close()
    operator = settings.selfcare.operator
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(folder / JSON_FILE, copy_json(operator, msisdn, now_us, tables))
        _write(folder / ZIP_FILE, copy_zip(tables))
    except OSError as error:
        raise OperatorError(f"cannot be written ({error.strerror})", file=str(folder)) from None
    return {name: len(rows) for name, rows in tables.items()}


def _write(path: Path, octets: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(octets)
