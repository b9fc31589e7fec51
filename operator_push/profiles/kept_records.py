"""Kept records: what the ingester keeps of one person, for that person's own copy (GDPR article 20).

Reads the files that OUT/records/manifest.json names, and asks permission as every reader of features does: a
kind of record that the person does not permit the use of is not told, nor a column that needs more. Costs a
scan of the files: for one person at a time, never in a loop over people.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from operator_push.kernel.contracts import (
    RECORD_KINDS,
    RECORDS_MANIFEST,
    RECORDS_MANIFEST_VERSION,
    DataPurpose,
    RecordsManifest,
)
from operator_push.kernel.errors import OperatorError

Records = Mapping[str, list[dict[str, Any]]]
_SUBSCRIBER_NO = "subscriber_no"


def read_records(manifest: Path, subscriber_no: int, held: DataPurpose, rows_max: int | None) -> Records:
    """Kind → the records of one person that `held` opens, oldest first; moments are columns *_us.

    `rows_max`: of more records of all people nothing is read.

    Raises:
        OperatorError: the manifest is damaged or of another version, there is more than `rows_max`, or a file
            cannot be read.
    """
    found = _read_manifest(manifest)
    if rows_max is not None and sum(each.rows for each in found.files) > rows_max:
        raise OperatorError("there are too many records to look through", file=str(manifest))
    by_kind: dict[str, list[Path]] = {}
    for each in found.files:
        kind = RECORD_KINDS.get(each.kind)
        if kind is not None and kind.purpose & held == kind.purpose:
            by_kind.setdefault(each.kind, []).append(manifest.parent / each.path)
    with duckdb.connect(":memory:", config={"temp_directory": ""}) as engine:
        engine.execute("SET enable_progress_bar = false")
        try:
            return {
                kind: [_told(kind, row, held) for row in _rows(engine, files, subscriber_no)]
                for kind, files in by_kind.items()
            }
        except duckdb.Error as error:
            raise OperatorError(
                f"the records cannot be read ({type(error).__name__})", file=str(manifest)
            ) from None


def _read_manifest(path: Path) -> RecordsManifest:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=RecordsManifest)
    except FileNotFoundError:
        return RecordsManifest(RECORDS_MANIFEST_VERSION, ())
    except (OSError, msgspec.DecodeError) as error:
        raise OperatorError(f"the manifest is damaged ({type(error).__name__})", file=str(path)) from None
    if found.version != RECORDS_MANIFEST_VERSION:
        raise OperatorError(
            f"records of version {found.version}, version {RECORDS_MANIFEST_VERSION} is expected",
            file=str(path),
        )
    return found


def _rows(engine: duckdb.DuckDBPyConnection, files: list[Path], subscriber_no: int) -> list[dict[str, Any]]:
    names = "[" + ", ".join("'" + str(file).replace("'", "''") + "'" for file in files) + "]"
    sql = (
        f"SELECT * EXCLUDE ({_SUBSCRIBER_NO}) FROM read_parquet({names}, union_by_name = true,"
        f" hive_partitioning = false) WHERE {_SUBSCRIBER_NO} = ?"
    )
    found = engine.sql(sql, params=[subscriber_no])
    names_of = found.columns
    return [dict(zip(names_of, values, strict=True)) for values in found.fetchall()]


def _told(kind: str, row: Mapping[str, Any], held: DataPurpose) -> dict[str, Any]:
    """A row without what is ours (keys, positions), and without what needs more than is held."""
    needs = RECORD_KINDS[kind].columns
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row.items()
        if not name.endswith("_key") and name != "position" and needs.get(name, held) in held
    }


def records_manifest(features_file: Path) -> Path:
    """Where the manifest of the records lies beside the features that were made of them."""
    return features_file.parent / RECORDS_MANIFEST
