"""operator-push invoice csv, pdf and ubl: the files of an issued document, the same octets every time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import read_store
from operator_push.config import Settings
from operator_push.documents.csv_lines import lines_csv
from operator_push.documents.ubl import document_ubl
from operator_push.domain.invoicing.document import Document
from operator_push.kernel.errors import OperatorError
from operator_push.store.invoice_rows import document_numbered

_Command = TypeVar("_Command", bound=Callable[..., Any])


def out_option(command: _Command) -> _Command:
    """Add --out; the command gets `out: Path | None`."""
    return click.option(
        "--out",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="A file [default: print it].",
    )(command)


def write_out(octets: bytes, out: Path | None) -> None:
    """To the file, or to standard output as it is.

    Raises:
        OperatorError: the file cannot be written.
    """
    if out is None:
        click.echo(octets, nl=False)
        return
    try:
        out.write_bytes(octets)
    except OSError as error:
        raise OperatorError(f"cannot be written: {error.strerror}", file=str(out)) from error


@click.command("csv")
@click.argument("number")
@out_option
@with_settings
def csv_command(settings: Settings, number: str, out: Path | None) -> None:
    """Write the lines of the document NUMBER as CSV, amounts exact to the micro."""
    write_out(lines_csv(_document(settings, number)).encode(), out)


@click.command("pdf")
@click.argument("number")
@out_option
@with_settings
def pdf_command(settings: Settings, number: str, out: Path | None) -> None:
    """Write the document NUMBER as PDF."""
    from operator_push.documents.pdf import document_pdf  # takes a third of a second to load

    write_out(document_pdf(_document(settings, number), settings.invoices.font_file), out)


@click.command("ubl")
@click.argument("number")
@out_option
@with_settings
def ubl_command(settings: Settings, number: str, out: Path | None) -> None:
    """Write the invoice or credit note NUMBER as UBL 2.1 XML (EN 16931, Peppol BIS Billing 3.0).

    It is by Peppol's rules where both parties have said an e-mail address; EN 16931 asks for both countries,
    and for the operator's tax number where taxes are borne.
    """
    write_out(document_ubl(_document(settings, number)), out)


def _document(settings: Settings, number: str) -> Document:
    return read_store(settings, lambda connection: document_numbered(connection, number)).document
