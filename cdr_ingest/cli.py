"""The program `cdr-ingest`: thin commands; the clock is read here and nowhere below."""

import gc
import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from cdr_ingest.as_of_option import as_of_option
from cdr_ingest.collect_commands import collect
from cdr_ingest.feature_commands import features
from cdr_ingest.file_commands import mapping, show, sniff
from cdr_ingest.ledger_commands import quarantine, rejects, runs
from cdr_ingest.retention_command import retention
from cdr_ingest.run_commands import replay, run
from cdr_ingest.subscriber_commands import subscribers
from cdr_ingest.terminal import print_result, progress_shown, say_counts
from cdr_ingest.trigger_commands import triggers
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
    # The modules that a command loads stay; looking through them for garbage finds none.
    gc.set_threshold(50_000, 20, 20)


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
    with progress_shown() as progress:
        progress.begin(f"generating {subscribers:,} subscribers", subscribers)
        summary = write_set(settings, progress.advance).as_dict()
        progress.end()
    print_result(summary, as_json, lambda: say_counts("written", summary))


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
@click.option(
    "--network",
    is_flag=True,
    help="Also clustering and assortativity of people in DIR; drops records that the other side lacks.",
)
@click.option("--only", multiple=True, metavar="NAME", help="An indicator; again for more.  [default: all]")
def indicators(form: str, folder: Path, only: tuple[str, ...], **asked: Any) -> None:
    """Print the indicators of mobile-phone research as JSON: user name → indicator → … → value.

    Names, definitions and nesting are those of bandicoot 0.6.0; docs/indicators.md says where they surprise.
    A user's name is that of the file. The input is taken as it is: for data whose people have agreed.
    """
    from cdr_ingest.indicators.catalogue import NAMES, NETWORK_NAMES
    from cdr_ingest.indicators.compute import Asked, compute
    from cdr_ingest.indicators.network import networks
    from cdr_ingest.indicators.reading import read_folder
    from cdr_ingest.indicators.report import nest

    names = (*NAMES, *NETWORK_NAMES) if asked["network"] else NAMES
    unknown = [name for name in only if name not in names]
    if unknown:
        needs = " (give --network)" if unknown[0] in NETWORK_NAMES else ""
        raise click.BadParameter(
            f"there is no {unknown[0]}{needs}; there are {', '.join(names)}", param_hint="--only"
        )
    ask = Asked(
        group_by=asked["group_by"],
        extended=asked["summary"] == "extended",
        split_week=asked["split_week"],
        split_day=asked["split_day"],
        names=only or names,
    )
    people, network = read_folder(folder, with_attributes=asked["network"]), None
    if asked["network"]:
        network = networks(people)
        people = network.people
    click.echo(json.dumps(nest(people, ask, compute(people, ask), network)))


_FILES = (mapping, show, sniff, subscribers)
for command in (run, collect, triggers, replay, runs, rejects, quarantine, *_FILES, features, retention):
    main.add_command(command)


if __name__ == "__main__":
    main()
