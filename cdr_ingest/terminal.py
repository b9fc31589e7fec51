"""The terminal: what long commands say meanwhile, and how results are printed."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console

from cdr_ingest.progress import BarProgress, PlainProgress, ProgressReport


@contextmanager
def progress_shown() -> Iterator[ProgressReport]:
    """A bar on a terminal, plain lines elsewhere; both on standard error."""
    console = Console(stderr=True)
    if console.is_terminal:
        with BarProgress(console, time.monotonic) as bar:
            yield bar
    else:
        yield PlainProgress(sys.stderr, time.monotonic)


def print_result(result: Any, as_json: bool, say: Callable[[], None]) -> None:
    """The result as JSON, or in words."""
    if as_json:
        click.echo(json.dumps(result, indent=2))
    else:
        say()


def say_counts(title: str, counts: dict[str, Any]) -> None:
    """One line for each count; a count of counts stands on one line."""
    for name, value in counts.items():
        text = (
            ", ".join(f"{key} {count:,}" for key, count in value.items())
            if isinstance(value, dict)
            else value
        )
        click.echo(f"{title} {name}: {text}")
