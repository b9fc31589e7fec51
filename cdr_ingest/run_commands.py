"""Commands that ingest: run, and replay of what was rejected."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from typing import Any

import click

from cdr_ingest.as_of_option import as_of_option
from cdr_ingest.features_option import features_option
from cdr_ingest.terminal import print_result, progress_shown, say_counts
from operator_push.kernel.instants import iso

_OPTIONS = (
    click.option(
        "--snapshot", type=click.Path(path_type=Path), required=True, help="Permission snapshot (Parquet)."
    ),
    click.option(
        "--key-file",
        type=click.Path(path_type=Path),
        required=True,
        help="Pseudonym key, hexadecimal text.",
    ),
    click.option(
        "--out", type=click.Path(path_type=Path), required=True, help="Folder for features and reports."
    ),
    click.option(
        "--responses",
        type=click.Path(path_type=Path),
        help="How people answered messages (Parquet, of `operator-push campaign responses`); without it what "
        "was known stays.",
    ),
    as_of_option("Last local day of the features.  [default: the newest record's]"),
    click.option(
        "--zone", default="Asia/Kolkata", show_default=True, help="The subscribers' IANA time zone."
    ),
    click.option(
        "--region",
        default="",
        metavar="REGION",
        help="ISO 3166 region (IN) of subscriber records' numbers that are written without a country.",
    ),
    click.option(
        "--snapshot-missing-max",
        type=click.FloatRange(0, 1),
        default=0.1,
        show_default=True,
        help="A snapshot of subscribers that lacks a larger share of them is half a file: it ends nobody.",
    ),
    click.option(
        "--threads",
        type=click.IntRange(1, 256),
        default=2,
        show_default=True,
        help="Threads of the engine.",
    ),
    click.option(
        "--memory-limit",
        default="1GB",
        show_default=True,
        help="Memory of the run; beyond it records spill to disk.",
    ),
    click.option(
        "--mapping",
        "mappings",
        multiple=True,
        metavar="NAME|FILE",
        help="How files of other houses are read: a shipped mapping or a file; again for more. Those in "
        "INPUT/mappings/ count as well.",
    ),
    features_option(),
    click.option(
        "--quarantine-above",
        type=click.FloatRange(0, 1),
        default=0.5,
        show_default=True,
        help="A file of which a larger share is rejected is set aside whole; 1 sets none aside.",
    ),
    click.option(
        "--quarantine-rows",
        type=click.IntRange(1),
        default=100,
        show_default=True,
        help="Files of fewer rows are never set aside.",
    ),
    click.option(
        "--keep-rejects-days",
        type=click.IntRange(0),
        default=30,
        show_default=True,
        help="How long the octets of rejects are kept, sealed, for a replay.",
    ),
)


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that ingests."""
    return reduce(lambda found, option: option(found), reversed(_OPTIONS), command)


def settings_of(input_folder: Path | None, options: dict[str, Any]) -> Any:
    """IngestSettings from the values of `run_options`."""
    from cdr_ingest.ingest.quarantine import Quarantine
    from cdr_ingest.ingest.settings import IngestSettings
    from cdr_ingest.mapping.catalogue import find_mapping

    options = dict(options)
    quarantine = Quarantine(options.pop("quarantine_above"), options.pop("quarantine_rows"))
    mappings = tuple(find_mapping(one) for one in options.pop("mappings"))
    return IngestSettings(input=input_folder, **options, mappings=mappings, quarantine=quarantine)


@click.command()
@click.option(
    "--input",
    "input_folder",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder with the operator's files.",
)
@run_options
@click.option("--json", "as_json", is_flag=True, help="Print run.json.")
def run(input_folder: Path, as_json: bool, **options: Any) -> None:
    """Ingest an input folder once: features.json, rejects.csv and run.json in the out folder.

    A file that was ingested into the same out folder before is known by its content and not read again. A
    run that was interrupted goes on from its last checkpoint. Of every row it is known what became of it:
    read = accepted + rejected + duplicates + not permitted.
    """
    from cdr_ingest.ingest.run import ingest

    settings = settings_of(input_folder, options)
    with progress_shown() as progress:
        report = ingest(settings, datetime.now(UTC), time.monotonic, progress)
    print_result(report, as_json, lambda: say_run(report, settings.out))


@click.command()
@click.option(
    "--input",
    "input_folder",
    type=click.Path(path_type=Path),
    help="Input folder whose cells and mappings to go by; its other files are not read.",
)
@click.option("--file", "files", multiple=True, metavar="NAME", help="Only of this file; again for more.")
@click.option("--reason", "reasons", multiple=True, metavar="REASON", help="Only these; again for more.")
@run_options
@click.option("--json", "as_json", is_flag=True, help="Print run.json.")
def replay(
    input_folder: Path | None, files: tuple[str, ...], reasons: tuple[str, ...], as_json: bool, **options: Any
) -> None:
    """Read rejected records again, after a fix: of a mapping, of the cells, or of the program.

    Each reject is read exactly once more: what is accepted now counts and leaves the rejects, what is
    rejected again waits for the next replay. The original files are not needed.
    """
    from cdr_ingest.ingest.replay import Chosen
    from cdr_ingest.ingest.replay import replay as replay_rejects

    settings = settings_of(input_folder, options)
    with progress_shown() as progress:
        chosen = Chosen(files, reasons)
        report = replay_rejects(settings, chosen, datetime.now(UTC), time.monotonic, progress)
    print_result(report, as_json, lambda: say_run(report, settings.out))


def say_run(report: dict[str, Any], out: Path) -> None:
    """What became of a run's rows, in words."""
    rows = "rejects read again" if report["is_replay"] else "rows read"
    click.echo(
        f"run {report['run']}: {report['read']:,} {rows} = {report['accepted']:,} accepted"
        f" + {report['rejected']:,} rejected + {report['duplicates']:,} duplicates"
        f" + {report['not_permitted']:,} not permitted"
    )
    for one in report["snapshots"]:
        if one["missing"] > one["ended"]:
            click.echo(
                f"the snapshot of {iso(one['at_us'])} lacks {one['missing']:,} of {one['known']:,} people:"
                " nobody was ended (--snapshot-missing-max)"
            )
    if told := report["responses"]:
        click.echo(
            f"responses to messages: {told['rows']:,} days of people, {told['not_permitted']:,} not permitted"
        )
    if report["owner_changes"]:
        click.echo(
            f"{report['owner_changes']:,} numbers changed hands: operator-push subscriber change"
            f" {out / 'owner-changes.csv'}"
        )
    if report["rejected_by_reason"]:
        say_counts("rejected", {"by reason": report["rejected_by_reason"]})
    if report["already_ingested_files"]:
        click.echo(f"{report['already_ingested_files']} files were ingested before and not read again")
    for file in report["quarantined_files"]:
        click.echo(f"{file['state']}, does not count: {file['file']}: {file['detail']}")
    if report["ignored_files"]:
        click.echo(f"not of a known kind, not read: {', '.join(report['ignored_files'][:10])}")
    click.echo(
        f"{report['profiles']:,} profiles as of {report['as_of']} in {out / 'features.json'}"
        f" ({report['rows_per_second']:,} rows/s)"
    )
