"""Open profiles: the files of features, held open by one thread that asks them more than once.

Law: whoever asks brings a Permission, each time; nobody outside this room can hold the store itself.
"""

from pathlib import Path
from types import TracebackType
from typing import Self

from operator_push.profiles.feature_store import DEFAULT_MEMORY_LIMIT, DEFAULT_THREADS, FeatureStore
from operator_push.profiles.permitted_profiles import Permission, PermittedProfiles

__all__ = ["DEFAULT_MEMORY_LIMIT", "DEFAULT_THREADS", "OpenProfiles"]


class OpenProfiles:
    """The features that one features.json names."""

    def __init__(
        self, path: Path, *, memory_limit: str = DEFAULT_MEMORY_LIMIT, threads: int = DEFAULT_THREADS
    ) -> None:
        self._store = FeatureStore(path, memory_limit=memory_limit, threads=threads)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the engine's memory back."""
        self._store.close()

    def permitted(self, permission: Permission) -> PermittedProfiles:
        """What this permission opens."""
        return PermittedProfiles(self._store, permission)

    @property
    def computed(self) -> frozenset[str]:
        """The attributes that the present files hold.

        Raises:
            OperatorError: there are no features.
        """
        return self._store.file.computed

    def prepare(self, name: str) -> int | None:
        """Make the bit slices of an attribute of the present files, which tell nothing of anybody by
        themselves; returns their octets, None where it has too many different values for any.

        Raises:
            OperatorError: there are no features, or nothing may be written beside them.
        """
        return self._store.make_slices(name)
