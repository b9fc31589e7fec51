"""The whole configuration for a command: what reads features or rows needs more than the data directory.

The command gets `settings: Settings`; `server_of` is the running server of that configuration.
"""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.server_option import DEFAULT_CONFIG
from operator_push.config import Settings, load_settings

_Command = TypeVar("_Command", bound=Callable[..., Any])


def with_settings(command: _Command) -> _Command:
    """Add --config; the command gets `settings: Settings` as a keyword."""

    @functools.wraps(command)
    def with_file(*args: Any, config: Path, **options: Any) -> Any:
        return command(*args, settings=load_settings(config), **options)

    return click.option(  # type: ignore[return-value]
        "--config",
        envvar="OPERATOR_PUSH_CONFIG",
        type=click.Path(path_type=Path, dir_okay=False),
        default=DEFAULT_CONFIG,
        show_default=True,
        help="Configuration file of the server.",
    )(with_file)


def server_of(settings: Settings) -> ControlClient:
    """The running server that keeps this data directory; use it in a `with`."""
    return ControlClient(settings.data_dir)
