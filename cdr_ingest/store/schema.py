"""Schema of ingest.db: runs with their counts, and the files that each run read."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table

metadata = MetaData()

# Rows of all kinds: read = accepted + rejected + duplicates + not_permitted, in both tables.
run = Table(
    "run",
    metadata,
    Column("run_no", Integer, primary_key=True),  # from 1, without holes
    Column("started_at_us", BigInteger, nullable=False),
    Column("finished_at_us", BigInteger, nullable=False),
    Column("as_of", String(10), nullable=False),  # the last local day of the features, YYYY-MM-DD
    Column("zone", String(64), nullable=False),
    Column("pseudonym_key_id", String(16), nullable=False),
    Column("permission_sequence", BigInteger, nullable=False),
    Column("read", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("duplicates", BigInteger, nullable=False),
    Column("not_permitted", BigInteger, nullable=False),
    Column("profiles", BigInteger, nullable=False),
)
ingested_file = Table(
    "ingested_file",
    metadata,
    Column("content_sha256", String(64), primary_key=True),
    Column("run_no", Integer, ForeignKey("run.run_no"), nullable=False),
    Column("name", String(1024), nullable=False),  # below the input folder
    Column("kind", String(16), nullable=False),
    Column("octets", BigInteger, nullable=False),
    Column("read", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("duplicates", BigInteger, nullable=False),
    Column("not_permitted", BigInteger, nullable=False),
    Index("ingested_file_run_no", "run_no"),
)
