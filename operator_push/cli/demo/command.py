"""The command `operator-push demo`: options in, exit status out; the job itself is in job.py."""

import signal
import sys
from pathlib import Path
from types import FrameType

import click

from operator_push.cli.demo.plan import (
    DEFAULT_MESSAGES,
    DEFAULT_SEED,
    DEFAULT_SUBSCRIBERS,
    MESSAGES_MIN,
    SUBSCRIBERS_MIN,
    DemoPlan,
)
from operator_push.kernel.errors import OperatorError

EXIT_NOT_HELD = 1


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-report"),
    show_default=True,
    help="Folder for the report and for every record behind it. One that a demo made is emptied.",
)
@click.option(
    "--subscribers",
    type=click.IntRange(SUBSCRIBERS_MIN, 1_000_000),
    default=DEFAULT_SUBSCRIBERS,
    show_default=True,
    help="Subscribers to make up.",
)
@click.option(
    "--messages",
    type=click.IntRange(MESSAGES_MIN, 2_000_000),
    default=DEFAULT_MESSAGES,
    show_default=True,
    help="Messages of the main run; two campaigns take up to 60 %, an ESME submits the rest.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=DEFAULT_SEED,
    show_default=True,
    help="Same seed: same people, records, orders and handsets.",
)
@click.option(
    "--crash-rounds",
    type=click.IntRange(1, 1_000),
    default=1,
    show_default=True,
    help="How often the product is killed (kill -9) and started again, at different moments.",
)
def demo(out: Path, subscribers: int, messages: int, seed: int, crash_rounds: int) -> None:
    """Run the whole main job and write a report.

    Made-up call records become permitted features; two enterprises buy campaigns, a bank submits over SMPP;
    a simulated SMSC delivers; subscribers answer STOP; every segment is billed; then messages, ledger and the
    SMSC's own records are joined, and the product is killed under load and must miss nothing.

    Exit status 0: every invariant held. 1: one did not; the last lines say which records to look at.
    """
    from operator_push.cli.demo.job import run_job

    plan = DemoPlan(subscribers, messages, seed, crash_rounds)
    if crash_rounds > plan.crash_rounds_max:
        raise OperatorError(
            f"{subscribers:,} subscribers are enough for {plan.crash_rounds_max} rounds,"
            f" not for {crash_rounds}",
            key="--crash-rounds",
        )
    # Asked to end by somebody else: the children end too.
    signal.signal(signal.SIGTERM, _interrupted)
    held = run_job(out.absolute(), plan)
    sys.exit(0 if held else EXIT_NOT_HELD)


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
