"""Answer audiences: what a client is told of how many people a rule finds, and what is kept of it.

Every question leaves a row, answered or not. A question costs of the client's budget for the day, unless it
asks what was asked before and hears what was heard before. What a set of people tells together with earlier
answers is judged by domain.audience.differencing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from pyroaring import BitMap

from operator_push.domain.audience.counting import COUNT_FLOOR, COUNT_STEP, Disclosed, Withheld, disclose
from operator_push.domain.audience.differencing import Answered, nearness
from operator_push.kernel.errors import OperatorError

QUERIES_PER_DAY = 100


class Outcome(Enum):
    """What became of a question; the value is what the audit row says."""

    COUNTED = "counted"
    EARLIER_ANSWER = "earlier_answer"  # told what earlier answers already say
    TOO_FEW = "too_few"  # fewer people than the floor
    TOO_NEAR = "too_near"  # but for few people, a set that the client brought itself
    BUDGET_SPENT = "query_budget_spent"


class QueryBudgetError(OperatorError):
    """QUERY_BUDGET_SPENT: a client has asked as often as it may today."""


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks what. `brand` and `account` are one client; `asked_by` is the person at the keys."""

    account: str
    brand: str
    category: int
    rule: str
    asked_by: str
    at_us: int


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """The operator's rules for answers. `noise` is what the count of a set gets on top; None adds nothing."""

    floor: int = COUNT_FLOOR
    queries_per_day: int = QUERIES_PER_DAY
    noise: Callable[[BitMap], int] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is told. `remember`: the set is held against later questions; `free`: it costs no budget."""

    told: Disclosed | Withheld
    outcome: Outcome
    remember: bool
    free: bool


def require_budget(question: Question, spent_today: int, rules: AnswerRules) -> None:
    """Refuse whoever has asked as often as allowed.

    Raises:
        QueryBudgetError: the day's questions are spent.
    """
    if spent_today >= rules.queries_per_day:
        raise QueryBudgetError(
            f"QUERY_BUDGET_SPENT: {question.account} has asked {spent_today} audience questions today, and "
            f"{rules.queries_per_day} are allowed; ask again after midnight UTC"
        )


def judge(
    found: BitMap,
    answered: Sequence[Answered],
    lists: Sequence[BitMap],
    asked_before: bool,
    rules: AnswerRules,
) -> Verdict:
    """What to tell of the people whom a rule finds.

    `answered`: the client's earlier answers, latest last; `lists`: the sets of its own that the rule reads;
    `asked_before`: the very question has been answered.
    """
    if len(found) < rules.floor:
        return Verdict(Withheld(rules.floor), Outcome.TOO_FEW, remember=False, free=False)
    own = [Answered(None, len(people), _loader(people)) for people in lists]
    near = nearness(found, [*own, *answered], rules.floor)
    if near is None:
        noisy = len(found) + (rules.noise(found) if rules.noise else 0)
        told = disclose(max(noisy, 0), rules.floor)
        outcome = Outcome.COUNTED if isinstance(told, Disclosed) else Outcome.TOO_FEW
        return Verdict(told, outcome, remember=isinstance(told, Disclosed), free=False)
    if near.told is None:
        return Verdict(Withheld(rules.floor), Outcome.TOO_NEAR, remember=False, free=False)
    if near.told < rules.floor:
        return Verdict(Withheld(rules.floor), Outcome.TOO_FEW, remember=False, free=False)
    told_again = Disclosed(near.told - near.told % COUNT_STEP)
    free = asked_before and near.single
    return Verdict(told_again, Outcome.EARLIER_ANSWER, remember=not near.single, free=free)


def _loader(people: BitMap) -> Callable[[], BitMap]:
    return lambda: people
