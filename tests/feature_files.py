"""Features made by hand for tests, as cdr-ingest leaves them."""

import os
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from operator_push.kernel.contracts import FEATURES_VERSION, FeaturesManifest, PurposeFiles, purpose_name
from operator_push.kernel.feature_catalogue import FEATURES, FeatureType

ARROW_TYPES = {
    FeatureType.BOOL: pa.bool_(),
    FeatureType.INT: pa.int64(),
    FeatureType.DOUBLE: pa.float64(),
    FeatureType.STRING: pa.string(),
    FeatureType.DATE: pa.int64(),
    FeatureType.TIMESTAMP: pa.int64(),
    FeatureType.SET: pa.string(),
}
_tags = count(1)


def write_features(path: Path, people: Mapping[int, Mapping[str, Any]], **said: Any) -> Path:
    """features.json at `path`: subscriber_no → attributes; what is not named is null. `said` overrides fields
    of the manifest."""
    tag = f"{next(_tags):06d}"
    files = []
    for purposes in dict.fromkeys((0, *(int(feature.purpose) for feature in FEATURES))):
        columns = {"subscriber_no": pa.array(list(people), pa.int64())}
        for feature in FEATURES:
            if purposes and int(feature.purpose) == purposes:
                values = [attributes.get(feature.name) for attributes in people.values()]
                columns[feature.name] = pa.array(values, ARROW_TYPES[feature.type])
        name = f"profiles/{purpose_name(purposes)}/{tag}/part-0.parquet"
        (path.parent / name).parent.mkdir(parents=True)
        pq.write_table(pa.table(columns), path.parent / name)
        files.append(PurposeFiles(purposes, (name,), len(people)))
    manifest = FeaturesManifest(
        FEATURES_VERSION, "2026-11-01T00:00:00+00:00", "0123abcd", 42, "2026-10-31", "UTC", tuple(files)
    )
    beside = path.with_suffix(".part")
    beside.write_bytes(msgspec.json.encode(msgspec.to_builtins(manifest) | said))
    os.replace(beside, path)
    return path


def read_features(path: Path) -> dict[int, dict[str, Any]]:
    """Everybody's features by subscriber number, of all purposes; what is not there is null."""
    manifest = msgspec.json.decode(path.read_bytes(), type=FeaturesManifest)
    people: dict[int, dict[str, Any]] = {}
    for each in sorted(manifest.files, key=lambda files: files.purposes):
        for name in each.paths:
            for row in pq.read_table(path.parent / name, partitioning=None).to_pylist():
                number = row.pop("subscriber_no")
                whole = people.setdefault(number, dict.fromkeys(feature.name for feature in FEATURES))
                whole.update(row)
    return dict(sorted(people.items()))
