"""Which running server a command talks to: --config, --data-dir, or the configuration in this folder."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from operator_push.cli.control_client import ControlClient
from operator_push.kernel.errors import OperatorError

DEFAULT_CONFIG = Path("operator-push.toml")

_Command = TypeVar("_Command", bound=Callable[..., Any])


def through_server(command: _Command) -> _Command:
    """Add the options that find the server; the command gets `server: ControlClient` as a keyword."""

    @functools.wraps(command)
    def with_server(*args: Any, config: Path | None, data_dir: Path | None, **options: Any) -> Any:
        with ControlClient(server_data_dir(config, data_dir)) as server:
            return command(*args, server=server, **options)

    return server_options(with_server)  # type: ignore[return-value]


def server_options(command: _Command) -> _Command:
    """Add --config and --data-dir alone, for a command that may work without a server."""
    decorated = click.option(
        "--data-dir",
        envvar="OPERATOR_PUSH_DATA_DIR",
        type=click.Path(path_type=Path, file_okay=False),
        help="Data directory of the running server.",
    )(command)
    return click.option(
        "--config",
        envvar="OPERATOR_PUSH_CONFIG",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Configuration file of the running server [default: operator-push.toml here].",
    )(decorated)


def server_data_dir(config: Path | None, data_dir: Path | None) -> Path:
    """The data directory that the options name.

    Raises:
        OperatorError: neither is given and this folder has no operator-push.toml, or the file is unreadable.
    """
    if data_dir is not None:
        return data_dir
    if config is None and DEFAULT_CONFIG.exists():
        config = DEFAULT_CONFIG
    if config is None:
        raise OperatorError(
            "which server? Give --config FILE or --data-dir DIR, "
            "or go to the folder of its operator-push.toml"
        )
    from operator_push.config import data_dir_of

    return data_dir_of(config)
