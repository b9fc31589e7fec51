"""The command `smsc-sim load`: options to a plan, the run, the summary and the files. Thin."""

import re
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from operator_push.kernel.errors import OperatorError
from smsc_sim.load.plan import MIXES, BindGroup, LoadPlan
from smsc_sim.load.plan_file import check_plan, check_target, load_plan
from smsc_sim.load.progress import summary, to_standard_error
from smsc_sim.load.report_files import prepare_folder, write_junit, write_report
from smsc_sim.value_errors import explain

EXIT_FAILED, EXIT_WRONG_INPUT, EXIT_NOT_DONE = 1, 2, 3
_EXITS = {"passed": 0, "failed": EXIT_FAILED, "interrupted": EXIT_NOT_DONE, "not done": EXIT_NOT_DONE}
_BIND_TYPES = {"trx": "transceiver", "tx": "transmitter", "rx": "receiver"}
_UNITS_S = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
DEFAULT_DURATION_S = 10.0


class Duration(click.ParamType[float]):
    """Seconds, or a number with s, m or h."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds of "90", "1.5m", "2h"."""
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*(s|m|min|h|)", str(value))
        if match is None or not float(match.group(1)):
            self.fail(f"{value!r} is no duration; write for example 30, 30s, 5m or 1h", param, ctx)
        return float(match.group(1)) * _UNITS_S[match.group(2)]


class BindSpec(click.ParamType[tuple[str, int]]):
    """TYPE or TYPE:COUNT."""

    name = "TYPE[:COUNT]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """("transceiver", 4) of "trx:4"."""
        if isinstance(value, tuple):
            return value
        kind, _, count = str(value).partition(":")
        kind = _BIND_TYPES.get(kind, kind)
        if (
            kind not in _BIND_TYPES.values()
            or not (count or "1").isdigit()
            or not 1 <= int(count or 1) <= 1000
        ):
            self.fail(f"{value!r} is no bind; write trx, tx or rx, with a count: trx:4", param, ctx)
        return kind, int(count or 1)


@click.command()
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="Plan in TOML; options win.")
@click.option("--host", help="The SMSC; 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), help="Its port; 2775.")
@click.option("--system-id", help="Account of every bind; load.")
@click.option("--password", help="Its password; none.")
@click.option(
    "--bind", "binds", type=BindSpec(), multiple=True, help="trx, tx or rx with a count; repeatable."
)
@click.option("--window", type=click.IntRange(1, 100_000), help="Unanswered submit_sm on each bind; 100.")
@click.option("--rate", type=click.FloatRange(0, 1_000_000, min_open=True), help="Messages a second; 100.")
@click.option("--closed", is_flag=True, help="No rate: as fast as the windows allow.")
@click.option("--ramp", type=Duration(), help="Rise to the rate over this time first.")
@click.option("--arrivals", type=click.Choice(["even", "poisson"]), help="Spacing of messages; even.")
@click.option("--duration", type=Duration(), help="How long to send: 30, 5m, 1h. 10 s where nothing says.")
@click.option("--count", type=click.IntRange(min=1), help="How many messages to send.")
@click.option("--mix", type=click.Choice(sorted(MIXES)), help="Ready mix of message sizes and alphabets.")
@click.option("--text", help="Send this text instead of a mix.")
@click.option("--source", help="Sender; 56070.")
@click.option("--first", help="First of the destinations; 919800000000.")
@click.option("--numbers", type=click.IntRange(min=1), help="How many destinations, from --first on; 100000.")
@click.option("--drawn", is_flag=True, help="Draw destinations at random; in turn.")
@click.option(
    "--numbers-file", type=click.Path(dir_okay=False, path_type=Path), help="Destinations, one a line."
)
@click.option("--receipts/--no-receipts", default=None, help="Ask for receipts and wait for them; yes.")
@click.option("--receipts-wait", type=Duration(), help="How long to wait for the last of them; 30 s.")
@click.option(
    "--receipt-ids",
    type=click.Choice(["same", "hexadecimal", "decimal"]),
    help="How receipts write ids, where not as submit_sm_resp does.",
)
@click.option("--response-timeout", type=Duration(), help="When a submit_sm counts as unanswered; 30 s.")
@click.option("--seed", type=click.IntRange(0, 2**53 - 1), help="Seed of all chance; 1.")
@click.option("--expect", multiple=True, help='Threshold, such as "response_p99_ms <= 200"; repeatable.')
@click.option("--title", help="Heading of the report.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the report's files."
)
@click.option(
    "--junit", type=click.Path(dir_okay=False, path_type=Path), help="JUnit file of the thresholds."
)
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--i-own-this-server", is_flag=True, help="Allow a host outside this machine: it is yours.")
def load(
    config: Path | None,
    out: Path | None,
    junit: Path | None,
    quiet: bool,
    i_own_this_server: bool,
    **options: Any,
) -> None:
    """Put load on an SMSC as its ESMEs do, and measure.

    Open loop (--rate, or [[stages]] in a plan): every message has a moment at which it is due, and its
    latency counts from there, so a server that stalls cannot hide it. Closed loop (--closed): the windows are
    kept full; it tells capacity. Concatenated messages (UDH) are several submit_sm, due together.

    \b
    Ten seconds at 100 messages a second, against smsc-sim run:
        smsc-sim load
    One minute at 2,000 a second on four binds, everyday texts, a report, a verdict for the pipeline:
        smsc-sim load --rate 2000 --duration 1m --bind trx:4 --mix everyday --out report1 \\
            --expect "response_p99_ms <= 250" --expect "failed_share <= 0.1%"
    How fast can it be?
        smsc-sim load --closed --duration 30s --bind trx:4 --window 500

    \b
    Files in the folder of --out:
        load.html   the report as a page with plots; needs nothing but a browser
        load.json   the same figures for programs, histograms included
        junit.xml   one test case for each threshold, where there are any

    \b
    Exit status: 0 done and every threshold met, 1 a threshold missed, 2 an option or the plan is wrong,
    3 the run could not be done (no bind) or was interrupted.
    """
    try:
        plan = plan_of(config, options)
        host = check_target(plan, i_own_this_server)
        if out is not None:
            prepare_folder(out)
        # Only now: a wrong plan shall be told without loading an event loop.
        from smsc_sim.load.program import run_plan

        write = None if quiet else to_standard_error
        report = run_plan(plan, host, write, sys.stderr.isatty())
        click.echo(summary(report))
        if out is not None:
            for path in write_report(report, out):
                click.echo(f"written: {path}")
        if junit is not None:
            write_junit(report, junit)
    except OperatorError as error:
        click.echo(f"smsc-sim load: {error}", err=True)
        raise SystemExit(EXIT_WRONG_INPUT) from error
    raise SystemExit(_EXITS[report["outcome"]])


def plan_of(config: Path | None, options: dict[str, Any]) -> LoadPlan:
    """The plan that a file and the options (None: not given) make; checked.

    Raises:
        OperatorError: the file or the plan is wrong.
    """
    plan = LoadPlan() if config is None else load_plan(config)
    given = {
        name: value for name, value in options.items() if value not in (None, (), False) or name == "receipts"
    }
    replace = msgspec.structs.replace
    if options.get("closed") and "rate" in given:
        raise OperatorError("a closed loop has no rate; leave out one of the two", key="--closed, --rate")
    loop = replace(plan.loop, **_picked(given, rate="rate", ramp="ramp_s", arrivals="arrivals"))
    loop = replace(loop, **_picked(given, duration="duration_s", count="count"))
    if options.get("closed"):
        loop = replace(loop, kind="closed")
    stages = () if {"rate", "ramp", "duration", "closed"} & set(given) else plan.stages
    if loop.duration_s is None and loop.count is None and not stages:
        loop = replace(loop, duration_s=DEFAULT_DURATION_S)
    numbers = replace(plan.numbers, **_picked(given, source="source", first="first", numbers="count"))
    if "drawn" in given:
        numbers = replace(numbers, order="drawn")
    if "numbers_file" in given:
        numbers = replace(numbers, file=str(given["numbers_file"]))
    receipts = replace(plan.receipts, **_picked(given, receipts_wait="wait_s", receipt_ids="ids"))
    if options.get("receipts") is not None:
        receipts = replace(receipts, ask=options["receipts"])
    changed = replace(
        plan,
        loop=loop,
        stages=stages,
        numbers=numbers,
        receipts=receipts,
        target=replace(plan.target, **_picked(given, host="host", port="port")),
        patience=replace(plan.patience, **_picked(given, response_timeout="response_s")),
        binds=_binds(plan, given),
        messages=_messages(plan, given),
        expect=(*plan.expect, *given.get("expect", ())),
        **_picked(given, seed="seed", title="title"),
    )
    # The options went past the types that guard a file; once through them names a wrong value.
    try:
        values = msgspec.to_builtins(changed)
        changed = msgspec.convert(values, LoadPlan)
    except msgspec.ValidationError as error:
        key, sentence = explain(error, values, LoadPlan)
        raise OperatorError(sentence, key=key or None) from error
    check_plan(changed, None if config is None else str(config))
    return changed


def _picked(given: dict[str, Any], **names: str) -> dict[str, Any]:
    """The given options of these names, under the plan's names."""
    return {theirs: given[ours] for ours, theirs in names.items() if ours in given}


def _binds(plan: LoadPlan, given: dict[str, Any]) -> tuple[BindGroup, ...]:
    groups = plan.binds
    if "binds" in given:
        first = groups[0] if groups else BindGroup()
        groups = tuple(
            msgspec.structs.replace(first, type=kind, count=count) for kind, count in given["binds"]
        )
    changes = _picked(given, system_id="system_id", password="password", window="window")
    return tuple(msgspec.structs.replace(group, **changes) for group in groups)


def _messages(plan: LoadPlan, given: dict[str, Any]) -> tuple[Any, ...]:
    if "text" in given and "mix" in given:
        raise OperatorError("give one of the two", key="--text, --mix")
    if "text" in given:
        return (type(plan.messages[0])(text=given["text"]),)
    return MIXES[given["mix"]] if "mix" in given else plan.messages
