"""Personal copy: everything about one person as JSON, and as CSV tables in a ZIP (GDPR article 20)."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from operator_push.kernel.instants import iso

FORMAT = "operator-push personal data 1"
Tables = Mapping[str, Sequence[Mapping[str, Any]]]


def copy_tables(found: Tables) -> Tables:
    """Tables as a person reads them: moments in ISO 8601."""
    return {name: [_with_moments(row) for row in rows] for name, rows in found.items()}


def copy_json(operator: str, msisdn: str, made_us: int, tables: Tables) -> bytes:
    """All tables as one JSON object."""
    told = {"format": FORMAT, "operator": operator, "made_at": iso(made_us), "msisdn": msisdn, **tables}
    return json.dumps(told, ensure_ascii=False, indent=2).encode()


def copy_zip(tables: Tables) -> bytes:
    """All tables as CSV files (RFC 4180, UTF-8) in one ZIP."""
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables.items():
            archive.writestr(f"{name}.csv", table_text(rows))
    return octets.getvalue()


def table_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as CSV. A value that a spreadsheet would take for a formula is put in quotes of its own."""
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.writer(text)
    writer.writerow(names)
    for row in rows:
        writer.writerow([_harmless(row.get(name, "")) for name in names])
    return text.getvalue()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _with_moments(row: Mapping[str, Any]) -> dict[str, Any]:
    """Moments of columns *_us in words, under the name *_at; 0 is none."""
    told: dict[str, Any] = {}
    for name, value in row.items():
        if name.endswith("_us"):
            told[f"{name.removesuffix('_us')}_at" if name != "at_us" else "at"] = iso(value) if value else ""
        else:
            told[name] = value
    return told
