"""Answer audiences: what a client is told of how many people a rule finds, and what is kept of it.

Every question leaves a row, answered or not. A question costs of the client's budget for the day, unless it
asks what was asked before and hears what was heard before. What a set of people tells together with earlier
answers is judged by domain.audience.differencing, what it tells of whom the client has on its lists by
domain.audience.own_lists. Whatever else is told of an answer (a sample, prices, texts) is told of the people
that it stands for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from pyroaring import BitMap

from operator_push.domain.audience.counting import COUNT_FLOOR, COUNT_STEP, Disclosed, Withheld, disclose
from operator_push.domain.audience.differencing import Answered, Nearness, nearness
from operator_push.domain.audience.own_lists import OwnLists
from operator_push.kernel.errors import OperatorError

QUERIES_PER_DAY = 100


class Outcome(Enum):
    """What became of a question; the value is what the audit row says."""

    COUNTED = "counted"
    EARLIER_ANSWER = "earlier_answer"  # told what earlier answers already say
    TOO_FEW = "too_few"  # fewer people than the floor
    TOO_NEAR = "too_near"  # but for few people, a set that the client brought itself
    BUDGET_SPENT = "query_budget_spent"

    @property
    def for_client(self) -> str:
        """What a client hears: not why there is no count, since that depends on the people."""
        return Outcome.TOO_FEW.value if self is Outcome.TOO_NEAR else self.value


class QueryBudgetError(OperatorError):
    """QUERY_BUDGET_SPENT: a client has asked as often as it may today."""


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks what. `brand` and `account` are one client; `asked_by` is the person at the keys. What was
    answered to an account of `family` is known to all of them."""

    account: str
    brand: str
    category: int
    rule: str
    asked_by: str
    at_us: int
    family: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """The operator's rules for answers. `noise` is what the count of a set gets on top; None adds nothing."""

    floor: int = COUNT_FLOOR
    queries_per_day: int = QUERIES_PER_DAY
    noise: Callable[[BitMap], int] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is told, and of whom. `remember`: `people` are held against later questions; `free`: it costs no
    budget."""

    told: Disclosed | Withheld
    outcome: Outcome
    people: BitMap
    remember: bool = False
    free: bool = False


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
    rules: AnswerRules,
    *,
    own: OwnLists | None = None,
    merged: BitMap | None = None,
    asked_before: bool = False,
) -> Verdict:
    """What to tell of the people whom a rule finds.

    `answered`: the client's earlier answers, latest last; `own`: what its own lists decide of the rule;
    `merged`: whom it would find if nobody of `own.few` were on a list; `asked_before`: the very question has
    been answered.
    """
    floor, people = rules.floor, found
    if len(found) < floor:
        return _withheld(found, Outcome.TOO_FEW, floor)
    lists: list[Answered] = []
    if own is not None:
        if own.is_told_by_few(found, floor):
            if own.is_nearly_all(found, floor):
                return _withheld(found, Outcome.TOO_NEAR, floor)
            if len(found - own.decided) < floor:
                people, merged = own.decided, None
        lists = [Answered(len(each), len(each), _loader(each)) for each in own.lists]
        if merged is not None and (near := nearness(merged, answered, floor, lists)):
            # Whoever is on a short list may be in it or not: there must be enough people either way.
            if len(merged) - len(own.few) < floor:
                return _withheld(found, Outcome.TOO_NEAR, floor)
            return _told_again(near, asked_before, rules)
    if near := nearness(people, answered, floor, lists):
        return _told_again(near, asked_before, rules)
    told = disclose(max(len(people) + _noise(people, rules), 0), floor)
    is_told = isinstance(told, Disclosed)
    return Verdict(told, Outcome.COUNTED if is_told else Outcome.TOO_FEW, people, remember=is_told)


def _told_again(near: Nearness, asked_before: bool, rules: AnswerRules) -> Verdict:
    """What earlier answers say already; several of them together say a sum that has a noise of its own."""
    count = near.told if near.single else near.total + _noise(near.people, rules)
    if count < rules.floor:
        return _withheld(near.people, Outcome.TOO_FEW, rules.floor)
    told = Disclosed(count - count % COUNT_STEP)
    free = asked_before and near.single
    return Verdict(told, Outcome.EARLIER_ANSWER, near.people, remember=not near.single, free=free)


def _withheld(people: BitMap, outcome: Outcome, floor: int) -> Verdict:
    return Verdict(Withheld(floor), outcome, people)


def _noise(people: BitMap, rules: AnswerRules) -> int:
    return rules.noise(people) if rules.noise else 0


def _loader(people: BitMap) -> Callable[[], BitMap]:
    return lambda: people
