"""Feature file: what features.parquet says of itself, read from its footer, checked before it is trusted."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from operator_push.kernel.contracts import FEATURES_VERSION, SNAPSHOT_KEY
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import FEATURES

SUBSCRIBER_NO = "subscriber_no"


@dataclass(frozen=True, slots=True)
class FeatureFile:
    """The footer of a feature file.

    `taken_at` and `permission_sequence` are those of the permission snapshot by which it was made: what was
    permitted later is not in it, what was withdrawn later still is, and is kept back by whoever asks.
    """

    taken_at: datetime
    permission_sequence: int
    key_id: str
    profiles: int


def read_feature_file(path: Path) -> FeatureFile:
    """The footer of `path`.

    Raises:
        OperatorError: missing, not Parquet, of another version, or without a column of the catalogue.
    """
    where = str(path)
    try:
        footer = pq.read_metadata(path)
    except FileNotFoundError:
        raise OperatorError("there are no features yet; `cdr-ingest run` writes them", file=where) from None
    except (OSError, pa.ArrowInvalid) as error:
        raise OperatorError(f"the features cannot be read ({type(error).__name__})", file=where) from None
    metadata = footer.metadata or {}
    version = metadata.get(SNAPSHOT_KEY.version, b"").decode(errors="replace")
    if version != str(FEATURES_VERSION):
        raise OperatorError(
            f"features of version {version or 'none'}, version {FEATURES_VERSION} is expected; ingest anew",
            file=where,
        )
    present = set(footer.schema.to_arrow_schema().names)
    missing = [name for name in (SUBSCRIBER_NO, *(f.name for f in FEATURES)) if name not in present]
    if missing:
        raise OperatorError(f"the features lack {', '.join(missing)}; ingest anew", file=where)
    try:
        return FeatureFile(
            taken_at=datetime.fromisoformat(metadata[SNAPSHOT_KEY.taken_at].decode()).astimezone(UTC),
            permission_sequence=int(metadata[SNAPSHOT_KEY.permission_sequence]),
            key_id=metadata[SNAPSHOT_KEY.key_id].decode(),
            profiles=footer.num_rows,
        )
    except (KeyError, ValueError) as error:
        raise OperatorError(
            f"the features' metadata are damaged ({type(error).__name__})", file=where
        ) from None
