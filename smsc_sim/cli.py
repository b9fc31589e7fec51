"""The command line `smsc-sim`: run a simulated SMSC, check a scenario. Thin: parses, prints, calls."""

import secrets
import sys
from pathlib import Path
from typing import NoReturn

import click

from operator_push._version import __version__
from operator_push.kernel.errors import OperatorError
from operator_push.smpp_twisted import reactor_choice
from smsc_sim.faults.command import faults
from smsc_sim.library import scenario_path
from smsc_sim.library_commands import assertions, scenario, scenarios
from smsc_sim.load.command import Duration, load
from smsc_sim.scenario import Scenario
from smsc_sim.scenario_file import load_scenario, with_assertions

SEED_BITS = 32  # Short enough to be typed again.
EXIT_FAILED, EXIT_WRONG_INPUT = 1, 2


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
    Run a ready scenario ('smsc-sim scenarios' lists them) for a pipeline, with a verdict:
        smsc-sim run --scenario lost-responses --until settled --for 1m --junit junit.xml

    \b
    Signals:
        SIGTERM, Ctrl-C   end cleanly: close the CDR period, write the last status
        SIGUSR1           close the current CDR period now and start the next
        SIGHUP            read the scenario again and go on with it; a wrong one changes nothing

    \b
    Files in the folder of --out:
        witness.jsonl     one JSON object per PDU decision, in order
        cdr/*.csv         one row per accepted submit_sm, by closed period; *.csv.open is the current one
        cdr/*.cdr         the same as TS 32.297 files, where [cdr] format asks for them
        status.json       counters, every second; "settled" is true when nothing is on its way
    With [[smsc]] tables each virtual SMSC has its own folder in there; status.json is the run's.

    \b
    Exit status: 0 ended cleanly, 1 an assertion did not hold, 2 the scenario or an option is wrong, or the
    port is taken.
    """


main.add_command(load)
main.add_command(scenarios)
main.add_command(scenario)
main.add_command(assertions)
main.add_command(faults)


@main.command()
@click.option(
    "--config", type=click.Path(dir_okay=False, path_type=Path), help="Scenario in TOML; see 'check'."
)
@click.option("--scenario", "ready_scenario", metavar="NAME", help="Ready scenario; see 'scenarios'.")
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
    help="Folder for witness, CDR files and status; records of an earlier run there are added to.",
)
@click.option(
    "--control-port",
    type=click.IntRange(0, 65535),
    help="Port of HTTP API, live page and metrics, on 127.0.0.1 unless [control] says more. 0 picks one.",
)
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help='Written when all ports are open: {"port": …, "pid": …}; with [[smsc]] also {"ports": {name: …}}.',
)
@click.option("--for", "for_s", type=Duration(), help="End after this time: 30, 90s, 5m.")
@click.option(
    "--until",
    type=click.Choice(["settled"]),
    help="End when messages came and nothing is on its way any more. With --for, that must be so by then.",
)
@click.option(
    "--settled-for", type=Duration(), default=1.0, help="How long nothing may move to count as settled; 1 s."
)
@click.option(
    "--assertions",
    "assertion_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="[[assert]] tables in TOML, beside the scenario's own; see 'assertions'.",
)
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="JUnit file of the verdicts.")
def run(
    config: Path | None,
    ready_scenario: str | None,
    host: str | None,
    port: int | None,
    seed: int | None,
    out: Path | None,
    control_port: int | None,
    ready_file: Path | None,
    for_s: float | None,
    until: str | None,
    settled_for: float,
    assertion_file: Path | None,
    junit: Path | None,
) -> None:
    """Run a simulated SMSC until Ctrl-C, SIGTERM, or --for and --until say.

    Without --config or --scenario it is a friendly one. Without --out no records are kept. The same seed
    gives every number the same handset, and every bind the same message ids and the same chances, again.

    When the run ends, the [[assert]] tables are judged; where one does not hold, the exit status is 1.
    """
    try:
        config = _chosen_file(config, ready_scenario)

        def read() -> Scenario:
            scenario = Scenario() if config is None else load_scenario(config)
            if assertion_file is not None:
                scenario = with_assertions(scenario, assertion_file)
            return scenario.listening_on(host, port).controlled_on(control_port)

        told = read()
        chosen = seed if seed is not None else told.seed
        if chosen is None:
            chosen = secrets.randbits(SEED_BITS)
        reactor_choice.install()
        from twisted.internet import reactor

        from smsc_sim.judging import Ending, RunJudge
        from smsc_sim.program import run_until_stopped

        ending = Ending(for_s, until is not None, settled_for)
        name = "smsc-sim" if config is None else config.stem
        again = None if config is None else lambda: (config, read())
        judge = RunJudge(told.asserts, ending, junit, name)
        run_until_stopped(reactor, told, chosen, out, ready_file, _say, again, judge)
        judge.tell(_say)
    except OperatorError as error:
        _fail(error)
    if not judge.passed:
        raise SystemExit(EXIT_FAILED)


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
        [clock]                   speed
        [listen]                  host, port, system_id, bind_timeout_s, enquire_link_s, response_timeout_s
        [[accounts]]              system_id, password, binds_max, bind_types, window, rate_per_s, burst,
                                  allowed_sources; or any = true
        [[distribution_lists]]    name, numbers
        [[outbind]]               account, host, port, system_id, password, at_s or when_waiting, retry_s
        [latency]                 submit_sm_resp_ms
        [limits]                  outstanding_submits_max, open_messages_max, deliver_window,
                                  deliver_retry_ms, history_messages_max
        [[population.handsets]]   share, state = "on" | "off" | "absent" | "memory_full" | "roaming" |
                                  "ported" | "barred", delay_ms, error_code, outcome = "delivered" |
                                  "expired" | "undeliverable" | "deleted" | "accepted" | "unknown" |
                                  "rejected"
        [[population.numbers]]    like, state, outcome, delay_ms, error_code
        [[population.timetable]]  state, like, share, from_s, until_s, daily = ["22:00", "06:00"], error_code
        [retry]                   schedule_s, attempts_max
        [validity]                default_s, acceleration
        [receipts]                delay_ms, late = {share, by_ms}, doubled = {share, after_ms},
                                  before_response_share, echo_user_message_reference,
                                  intermediate = "first" | "each" | "never",
                                  operation = "deliver_sm" | "data_sm"
        [mo]                      operation = "deliver_sm" | "data_sm"
        [[mo.answers]]            share, text or choices = [{text, share}], after_ms, to_source_like,
                                  to_text_like, times_max, at_least
        [[mo.script]]             at_s, system_id, source, destination, text
        [[mo.csv]]                file, system_id, rate_per_s, start_s, repeat
        [[mo.loopback]]           destination_like, delay_ms
        [[mo.routes]]             destination_like, system_id
        [[fault]]                 kind, name, on; when it strikes: account, prefix, share, by = "message" |
                                  "number", after, every, count, in_all, from_s, to_s; and by kind:
          refuse, nack, response_status         status, commands
          throttle                              per_s, burst, outstanding_max, status
          ignore, response_lost                 commands
          latency                               delay_ms or lognormal_ms = {median, p99} or
                                                percentiles_ms = {p50, …}; keep_order, receipts_may_overtake
          response_doubled, receipt_doubled     times, after_ms
          receipt_contradicted                  state, after_ms
          response_out_of_order, receipt_…      behind, max_ms
          response_id                           form, only_first_segment
          response_sequence                     by_numbers
          receipt_before_response               by_ms, max_ms
          unknown_tlv, tlv_omitted              tag, value_hex; tlvs
          unknown_pdu, bad_length               command_id, body_hex; form, by_octets
          cut, half_open                        octets or part, how = "close" | "reset"; close_after_s
          stall, dribble                        for_ms; octets, every_ms
          receipt_lost, receipt_on_data_sm
          receipt_late, receipt_id              by_ms; form, where = "text" | "tlv" | "both"
          receipt_text                          vendor, final_after_ms
                                                ('smsc-sim faults' tells each kind, form and vendor text)
        [message_ids]             base = "decimal" | "hex"
        [cdr]                     period_s, format, node_address
        [control]                 host, port, token, capture_octets_max, rows_max
        [[assert]]                what, operator, value, name, smsc ('smsc-sim assertions' tells of what)
        [[smsc]]                  name, and any of the tables above except seed, clock, cdr, control, assert
    """
    try:
        told = load_scenario(config)
    except OperatorError as error:
        _fail(error)
    click.echo(f"{config}: right. {_summary(told)}")


def _chosen_file(config: Path | None, ready_scenario: str | None) -> Path | None:
    if ready_scenario is None:
        return config
    if config is not None:
        raise OperatorError("give one of the two", key="--config, --scenario")
    return scenario_path(ready_scenario)


def _summary(scenario: Scenario) -> str:
    return " | ".join(
        f"{name}: {_summary_of_one(virtual)}" if name else _summary_of_one(virtual)
        for name, virtual in scenario.virtual()
    )


def _summary_of_one(scenario: Scenario) -> str:
    handsets = ", ".join(f"{group.share:.1%} {group.state}" for group in scenario.population.handsets)
    return (
        f"{len(scenario.accounts)} account entries; handsets: {handsets}; "
        f"{len(scenario.mo.answers)} answer rules; {len(scenario.mo.script)} scripted messages; "
        f"{len(scenario.fault)} faults, {sum(fault.on for fault in scenario.fault)} of them on"
    )


def _say(line: str) -> None:
    click.echo(line)
    sys.stdout.flush()  # Whoever started us may read our lines through a pipe.


def _fail(error: OperatorError) -> NoReturn:
    click.echo(f"smsc-sim: {error}", err=True)
    raise SystemExit(EXIT_WRONG_INPUT) from error
