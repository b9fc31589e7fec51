"""The budget: the best that is known of every figure, and by how much a change may exceed it.

`budget.json` holds {"margin_percent", "best": {name: µs of CPU}}. Figures are CPU and divided by the
machine's slowness (yardstick), because wall-clock on a shared machine lies; less is better in all of them.
A budget is raised by hand, with its reason in the commit; `make_bench.py --keep-best` only lowers it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUDGET_FILE = Path(__file__).with_name("budget.json")


@dataclass(frozen=True)
class Verdict:
    """One figure against its budget; `best` None: nothing is known yet."""

    name: str
    measured: float
    best: float | None
    limit: float | None

    @property
    def exceeds(self) -> bool:
        """True where it costs more than the best plus the margin."""
        return self.limit is not None and self.measured > self.limit

    @property
    def improves(self) -> bool:
        """True where it is the best now."""
        return self.best is None or self.measured < self.best


def load_budget(file: Path = BUDGET_FILE) -> dict[str, Any]:
    """What the file holds; an empty budget with a margin of 25 % where there is none."""
    if not file.exists():
        return {"margin_percent": 25, "best": {}}
    budget: dict[str, Any] = json.loads(file.read_text())
    return budget


def judge(measured: Mapping[str, float], budget: Mapping[str, Any]) -> list[Verdict]:
    """A verdict for every measured figure, in their order."""
    factor = 1 + budget["margin_percent"] / 100
    verdicts = []
    for name, value in measured.items():
        best = budget["best"].get(name)
        limit = None if best is None else round(best * factor, 2)
        verdicts.append(Verdict(name, value, best, limit))
    return verdicts


def keep_best(verdicts: list[Verdict], budget: dict[str, Any], file: Path = BUDGET_FILE) -> None:
    """Write what is better than before."""
    better = {verdict.name: round(verdict.measured, 2) for verdict in verdicts if verdict.improves}
    kept = dict(sorted((budget["best"] | better).items()))
    file.write_text(json.dumps({**budget, "best": kept}, indent=2) + "\n")
