"""The promises of single rows: what is measured once a run and compared with a number that was promised.

They stand beside the budget of make_bench: a budget is the best known and follows it, a promise stays.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from growth import RATIO_MAX, measure_growth
from idle_binds import BINDS, KIB_A_BIND_MAX, PERCENT_MAX, SECONDS, measure_idle_binds
from one_time_passwords import (
    LINK_WINDOW,
    P99_MAX_MS,
    PASSWORDS,
    RATE_PER_S,
    audience_for,
    is_worth_something,
    measure_one_time_passwords,
)
from policy_decisions import MIB_MAX_AT_TEN_MILLION, TEN_MILLION, US_EACH_MAX, measure_policy
from rule_costs import COMPILE_MS_MAX, measure_rules
from whole_path import prepare

# A pair that fits into the time of a bench; growth.py alone takes ten million.
GROWN_FEW, GROWN_MANY, GROWN_ROUNDS, GROWN_MESSAGES = 20_000, 400_000, 3, 10_000
HALF_LOAD_MAX_MS = {"p50": 10.0, "p99": 50.0}


@dataclass(frozen=True)
class Promise:
    """One row: measured against the most that was promised; less is better in all of them.

    `measured` None: the run says nothing, for example because the link was not saturated.
    """

    name: str
    measured: float | None
    promised: float
    unit: str
    is_judged: bool = True  # False: told alone, since it depends too much on who shares the machine

    @property
    def is_kept(self) -> bool:
        """True where it costs no more than was promised."""
        return self.measured is not None and self.measured <= self.promised

    @property
    def words(self) -> str:
        """For people: "11.4 of at most 40 KiB"."""
        measured = "nothing" if self.measured is None else f"{self.measured:.1f}"
        return f"{measured} of at most {self.promised:g} {self.unit}"

    def told(self) -> dict[str, Any]:
        """For the results as JSON."""
        broken = self.is_judged and not self.is_kept
        return {**asdict(self), "kept": self.is_kept, "broken": broken, "words": self.words}


def measure_rows(folder: Path) -> dict[str, Any]:
    """The figures of each row by name: "idle_binds", "one_time_passwords", "policy", "rules", "growth"."""
    audience = audience_for(PASSWORDS, RATE_PER_S, LINK_WINDOW)
    prepared = prepare(folder / "prepared-rows", audience)
    return {
        "idle_binds": measure_idle_binds(folder / "idle-binds", prepared, BINDS, SECONDS),
        "one_time_passwords": measure_one_time_passwords(
            folder / "one-time-passwords", prepared, PASSWORDS, RATE_PER_S, LINK_WINDOW, audience
        ),
        "policy": measure_policy(),
        "rules": measure_rules(),
        "growth": measure_growth(folder / "growth", GROWN_MANY, GROWN_ROUNDS, GROWN_MESSAGES, GROWN_FEW),
    }


def promises(rows: dict[str, Any], half_load: dict[str, Any]) -> list[Promise]:
    """The figures of `measure_rows` that were promised, and the latency at half load ({} where not run)."""
    binds, passwords, growth = rows["idle_binds"], rows["one_time_passwords"], rows["growth"]
    policy = rows["policy"]
    permission_mib = policy["permission_mib"] * TEN_MILLION / policy["subscribers"]
    stored_few, stored_many = growth["stored"]
    p99_ms = passwords["p99_ms"] if is_worth_something(passwords) else None
    return [
        Promise("an idle bind, memory", binds["kib_a_bind_asked"], KIB_A_BIND_MAX, "KiB"),
        Promise(f"{binds['binds']:,} idle binds, of a core", binds["percent_of_a_core"], PERCENT_MAX, "%"),
        Promise("one-time password beside a campaign, p99 to the SMSC", p99_ms, P99_MAX_MS, "ms"),
        Promise("a policy decision, all rules, trail included", policy["us_each"], US_EACH_MAX, "µs"),
        Promise(
            "an audience rule, compiled to all its outputs", rows["rules"]["compile_ms"], COMPILE_MS_MAX, "ms"
        ),
        Promise(
            f"permissions of 10,000,000, from {policy['subscribers']:,}",
            permission_mib,
            MIB_MAX_AT_TEN_MILLION,
            "MiB",
            False,  # what little numbers cost weighs ten times as much here: see policy_decisions.py
        ),
        Promise(
            f"a message's CPU at {stored_many:,} stored, of that at {stored_few:,}",
            growth["ratio"] * 100,
            RATIO_MAX * 100,
            "%",
            False,  # the runs of so small a pair differ by more than the tenth that is asked about
        ),
        *(
            Promise(f"half load, {name} to submit_sm_resp", half_load[f"{name}_ms"], limit, "ms", False)
            for name, limit in HALF_LOAD_MAX_MS.items()
            if half_load
        ),
    ]
