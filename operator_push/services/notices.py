"""Notices: what is known of the texts that people are shown, so that what an act names can be checked.

A version of a notice in a language is one text for good; its SHA-256 tells whether an act means that text.
Of an id that nobody registered nothing is known, and nothing is said: it is somebody else's.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

Row = tuple[str, str, str, str, int]  # notice_id, version, language, sha256, added_us
READ_AGAIN_US = 5_000_000  # Ours: an import of a million rows with a wrong version reads them a few times.


class KnowsNotices(Protocol):
    """What whoever records acts asks of `Notices`."""

    def latest(self, notice_id: str, language: str = "") -> dict[str, str]: ...

    def why_wrong(
        self, notice_id: str, version: str, language: str, sha256: str, now_us: int
    ) -> str | None: ...


class Notices:
    """The registered notices of one store, in memory."""

    def __init__(self, known: Iterable[Row] = (), read: Callable[[], Iterable[Row]] = lambda: ()) -> None:
        """`known`: as `put`; `read` reads them again, because they are registered beside the server."""
        self._read = read
        self._read_us = -READ_AGAIN_US
        self._hashes: dict[tuple[str, str, str], str] = {}
        self._latest: dict[tuple[str, str], tuple[int, str, str]] = {}
        self._ids: set[str] = set()
        self.put(known)

    def put(self, known: Iterable[Row]) -> None:
        """Learn (notice_id, version, language, sha256, added_us) of texts; none is ever taken back."""
        for notice_id, version, language, sha256, added_us in known:
            self._ids.add(notice_id)
            self._hashes[(notice_id, version, language)] = sha256
            for key in ((notice_id, language), (notice_id, "")):
                found = (added_us, version, language)
                self._latest[key] = max(self._latest.get(key, found), found)

    def latest(self, notice_id: str, language: str = "") -> dict[str, str]:
        """The newest version, of a language or of any, as evidence names it; empty where there is none."""
        found = self._latest.get((notice_id, language))
        if found is None:
            return {}
        _, version, spoken = found
        sha256 = self._hashes[(notice_id, version, spoken)]
        return {
            "notice_id": notice_id,
            "notice_version": version,
            "language": spoken,
            "notice_sha256": sha256,
        }

    def why_wrong(self, notice_id: str, version: str, language: str, sha256: str, now_us: int) -> str | None:
        """Why an act cannot have shown this text, in words; None where it can, or where it is not ours."""
        if notice_id not in self._ids:
            return None
        key = (notice_id, version, language)
        if key not in self._hashes and now_us - self._read_us >= READ_AGAIN_US:
            self._read_us = now_us
            self.put(self._read())
        known = self._hashes.get(key)
        if known is None:
            return (
                f"notice {notice_id!r} has no version {version!r} in language {language!r}; "
                f"operator-push notice show {notice_id} lists what people can have been shown"
            )
        if sha256 and sha256.lower() != known:
            return (
                f"notice_sha256 is not that of notice {notice_id!r}, version {version!r}, language "
                f"{language!r}: another text was shown, or it was not hashed as UTF-8 as it stands"
            )
        return None
