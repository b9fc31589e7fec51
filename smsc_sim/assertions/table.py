"""The assertion table: one `[[assert]]` of a scenario or a file of its own, and what may be wrong with it."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from msgspec import Meta

from smsc_sim.assertions.comparisons import Operator
from smsc_sim.assertions.figures import figure_fault
from smsc_sim.scenario_section import Section

FigureName = Annotated[str, Meta(min_length=1, max_length=200)]


class Assert(Section, frozen=True):
    """`[[assert]]`: a figure, an operator, and a number or another figure that it is held against.

    `what` and a text in `value` are names of figures (`smsc-sim assertions` lists them), some with an
    argument after a colon: "receipts:DELIVERED". Judged once, when the run ends. `name` is what the verdict
    is called; `smsc` names one of several virtual SMSCs, else they are taken together.
    """

    what: FigureName
    value: float | FigureName
    operator: Operator = "=="
    name: str = ""
    smsc: str = ""

    @property
    def condition(self) -> str:
        """The assertion as a line: "receipts:DELIVERED >= 100"."""
        value = self.value if isinstance(self.value, str) else f"{self.value:.12g}"
        where = f" in {self.smsc}" if self.smsc else ""
        return f"{self.what} {self.operator} {value}{where}"

    @property
    def title(self) -> str:
        """What a verdict is called."""
        return f"{self.name} ({self.condition})" if self.name else self.condition


def assertion_faults(
    asserts: Sequence[Assert], fault_names: Sequence[str], smsc_names: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """(key, sentence): what is wrong with assertions of a scenario with these faults and virtual SMSCs."""
    for index, one in enumerate(asserts):
        key = f"assert[{index}]"
        for name, figure in (("what", one.what), ("value", one.value)):
            sentence = figure_fault(figure, fault_names) if isinstance(figure, str) else None
            if sentence:
                yield f"{key}.{name}", sentence
        if one.smsc and one.smsc not in smsc_names:
            there = ", ".join(name for name in smsc_names if name) or "none; the scenario has no [[smsc]]"
            yield f"{key}.smsc", f"{one.smsc!r} is no virtual SMSC; there are: {there}"
