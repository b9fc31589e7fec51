"""Verdicts: what became of each assertion, for a person and for a JUnit file."""

from collections.abc import Sequence

import msgspec

from smsc_sim.assertions.comparisons import COMPARISONS
from smsc_sim.assertions.figures import SmscFigures, figure_value
from smsc_sim.assertions.table import Assert


class Verdict(msgspec.Struct, frozen=True):
    """One assertion's; `told` is what was found: "was 97", "was 97, not 100"."""

    title: str
    passed: bool
    told: str


def judge(asserts: Sequence[Assert], parts: Sequence[SmscFigures], speed: float) -> list[Verdict]:
    """The verdict on each assertion, in their order."""
    return [_verdict(one, [part for part in parts if one.smsc in ("", part.name)], speed) for one in asserts]


def _verdict(one: Assert, parts: Sequence[SmscFigures], speed: float) -> Verdict:
    found = figure_value(one.what, parts, speed)
    wanted = figure_value(one.value, parts, speed) if isinstance(one.value, str) else one.value
    passed = found is not None and wanted is not None and COMPARISONS[one.operator](found, wanted)
    told = f"was {_number(found)}"
    if isinstance(one.value, str):
        told += f"; {one.value} was {_number(wanted)}"
    return Verdict(one.title, passed, told)


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.12g}"
