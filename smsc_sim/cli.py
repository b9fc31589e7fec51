"""The command line `smsc-sim`: run a simulated SMSC, check a scenario. Thin: parses, prints, calls."""

import secrets
import sys
from pathlib import Path

import click
import msgspec

from operator_push._version import __version__
from operator_push.kernel.errors import OperatorError
from operator_push.smpp_twisted import reactor_choice
from smsc_sim.scenario import Scenario
from smsc_sim.scenario_file import load_scenario

SEED_BITS = 32  # Short enough to be typed again.
EXIT_WRONG_INPUT = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="smsc-sim")
def main() -> None:
    """A simulated SMSC: it accepts binds and messages, delivers to handsets that it imagines, sends
    receipts and answers, and keeps its own truth: a witness of every decision and CDR files.

    \b
    Start a friendly SMSC on 127.0.0.1:2775 (any account, every handset on, receipts at once):
        smsc-sim run
    Replay a scenario with records in ./run1:
        smsc-sim run --config scenario.toml --seed 7 --out run1
    Ask for nothing but the verdict on a scenario:
        smsc-sim check --config scenario.toml

    \b
    Signals:
        SIGTERM, Ctrl-C   end cleanly: close the CDR period, write the last status
        SIGUSR1           close the current CDR period now and start the next

    \b
    Files in the folder of --out:
        witness.jsonl     one JSON object per PDU decision, in order
        cdr/*.csv         one row per accepted submit_sm, by closed period; *.csv.open is the current one
        status.json       counters, every second; "settled" is true when nothing is on its way

    \b
    Exit status: 0 ended cleanly, 2 the scenario or an option is wrong, or the port is taken.
    """


@main.command()
@click.option(
    "--config", type=click.Path(dir_okay=False, path_type=Path), help="Scenario in TOML; see 'check'."
)
@click.option("--host", help="Address to listen on; the scenario's [listen] host, or 127.0.0.1.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port; the scenario's, or 2775. 0 picks a free one."
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**53 - 1),
    help="Seed of all chance; the scenario's. Drawn and printed where neither says one.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for witness, CDR files and status.",
)
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help='Written when the port is open: {"port": …, "pid": …}.',
)
def run(
    config: Path | None,
    host: str | None,
    port: int | None,
    seed: int | None,
    out: Path | None,
    ready_file: Path | None,
) -> None:
    """Run a simulated SMSC until Ctrl-C or SIGTERM.

    Without --config it is a friendly one. Without --out no records are kept. The same seed gives every number
    the same handset, and every bind the same message ids and the same chances, again.
    """
    try:
        scenario = Scenario() if config is None else load_scenario(config)
        changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
        scenario = msgspec.structs.replace(
            scenario, listen=msgspec.structs.replace(scenario.listen, **changes)
        )
        chosen = seed if seed is not None else scenario.seed
        if chosen is None:
            chosen = secrets.randbits(SEED_BITS)
        reactor_choice.install()
        from twisted.internet import reactor

        from smsc_sim.program import run_until_stopped

        run_until_stopped(reactor, scenario, chosen, out, ready_file, _say)
    except OperatorError as error:
        _fail(error)


@main.command()
@click.option(
    "--config",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Scenario in TOML.",
)
def check(config: Path) -> None:
    """Read a scenario, say whether it is right, and stop.

    \b
    Tables of a scenario; every key has a default, a delay is milliseconds, [shortest, longest] or
    {mean = …, max = …}:
        seed = 7
        [listen]                  host, port, system_id, bind_timeout_s, enquire_link_s, response_timeout_s
        [[accounts]]              system_id, password, binds_max; or any = true
        [latency]                 submit_sm_resp_ms
        [limits]                  outstanding_submits_max, open_messages_max, deliver_window, deliver_retry_ms
        [[population.handsets]]   state = "on" | "off" | "absent" | "memory_full", share,
                                  outcome = "delivered" | "expired" | "undeliverable", delay_ms, error_code
        [validity]                default_s, acceleration
        [receipts]                delay_ms, late = {share, by_ms}, doubled = {share, after_ms},
                                  before_response_share, echo_user_message_reference
        [[mo.answers]]            share, text, after_ms, to_source_like, at_least
        [[mo.script]]             at_s, system_id, source, destination, text
        [message_ids]             base = "decimal" | "hex"
        [cdr]                     period_s
    """
    try:
        scenario = load_scenario(config)
    except OperatorError as error:
        _fail(error)
    click.echo(f"{config}: right. {_summary(scenario)}")


def _summary(scenario: Scenario) -> str:
    handsets = ", ".join(f"{group.share:.1%} {group.state}" for group in scenario.population.handsets)
    return (
        f"{len(scenario.accounts)} account entries; handsets: {handsets}; "
        f"{len(scenario.mo.answers)} answer rules; {len(scenario.mo.script)} scripted messages"
    )


def _say(line: str) -> None:
    click.echo(line)
    sys.stdout.flush()  # Whoever started us may read our lines through a pipe.


def _fail(error: OperatorError) -> None:
    click.echo(f"smsc-sim: {error}", err=True)
    raise SystemExit(EXIT_WRONG_INPUT) from error
