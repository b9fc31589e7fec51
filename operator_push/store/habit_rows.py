"""Habit rows: what was found out about each SMSC, read at a start; changed through `Changes.upserts`."""

import json

from sqlalchemy import Connection, select

from operator_push.store import schema

FoundForms = tuple[str, str, tuple[int, ...]]  # (in responses, in receipts, widths)


def id_forms(connection: Connection, shard: int) -> dict[int, FoundForms]:
    """Number of the SMSC → the forms of its ids, as they were found out last."""
    row = schema.smsc_id_forms.c
    found = connection.execute(
        select(row.smsc_no, row.in_response, row.in_receipt, row.widths).where(row.shard == shard)
    )
    return {
        smsc_no: (in_response, in_receipt, tuple(json.loads(widths)))
        for smsc_no, in_response, in_receipt, widths in found
    }


def id_forms_row(shard: int, smsc_no: int, forms: FoundForms) -> tuple[str, dict[str, object]]:
    """An entry of `Changes.upserts`."""
    in_response, in_receipt, widths = forms
    row: dict[str, object] = {"shard": shard, "smsc_no": smsc_no, "in_response": in_response}
    return "smsc_id_forms", row | {"in_receipt": in_receipt, "widths": json.dumps(sorted(widths))}
