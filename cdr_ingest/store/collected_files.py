"""Collected files: what each source has given, so that it is asked for nothing twice."""

from dataclasses import asdict, dataclass

from sqlalchemy import Engine, insert, select

from cdr_ingest.store.schema import collected_file


@dataclass(frozen=True, slots=True)
class CollectedRow:
    """A file that a source gave; `landed_as` is below the input folder, empty for known content."""

    source: str
    name: str
    version: str
    content_sha256: str
    octets: int
    landed_as: str
    collected_at_us: int
    cursor: str


class CollectedFiles:
    """The table of one ledger."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def cursor(self, source: str) -> str:
        """The cursor of the file that a source gave last; "" before its first."""
        newest = (
            select(collected_file.c.cursor)
            .where(collected_file.c.source == source)
            .order_by(collected_file.c.collected_no.desc())
            .limit(1)
        )
        with self._engine.begin() as connection:
            return connection.execute(newest).scalar() or ""

    def has(self, source: str, name: str, version: str) -> bool:
        """True where the source gave this file before."""
        at = collected_file.c
        where = (at.source == source) & (at.name == name) & (at.version == version)
        return self._exists(where)

    def has_content(self, content_sha256: str) -> bool:
        """True where any source gave a file of this content."""
        return self._exists(collected_file.c.content_sha256 == content_sha256)

    def landed_as(self, content_sha256: str) -> str:
        """Where a file of this content shall lie below the input folder; "" for unknown content."""
        at = collected_file.c
        found = select(at.landed_as).where((at.content_sha256 == content_sha256) & (at.landed_as != ""))
        with self._engine.begin() as connection:
            return connection.execute(found).scalar() or ""

    def note(self, row: CollectedRow) -> None:
        """Remember a file, durably."""
        with self._engine.begin() as connection:
            connection.execute(insert(collected_file), asdict(row))

    def rows(self) -> list[CollectedRow]:
        """All of them, oldest first."""
        columns = [column for column in collected_file.c if column.name != "collected_no"]
        with self._engine.begin() as connection:
            rows = connection.execute(select(*columns).order_by(collected_file.c.collected_no))
            return [CollectedRow(**row._mapping) for row in rows]

    def _exists(self, where: object) -> bool:
        with self._engine.begin() as connection:
            found = connection.execute(select(collected_file.c.collected_no).where(where).limit(1))  # type: ignore[arg-type]
            return found.first() is not None
