"""Answering audiences: floor, tens, earlier answers, lists, noise and the budget."""

import pytest
from pyroaring import BitMap

from operator_push.domain.audience.counting import Disclosed, Withheld
from operator_push.domain.audience.differencing import Answered
from operator_push.services.answer_audiences import (
    AnswerRules,
    Outcome,
    QueryBudgetError,
    Question,
    judge,
    require_budget,
)

RULES = AnswerRules()
FOUND = BitMap(range(1, 228))


def earlier(people: BitMap, told: int) -> Answered:
    return Answered(told, len(people), lambda: people)


def test_a_new_set_is_counted_in_tens_and_remembered() -> None:
    verdict = judge(FOUND, [], [], False, RULES)
    assert (verdict.told, verdict.outcome) == (Disclosed(220), Outcome.COUNTED)
    assert (verdict.remember, verdict.free) == (True, False)


@pytest.mark.parametrize(("people", "told"), [(99, Withheld(100)), (100, Disclosed(100)), (0, Withheld(100))])
def test_the_floor(people: int, told: Disclosed | Withheld) -> None:
    assert judge(BitMap(range(people)), [], [], False, RULES).told == told


def test_another_floor() -> None:
    rules = AnswerRules(floor=20)
    assert judge(BitMap(range(20)), [], [], False, rules).told == Disclosed(20)
    assert judge(BitMap(range(19)), [], [], False, rules).told == Withheld(20)


def test_a_near_set_hears_the_earlier_answer_and_is_not_remembered() -> None:
    book = [earlier(BitMap(range(1, 300)), 290)]
    verdict = judge(FOUND, book, [], False, RULES)
    assert (verdict.told, verdict.outcome) == (Disclosed(290), Outcome.EARLIER_ANSWER)
    assert (verdict.remember, verdict.free) == (False, False)


def test_the_same_question_with_the_same_answer_is_free() -> None:
    verdict = judge(FOUND, [earlier(FOUND, 220)], [], True, RULES)
    assert (verdict.told, verdict.free, verdict.remember) == (Disclosed(220), True, False)
    assert not judge(FOUND, [earlier(FOUND, 220)], [], False, RULES).free


def test_what_earlier_answers_make_small_is_not_told() -> None:
    one, other = BitMap(range(150)), BitMap(range(150, 260))
    union = one | other
    # 260 less 150 is 110; but for one of them who is in both.
    verdict = judge(other | BitMap([3]), [earlier(union, 260), earlier(one, 150)], [], False, RULES)
    assert (verdict.told, verdict.outcome) == (Disclosed(110), Outcome.EARLIER_ANSWER)
    assert verdict.remember


def test_a_set_that_is_but_for_few_the_client_s_own_list_is_not_told() -> None:
    members = FOUND | BitMap([900])
    verdict = judge(FOUND, [], [members], False, RULES)
    assert (verdict.told, verdict.outcome) == (Withheld(100), Outcome.TOO_NEAR)
    assert judge(FOUND, [], [FOUND], False, RULES).told == Disclosed(220)  # all of it: singles nobody out


def test_noise_moves_a_count_and_cannot_lift_a_set_over_the_floor() -> None:
    assert judge(FOUND, [], [], False, AnswerRules(noise=lambda people: 14)).told == Disclosed(240)
    assert judge(FOUND, [], [], False, AnswerRules(noise=lambda people: -200)).told == Withheld(100)
    assert judge(BitMap(range(99)), [], [], False, AnswerRules(noise=lambda people: 50)).told == Withheld(100)


def test_the_budget_is_refused_by_its_name() -> None:
    question = Question("chai", "Chai Point", 8, "true", "asha", 0)
    require_budget(question, 99, RULES)
    with pytest.raises(QueryBudgetError, match=r"QUERY_BUDGET_SPENT: chai has asked 100 .* 100 are allowed"):
        require_budget(question, 100, RULES)
