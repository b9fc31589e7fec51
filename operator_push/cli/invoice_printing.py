"""How documents are printed: fields and lines for people, the whole document as JSON."""

import json
from typing import Any

import click

from operator_push.cli.printing import print_fields, print_json, print_table
from operator_push.documents.amounts import for_people, percent, what_it_is
from operator_push.domain.invoicing.document import Document, document_text
from operator_push.domain.invoicing.standing import Standing
from operator_push.services.issue_invoices import FinalDocument


def draft_or_final_json(document: Document, final: FinalDocument | None = None) -> dict[str, Any]:
    """The document as JSON values with its sums; of a final one also its hash and who issued it."""
    told: dict[str, Any] = {
        **json.loads(document_text(document)),
        "final": document.is_final,
        "net_micros": document.net_micros,
        "tax_micros": document.tax_micros,
        "prepaid_micros": document.prepaid_micros,
        "rounding_micros": document.rounding_micros,
    }
    if final is not None:
        told |= {"content_sha256": final.content_sha256, "issued_by": final.issued_by}
    return told


def print_document(document: Document) -> None:
    """Its head, its lines and its sums."""
    name = document.kind.value.replace("_", " ")
    click.echo(f"{name} {document.number}" if document.is_final else f"draft of an {name}; nothing is kept")
    fields = [
        ("to", f"{document.buyer.name} ({document.account})"),
        ("from", document.seller.name or "not said yet: set name of [invoices]"),
        ("date", document.issue_date),
        ("period", f"{document.period_from} until {document.period_until}"),
        ("about", document.about),
        ("reason", document.reason),
        ("due", document.due_date),
    ]
    print_fields([(field, value) for field, value in fields if value and value != " until "])
    click.echo()
    rows = [
        (
            what_it_is(line),
            f"{line.units:,}",
            for_people(line.unit_price_micros),
            f"{percent(line.tax_ppm)}%",
            for_people(line.amount_micros),
        )
        for line in document.lines
    ]
    print_table(("WHAT", "UNITS", "PRICE", "TAX", "AMOUNT"), rows)
    click.echo()
    sums = [("total", document.total_micros)]
    sums += [(f"of it {tax.name} {percent(tax.ppm)}%", tax.tax_micros) for tax in document.taxes if tax.name]
    if document.prepaid_micros:
        sums.append(("paid in advance", -document.prepaid_micros))
    if document.rounding_micros:
        sums.append(("rounding", document.rounding_micros))
    sums.append(("to pay", document.payable_micros))
    print_fields([(field, f"{for_people(amount)} {document.currency}") for field, amount in sums])


def print_listed(found: list[FinalDocument], stand: dict[str, Standing], as_json: bool) -> None:
    """A table of documents, or as JSON."""
    if as_json:
        print_json([_listed(final, stand.get(final.number)) for final in found])
        return
    rows = []
    for final in found:
        standing, document = stand.get(final.number), final.document
        rows.append(
            (
                final.number,
                document.kind.value.replace("_", " "),
                document.account,
                document.issue_date,
                f"{for_people(document.total_micros)} {document.currency}",
                standing.state.value.replace("_", " ") if standing else "",
                for_people(standing.open_micros) if standing else "",
                document.due_date,
            )
        )
    print_table(("NUMBER", "KIND", "ACCOUNT", "DATE", "TOTAL", "STATE", "OPEN", "DUE"), rows)


def _listed(final: FinalDocument, standing: Standing | None) -> dict[str, Any]:
    document = final.document
    return {
        "number": final.number,
        "kind": document.kind.value,
        "account": document.account,
        "issue_date": document.issue_date,
        "currency": document.currency,
        "total_micros": document.total_micros,
        "payable_micros": document.payable_micros,
        "due_date": document.due_date or None,
        "about": document.about or None,
        "state": standing.state.value if standing else None,
        "paid_micros": standing.paid_micros if standing else None,
        "open_micros": standing.open_micros if standing else None,
        "reminders": standing.reminders if standing else None,
        "content_sha256": final.content_sha256,
    }
