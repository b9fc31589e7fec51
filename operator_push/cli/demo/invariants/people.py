"""Laws about people: their records, their permission, and the campaigns that are sold on both."""

from collections.abc import Iterator

from operator_push.cli.demo.invariants.invariant import Invariant
from operator_push.cli.demo.results import Results
from operator_push.kernel.money import format_micros


def ingest_laws(results: Results) -> Iterator[Invariant]:
    """Every record that came in is accounted for."""
    people = results.people
    run = people.ingest
    parts = [run[name] for name in ("accepted", "rejected", "duplicates", "not_permitted")]
    area = "Ingest"
    yield Invariant(
        area,
        "every record read is accounted for",
        run["read"] == sum(parts),
        f"{run['read']:,} read = " + " + ".join(f"{part:,}" for part in parts),
        "features/run.json",
    )
    files = people.size.subscriber_rows + people.size.cdr_rows + people.size.top_up_rows
    yield Invariant(
        area,
        "nothing in the input folder was overlooked",
        run["read"] == files,
        f"{files:,} lines in the files, {run['read']:,} read",
        "input/ and features/run.json",
    )
    yield Invariant(
        area,
        "every rejected row is in the reject file, with file, line and reason",
        people.reject_rows == run["rejected"] and not people.reject_rows_without_place,
        f"{people.reject_rows:,} rows for {run['rejected']:,} rejects",
        "features/rejects.csv",
    )
    yield Invariant(
        area,
        "no feature was computed without its subscriber's permission",
        people.features_beyond_permission == 0 and run["profiles"] > 0,
        f"{people.features_beyond_permission} values beyond permission in {run['profiles']:,} profiles",
        "features/profiles/ and product/permission-snapshot.parquet",
    )


def campaign_laws(results: Results) -> Iterator[Invariant]:
    """Every recipient ends in one place, at the price that was quoted."""
    for sale in results.sales:
        tally = results.facts.campaigns[sale.enterprise.campaign]
        area, brand = "Campaigns", sale.enterprise.brand
        ends = tally.delivered + tally.failed + tally.expired + tally.unknown
        yield Invariant(
            area,
            f"{brand}: every recipient ended in one place",
            tally.submitted == ends and tally.audience == len(sale.recipients) and tally.unknown == 0,
            f"{tally.audience:,} ordered = {tally.submitted:,} submitted"
            f" + {tally.suppressed.total():,} kept back; submitted = {tally.delivered:,} delivered"
            f" + {tally.failed:,} failed + {tally.expired:,} expired + {tally.unknown:,} unknown",
            "messages.csv, column campaign",
        )
        due = tally.segments_delivered * tally.price_micros
        yield Invariant(
            area,
            f"{brand}: charged for delivered segments only, and not above the quote",
            tally.charged_micros == due <= sale.quoted_micros,
            f"{format_micros(tally.charged_micros)} charged for {tally.segments_delivered:,} segments,"
            f" quote {format_micros(sale.quoted_micros)}",
            "messages.csv, column settled_micros",
        )
        yield Invariant(
            area,
            f"{brand}: ordered by one person and approved by another",
            bool(sale.approved_by) and sale.approved_by != sale.ordered_by,
            f"{sale.ordered_by}, {sale.approved_by}",
            "product/operator-push.db, table campaign",
        )


def permission_laws(results: Results) -> Iterator[Invariant]:
    """Nothing leaves without permission."""
    proof = results.permission
    yield Invariant(
        "Permission",
        "every segment sent had its recipient's permission at that moment",
        proof.without == 0 and proof.checked > 0,
        f"{proof.checked:,} attempts held against the consent acts, {proof.without} without permission",
        "product/operator-push.db, tables consent_event and attempt: " + ", ".join(proof.examples[:3]),
    )
