"""Laws about traffic: what an ESME is answered and gets, and what a STOP stops."""

from collections.abc import Iterator

from operator_push.cli.demo.invariants.invariant import Invariant
from operator_push.cli.demo.results import Results

# Status by the kind of order (gateway.refusals is the table); other kinds may meet a stop on their way.
_EXPECTED = {
    "no_permission": ("ESME_RSUBMITFAIL",),
    "bad_address": ("ESME_RINVDSTADR",),
    "bad_source": ("ESME_RINVSRCADR",),
}
_GOOD = ("ESME_ROK", "ESME_RSUBMITFAIL")


def esme_laws(results: Results) -> Iterator[Invariant]:
    """Every submission is answered, and every accepted one gets its receipt."""
    bank, facts = results.bank, results.facts
    area = "ESME"
    answered = [*bank.main.answered, *bank.low.answered]
    accepted = {int(row.message_id) for row in (*bank.main.accepted, *bank.low.accepted)}
    stored = set().union(*facts.accepted_ids.values()) if facts.accepted_ids else set()
    refused = sum(bank.main.refused().values()) + sum(bank.low.refused().values())
    yield Invariant(
        area,
        "every submit_sm was answered, once",
        len(answered) == bank.submits == len(accepted) + refused,
        f"{bank.submits:,} submitted = {len(accepted):,} accepted + {refused:,} refused",
        "esme/nagarbank-record.jsonl",
    )
    yield Invariant(
        area,
        "what the ESME was told is what the product stored",
        accepted == stored and refused == facts.refusals_of_esmes.total(),
        f"{len(accepted & stored):,} ids on both sides, {len(accepted ^ stored)} on one;"
        f" {facts.refusals_of_esmes.total():,} refusals stored",
        "esme/nagarbank-record.jsonl and messages.csv",
    )
    receipts = [row.message_id for row in (*bank.main.receipts, *bank.low.receipts)]
    yield Invariant(
        area,
        "every accepted message got its receipt, once",
        len(receipts) == len(set(receipts)) and set(map(int, receipts)) == accepted,
        f"{len(receipts):,} receipts for {len(accepted):,} messages",
        "esme/nagarbank-record.jsonl, rows receipt",
    )
    wrong = [row for row in bank.main.answered if _unlike_its_kind(row.kind, row.status)]
    yield Invariant(
        area,
        "each kind of wrong message got the command_status of the table",
        not wrong,
        f"{_wrong_orders(results):,} wrong on purpose, {len(wrong)} answered otherwise",
        "esme/nagarbank-record.jsonl: orders " + ", ".join(str(row.order) for row in wrong[:3]),
    )
    low = len(bank.low.accepted)
    price = facts.accounts["nagarlow"].price_micros if "nagarlow" in facts.accounts else 0
    afforded = bank.low_prepaid_micros // price if price else 0
    yield Invariant(
        area,
        "the account with little money was stopped when it was spent",
        low >= min(afforded, len(bank.low.answered)) and bank.low.refused().get("ESME_RSUBMITFAIL", 0) > 0,
        f"money for {afforded} messages, {low} accepted"
        f" (released holds are spent again), {sum(bank.low.refused().values())} refused",
        "messages.csv, account nagarlow",
    )


def stop_laws(results: Results) -> Iterator[Invariant]:
    """A STOP is heard, and holds."""
    stops, area = results.stops, "STOP"
    wanted = min(results.plan.stops_at_least, max(1, len(results.sales[0].recipients) // 2))
    yield Invariant(
        area,
        "enough people said STOP for a proof",
        stops.received >= wanted,
        f"{stops.received:,} received, {wanted:,} wanted",
        "smsc/witness.jsonl, rows with kind mo_answer",
    )
    yield Invariant(
        area,
        "the product heard every one",
        stops.received == len(stops.stops) == results.facts.stops_heard,
        f"{len(stops.stops):,} sent, {stops.received:,} acknowledged, {results.facts.stops_heard:,} stored",
        "product/operator-push.db, table mo_message",
    )
    after = [stop for stop in stops.stops if stop.submits_after_acknowledgement]
    yield Invariant(
        area,
        "nothing went to anybody after their STOP was acknowledged",
        stops.sent_after_stop == 0,
        f"{stops.sent_after_stop} sent after; slowest {stops.slowest_ms} ms",
        "smsc/witness.jsonl: " + ", ".join(f"…{stop.number[-4:]}" for stop in after[:3]),
    )


def _unlike_its_kind(kind: str, status: str) -> bool:
    return status not in _EXPECTED.get(kind, _GOOD)


def _wrong_orders(results: Results) -> int:
    return sum(results.bank.orders_by_kind.get(kind, 0) for kind in _EXPECTED)
