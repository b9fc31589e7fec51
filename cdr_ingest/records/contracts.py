"""Contracts: what held of a person from when until when, made of the statements of subscriber records.

One row per person and stretch of time: `valid_from_us` (0: from ever) included, `valid_to_us` (null: still)
not. `status` is active, suspended, or why it ended: ported_out, recycled, new_owner, ended, missing.
"""

from pathlib import Path

from duckdb import DuckDBPyConnection

from cdr_ingest.formats.contract_layout import DELTA, ENDINGS
from cdr_ingest.records.file_lists import quoted
from cdr_ingest.records.statements import ATTRIBUTES, MISSING, ORDER

ACTIVE = "active"
ENDED = (*ENDINGS, MISSING)
COLUMNS = ("subscriber_no", "valid_from_us", "valid_to_us", "status", "sim_swapped_us", *ATTRIBUTES)
_NOT_DELTA = f"form <> '{DELTA}'"
# What was known before does not go on after a whole row, nor after an end.
_BEGINS = f"({_NOT_DELTA} OR coalesce(status IN {ENDINGS}, false))"
_STATUS = (
    f"CASE WHEN form = '{MISSING}' THEN '{MISSING}'"
    f" WHEN status IN ('activated', 'ported_in') THEN '{ACTIVE}'"
    f" WHEN status = 'sim_swapped' AND {_NOT_DELTA} THEN '{ACTIVE}'"
    " WHEN status = 'sim_swapped' THEN NULL"
    f" WHEN status IS NULL AND {_NOT_DELTA} THEN '{ACTIVE}' ELSE status END"
)


def write_contracts(connection: DuckDBPyConnection, target: Path) -> int:
    """Write `target` from the table `statement`; how many rows."""
    since_whole = ", ".join(f"last_value({name} IGNORE NULLS) OVER part AS {name}" for name in ATTRIBUTES)
    columns = ", ".join(
        f"coalesce(status, '{ACTIVE}') AS status" if name == "status" else name for name in COLUMNS
    )
    stretches = (
        f"SELECT subscriber_no, at_us AS valid_from_us, lead(at_us) OVER w AS valid_to_us, {since_whole},"
        " last_value(state IGNORE NULLS) OVER part AS status, last_value(swapped_us IGNORE NULLS) OVER"
        f" ({ORDER} ROWS UNBOUNDED PRECEDING) AS sim_swapped_us"
        f" FROM (SELECT *, count_if({_BEGINS}) OVER ({ORDER}) AS whole, {_STATUS} AS state,"
        " CASE WHEN status = 'sim_swapped' THEN at_us END AS swapped_us FROM statement)"
        f" WINDOW w AS ({ORDER}), part AS (PARTITION BY subscriber_no, whole ORDER BY at_us, position, seq"
        " ROWS UNBOUNDED PRECEDING)"
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    [(rows,)] = connection.execute(
        f"COPY (SELECT {columns} FROM ({stretches}) WHERE valid_to_us IS NULL OR valid_to_us > valid_from_us"
        f" ORDER BY subscriber_no, valid_from_us) TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)"
    ).fetchall()
    return int(rows)
