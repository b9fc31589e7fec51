"""Collection from S3, or a store that speaks its protocol (MinIO, Ceph): the objects below a prefix.

An object is complete when it is listed; its ETag tells it from another one of the same key. The keys of
access come from a file, so that they stand in no configuration.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import urllib3
from minio import Minio
from minio.error import MinioException

from cdr_ingest.collection.port import Arrival, read_options
from operator_push.kernel.errors import OperatorError, ResourceError

_PIECE_OCTETS = 1024 * 1024
_TIMEOUT_S = 30.0


class S3Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[source.options] of the kind s3; `access_file` holds the access key and the secret key, one a line."""

    endpoint: str
    bucket: str
    access_file: str
    prefix: str = ""
    suffix: str = ""
    region: str | None = None
    secure: bool = True


class S3Source:
    """A cdr_ingest.collection.port.Source over the objects of one bucket."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Read the options and the keys.

        Raises:
            OperatorError: an option cannot be, or the file of the keys cannot be read.
        """
        self._options = chosen = read_options(options, S3Options)
        try:
            access, secret = Path(chosen.access_file).read_text(encoding="utf-8").split()
        except (OSError, ValueError) as error:
            raise OperatorError(
                f"must hold the access key and the secret key, one a line ({type(error).__name__})",
                file=chosen.access_file,
            ) from None
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(_TIMEOUT_S), retries=urllib3.Retry(2, backoff_factor=0.2)
        )
        try:
            self._client = Minio(
                chosen.endpoint,
                access_key=access,
                secret_key=secret,
                secure=chosen.secure,
                region=chosen.region,
                http_client=self._pool,
            )
        except ValueError as error:
            raise OperatorError(str(error), key="source.options.endpoint") from None

    def arrivals(self, _cursor: str, _now_us: int) -> Iterable[Arrival]:
        """As Source.arrivals; the oldest object comes first."""
        chosen = self._options
        with self._faults():
            found = [
                one
                for one in self._client.list_objects(chosen.bucket, chosen.prefix or None, recursive=True)
                if not one.is_dir and one.object_name.endswith(chosen.suffix)
            ]
        found.sort(key=lambda one: (one.last_modified, one.object_name))
        return [Arrival(one.object_name, f"{one.size}-{one.etag}") for one in found]

    def fetch(self, arrival: Arrival, target: BinaryIO) -> None:
        """As Source.fetch."""
        with self._faults():
            answer = self._client.get_object(self._options.bucket, arrival.name)
            try:
                for piece in answer.stream(_PIECE_OCTETS):
                    target.write(piece)
            finally:
                answer.close()
                answer.release_conn()

    def close(self) -> None:
        """As Source.close."""
        self._pool.clear()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            code = getattr(error, "code", None) or type(error).__name__
            raise ResourceError(f"s3 {self._options.endpoint}/{self._options.bucket}: {code}") from None
