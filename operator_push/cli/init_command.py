"""operator-push init: writes a configuration file whose comments explain every setting."""

import os
from pathlib import Path

import click

from operator_push.config import TEMPLATE_FILE
from operator_push.kernel.errors import OperatorError


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path("operator-push.toml"))
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def init(file: Path, force: bool) -> None:
    """Write a commented configuration to FILE (operator-push.toml), readable by its owner alone.

    It works as it stands with the bundled simulator: start `smsc-sim run` beside
    `operator-push serve --config FILE`.
    """
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
    try:
        descriptor = os.open(file, flags, mode=0o600)
    except FileExistsError as error:
        raise OperatorError("is there already; --force replaces it", file=str(file)) from error
    except OSError as error:
        raise OperatorError(f"cannot be written: {error.strerror}", file=str(file)) from error
    os.fchmod(descriptor, 0o600)  # A replaced file may have been open to others, and secrets go in here.
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(TEMPLATE_FILE.read_text(encoding="utf-8"))
    click.echo(f"{file} is written. Read it, change it, then:")
    click.echo(f"  operator-push config check --config {file}")
    click.echo(f"  operator-push serve --config {file}")
