"""Every law holds over a good run, and breaks when what it guards is spoiled."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from demo_results import good_results

from operator_push.cli.demo.enterprises import CHAI_POINT, ZING_MUSIC
from operator_push.cli.demo.invariants.judgement import judge
from operator_push.cli.demo.results import Results
from operator_push.cli.demo.witness import Stop


def test_a_good_run_is_good() -> None:
    rows = judge(good_results())
    assert [f"{row.area}: {row.name}: {row.detail}" for row in rows if not row.held] == []
    assert len({(row.area, row.name) for row in rows}) == len(rows)


def put(path: str, value: Any) -> Callable[[Results], None]:
    """Set an attribute by its dotted path."""

    def spoil(results: Results) -> None:
        *way, last = path.split(".")
        target: Any = results
        for name in way:
            target = getattr(target, name)
        setattr(target, last, value)

    return spoil


def in_tally(campaign: str, **values: int) -> Callable[[Results], None]:
    def spoil(results: Results) -> None:
        for name, value in values.items():
            setattr(results.facts.campaigns[campaign], name, value)

    return spoil


def ledger_with(**values: Any) -> Callable[[Results], None]:
    def spoil(results: Results) -> None:
        results.facts.ledger = msgspec.structs.replace(results.facts.ledger, **values)

    return spoil


def one_more_receipt(results: Results) -> None:
    results.bank.main.receipts.append(results.bank.main.receipts[0])


def no_receipt(results: Results) -> None:
    results.bank.main.receipts.pop()


def wrong_status(results: Results) -> None:
    results.bank.main.answered[3].status = "ESME_RSYSERR"


def unanswered_submit(results: Results) -> None:
    results.bank.submits += 1


def stored_elsewhere(results: Results) -> None:
    results.facts.accepted_ids["nagarbank"].pop()


def sent_after_stop(results: Results) -> None:
    results.stops.stops[0].submits_after_acknowledgement = 1


def unheard_stop(results: Results) -> None:
    results.stops.stops.append(Stop("919800000099", 1))


def no_stop(results: Results) -> None:
    results.stops.stops.clear()


def approved_by_the_buyer(results: Results) -> None:
    results.sales[0].approved_by = results.sales[0].ordered_by


def approved_by_nobody(results: Results) -> None:
    results.sales[1].approved_by = ""


def weak_kill(results: Results) -> None:
    results.crash.rounds[0].unsent = 12


SPOILED: dict[str, Callable[[Results], None]] = {
    "every record read is accounted for": lambda results: results.people.ingest.update(duplicates=3),
    "nothing in the input folder was overlooked": lambda results: results.people.ingest.update(read=99),
    "every rejected row is in the reject file": put("people.reject_rows", 4),
    "every rejected row is in the reject file, with file": put("people.reject_rows_without_place", 1),
    "no feature was computed without": put("people.features_beyond_permission", 1),
    "Chai Point: every recipient ended in one place": in_tally(CHAI_POINT.campaign, delivered=8),
    "Zing Music: every recipient ended in one place": in_tally(ZING_MUSIC.campaign, unknown=1, expired=0),
    "Chai Point: charged for delivered segments only": in_tally(CHAI_POINT.campaign, charged_micros=1),
    "Zing Music: charged for delivered segments only": in_tally(
        ZING_MUSIC.campaign, charged_micros=9_900_000, segments_delivered=99
    ),
    "Chai Point: ordered by one person": approved_by_the_buyer,
    "Zing Music: ordered by one person": approved_by_nobody,
    "every segment sent had its recipient's permission": put("permission.without", 1),
    "every submit_sm was answered, once": unanswered_submit,
    "what the ESME was told is what the product stored": stored_elsewhere,
    "every accepted message got its receipt, once": one_more_receipt,
    "every accepted message got its receipt": no_receipt,
    "each kind of wrong message got the command_status": wrong_status,
    "the account with little money was stopped": put("bank.low_prepaid_micros", 900_000),
    "enough people said STOP": no_stop,
    "the product heard every one": unheard_stop,
    "the product heard every": put("facts.stops_heard", 11),
    "nothing went to anybody after their STOP": sent_after_stop,
    "the ledger balances: debits equal credits": ledger_with(imbalance_micros=1),
    "every hold became a settle": ledger_with(open_holds={(1, 2): 3}),
    "each message was held at its price": put("facts.holds_unlike_price", 1),
    "each message was held at its price and charged": put("facts.charges_unlike_delivery", 1),
    "no prepaid balance fell below zero": put("facts.below_zero", 1),
    "our messages, our ledger and the SMSC's CDR agree": put("reconciliation.mismatched", 1),
    "an outsider who joins the three exports": put("joined.problem_count", 1),
    "each segment that left reached the SMSC exactly once": put("too_often_at_smsc", 1),
    "each segment that left reached the SMSC": put("never_at_smsc", 1),
    "much was in the air": weak_kill,
    "nothing that was acknowledged is lost": put("crash_proof.lost", 1),
    "nothing that was acknowledged is": put("crash_proof.acknowledged_without_row", 1),
    "nothing went twice": put("crash_proof.duplicated", 1),
    "nothing went": put("crash_proof.stored_unlike_witness", 1),
    "every acknowledged message got its receipt": put("crash_proof.acknowledged_without_receipt", 1),
    "the ledger balances and every hold is resolved": put("crash_proof.imbalance_micros", 1),
    "the ledger balances and every hold": put("crash_proof.open_holds", 1),
    "messages, ledger and the SMSC's CDR agree again": put("crash_proof.reconciliation", None),
}


@pytest.mark.parametrize("law", SPOILED)
def test_a_spoiled_run_breaks_its_law(law: str) -> None:
    results = good_results()
    SPOILED[law](results)
    broken = [row for row in judge(results) if not row.held]
    found = [row for row in broken if row.name.startswith(law)]
    assert found, [row.name for row in broken]
    assert all("look at " in row.sentence for row in found)


def test_every_law_is_spoiled_somewhere() -> None:
    for row in judge(good_results()):
        assert any(row.name.startswith(law) for law in SPOILED), row.name
