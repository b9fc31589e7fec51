"""The words of the page: sentences with their figures in them."""

from operator_push.cli.demo.enterprises import CURRENCY
from operator_push.cli.demo.results import Results
from operator_push.cli.drawing import share
from operator_push.kernel.money import format_micros


def headline(results: Results) -> str:
    """What the page is about, in a line."""
    return f"From call records to paid, permitted messages in {results.seconds:.0f} seconds"


def lead(results: Results) -> str:
    """The run in one paragraph, also where something in it went wrong."""
    run, stops, proof = results.people.ingest, results.stops, results.crash_proof
    found = results.reconciliation
    stopped = f"were left alone within {stops.slowest_ms} ms"
    if stops.sent_after_stop:
        stopped = f"got {stops.sent_after_stop:,} messages after that"
    return (
        f"{run['read']:,} records of {results.people.subscribers.applied:,} made-up people became"
        f" {run['profiles']:,} profiles, of nothing but what each of them permits. Two enterprises and a bank"
        f" had {results.throughput.messages:,} messages accepted; {stops.received:,} people answered STOP and"
        f" {stopped}. Of {found.segments_smsc:,} segments that the SMSC recorded, {found.matched:,} are the"
        " same in our messages and in our ledger. Then the product was killed under load: of"
        f" {proof.acknowledged:,} acknowledged messages {_none(proof.lost)} was lost and"
        f" {_none(proof.duplicated)} was sent twice."
    )


def tiles(results: Results) -> list[dict[str, str]]:
    """The six figures that people look for first."""
    throughput = results.throughput
    delivered = sum(
        tally.delivered for tally in (*results.facts.campaigns.values(), *results.facts.accounts.values())
    )
    settled = sum(money.settled for money in results.facts.money.values())
    return [
        _tile(f"{throughput.messages:,}", f"messages accepted, {throughput.per_second:,.0f} per second"),
        _tile(share(delivered, throughput.messages), "of them delivered"),
        _tile(
            f"{throughput.cpu_us_per_message:,.0f} µs",
            "gateway CPU per message, with permission, price, ledger and receipt",
        ),
        _tile(
            f"{results.stops.sent_after_stop}",
            f"messages after {results.stops.received:,} acknowledged stops",
        ),
        _tile(
            f"{format_micros(settled)}",
            f"{CURRENCY} earned, imbalance {results.facts.ledger.imbalance_micros}",
        ),
        _tile(
            f"{results.reconciliation.mismatched}",
            f"of {results.reconciliation.matched:,} segments in dispute",
        ),
    ]


def ingest_words(results: Results) -> str:
    """Section 1."""
    run, people = results.people.ingest, results.people.subscribers.applied
    return (
        "Call, SMS, data and top-up records come as an operator's mediation drops them, a few percent of"
        " them dirty. Records of people who have not permitted their use are counted and dropped at the"
        f" door; {run['profiles']:,} of {people:,} subscribers permit something and got a pseudonymous"
        " profile."
    )


def rate_words(results: Results) -> str:
    """Section 3."""
    throughput = results.throughput
    return (
        f"{throughput.messages:,} messages from the first submission to the last settled receipt in"
        f" {throughput.seconds:.1f} s. The tail is the handsets': some are off for a while, some receipts"
        " come late, a message to an absent one expires."
    )


def stop_words(results: Results) -> str:
    """Section 6."""
    stops = results.stops
    kept_back = sum(
        count
        for tally in (*results.facts.campaigns.values(), *results.facts.accounts.values())
        for reason, count in tally.suppressed.items()
        if reason.startswith("WITHDRAWN")
    )
    return (
        f"{stops.received:,} subscribers answered STOP while messages to them were on their way. By the"
        f" simulator's record alone: {stops.sent_after_stop} submit_sm came to any of them after their"
        f" STOP was acknowledged, and the slowest took {stops.slowest_ms} ms from leaving the handset to"
        f" silence. {kept_back:,} messages to people who had said no were kept back."
    )


def join_words(results: Results) -> str:
    """Section 7."""
    found, joined = results.reconciliation, results.joined
    return (
        f"{found.matched:,} segments match in id, outcome and price, {found.mismatched:,} do not. A second"
        " join of the exported files, written with nothing but a CSV reader, finds"
        f" {joined.matched:,} matches and {joined.problem_count:,} problems."
    )


def crash_words(results: Results) -> str:
    """Section 8."""
    rounds, proof = results.crash.rounds, results.crash_proof
    first = rounds[0]
    times = "once" if len(rounds) == 1 else f"{len(rounds)} times"
    unheard = ""
    if proof.unacknowledged:
        unheard = f"; {proof.unacknowledged:,} submits that it never got an answer to are not submitted again"
    return (
        "A bank submits as fast as it can to an SMSC that answers slowly, and the product is killed with"
        f" SIGKILL, {times}. At that moment {first.unanswered:,} submits were unanswered by the SMSC and"
        f" {first.unsent:,} accepted messages had not been sent. The product starts again and the bank goes"
        f" on{unheard}. Whatever has an attempt on disk and no answer waits until the SMSC has spoken."
        f" {proof.arrived:,} submit_sm reached the SMSC."
    )


def _none(count: int) -> str:
    return f"{count:,}" if count else "none"


def _tile(figure: str, words: str) -> dict[str, str]:
    return {"figure": figure, "words": words}
