"""Sources: the relations that definitions draw from, as SQL over the Parquet files of kept records."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from cdr_ingest.features.definitions import Source
from cdr_ingest.features.local_time import DAY_FROM_US, DAY_UNTIL_US, local_us_sql
from cdr_ingest.formats.layouts import RowKind
from operator_push.kernel.instants import MICROS_PER_DAY

WINDOW_DAYS = 30


def source_relations(
    files: Mapping[RowKind, Sequence[Path]], zone: ZoneInfo, as_of_day: int, oldest_us: int
) -> dict[Source, str]:
    """SELECT text per source; a source whose file was never read is absent, since it knows nothing.

    `as_of_day` is the last local day, in days since 1970; `oldest_us` no later than the oldest record.
    """
    # A day of slack on both sides covers every offset.
    last_us = (as_of_day + 2) * MICROS_PER_DAY
    relations: dict[Source, str] = {}
    if RowKind.SUBSCRIBER in files:
        relations[Source.CONTRACT] = f"SELECT * FROM {parquet_files(files[RowKind.SUBSCRIBER])}"
    if RowKind.CDR in files:
        first_us = (as_of_day - WINDOW_DAYS - 1) * MICROS_PER_DAY
        local = local_us_sql(zone, "started_at_us", first_us, last_us)
        relations[Source.WINDOW_CDR] = (
            f"SELECT *, local_us // {MICROS_PER_DAY} AS local_day,"
            f" NOT (local_us % {MICROS_PER_DAY} > {DAY_FROM_US}"
            f" AND local_us % {MICROS_PER_DAY} < {DAY_UNTIL_US})"
            f" AS night FROM (SELECT *, {local} AS local_us FROM {parquet_files(files[RowKind.CDR])}"
            f" WHERE started_at_us BETWEEN {first_us} AND {last_us})"
            f" WHERE local_us // {MICROS_PER_DAY} BETWEEN {as_of_day - WINDOW_DAYS + 1} AND {as_of_day}"
        )
        if RowKind.CELL in files:
            relations[Source.NIGHT_CELL] = (
                "SELECT subscriber_no, cell_id, any_value(city) AS city, any_value(latitude) AS latitude,"
                " any_value(longitude) AS longitude, count(*) AS records,"
                f" min(started_at_us) AS first_started_at_us FROM {Source.WINDOW_CDR.value}"
                f" JOIN {parquet_files(files[RowKind.CELL])} USING (cell_id) WHERE night"
                " GROUP BY subscriber_no, cell_id"
            )
    if RowKind.TOP_UP in files:
        local = local_us_sql(zone, "topped_up_at_us", min(oldest_us, last_us), last_us)
        relations[Source.TOP_UP] = (
            f"SELECT * FROM (SELECT *, {local} // {MICROS_PER_DAY} AS local_day"
            f" FROM {parquet_files(files[RowKind.TOP_UP])}) WHERE local_day <= {as_of_day}"
        )
    return relations


def parquet_files(paths: Sequence[Path]) -> str:
    """A FROM item over files of one form."""
    return "read_parquet([" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths) + "])"
