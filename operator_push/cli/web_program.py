"""Web program: what the programs that serve pages beside the server have in common."""

import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from operator_push.config import Settings

ready_file_option = click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help='Write {"port", "pid"} here once browsers can come.',
)


def log_to_stderr(settings: Settings) -> None:
    """Lines of the log, at the level of the configuration."""
    logging.basicConfig(
        level=settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )


def tell_ready(log: logging.Logger, what: str, host: str, ready_file: Path | None) -> Callable[[int], None]:
    """What is told the port once it is open: it logs the address, and writes the file as a whole."""

    def ready(port: int) -> None:
        log.info("%s on http://%s:%d", what, host, port)
        if ready_file is not None:
            unfinished = ready_file.with_suffix(".part")
            unfinished.write_text(json.dumps({"port": port, "pid": os.getpid()}))
            unfinished.rename(ready_file)

    return ready
