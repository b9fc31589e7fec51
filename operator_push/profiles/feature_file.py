"""Feature file: the manifest features.json, checked before it is trusted, and the files that it names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from operator_push.kernel.contracts import FEATURES_VERSION, FeaturesManifest
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import DERIVED

SUBSCRIBER_NO = "subscriber_no"


@dataclass(frozen=True, slots=True)
class FeatureFile:
    """What a manifest says.

    `taken_at` and `permission_sequence` are those of the permission snapshot by which the features were made:
    what was permitted later is not in them, what was withdrawn later still is, and is kept back by whoever
    asks. `by_purpose`: the files of the attributes that need just these purposes; 0 is everybody. `computed`:
    the attributes that the files hold.
    """

    taken_at: datetime
    permission_sequence: int
    key_id: str
    profiles: int
    by_purpose: Mapping[int, tuple[Path, ...]]
    computed: frozenset[str]


def read_feature_file(path: Path) -> FeatureFile:
    """The manifest in `path`.

    Raises:
        OperatorError: missing, not a manifest, of another version, or without a column of the catalogue.
    """
    where = str(path)
    try:
        said = msgspec.json.decode(path.read_bytes())
    except FileNotFoundError:
        raise OperatorError("there are no features yet; `cdr-ingest run` writes them", file=where) from None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise OperatorError(f"the features cannot be read ({type(error).__name__})", file=where) from None
    version = said.get("version") if isinstance(said, dict) else None
    if version != FEATURES_VERSION:
        raise OperatorError(
            f"features of version {version or 'none'}, version {FEATURES_VERSION} is expected; ingest anew",
            file=where,
        )
    try:
        manifest = msgspec.convert(said, FeaturesManifest)
        taken_at = datetime.fromisoformat(manifest.taken_at).astimezone(UTC)
        by_purpose = {
            each.purposes: tuple(path.parent / name for name in each.paths) for each in manifest.files
        }
    except ValueError as error:  # msgspec.ValidationError is one
        raise OperatorError(f"the manifest is damaged ({type(error).__name__})", file=where) from None
    return FeatureFile(
        taken_at,
        manifest.permission_sequence,
        manifest.key_id,
        sum(each.rows for each in manifest.files if not each.purposes),
        by_purpose,
        frozenset(manifest.features or (feature.name for feature in DERIVED)),
    )


def check_columns(file: FeatureFile, path: Path) -> None:
    """Raises OperatorError: a column of the catalogue is missing, or a file cannot be read."""
    missing: list[str] = []
    for purposes, files in file.by_purpose.items():
        try:
            present = set(pq.read_schema(files[0]).names)
        except (OSError, pa.ArrowInvalid) as error:
            raise OperatorError(
                f"the features cannot be read ({type(error).__name__})", file=str(files[0])
            ) from None
        wanted = [
            feature.name
            for feature in DERIVED
            if int(feature.purpose) == purposes and feature.name in file.computed
        ]
        missing += [name for name in (SUBSCRIBER_NO, *wanted) if name not in present]
    if missing:
        raise OperatorError(f"the features lack {', '.join(missing)}; ingest anew", file=str(path))
