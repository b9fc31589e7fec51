"""Slice files: the bit slices of attributes beside the features that they are made of, and how they are made.

A file for each attribute in the folder `slices` of its features' version, so that it goes when they go: what
may not be kept is in both or in neither. Whoever may not write there counts by scanning.
"""

import os
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from pyroaring import BitMap

from operator_push.domain.audience.bit_slices import BitSlices
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import Feature, FeatureType

FOLDER: Final = "slices"
FORMAT: Final = 1
VALUES_MAX: Final = 1 << 20  # Ours: more different values make more slices than a scan costs
SLICEABLE: Final = frozenset(FeatureType) - {FeatureType.SET}
_CODES = {FeatureType.DOUBLE: "d", FeatureType.INT: "q", FeatureType.DATE: "q", FeatureType.TIMESTAMP: "q"}
# Asks the engine for the numbers of whoever a query finds: (SQL) → people.
Ask = Callable[[str], BitMap]


class _File(msgspec.Struct, frozen=True, array_like=True):
    """What a file holds; the values are octets of an array in `numbers`, or a list in `words`."""

    format: int
    numbers: bytes
    words: list[bool | str]
    known: bytes
    slices: list[bytes]


def slice_path(features_file: Path, name: str) -> Path:
    """Where the slices of an attribute stand."""
    return features_file.parent / FOLDER / f"{name}.slices"


def read_slices(path: Path, feature: Feature) -> BitSlices | None:
    """The slices of an attribute; None where none were made, or by another version."""
    try:
        found = msgspec.msgpack.decode(path.read_bytes(), type=_File)
    except (OSError, msgspec.DecodeError):
        return None
    if found.format != FORMAT:
        return None
    code = _CODES.get(feature.type)
    values: Sequence[Any] = array(code, found.numbers) if code else found.words
    return BitSlices(values, BitMap.deserialize(found.known), [*map(BitMap.deserialize, found.slices)])


def write_slices(path: Path, feature: Feature, slices: BitSlices) -> int:
    """Write the slices of an attribute; returns the octets.

    Raises:
        OperatorError: the folder of the features may not be written to.
    """
    code = _CODES.get(feature.type)
    values: list[Any] = list(slices.values)
    numbers, words = (array(code, values).tobytes(), []) if code else (b"", values)
    parts = [each.serialize() for each in slices.slices]
    octets = msgspec.msgpack.encode((FORMAT, numbers, words, slices.known.serialize(), parts))
    try:
        path.parent.mkdir(exist_ok=True)
        beside = path.with_suffix(".part")
        beside.write_bytes(octets)
        os.replace(beside, path)
    except OSError as error:
        raise OperatorError(
            f"slices cannot be written beside the features ({type(error).__name__}); run this as the user "
            "who runs cdr-ingest",
            file=str(path.parent),
        ) from None
    return len(octets)


def make_slices(engine: Any, rows: str, feature: Feature, ask: Ask) -> BitSlices | None:
    """The slices of an attribute; None where it has too many different values.

    `engine` is DuckDB's connection, `rows` what an attribute's files are in a FROM.
    """
    column = '"' + feature.name.replace('"', '""') + '"'
    different = f"SELECT DISTINCT {column} FROM {rows} WHERE {column} IS NOT NULL"
    values = [value for (value,) in engine.execute(f"{different} LIMIT {VALUES_MAX + 1}").fetchall()]
    if len(values) > VALUES_MAX:
        return None
    values.sort()
    ranks = f"SELECT {column}, row_number() OVER (ORDER BY {column}) - 1 AS rank FROM ({different})"
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE ranked AS SELECT subscriber_no::UINTEGER AS subscriber_no, "
        f"rank::UINTEGER AS rank FROM {rows} JOIN ({ranks}) USING ({column})"
    ).fetchall()
    try:
        known = ask("SELECT subscriber_no FROM ranked")
        having = "SELECT subscriber_no FROM ranked WHERE rank & {} <> 0"
        bits = max(0, len(values) - 1).bit_length()
        slices = [ask(having.format(1 << bit)) for bit in range(bits)]
    finally:
        engine.execute("DROP TABLE IF EXISTS ranked").fetchall()
    for each in (known, *slices):
        each.run_optimize()
    return BitSlices(values, known, slices)
