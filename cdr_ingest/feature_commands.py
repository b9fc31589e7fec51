"""cdr-ingest features: compute them again from what is kept, on the engine of one's choice."""

import json
import shutil
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import click

from cdr_ingest.as_of_option import as_of_option
from cdr_ingest.features_option import chosen, features_option
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import to_epoch_us

ENGINES = ("duckdb", "spark")


@click.group()
def features() -> None:
    """What is learned of the people who permit it."""


@features.command()
@click.option(
    "--records",
    "kept",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="The out folder of `cdr-ingest run`, whose kept records are used.",
)
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path),
    required=True,
    help="Permission snapshot (Parquet): only what it permits is computed.",
)
@click.option(
    "--key-file", type=click.Path(path_type=Path), required=True, help="Pseudonym key, hexadecimal text."
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@click.option("--engine", type=click.Choice(ENGINES), default=ENGINES[0], show_default=True)
@as_of_option("Last local day of the features.  [default: that of the newest run]")
@click.option(
    "--threads", type=click.IntRange(1, 256), default=2, show_default=True, help="Threads of the engine."
)
@click.option(
    "--memory-limit", default="1GB", show_default=True, help="Memory of DuckDB; beyond it spills to disk."
)
@features_option()
@click.option("--json", "as_json", is_flag=True, help="Print what was done as one JSON object.")
def compute(
    kept: Path,
    snapshot: Path,
    key_file: Path,
    out: Path,
    engine: str,
    as_of: date | None,
    threads: int,
    memory_limit: str,
    features: tuple[str, ...],
    as_json: bool,
) -> None:
    """Compute features from the records that a run has kept; days that have not changed are not read.

    Both engines give the same features. Spark is for sets beyond one machine: it needs the extra [spark] and
    a Java, and takes its master and its memory from its own configuration.
    """
    from cdr_ingest.door.snapshot import read_key, read_snapshot
    from cdr_ingest.features.compute import Computation, publish_features, write_features
    from cdr_ingest.features.duckdb_engine import DuckDbEngine
    from cdr_ingest.features.engine import Engine
    from cdr_ingest.features.local_time import find_zone
    from cdr_ingest.features.spark_engine import SparkEngine
    from cdr_ingest.ingest.out_folder import OutFolder
    from cdr_ingest.records.responses import RESPONSE
    from cdr_ingest.store.file_ledger import FileLedger

    records = OutFolder(kept)
    if not records.ledger.exists():
        raise OperatorError("no run has ended there yet", key=f"--records {kept}")
    with FileLedger(records.ledger) as ledger:
        run, rows = ledger.last_run(), ledger.kept()
    if run is None:
        raise OperatorError("no run has ended there yet", key=f"--records {kept}")
    needs = chosen(features, out)
    permission = read_snapshot(snapshot, read_key(key_file))
    last_day = as_of or date.fromisoformat(run.as_of)
    out.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".work-", dir=out))
    try:
        asked = Computation(
            kept=records.kept.by_kind(rows),
            permission=permission,
            zone=find_zone(run.zone),
            last_day=(last_day - date(1970, 1, 1)).days,
            out=out,
            work=work,
            tag=f"c{to_epoch_us(datetime.now(UTC))}",
            needs=needs,
            responses=next((records.kept.of(row) for row in rows if row.kind == RESPONSE), None),
        )
        found: Engine
        if engine == "spark":
            found = SparkEngine(work / "spark", threads)
        else:
            found = DuckDbEngine(work / "spill", threads, memory_limit)
        with found:
            computed = write_features(found, asked)
        publish_features(out, computed.manifest)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    told = {
        "engine": found.name,
        "profiles": computed.profiles,
        "days_summed": computed.days_summed,
        "features_computed": len(needs.chosen),
        "as_of": last_day.isoformat(),
        "features": str(out / "features.json"),
    }
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    click.echo(
        f"{told['profiles']:,} profiles as of {told['as_of']} in {told['features']}"
        f" ({told['days_summed']} days of records were new)"
    )


@features.command("list")
@click.option("--page", "as_page", is_flag=True, help="Print docs/features.md.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_features(as_page: bool, as_json: bool) -> None:
    """Print the catalogue: every feature with its type, what it needs of a person, and its meaning."""
    from cdr_ingest import catalogue_page
    from operator_push.kernel.feature_catalogue import FEATURES

    if as_page:
        click.echo(catalogue_page.page(), nl=False)
    elif as_json:
        click.echo(json.dumps([catalogue_page.as_json(feature) for feature in FEATURES], indent=2))
    else:
        for feature in FEATURES:
            needs = catalogue_page.needs(feature)
            click.echo(f"{feature.name:<22} {feature.type.value:<7} {needs:<24} {feature.meaning}")
