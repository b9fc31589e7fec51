"""The job: the steps of the demo in their order, what each tells the person who watches, and the report."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from operator_push.cli.demo import evidence, product_input
from operator_push.cli.demo.crash_run import CrashOutcome, run_crashes
from operator_push.cli.demo.enterprises import CURRENCY, NAGAR_BANK
from operator_push.cli.demo.figures import report_figures
from operator_push.cli.demo.invariants.invariant import Invariant
from operator_push.cli.demo.invariants.judgement import judge
from operator_push.cli.demo.link_click import follow_link
from operator_push.cli.demo.main_run import run_main
from operator_push.cli.demo.narrator import Narrator
from operator_push.cli.demo.pair import Pair
from operator_push.cli.demo.plan import DemoPlan
from operator_push.cli.demo.programs import Programs
from operator_push.cli.demo.reconciling import reconcile_closed
from operator_push.cli.demo.report.page import write_page
from operator_push.cli.demo.results import Bank, People, Results, Sale
from operator_push.cli.demo.selling import sell
from operator_push.cli.demo.settings_files import MAIN_WINDOW, main_scenario_toml
from operator_push.cli.demo.trigger_run import CAMPAIGN, TriggerRun
from operator_push.cli.demo.workspace import Workspace
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.money import format_micros

STEPS = 10


def run_job(out: Path, plan: DemoPlan) -> bool:
    """Run everything and write the report; True where every invariant held.

    Raises:
        OperatorError: the folder is not ours, or the run is too small for what is asked.
        ResourceError: a child failed, or something did not come about in time.
    """
    workspace = Workspace(out)
    workspace.prepare()
    narrator = Narrator(Console(soft_wrap=True), STEPS)
    started_at = datetime.now(UTC)
    narrator.say(
        f"operator-push demo: {plan.subscribers:,} subscribers, {plan.messages:,} messages, seed {plan.seed}"
        f" → {_shown(out)}"
    )
    with Programs(workspace.logs) as programs:
        try:
            results = _run(programs, workspace, plan, narrator)
        except (ResourceError, OperatorError):
            programs.require_running()  # a child that has died explains more than a call that failed
            raise
    results.seconds = narrator.elapsed_s
    results.started_at = started_at.isoformat(timespec="seconds")
    invariants = judge(results)
    with narrator.step("Report"):
        figures = report_figures(results)
        (out / "report.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
        write_page(out / "report.html", results, invariants)
        rows = ", ".join(f"{name} {count:,}" for name, count in results.exported.items())
        narrator.fact(f"report.html, report.json; exports: {rows} rows")
    return _verdict(narrator, invariants, out)


def _run(programs: Programs, workspace: Workspace, plan: DemoPlan, narrator: Narrator) -> Results:
    pair = Pair(programs, workspace.main, "main")
    people = _prepare(programs, workspace, plan, narrator, pair)
    with narrator.step("Sell: audience, count, quote, order, approval"):
        sales = sell(pair.control, workspace, plan)
        for sale in sales:
            narrator.fact(_sale_sentence(sale))
    trigger = TriggerRun(programs, workspace, pair)
    with narrator.step("Trigger: a campaign for one person, at the moment when they top up"):
        narrator.fact(trigger.start(sales))
    with narrator.step("Deliver: two campaigns and the bank's ESME, while subscribers answer STOP"):
        customers = product_input.customers_of(workspace.input, NAGAR_BANK.brand)
        bank, cpu_seconds = run_main(
            programs, workspace, pair, plan, sales, customers, narrator.doing, trigger.top_up
        )
        narrator.fact(_bank_sentence(bank))
        if said := trigger.end():
            narrator.fact(said)
        click = follow_link(pair, workspace.main, workspace.logs, CAMPAIGN) if said else None
        if click is not None:
            narrator.fact(f"its text, filled for one person and no other: {click.text}")
            narrator.fact(f"its link was followed, to {click.led_to}: {click.clicked} click")
    with narrator.step("Bill and reconcile: our messages, our ledger, the SMSC's own CDR"):
        pair.close_cdr_period()
        pair.stop()
        reconciliation = reconcile_closed(workspace.main)
        narrator.fact(
            f"{reconciliation.segments_ledger:,} segments in the ledger,"
            f" {reconciliation.segments_smsc:,} at the SMSC, {reconciliation.matched:,} matched,"
            f" {reconciliation.mismatched:,} mismatched"
        )
    with narrator.step("Kill the product (kill -9) under load, start it again"):
        crash = run_crashes(programs, workspace, plan, narrator.doing)
        for sentence in _crash_sentences(crash):
            narrator.fact(sentence)
    with narrator.step("Collect the evidence from every record"):
        results = evidence.collect(workspace, plan, people, sales, bank, cpu_seconds, reconciliation, crash)
        results.click = click
        throughput = results.throughput
        narrator.fact(
            f"main run: {throughput.messages:,} messages accepted and settled in {throughput.seconds:.1f} s,"
            f" {throughput.per_second:,.0f}/s, {throughput.cpu_us_per_message:,.0f} µs of gateway CPU each"
        )
    return results


def _prepare(
    programs: Programs, workspace: Workspace, plan: DemoPlan, narrator: Narrator, pair: Pair
) -> People:
    with narrator.step("Input: records as an operator's mediation drops them"):
        narrator.doing(f"generating {plan.subscribers:,} subscribers and a month of their records")
        product_input.generate(programs, workspace, plan.subscribers, plan.seed)
        size = product_input.measure(workspace.input)
        narrator.fact(
            f"{size.subscriber_rows:,} subscriber rows, {size.consent_rows:,} consent acts,"
            f" {size.cdr_rows:,} call, SMS and data records, {size.top_up_rows:,} top-ups"
            f" in {size.files} files"
        )
    with narrator.step("Permission: simulator and product start; subscribers and consents are imported"):
        features = workspace.features / "features.json"
        narrator.doing("starting smsc-sim and operator-push")
        pair.start(main_scenario_toml(plan.seed, plan.stops_at_least), features, MAIN_WINDOW)
        narrator.doing(f"importing {size.subscriber_rows:,} subscribers, {size.consent_rows:,} consent acts")
        subscribers, consents = product_input.import_people(pair.control, workspace.input)
        narrator.fact(
            f"{subscribers.applied:,} subscribers, {consents.applied:,} consent acts with their evidence"
        )
    with narrator.step("Ingest: pseudonymised features of those who permit it"):
        permitting = product_input.count_permissions(pair.control)
        product_input.permission_snapshot(pair.control, workspace)
        narrator.doing("cdr-ingest runs")
        ingest = product_input.ingest(programs, workspace)
        people = People(size, subscribers, consents, permitting, ingest)
        evidence.examine_rejects(workspace, people)
        narrator.fact(
            f"{ingest['read']:,} rows read = {ingest['accepted']:,} accepted"
            f" + {ingest['rejected']:,} rejected + {ingest['duplicates']:,} duplicates +"
            f" {ingest['not_permitted']:,} not permitted"
        )
        narrator.fact(f"{ingest['profiles']:,} profiles of {plan.subscribers:,} subscribers")
    return people


def _sale_sentence(sale: Sale) -> str:
    limited = f", limited to {len(sale.recipients):,}" if sale.is_limited else ""
    return (
        f"{sale.enterprise.brand}: {sale.told} people (in tens) for {sale.enterprise.rule}{limited};"
        f" quote {format_micros(sale.quoted_micros)} {CURRENCY}; approved by {sale.approved_by}"
    )


def _bank_sentence(bank: Bank) -> str:
    accepted = len(bank.main.accepted) + len(bank.low.accepted)
    receipts = len(bank.main.receipts) + len(bank.low.receipts)
    refused = bank.submits - accepted
    return (
        f"Nagar Bank: {bank.submits:,} submit_sm, {accepted:,} accepted, {refused:,} refused,"
        f" {receipts:,} receipts"
    )


def _crash_sentences(crash: CrashOutcome) -> list[str]:
    return [
        f"killed with {killed.unanswered} submits unanswered by the SMSC and {killed.unsent} messages"
        f" accepted and unsent; back after {killed.back_ms / 1000:.1f} s"
        for killed in crash.rounds
    ]


def _verdict(narrator: Narrator, invariants: list[Invariant], out: Path) -> bool:
    narrator.say("")
    for row in invariants:
        narrator.row(row.held, f"{row.area}: {row.name}", row.sentence)
    broken = [row for row in invariants if not row.held]
    narrator.say("")
    page = _shown(out / "report.html")
    if broken:
        narrator.say(f"{len(broken)} of {len(invariants)} invariants did not hold. Report: {page}")
    else:
        narrator.say(f"All {len(invariants)} invariants held in {narrator.elapsed_s:.0f} s. Report: {page}")
    sys.stdout.flush()
    return not broken


def _shown(path: Path) -> str:
    """A path as people like to read it: from here where it lies below."""
    try:
        return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
    except OSError:
        return str(path)
