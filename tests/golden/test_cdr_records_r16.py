"""Every field of our tables of TS 32.298 as another decoder reads it.

cdr_records_r16.json: a record of each kind with a value in nearly every field, encoded and decoded by pycrate
0.8.1, which compiles the standard's text.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from operator_push.cdr import ber
from operator_push.cdr.reading import read_records
from operator_push.cdr.record_fields import UNKNOWN, write_record

UNTAGGED = ("iPBinaryAddress", "iPTextRepresentedAddress")  # a CHOICE in a CHOICE, without octets of its own
GOLDEN = json.loads((Path(__file__).parent / "cdr_records_r16.json").read_text(encoding="utf-8"))


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """Values by their path."""
    if isinstance(value, Mapping):
        return {
            k: v
            for name, one in value.items()
            for k, v in leaves(one, path if name in UNTAGGED else f"{path}/{name}").items()
        }
    if isinstance(value, list) and len(value) == 2 and all(isinstance(one, int) for one in value):
        return {path: format(value[0] << -value[1] % 8, "x")}  # a BIT STRING and its length
    if isinstance(value, list):
        return {k: v for at, one in enumerate(value) for k, v in leaves(one, f"{path}/{at}").items()}
    return {path: value}


def agrees(ours: Any, theirs: Any) -> bool:
    """Whether a value of ours is theirs, which has octets for digits, addresses and moments."""
    if ours is None or isinstance(ours, bool):
        return bool(ours) == bool(theirs)
    if isinstance(ours, int):
        return True if isinstance(theirs, str) else ours == theirs  # a name of an ENUMERATED
    if isinstance(theirs, int):
        return True  # a number that we name
    digits = "".join(mark for mark in str(ours) if mark.isdigit())
    swapped = "".join(theirs[at + 1] + theirs[at] for at in range(0, len(theirs) - 1, 2)).rstrip("f")
    moment = theirs[:12] + theirs[14:] if len(theirs) == 18 else None
    return (
        ours == theirs
        or ours[2:].lstrip("0") == theirs.lstrip("0")
        or digits in (swapped, moment and "20" + moment)
    )


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["record"])
def test_every_field_has_its_name_and_value(case: dict[str, Any]) -> None:
    octets = bytes.fromhex(case["octets"])
    [record] = read_records(octets)
    assert record.name == case["record"]
    ours = leaves(record.fields)
    theirs = leaves(case["pycrate"])
    # What our tables leave whole stands under its name as unknown octets.
    opaque = {path.partition(f"/{UNKNOWN}/")[0] for path in ours if f"/{UNKNOWN}/" in path}
    checked = 0
    for path, value in theirs.items():
        if any(path.startswith(f"{whole}/") for whole in opaque):
            continue
        # An address is an object of ours, and octets of theirs.
        found = ours[path] if path in ours else ours.get(f"{path}/digits")
        if f"{path}/digits" in ours:
            number = bytes.fromhex(value)
            assert ours[f"{path}/ton"] == number[0] >> 4 & 7
            value = number[1:].hex()
        if path not in ours and f"{path}/digits" not in ours:
            pytest.fail(f"{path} is missing in {sorted(ours)[:9]}")
        assert agrees(found, value), (path, found, value)
        checked += 1
    assert checked >= min(len(record.fields) - len(opaque), len(theirs))
    assert UNKNOWN not in record.fields
    assert ber.decode(write_record(record))[0].tag == ber.decode(octets)[0].tag
