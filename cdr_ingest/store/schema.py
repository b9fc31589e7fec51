"""Schema of ingest.db: runs with their counts, the ledger of files, and which record files count."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData()

# Rows of all kinds: read = accepted + rejected + duplicates + not_permitted, in run and source_file.
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
    # A replay reads rejects again: its rows are those of files that earlier runs read.
    Column("is_replay", Boolean, nullable=False, server_default=false()),
)
# Every file that was ever seen, by its content; `store.file_ledger.FileState` says what a state means.
source_file = Table(
    "source_file",
    metadata,
    Column("content_sha256", String(64), primary_key=True),
    Column("file_id", Integer, nullable=False, unique=True),  # names its rows in parts; new at a new start
    Column("name", String(1024), nullable=False),  # below the input folder
    Column("kind", String(16), nullable=False),
    Column("octets", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("run_no", Integer, ForeignKey("run.run_no")),  # the run that finished it; null before
    Column("changed_at_us", BigInteger, nullable=False),
    Column("octets_read", BigInteger, nullable=False),  # up to the last checkpoint
    Column("blocks_read", Integer, nullable=False),  # the same place as a number of blocks
    Column("read", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("duplicates", BigInteger, nullable=False),
    Column("not_permitted", BigInteger, nullable=False),
    Column("reasons", Text, nullable=False),  # JSON: reason → rejects
    Column("detail", String(1024), nullable=False),  # why it failed or stands in quarantine; else empty
    Column("released", Boolean, nullable=False, server_default=false()),  # from quarantine, by a person
    # Who wrote the file, and its number in that node's sequence, where the file says so; else empty and null.
    Column("node", String(64), nullable=False, server_default=""),
    Column("sequence_number", BigInteger),
    Index("source_file_run_no", "run_no"),
)
# Checkpoints of the run at work: what passed the door since the one before, as a Parquet file below
# OUT/staging. The run's commit empties the table.
part = Table(
    "part",
    metadata,
    Column("part_no", Integer, primary_key=True),  # from 1, without holes
    Column("kind", String(16), nullable=False),
    Column("days", Text, nullable=False),  # UTC days since 1970 of its rows, with commas between
    Column("reject_octets", BigInteger, nullable=False),  # length of the staged list of rejects by then
    Column("sealed_octets", BigInteger, nullable=False, server_default="0"),  # and of the sealed one
)
# Rejected records of a run that can be replayed: OUT/rejects/NNNNNN.sealed.
sealed_file = Table(
    "sealed_file",
    metadata,
    Column("run_no", Integer, primary_key=True),
    Column("rejects", BigInteger, nullable=False),
    Column("sealed_at_us", BigInteger, nullable=False),  # of the oldest among them
)
# The manifest: one row per file of records that counts. `day` is YYYY-MM-DD in UTC, empty for states.
kept_file = Table(
    "kept_file",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("run_no", Integer, nullable=False),  # the run that wrote it; also its name
    Column("rows", BigInteger, nullable=False),
)
# What each source of collection has given, in order; the same name and version of a source are the same file.
collected_file = Table(
    "collected_file",
    metadata,
    Column("collected_no", Integer, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("name", String(1024), nullable=False),
    Column("version", String(256), nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("octets", BigInteger, nullable=False),
    Column("landed_as", String(1024), nullable=False),  # below the input folder; empty for known content
    Column("collected_at_us", BigInteger, nullable=False),
    Column("cursor", Text, nullable=False),  # what the source wants to know the next time
    UniqueConstraint("source", "name", "version", name="collected_file_once"),
    Index("collected_file_content", "content_sha256"),
)
