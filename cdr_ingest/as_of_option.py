"""The option --as-of: a day, written as 2026-10-31."""

from collections.abc import Callable
from datetime import date
from typing import Any

import click


def as_of_option(help_text: str) -> Callable[[Any], Any]:
    """--as-of DATE, None where it is not given."""
    return click.option("--as-of", callback=_as_date, help=help_text)


def _as_date(_context: click.Context, _parameter: click.Parameter, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no date; write it as 2026-10-31") from None
