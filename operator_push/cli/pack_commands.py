"""operator-push pack: the jurisdiction packs of this installation, and a check for those that you write."""

from datetime import UTC, date, datetime
from pathlib import Path

import click
import msgspec

from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.subject_group import SubjectGroup
from operator_push.domain.packs import Pack, shipped_packs
from operator_push.domain.packs.pack import Row
from operator_push.domain.packs.reading import read_pack_file
from operator_push.kernel.errors import OperatorError

_ABOUT = set(Row.__struct_fields__)


@click.group(cls=SubjectGroup)
def pack() -> None:
    """What the law of a country asks of a push message, as dated data: list, show, check."""


@pack.command("list")
@json_option
def list_packs(as_json: bool) -> None:
    """Show every pack and version, how many rows it has and how many of them were verified."""
    shelf = shipped_packs()
    found = [each for name in shelf.names() for each in shelf.versions(name)]
    if as_json:
        print_json([_summary(each) for each in found])
        return
    print_table(
        ("PACK", "VERSION", "FROM", "COUNTRIES", "LANGUAGES", "ROWS", "VERIFIED", "TITLE"),
        (
            (
                each.pack,
                each.version,
                each.valid_from,
                len(each.countries),
                len(each.languages),
                *_counts(each),
                each.title,
            )
            for each in found
        ),
    )


@pack.command()
@click.argument("name")
@click.option("--at", metavar="DATE", help="The version that counts on that day; today's by default.")
@json_option
def show(name: str, at: str | None, as_json: bool) -> None:
    """Show a pack whole: every row with its source, its date and whether it was verified."""
    found = shipped_packs().pack(name, _day(at))
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    print_fields(
        [
            ("pack", found.pack),
            ("title", found.title),
            ("version", f"{found.version} from {found.valid_from}"),
            ("countries", ", ".join(found.countries) or "every other"),
            ("languages", ", ".join(found.languages)),
        ]
    )
    for table, rows in found.tables():
        for row in rows:
            own = {key: value for key, value in msgspec.to_builtins(row).items() if key not in _ABOUT}
            click.echo(f"\n{table}: " + ", ".join(f"{key} {_told(value)}" for key, value in own.items()))
            click.echo(f"  {'verified' if row.verified else 'NOT verified'} {row.date}: {row.source}")
            if row.note:
                click.echo(f"  {row.note}")


@pack.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def check(file: Path, as_json: bool) -> None:
    """Check a pack that you wrote; an error names the line and the key."""
    found = read_pack_file(file)
    if as_json:
        print_json(_summary(found))
        return
    rows, verified = _counts(found)
    click.echo(
        f"{file}: pack {found.pack} {found.version} is in order; {rows} rows, {verified} of them verified"
    )


def _counts(found: Pack) -> tuple[int, int]:
    rows = [row for _, rows in found.tables() for row in rows]
    return len(rows), sum(row.verified for row in rows)


def _summary(found: Pack) -> dict[str, object]:
    rows, verified = _counts(found)
    return {
        "pack": found.pack,
        "title": found.title,
        "version": found.version,
        "valid_from": found.valid_from.isoformat(),
        "valid_until": found.valid_until.isoformat() if found.valid_until else None,
        "countries": found.countries,
        "languages": found.languages,
        "rows": rows,
        "verified": verified,
    }


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise OperatorError(f"--at {text!r} is not a day such as 2027-01-31") from error


def _told(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value)) or "-"
    return "-" if value == "" else str(value)
