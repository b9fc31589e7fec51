"""Apache Spark: the engine beyond one machine; needs the extra [spark] and a Java.

Where to compute is Spark's own affair (`spark.master` in its configuration, `spark-submit`); without any it
is this machine. Results are those of the other engine: the session's clock is UTC.
"""

import importlib.util
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import ibis

from cdr_ingest.features.engine import DayBatch
from cdr_ingest.features.partials import Table
from operator_push.kernel.errors import OperatorError, ResourceError


class SparkEngine:
    """An engine of features in a Spark session of its own.

    Raises:
        OperatorError: Spark or Java is not installed.
    """

    name = "spark"
    batch_records = None

    def __init__(self, scratch: Path, threads: int) -> None:
        if importlib.util.find_spec("pyspark") is None:
            raise OperatorError("Apache Spark is missing; install it: pip install 'operator-push[spark]'")
        if shutil.which("java") is None:
            raise OperatorError("Spark needs Java; install it: apt-get install openjdk-17-jre-headless")
        from pyspark.sql import SparkSession

        scratch.mkdir(parents=True, exist_ok=True)
        settings = {
            "spark.master": f"local[{threads}]",
            "spark.sql.shuffle.partitions": str(threads * 2),
            "spark.local.dir": str(scratch),
            "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        }
        always = {
            "spark.app.name": "cdr-ingest features",
            "spark.sql.session.timeZone": "UTC",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
            "spark.sql.ansi.enabled": "false",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "ERROR",
        }
        builder = SparkSession.builder
        for key, value in (settings | always).items():
            builder = builder.config(key, value)
        try:
            self._session: Any = builder.getOrCreate()
        except Exception as error:  # the bridge to Java raises what Java raised
            raise ResourceError(f"Spark does not start ({type(error).__name__})") from None
        self._ibis = ibis.pyspark.connect(self._session)
        self._views = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._session.stop()

    def read(self, files: Sequence[Path]) -> Table:
        """Parquet files as one table."""
        # Named one by one, without a base path, files give no columns by their folders' names.
        return self._table(self._merged().parquet(*(str(file) for file in files)))

    def read_days(self, files: Sequence[Path]) -> Table:
        """Parquet files as `write_days` wrote them."""
        reader = self._merged().option("basePath", str(files[0].parent.parent))
        return self._table(reader.parquet(*(str(file) for file in files)))

    def _merged(self) -> Any:
        """A reader; files of an earlier version lack the newest columns."""
        return self._session.read.option("mergeSchema", "true")

    def named(self, rows: Table) -> Table:
        """The same rows as a view."""
        return self._table(self._session.sql(self._ibis.compile(rows)))

    def set_aside(self, rows: Table) -> Table:
        """The same rows as a view: what does not fit into memory, Spark spills by itself."""
        return self.named(rows)

    def _table(self, rows: Any) -> Table:
        self._views += 1
        name = f"files_{self._views}"
        rows.createOrReplaceTempView(name)
        return self._ibis.table(name)

    def write_days(self, make: Callable[[Table], Table], batches: Sequence[DayBatch], folder: Path) -> None:
        """Write what `make` makes of all batches to new Parquet files in `folder`/day=N/."""
        days = [day for batch in batches for day in batch.days]
        made = make(self.read(sorted({file for batch in batches for file in batch.files})))
        frame = self._session.sql(self._ibis.compile(made.filter(made.day.isin(days))))
        writer = frame.repartition("day").write.option("compression", "snappy")
        writer.partitionBy("day").parquet(str(folder))

    def write(self, rows: Table, folder: Path) -> list[Path]:
        """Write rows to Parquet files in `folder`, as many as Spark finds good."""
        self._session.sql(self._ibis.compile(rows)).write.option("compression", "zstd").parquet(str(folder))
        return sorted(folder.glob("*.parquet"))
