"""The crash run: the product is killed while much is in the air, started again, and nothing is missing.

Each round: the bank submits as fast as it can, SIGKILL comes when the simulator has many unanswered submit_sm
and the product many unsent messages, both counted afterwards from records; at a moment of chance, or at a
named point of a commit (bootstrap.death_points). Then the product starts again, the
bank binds again and submits only what it had not submitted, and what nobody answered is resolved from the
SMSC's closed CDR period. The judgement is in crash_proof.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from operator_push.cli.demo import bank
from operator_push.cli.demo.bank import BankProgram
from operator_push.cli.demo.enterprises import NAGAR_BANK, EsmeAccount
from operator_push.cli.demo.esme_orders import Order
from operator_push.cli.demo.esme_record import EsmeSeen
from operator_push.cli.demo.pair import Pair
from operator_push.cli.demo.plan import (
    CRASH_MESSAGES_MAX,
    CRASH_MESSAGES_MIN,
    CRASH_UNANSWERED_MIN,
    CRASH_UNSENT_MIN,
    DemoPlan,
)
from operator_push.cli.demo.product_input import customers_of, first_people, import_people
from operator_push.cli.demo.programs import Programs
from operator_push.cli.demo.reconciling import close_and_reconcile, resolve
from operator_push.cli.demo.settings_files import CRASH_WINDOW, crash_scenario_toml
from operator_push.cli.demo.witness import WitnessTail, end_of, read_witness, unanswered_at
from operator_push.cli.demo.workspace import Installation, Workspace
from operator_push.kernel.errors import OperatorError, ResourceError

BANK_WINDOW = 25  # small, so that the bank is mostly still submitting when the product dies
FULL_S = 60.0  # until enough is in the air
SETTLE_S = 180.0
RESOLVE_TRIES = 3
WITNESS_FLUSH_S = 0.25  # the simulator flushes its witness every tenth of a second
# How long the kill waits after there was enough in the air: rounds die at different moments, and most of them
# while the SMSC is answering too.
KILL_DELAY_S = (0.05, 0.5)
_UNSENT = """
    SELECT count(*) FROM message AS m WHERE m.verdict <> 3 AND m.sent_link_no = 0
    AND NOT EXISTS (SELECT 1 FROM attempt AS a WHERE a.shard = m.shard AND a.day = m.day
                    AND a.message_id = m.message_id)
    AND NOT EXISTS (SELECT 1 FROM message_final AS f WHERE f.shard = m.shard AND f.day = m.day
                    AND f.message_id = m.message_id)
"""
_OPEN_ATTEMPTS = """
    SELECT (SELECT count(*) FROM message AS m WHERE m.sent_link_no <> 0
    AND NOT EXISTS (SELECT 1 FROM submit_result AS r WHERE r.shard = m.shard AND r.day = m.day
                    AND r.message_id = m.message_id AND r.segment_no = 1 AND r.attempt_no = 1)
    AND NOT EXISTS (SELECT 1 FROM message_final AS f WHERE f.shard = m.shard AND f.day = m.day
                    AND f.message_id = m.message_id))
    + (SELECT count(*) FROM attempt AS a
    WHERE NOT EXISTS (SELECT 1 FROM submit_result AS r WHERE r.shard = a.shard AND r.day = a.day
                      AND r.message_id = a.message_id AND r.segment_no = a.segment_no
                      AND r.attempt_no = a.attempt_no)
    AND NOT EXISTS (SELECT 1 FROM segment_outcome AS o WHERE o.shard = a.shard AND o.day = a.day
                    AND o.message_id = a.message_id AND o.segment_no = a.segment_no)
    AND NOT EXISTS (SELECT 1 FROM message_final AS f WHERE f.shard = a.shard AND f.day = a.day
                    AND f.message_id = a.message_id))
"""


@dataclass(slots=True)
class CrashRound:
    """One kill. `unanswered` from the witness, `unsent` and `open_attempts` from the product's rows.

    `point` is empty where chance chose the moment. `back_ms`: from the kill until queues, the link and every
    bind of an ESME were back.
    """

    kill_us: int
    unanswered: int
    unsent: int
    open_attempts: int
    back_ms: int = 0
    point: str = ""
    resolved: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class CrashOutcome:
    """All rounds, and what the bank saw in them."""

    rounds: list[CrashRound]
    seen: list[EsmeSeen]
    seconds: float


def run_crashes(
    programs: Programs, workspace: Workspace, plan: DemoPlan, told: Callable[[str], None]
) -> CrashOutcome:
    """Do all rounds; product and simulator have stopped in order when it returns."""
    started = time.monotonic()
    people = workspace.root / "crash" / "input"
    first_people(workspace.input, people, plan.crash_subscribers)
    pair = Pair(programs, workspace.crash, "crash")
    pair.start(crash_scenario_toml(plan.seed), workspace.crash.product / "features.json", CRASH_WINDOW)
    import_people(pair.control, people)
    customers = customers_of(people, NAGAR_BANK.brand).permitted
    messages = min(CRASH_MESSAGES_MAX, len(customers) // plan.crash_rounds)
    if messages < CRASH_MESSAGES_MIN:
        raise OperatorError(
            f"{len(customers)} customers are too few for {plan.crash_rounds} crash rounds; "
            "ask for fewer rounds or more subscribers"
        )
    bank.open_accounts(pair, messages * plan.crash_rounds, 0)
    rounds = (
        bank.crash_orders(customers[number * messages : (number + 1) * messages], plan.seed)
        for number in range(plan.crash_rounds)
    )
    load = CrashLoad(NAGAR_BANK, workspace.esme, BANK_WINDOW)
    outcome = kill_rounds(programs, pair, load, rounds, [""] * plan.crash_rounds, plan.seed, told)
    pair.stop()
    outcome.seconds = time.monotonic() - started
    return outcome


@dataclass(frozen=True, slots=True)
class CrashLoad:
    """Who submits during the rounds; `folder` gets the orders and the record of each round.

    `unanswered_first`: how many submits the SMSC must owe before the kill is ordered; at a named point some
    are answered until the product comes by. `unsent_first`: how many messages must wait to be sent.
    `settle_s`: how long a round may take to come to rest after its restart. `kill_delay_s`: between which
    bounds chance takes the time from there being enough in the air to the kill.
    """

    account: EsmeAccount
    folder: Path
    window: int
    binds: int = 1
    unanswered_first: int = CRASH_UNANSWERED_MIN
    unsent_first: int = CRASH_UNSENT_MIN
    settle_s: float = SETTLE_S
    kill_delay_s: tuple[float, float] = KILL_DELAY_S


def kill_rounds(
    programs: Programs,
    pair: Pair,
    load: CrashLoad,
    rounds: Iterable[list[Order]],
    points: Sequence[str],
    seed: int,
    told: Callable[[str], None],
) -> CrashOutcome:
    """One kill for each of `points` (a point of bootstrap.death_points, or empty: a moment of chance).

    `pair` runs and was started with the first of the points; each of `rounds` is enough to be killed in.
    """
    chance = Random(f"{seed}:kill moments")
    outcome = CrashOutcome([], [], 0.0)
    following = [*points[1:], ""]
    for number, (orders, point, next_point) in enumerate(zip(rounds, points, following, strict=True), 1):
        told(f"round {number} of {len(points)}")
        name = f"{load.account.account}-crash-{number}"
        esme = BankProgram(programs, pair, load.account, load.folder, name)
        pair.binds_wanted = load.binds
        delay_s = chance.uniform(*load.kill_delay_s)
        begins = end_of(pair.installation.witness)
        tail = WitnessTail(pair.installation.witness, begins)
        esme.start(orders, load.window, load.binds)
        _wait_for_the_moment(pair, esme, tail, load, delay_s, told)
        outcome.rounds.append(_kill_and_start(pair, point, next_point, begins, told))
        _settle(pair, esme, outcome.rounds[-1], load.settle_s, told)
        outcome.seen.append(esme.stop())
    return outcome


def _wait_for_the_moment(
    pair: Pair,
    esme: BankProgram,
    tail: WitnessTail,
    load: CrashLoad,
    delay_s: float,
    told: Callable[[str], None],
) -> None:
    full_since = 0.0

    def the_moment_has_come() -> bool:
        nonlocal full_since
        unanswered, unsent = tail.read(), int(pair.stats()["unsent_segments"])
        told(f"{unanswered} submits unanswered by the SMSC, {unsent} messages accepted and unsent")
        if unanswered < load.unanswered_first or unsent < load.unsent_first:
            return False
        full_since = full_since or time.monotonic()
        runs_dry = unsent < 3 * load.unsent_first and esme.has_submitted_all()
        return runs_dry or time.monotonic() - full_since >= delay_s

    pair.wait_until(the_moment_has_come, FULL_S, "loaded enough to be killed")


def _kill_and_start(
    pair: Pair, point: str, next_point: str, begins: int, told: Callable[[str], None]
) -> CrashRound:
    kill_us = pair.kill_product(point)
    # Before anybody starts again: the rows as the kill left them.
    unsent, open_attempts = _rows_at_kill(pair.installation)
    pair.start_product(next_point)
    back_ms = (time.time_ns() // 1000 - kill_us) // 1000
    time.sleep(WITNESS_FLUSH_S)
    unanswered = unanswered_at(read_witness(pair.installation.witness, begins), kill_us)
    told(f"killed with {unanswered} unanswered and {unsent} unsent; back after {back_ms} ms")
    return CrashRound(kill_us, unanswered, unsent, open_attempts, back_ms, point)


def _settle(
    pair: Pair, esme: BankProgram, killed: CrashRound, settle_s: float, told: Callable[[str], None]
) -> None:
    """Wait for receipts; what stays unknown is resolved from a closed period: sent where it never arrived."""
    for _ in range(RESOLVE_TRIES):
        quiet_us = 0

        def is_quiet() -> bool:
            nonlocal quiet_us
            stats = pair.stats()
            told(f"{stats['open_messages']} messages open")
            moving = any(
                stats[name]
                for name in ("unsent_segments", "in_flight", "deliveries_waiting", "deliveries_in_flight")
            )
            if moving or not esme.has_submitted_all():
                quiet_us = 0
                return False
            quiet_us = quiet_us or time.time_ns() // 1000
            status = pair.simulator_status()
            return status.settled and status.t >= quiet_us

        pair.wait_until(is_quiet, settle_s, "quiet after its restart")
        reconciliation = close_and_reconcile(pair)
        if not reconciliation.findings and pair.product_is_settled():
            return
        for kind, count in resolve(pair, reconciliation).items():
            killed.resolved[kind] = killed.resolved.get(kind, 0) + count
    if not pair.product_is_settled():
        stats = pair.stats()
        raise ResourceError(
            f"{stats['open_messages']} messages are still open after {RESOLVE_TRIES} closed CDR periods"
        )


def _rows_at_kill(installation: Installation) -> tuple[int, int]:
    """(unsent messages, attempts without an answer), read as the kill left them, before anybody restarts."""
    connection = sqlite3.connect(f"file:{installation.database}?mode=ro", uri=True)
    try:
        return (
            int(connection.execute(_UNSENT).fetchone()[0]),
            int(connection.execute(_OPEN_ATTEMPTS).fetchone()[0]),
        )
    finally:
        connection.close()
