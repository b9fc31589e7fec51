"""Report a campaign: what became of its people, hour by hour, beside its control group, and at which price.

A client hears cells: tens, and "<10" below ten. Two reports subtracted tell of the people in whom they
differ, so each cell is held against the same cell of the campaigns whose people are nearly the same, and says
what that one says where few people are between them; the number of people handed in is held against every
count that the client was answered, too. The operator hears what there is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from pyroaring import BitMap

from operator_push.domain.audience.counting import COUNT_STEP, disclose_cell
from operator_push.domain.audience.differencing import Answered, nearness
from operator_push.domain.campaign_funnel import HOURLY, Funnel, Step
from operator_push.domain.message import MessageState, RefusalReason
from operator_push.domain.uplift import Group, price_of_more, uplift
from operator_push.kernel.instants import from_epoch_us

Cell = int | str
HANDED_IN: Final = Step.HANDED_IN.value
_TREATED, _CONTROLS, _STOPPED = "treated", "controls", "stopped"
# A client learns that it was one message too many, not whether another campaign got the slot.
TOLD_AS: Final = {RefusalReason.FREQUENCY_CAP.name: "CAPPED"}


class CellTeller:
    """What a client may be told of cells, campaign after campaign, oldest first."""

    def __init__(self, floor: int, answered: Iterable[Answered] = ()) -> None:
        """`floor`: people at least for a count; `answered`: the counts that this client was told."""
        self._floor = floor
        self._known: dict[str, list[Answered]] = {HANDED_IN: list(answered)}

    def people(self, cells: Mapping[str, BitMap]) -> dict[str, Cell]:
        """The cells of one campaign by name."""
        return {name: self._one(name, people) for name, people in cells.items()}

    def count(self, number: int) -> Cell:
        """A cell of which nobody keeps the people."""
        return disclose_cell(number)

    def part(self, number: int, of: int, told: Cell) -> Cell:
        """How many of a cell did something within an hour; of all, or all but for few, the cell itself."""
        return told if number and of - number < COUNT_STEP else disclose_cell(number)

    def _one(self, name: str, people: BitMap) -> Cell:
        known = self._known.setdefault(name, [])
        if not people:
            return 0
        near = nearness(people, known, self._floor if name == HANDED_IN else COUNT_STEP)
        told = len(people) if near is None else max(0, near.told)
        known.append(Answered(told, len(people), lambda: people))
        return disclose_cell(told)


class ExactCells:
    """For the operator: every number as it is."""

    def people(self, cells: Mapping[str, BitMap]) -> dict[str, Cell]:
        """The cells of one campaign by name."""
        return {name: len(people) for name, people in cells.items()}

    def count(self, number: int) -> Cell:
        """A cell of which nobody keeps the people."""
        return number

    def part(self, number: int, of: int, told: Cell) -> Cell:
        """A cell of an hour."""
        return number


Teller = CellTeller | ExactCells


def cells_of(funnel: Funnel) -> dict[str, BitMap]:
    """The people of every cell of a report by its name; those of a cause as `never_sent:CAUSE`."""
    cells = {step.value: BitMap(funnel.people[step]) for step in Step}
    causes = {TOLD_AS.get(cause, cause): people for cause, people in funnel.suppressed.items()}
    cells |= {f"never_sent:{cause}": people for cause, people in causes.items() if people}
    cells |= {f"failed:{cause}": people for cause, people in funnel.failed.items()}
    cells |= {
        f"channel:{channel}:{step.value}": people & funnel.people[step]
        for channel, people in funnel.by_channel().items()
        for step in Step
    }
    groups = {_TREATED: funnel.treated, _CONTROLS: funnel.control_group}
    cells |= groups
    return cells | {f"{_STOPPED}:{name}": people & funnel.stopped for name, people in groups.items()}


def standing_cells(funnel: Funnel) -> dict[str, BitMap]:
    """The people of a campaign by what has become of their message, by `suppressed:REASON`, `ended:STATE`,
    and `open`; all of them as a report calls them."""
    people = funnel.people
    reasons = {TOLD_AS.get(reason, reason): some for reason, some in funnel.suppressed.items() if some}
    cells = {f"suppressed:{reason}": some for reason, some in reasons.items()}
    cells[f"ended:{MessageState.DELIVERED.name}"] = people[Step.DELIVERED]
    for cause, some in funnel.failed.items():
        state = f"ended:{cause.split()[0]}"
        cells[state] = cells.get(state, BitMap()) | some
    whole = BitMap(people[Step.HANDED_IN])
    return {HANDED_IN: whole, **cells, "open": whole - BitMap.union(*cells.values())}


def report_campaign(
    funnel: Funnel,
    teller: Teller,
    zone: str,
    outcomes: Mapping[str, tuple[Cell | None, Cell | None]] | None = None,
) -> dict[str, Any]:
    """The body of a report.

    `zone`: whose hours they are; `outcomes`: name → how many of the treated and of the controls did what was
    asked for, None where that may not be told.
    """
    told = teller.people(cells_of(funnel))
    delivered = len(funnel.people[Step.DELIVERED])
    each_micros = funnel.settled_micros // delivered if delivered else 0
    charged = _charged(funnel, teller, told[Step.DELIVERED.value], each_micros)
    compared = {"opted_out": (told[f"{_STOPPED}:{_TREATED}"], told[f"{_STOPPED}:{_CONTROLS}"])}
    groups = told[_TREATED], told[_CONTROLS]
    return {
        "people": {step.value: told[step.value] for step in Step},
        "never_sent": _causes(told, "never_sent:"),
        "failed": _causes(told, "failed:"),
        "channels": [
            {"channel": name, **{step.value: told[f"channel:{name}:{step.value}"] for step in Step}}
            for name in funnel.by_channel()
        ],
        "zone": zone,
        "hours": hours_of(funnel, teller, zone, told),
        "charged_micros": charged,
        "each_micros": each_micros,
        "converted_micros": funnel.converted_micros,  # the client's own word
        "groups": {"treated": groups[0], "controls": groups[1]},
        "compared": [
            _compared(name, groups, cells, charged)
            for name, cells in {**compared, **(outcomes or {})}.items()
        ],
    }


def hours_of(funnel: Funnel, teller: Teller, zone: str, told: Mapping[str, Cell]) -> list[dict[str, Any]]:
    """A row for every hour in which something happened: its start, and a cell for each step; `told`: what is
    told of each step in all."""
    clock = ZoneInfo(zone)
    found: dict[str, dict[Step, int]] = {}
    for step in HOURLY:
        for start_us, count in funnel.quarters[step].items():
            local = from_epoch_us(start_us).astimezone(clock)
            hour = (local - timedelta(minutes=local.minute)).isoformat(timespec="minutes")
            cells = found.setdefault(hour, dict.fromkeys(HOURLY, 0))
            cells[step] += count
    return [
        {
            "hour": hour,
            **{
                step.value: teller.part(number, len(funnel.people[step]), told[step.value])
                for step, number in cells.items()
            },
        }
        for hour, cells in sorted(found.items())
    ]


def tired_rows(
    delivered: Sequence[tuple[int, int, bool, bool]],
    count: Callable[[int], Cell],
    within_us: int,
    levels: int,
) -> list[dict[str, Any]]:
    """How a brand's people answer and stop by how many of its messages they had lately.

    `delivered`: (person, when, answered, stopped) of its messages; a row for none, one, … `levels` and more
    others within `within_us` before.
    """
    rows = [[0, 0, 0] for _ in range(levels + 1)]
    recent: dict[int, list[int]] = {}
    for person, at_us, answered, stopped in sorted(delivered):
        before = [each for each in recent.get(person, ()) if each > at_us - within_us]
        row = rows[min(len(before), levels)]
        row[0] += 1
        row[1] += answered
        row[2] += stopped
        recent[person] = [*before, at_us]
    return [
        {"before": before, "delivered": count(row[0]), "replied": count(row[1]), "opted_out": count(row[2])}
        for before, row in enumerate(rows)
    ]


def _charged(funnel: Funnel, teller: Teller, delivered: Cell, each_micros: int) -> int | None:
    """What was charged; to a client by the cell that it is told, since its invoice has the sum."""
    if isinstance(teller, ExactCells):
        return funnel.settled_micros
    return delivered * each_micros if isinstance(delivered, int) else None


def _causes(told: Mapping[str, Cell], prefix: str) -> dict[str, Cell]:
    return {name.removeprefix(prefix): cell for name, cell in told.items() if name.startswith(prefix)}


def _compared(
    name: str,
    people: tuple[Cell, Cell],
    outcomes: tuple[Cell | None, Cell | None],
    charged_micros: int | None,
) -> dict[str, Any]:
    """One outcome among the treated beside the controls; numbers are null where a cell is too small."""
    row: dict[str, Any] = {
        "outcome": name,
        "treated": outcomes[0],
        "controls": outcomes[1],
        "difference": None,
        "lower": None,
        "upper": None,
        "price_of_more_micros": None,
    }
    treated, controls = _group(people[0], outcomes[0]), _group(people[1], outcomes[1])
    if treated is None or controls is None:
        return row
    found = uplift(treated, controls)
    if found is None:
        return row
    row |= {key: round(value, 4) for key, value in found._asdict().items()}
    if name != "opted_out" and charged_micros is not None:
        row["price_of_more_micros"] = price_of_more(charged_micros, treated, controls)
    return row


def _group(people: Cell, outcomes: Cell | None) -> Group | None:
    if not isinstance(people, int) or not isinstance(outcomes, int):
        return None
    return Group(people, min(people, outcomes))
