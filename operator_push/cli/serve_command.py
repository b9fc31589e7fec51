"""`operator-push serve`: run the product with a configuration file until it is told to stop."""

import sys
from pathlib import Path

import click


@click.command()
@click.option(
    "--config",
    "config_file",
    envvar="OPERATOR_PUSH_CONFIG",
    default=Path("operator-push.toml"),
    show_default=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Configuration file; `operator-push init` writes one.",
)
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help='Write {"smpp_port", "smpp_tls_port", "pid", "control"} here once ESMEs can bind.',
)
def serve(config_file: Path, ready_file: Path | None) -> None:
    """Run the product until Ctrl-C, SIGTERM or `stop` on the control socket.

    The configuration is checked as a whole before any port opens. A stop takes no more submissions, waits
    for answers and commits, unbinds, and ends; a killed product goes on where it was at its next start.
    """
    from operator_push.store.sqlite_mutexes import leave_out_mutexes

    leave_out_mutexes()  # before whatever comes with the next line opens a database
    from operator_push.bootstrap import serve as run
    from operator_push.config import load_settings

    sys.exit(run(load_settings(config_file), ready_file, config_file=config_file.absolute()))
