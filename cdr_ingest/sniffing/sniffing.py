"""Sniffing a file: the shipped mapping that reads it, or one that is made of what was seen."""

from collections import Counter
from pathlib import Path
from typing import Any

from cdr_ingest.mapping.catalogue import find_mapping, shipped
from cdr_ingest.mapping.mapping import FileMapping
from cdr_ingest.mapping.reading import read_mapping
from cdr_ingest.reading.opening import is_charging_file
from cdr_ingest.reading.trial import try_rows
from cdr_ingest.sniffing.proposal import Proposal, propose
from cdr_ingest.sniffing.sample import take_sample
from operator_push.cdr.tap import is_tap
from operator_push.kernel.errors import ResourceError

_GOOD_SHARE = 0.8
_TRIAL_BLOCKS = 1


def sniff_file(file: Path, country_code: str, zone: str) -> dict[str, Any]:
    """Guesses, columns, the mapping as TOML ("" where none is needed), and how many rows it reads.

    Raises:
        OperatorError: the file is empty or nothing of it can be read.
        ResourceError: the file cannot be read.
    """
    try:
        sample = take_sample(file)
    except OSError as error:
        raise ResourceError(f"{file}: the file cannot be read ({error.strerror})") from error
    if is_charging_file(sample.octets) or is_tap(sample.octets):
        return {
            "kind": "cdr", "kind_reason": "charging records in BER, which need no mapping", "guesses": {},
            "columns": [], "missing": [], "mapping": "", "trial": {}, "shipped": None,
        }  # fmt: skip
    proposal = propose(sample, file, country_code)
    for name in shipped():
        mapping = find_mapping(name)
        if _is_of(mapping, proposal):
            trial = try_rows(file, mapping.row_kind, mapping, zone, _TRIAL_BLOCKS)
            if (trial["read"] and trial["good"] >= trial["read"] * _GOOD_SHARE) or _names(mapping, proposal):
                reason = f"the shipped mapping {name} reads it: {mapping.title}"
                found = proposal.as_json() | {"kind": mapping.kind, "kind_reason": reason}
                text = shipped()[name]
                return found | {
                    "mapping": text,
                    "trial": trial,
                    "shipped": name,
                    "columns": [],
                    "missing": [],
                }
    mapping = read_mapping(proposal.mapping, "the proposal")
    trial = try_rows(file, mapping.row_kind, mapping, zone, _TRIAL_BLOCKS)
    return proposal.as_json() | {"trial": trial, "shipped": None}


def _is_of(mapping: FileMapping, proposal: Proposal) -> bool:
    """Whether a file could be one of a shipped mapping's."""
    shape, text = proposal.shape, mapping.text
    if shape.form.value != text.form or (text.form == "csv" and shape.delimiter is None):
        return False
    if _names(mapping, proposal):
        return True
    if text.form == "csv" and shape.header is not None and shape.header.value == "false":
        least = len(text.columns) - text.optional_columns
        return bool(text.columns) and least <= len(shape.names) <= len(text.columns)
    return False


def _names(mapping: FileMapping, proposal: Proposal) -> bool:
    """Whether the file has the names of all columns that the mapping asks for."""
    have = Counter(name.lower() for name in proposal.shape.names)
    fields = [field.sources for field in mapping.fields.values()]
    asked = [[name for name in names if not name.startswith("@")] for names in fields]
    return all(any(have[name.lower()] for name in names) for names in asked if names)
