"""The program `cdr-ingest`: thin commands; the clock is read here and nowhere below."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from cdr_ingest.as_of_option import as_of_option
from cdr_ingest.feature_commands import features
from cdr_ingest.file_commands import mapping, show, sniff
from cdr_ingest.progress import BarProgress, PlainProgress, ProgressReport
from operator_push.kernel.errors import OperatorError, ResourceError

OPERATOR_ERROR_EXIT = 2
RESOURCE_ERROR_EXIT = 1


class _Program(click.Group):
    """Turns our errors into one sentence on standard error."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; the exit status is 2 for a wrong call, 1 for a failing resource."""
        try:
            return super().invoke(context)
        except OperatorError as error:
            click.echo(f"cdr-ingest: {error}", err=True)
            context.exit(OPERATOR_ERROR_EXIT)
        except ResourceError as error:
            click.echo(f"cdr-ingest: {error}", err=True)
            context.exit(RESOURCE_ERROR_EXIT)


@click.group(cls=_Program)
@click.version_option(package_name="operator-push")
def main() -> None:
    """Turn an operator's CDR, top-up and subscriber files into permitted features.

    \b
    A first look, without any real data:
      cdr-ingest generate --out drop --subscribers 1000 --seed 7
      (import drop/consents.csv into operator-push, write a permission snapshot)
      cdr-ingest run --input drop --snapshot permission.parquet \\
          --key-file secrets/pseudonym.key --out features

    Only what a subscriber permits is learned from: other people's records are counted and dropped.
    """


@main.command()
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder to write; must be empty or new."
)
@click.option("--subscribers", type=int, required=True, help="How many subscribers to make up.")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Same seed, same files, octet for octet."
)
@click.option("--days", type=int, default=30, show_default=True, help="Local days of records.")
@as_of_option("Last local day of records.  [default: 2026-10-31]")
@click.option(
    "--records-per-subscriber",
    type=float,
    default=30.0,
    show_default=True,
    help="Mean number of records of a subscriber over all days.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON object.")
def generate(
    out: Path,
    subscribers: int,
    seed: int,
    days: int,
    as_of: date | None,
    records_per_subscriber: float,
    as_json: bool,
) -> None:
    """Write made-up subscribers, consents, cells, CDRs and top-ups, with faults and repeats mixed in.

    Nobody in the files exists. DIR/README.md documents the distributions and counts the faults.
    """
    from cdr_ingest.generate.settings import DEFAULT_AS_OF, GenerateSettings
    from cdr_ingest.generate.writing import generate as write_set

    settings = GenerateSettings(out, subscribers, seed, days, as_of or DEFAULT_AS_OF, records_per_subscriber)
    with _progress() as progress:
        progress.begin(f"generating {subscribers:,} subscribers", subscribers)
        summary = write_set(settings, progress.advance).as_dict()
        progress.end()
    _print(summary, as_json, lambda: _say_counts("written", summary))


@main.command()
@click.option(
    "--input",
    "input_folder",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder with the operator's files.",
)
@click.option(
    "--snapshot", type=click.Path(path_type=Path), required=True, help="Permission snapshot (Parquet)."
)
@click.option(
    "--key-file", type=click.Path(path_type=Path), required=True, help="Pseudonym key, hexadecimal text."
)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder for features, rejects and report."
)
@as_of_option("Last local day of the features.  [default: the newest record's]")
@click.option("--zone", default="Asia/Kolkata", show_default=True, help="The subscribers' IANA time zone.")
@click.option(
    "--threads", type=click.IntRange(1, 256), default=2, show_default=True, help="Threads of the engine."
)
@click.option(
    "--memory-limit", default="1GB", show_default=True, help="Memory of each of the engine's two databases."
)
@click.option(
    "--mapping",
    "mappings",
    multiple=True,
    metavar="NAME|FILE",
    help="How files of other houses are read: a shipped mapping or a file; again for more. Those in "
    "INPUT/mappings/ count as well.",
)
@click.option("--json", "as_json", is_flag=True, help="Print run.json.")
def run(
    input_folder: Path,
    snapshot: Path,
    key_file: Path,
    out: Path,
    as_of: date | None,
    zone: str,
    threads: int,
    memory_limit: str,
    mappings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Ingest an input folder once: features.json, rejects.csv and run.json in the out folder.

    A file that was ingested into the same out folder before is known by its content and not read again. Of
    every row it is known what became of it: read = accepted + rejected + duplicates + not permitted.
    """
    from cdr_ingest.ingest.run import ingest
    from cdr_ingest.ingest.settings import IngestSettings
    from cdr_ingest.mapping.catalogue import find_mapping

    chosen = tuple(find_mapping(one) for one in mappings)
    settings = IngestSettings(
        input_folder, snapshot, key_file, out, as_of, zone, threads, memory_limit, mappings=chosen
    )
    with _progress() as progress:
        report = ingest(settings, datetime.now(UTC), time.monotonic, progress)
    _print(report, as_json, lambda: _say_run(report, out))


@main.command()
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The out folder of `cdr-ingest run`."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def runs(out: Path, as_json: bool) -> None:
    """List the runs of an out folder, oldest first."""
    from dataclasses import asdict

    from cdr_ingest.store.file_ledger import FileLedger

    path = out / "ingest.db"
    if not path.exists():
        raise OperatorError("no run has ended there yet", key=f"--out {out}")
    with FileLedger(path) as ledger:
        rows = ledger.runs()
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2))
        return
    click.echo("run  as of       read        accepted    rejected   duplicates  not permitted  profiles")
    for row in rows:
        click.echo(
            f"{row.run_no:>3}  {row.as_of}  {row.read:<10}  {row.accepted:<10}  {row.rejected:<9}  "
            f"{row.duplicates:<10}  {row.not_permitted:<13}  {row.profiles}"
        )


@main.command()
@click.option("--format", "form", type=click.Choice(["bandicoot"]), default="bandicoot", show_default=True)
@click.option(
    "--input",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="Folder with records/*.csv (a file is a person), antennas.csv and recharges/*.csv.",
)
@click.option("--group-by", type=click.Choice(["week", "day", "none"]), default="week", show_default=True)
@click.option("--summary", type=click.Choice(["default", "extended"]), default="default", show_default=True)
@click.option("--split-week", is_flag=True, help="Also weekdays and weekends apart.")
@click.option("--split-day", is_flag=True, help="Also days and nights (19:00 to 07:00) apart.")
@click.option("--only", multiple=True, metavar="NAME", help="An indicator; again for more.  [default: all]")
def indicators(form: str, folder: Path, only: tuple[str, ...], **asked: Any) -> None:
    """Print the indicators of mobile-phone research as JSON: user name → indicator → … → value.

    Names, definitions and nesting are those of bandicoot 0.6.0; docs/indicators.md says where they surprise.
    A user's name is that of the file. The input is taken as it is: for data whose people have agreed.
    """
    from cdr_ingest.indicators.catalogue import NAMES
    from cdr_ingest.indicators.compute import Asked, compute
    from cdr_ingest.indicators.reading import read_folder
    from cdr_ingest.indicators.report import nest

    unknown = [name for name in only if name not in NAMES]
    if unknown:
        raise click.BadParameter(
            f"there is no {unknown[0]}; there are {', '.join(NAMES)}", param_hint="--only"
        )
    ask = Asked(
        group_by=asked["group_by"],
        extended=asked["summary"] == "extended",
        split_week=asked["split_week"],
        split_day=asked["split_day"],
        names=only or NAMES,
    )
    people = read_folder(folder)
    click.echo(json.dumps(nest(people, ask, compute(people, ask))))


main.add_command(mapping)
main.add_command(show)
main.add_command(sniff)
main.add_command(features)


@contextmanager
def _progress() -> Iterator[ProgressReport]:
    console = Console(stderr=True)
    if console.is_terminal:
        with BarProgress(console, time.monotonic) as bar:
            yield bar
    else:
        yield PlainProgress(sys.stderr, time.monotonic)


def _print(result: dict[str, Any], as_json: bool, say: Callable[[], None]) -> None:
    if as_json:
        click.echo(json.dumps(result, indent=2))
    else:
        say()


def _say_counts(title: str, counts: dict[str, Any]) -> None:
    for name, value in counts.items():
        text = (
            ", ".join(f"{key} {count:,}" for key, count in value.items())
            if isinstance(value, dict)
            else value
        )
        click.echo(f"{title} {name}: {text}")


def _say_run(report: dict[str, Any], out: Path) -> None:
    click.echo(
        f"run {report['run']}: {report['read']:,} rows read = {report['accepted']:,} accepted"
        f" + {report['rejected']:,} rejected + {report['duplicates']:,} duplicates"
        f" + {report['not_permitted']:,} not permitted"
    )
    if report["rejected_by_reason"]:
        _say_counts("rejected", {"by reason": report["rejected_by_reason"]})
    if report["already_ingested_files"]:
        click.echo(f"{report['already_ingested_files']} files were ingested before and not read again")
    if report["ignored_files"]:
        click.echo(f"not of a known kind, not read: {', '.join(report['ignored_files'][:10])}")
    click.echo(
        f"{report['profiles']:,} profiles as of {report['as_of']} in {out / 'features.json'}"
        f" ({report['rows_per_second']:,} rows/s)"
    )


if __name__ == "__main__":
    main()
