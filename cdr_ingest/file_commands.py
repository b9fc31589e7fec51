"""Commands that look at one file or one mapping: mapping list, show and check; show. They change nothing."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click

from cdr_ingest.formats.layouts import RowKind
from operator_push.kernel.errors import OperatorError


@click.group()
def mapping() -> None:
    """See and check how files of other houses are read.

    A mapping is a TOML file: which files, how their text is written, and where each field comes from;
    docs/mappings.md tells every key. `cdr-ingest sniff FILE` proposes one.
    """


@mapping.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_mappings(as_json: bool) -> None:
    """List the mappings that come with the program."""
    from cdr_ingest.mapping.catalogue import find_mapping, shipped

    found = [find_mapping(name) for name in shipped()]
    if as_json:
        rows = [{"name": one.name, "kind": one.kind, "title": one.title, "files": one.files} for one in found]
        click.echo(json.dumps(rows, indent=2))
        return
    for one in found:
        click.echo(f"{one.name:<22} {one.kind:<11} {one.title}")


@mapping.command("show")
@click.argument("name")
def show_mapping(name: str) -> None:
    """Print a shipped mapping, to be kept and changed: cdr-ingest mapping show asterisk > mine.toml."""
    from cdr_ingest.mapping.catalogue import shipped

    texts = shipped()
    if name not in texts:
        raise OperatorError(f"there is no shipped mapping {name}; there are {', '.join(texts)}")
    click.echo(texts[name], nl=False)


@mapping.command("check")
@click.argument("name", metavar="NAME|FILE")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True), required=False)
@click.option("--zone", default="UTC", show_default=True, help="Zone of dates that the mapping gives none.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
def check_mapping(name: str, file: Path | None, zone: str, as_json: bool) -> None:
    """Check a mapping; with a FILE also how many of its rows it reads, and why not the others.

    The exit status is 2 where the mapping has a fault, 1 where it reads no row of the file.
    """
    from cdr_ingest.mapping.catalogue import find_mapping

    found = find_mapping(name)
    result: dict[str, Any] = {"mapping": found.name, "kind": found.kind, "fields": sorted(found.fields)}
    if file is not None:
        from cdr_ingest.reading.trial import try_rows

        result |= try_rows(file, found.row_kind, found, zone)
    if as_json:
        click.echo(json.dumps(result, indent=2))
    else:
        click.echo(f"{found.name} is good: {found.kind} from {', '.join(sorted(found.fields))}")
        if file is not None:
            click.echo(
                f"{file.name}: {result['read']:,} rows, {result['good']:,} good,"
                f" {result['rejected']:,} rejected"
            )
            for reason, count in result["rejected_by_reason"].items():
                click.echo(f"  {reason}: {count:,}, the first in line {result['first_lines'][reason]}")
    if file is not None and not result["good"]:
        click.get_current_context().exit(1)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--mapping", "name", metavar="NAME|FILE", help="How it is read; a shipped mapping or a file.")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in RowKind]),
    default="cdr",
    show_default=True,
    help="What our own CSV holds; a mapping says it itself.",
)
@click.option("--zone", default="UTC", show_default=True, help="Zone of dates that the mapping gives none.")
@click.option("--rows", default=20, show_default=True, help="How many; 0 for all.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row.")
@click.option("--numbers", is_flag=True, help="Show numbers of people whole instead of masked.")
def show(file: Path, name: str | None, kind: str, zone: str, rows: int, as_json: bool, numbers: bool) -> None:
    """Show the rows of a file as `cdr-ingest run` sees them, packed or not, of every format that it reads.

    Numbers of people are masked. All fields of charging records stand in `operator-push cdr decode FILE`.
    """
    from cdr_ingest.mapping.catalogue import find_mapping
    from cdr_ingest.masking import mask_field
    from cdr_ingest.reading.trial import seen_rows

    found = find_mapping(name) if name else None
    row_kind = RowKind(kind) if found is None else found.row_kind
    every: Iterator[dict[str, Any]] = seen_rows(file, row_kind, found, zone)
    for row in islice(every, rows or None):
        shown = {
            key: value if numbers or not isinstance(value, str) else mask_field(value)
            for key, value in row.items()
        }
        if as_json:
            click.echo(json.dumps(shown))
        else:
            click.echo("  ".join(f"{key}={value}" for key, value in shown.items() if value != ""))


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--country-code", default="", help="Of numbers that are written without one: 91.")
@click.option("--zone", default="UTC", show_default=True, help="Zone by which the proposal is tried.")
@click.option("--json", "as_json", is_flag=True, help="Print guesses, columns, mapping and trial as JSON.")
def sniff(file: Path, country_code: str, zone: str, as_json: bool) -> None:
    """Look at a file and propose a mapping that reads it, with a reason and a confidence for every guess.

    \b
    $ cdr-ingest sniff calls.txt > calls.toml
    $ cdr-ingest mapping check calls.toml calls.txt

    A file that a shipped mapping reads is said to be so. Charging records (BER) need no mapping.
    """
    from cdr_ingest.sniffing.sniffing import sniff_file

    found = sniff_file(file, country_code, zone)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    trial = found["trial"]
    click.echo(f"{found['kind']}: {found['kind_reason']}", err=True)
    if trial:
        click.echo(
            f"{file.name}: of the first {trial['read']:,} rows {trial['good']:,} are good by this", err=True
        )
    for name, guess in found["guesses"].items():
        said = f"{guess['value']!r}, " if guess["value"] else ""
        click.echo(f"{name}: {said}{guess['reason']} ({guess['confidence']:.0%})", err=True)
    for column in found["columns"]:
        if column["field"]:
            click.echo(
                f"{column['column']} is {column['field']}: {column['reason']} ({column['confidence']:.0%})",
                err=True,
            )
    click.echo(found["mapping"], nl=False)
