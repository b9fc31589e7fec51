"""Commands about subscriber records: exports of other systems become files of ours."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import click

from operator_push.kernel.errors import OperatorError

CHANGE_COLUMNS = ("msisdn", "change", "at", "evidence")


@click.group()
def subscribers() -> None:
    """Subscriber records that other systems export."""


@subscribers.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--format",
    "form",
    type=click.Choice(["auto", "ldif", "tmf"]),
    default="auto",
    show_default=True,
    help="LDIF, or JSON of TMF632 Party and TMF629 Customer.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Input folder of `cdr-ingest run`."
)
@click.option(
    "--region",
    default="",
    metavar="REGION",
    help="ISO 3166 region (IN) of numbers that are written without a country.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON object.")
def convert(file: Path, form: str, out: Path, region: str, as_json: bool) -> None:
    """Write OUT/subscribers.csv from FILE, and OUT/changes/FILE.csv of numbers that changed hands.

    The run reads the first and judges its rows; `operator-push subscriber change` takes the second: what the
    former owner of a recycled number permitted is void from then on. Both hold numbers.
    """
    from cdr_ingest.door.e164 import e164_reader
    from cdr_ingest.subscribers.rows import COLUMNS, change_row, subscriber_row

    reads = e164_reader(region)

    rows, changes = [], []
    for attributes in _entries(file, form):
        change = change_row(attributes)
        if change is not None:
            changes.append(change | {"msisdn": reads(change["msisdn"]) or change["msisdn"]})
        else:
            row = subscriber_row(attributes)
            rows.append(row | {"msisdn": reads(row["msisdn"]) or row["msisdn"]})
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "subscribers.csv", tuple(COLUMNS), rows)
    if changes:
        (out / "changes").mkdir(exist_ok=True)
        _write(out / "changes" / f"{file.stem}.csv", CHANGE_COLUMNS, changes)
    if as_json:
        click.echo(json.dumps({"subscribers": len(rows), "changes": len(changes)}))
    else:
        click.echo(f"{len(rows)} subscribers in {out / 'subscribers.csv'}, {len(changes)} changes of owner")


def _entries(file: Path, form: str) -> "Iterator[dict[str, list[str]]]":
    from cdr_ingest.subscribers.ldif import read_ldif
    from cdr_ingest.subscribers.tm_forum import OCTETS_MAX, read_tm_forum

    try:
        if form == "auto":
            with file.open("rb") as begin:
                form = "tmf" if begin.read(64).lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"[") else "ldif"
        if form == "ldif":
            with file.open(encoding="utf-8-sig") as lines:
                yield from read_ldif(lines, str(file))
            return
        if file.stat().st_size > OCTETS_MAX:
            raise OperatorError(f"is larger than {OCTETS_MAX} octets; split it", file=str(file))
        yield from read_tm_forum(file.read_text(encoding="utf-8-sig"), str(file))
    except UnicodeDecodeError:
        raise OperatorError("is not UTF-8", file=str(file)) from None
    except OSError as error:
        raise OperatorError(f"cannot be read ({error.strerror})", file=str(file)) from None


def _write(path: Path, columns: tuple[str, ...], rows: list[dict[str, str]]) -> None:
    beside = path.with_name(f".{path.name}.part")
    with beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    beside.replace(path)
