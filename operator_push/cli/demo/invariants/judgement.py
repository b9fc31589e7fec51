"""The judgement over a run: every law in the order of the job."""

from operator_push.cli.demo.invariants.crash import crash_laws
from operator_push.cli.demo.invariants.invariant import Invariant
from operator_push.cli.demo.invariants.money import money_laws, reconciliation_laws
from operator_push.cli.demo.invariants.people import campaign_laws, ingest_laws, permission_laws
from operator_push.cli.demo.invariants.traffic import esme_laws, stop_laws
from operator_push.cli.demo.results import Results


def judge(results: Results) -> list[Invariant]:
    """All rows; the run is good where each of them is held."""
    return [
        *ingest_laws(results),
        *campaign_laws(results),
        *permission_laws(results),
        *esme_laws(results),
        *stop_laws(results),
        *money_laws(results),
        *reconciliation_laws(results),
        *crash_laws(results),
    ]
