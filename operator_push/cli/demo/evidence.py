"""The evidence: from finished runs to `Results`, each number from a record, none from what we meant to do."""

import csv

from operator_push.cli.demo.crash_proof import prove_crashes
from operator_push.cli.demo.crash_run import CrashOutcome
from operator_push.cli.demo.join_again import join_exports
from operator_push.cli.demo.permission_proof import features_beyond_permission, prove_permission
from operator_push.cli.demo.plan import DemoPlan
from operator_push.cli.demo.product_input import SNAPSHOT_FILE
from operator_push.cli.demo.product_rows import read_product
from operator_push.cli.demo.reconciling import write_exports
from operator_push.cli.demo.results import Bank, People, Results, Sale, Throughput
from operator_push.cli.demo.witness import prove_stops, read_witness, submits_by_key
from operator_push.cli.demo.workspace import Workspace
from operator_push.services.reconcile import Reconciliation

MICROS = 1e6


def examine_rejects(workspace: Workspace, people: People) -> None:
    """Count the reject file and the feature file against what the ingest said of them."""
    with (workspace.features / "rejects.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            people.reject_rows += 1
            people.reject_rows_without_place += not (row["file"] and row["line"] and row["reason"])
    people.features_beyond_permission = features_beyond_permission(
        workspace.features, workspace.main.product / SNAPSHOT_FILE
    )


def collect(
    workspace: Workspace,
    plan: DemoPlan,
    people: People,
    sales: list[Sale],
    bank: Bank,
    cpu_seconds: float,
    reconciliation: Reconciliation,
    crash: CrashOutcome,
) -> Results:
    """Read every record of both runs; all programs have stopped."""
    main = workspace.main
    facts = read_product(main.database)
    witness = list(read_witness(main.witness))
    at_smsc = submits_by_key(witness)
    return Results(
        plan=plan,
        people=people,
        sales=sales,
        bank=bank,
        facts=facts,
        throughput=Throughput(facts.accepted, (facts.last_us - facts.first_us) / MICROS, cpu_seconds),
        stops=prove_stops(witness),
        sent=facts.sent_keys.total(),
        at_smsc=at_smsc.total(),
        never_at_smsc=(facts.sent_keys - at_smsc).total(),
        too_often_at_smsc=(at_smsc - facts.sent_keys).total(),
        permission=prove_permission(main.database),
        reconciliation=reconciliation,
        exported=write_exports(main, workspace.root),
        joined=join_exports(workspace.root),
        crash=crash,
        crash_proof=prove_crashes(crash, workspace.crash),
    )
