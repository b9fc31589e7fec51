"""Answering audiences: floor, tens, earlier answers, lists, noise and the budget."""

import pytest
from pyroaring import BitMap

from operator_push.domain.audience.counting import Disclosed, Withheld
from operator_push.domain.audience.differencing import Answered
from operator_push.domain.audience.own_lists import OwnLists
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
NOBODY = BitMap()


def earlier(people: BitMap, told: int) -> Answered:
    return Answered(told, len(people), lambda: people)


def test_a_new_set_is_counted_in_tens_and_remembered() -> None:
    verdict = judge(FOUND, [], RULES)
    assert (verdict.told, verdict.outcome) == (Disclosed(220), Outcome.COUNTED)
    assert (verdict.remember, verdict.free) == (True, False)


@pytest.mark.parametrize(("people", "told"), [(99, Withheld(100)), (100, Disclosed(100)), (0, Withheld(100))])
def test_the_floor(people: int, told: Disclosed | Withheld) -> None:
    assert judge(BitMap(range(people)), [], RULES).told == told


def test_another_floor() -> None:
    rules = AnswerRules(floor=20)
    assert judge(BitMap(range(20)), [], rules).told == Disclosed(20)
    assert judge(BitMap(range(19)), [], rules).told == Withheld(20)


def test_a_near_set_hears_the_earlier_answer_and_is_not_remembered() -> None:
    book = [earlier(BitMap(range(1, 300)), 290)]
    verdict = judge(FOUND, book, RULES)
    assert (verdict.told, verdict.outcome) == (Disclosed(290), Outcome.EARLIER_ANSWER)
    assert (verdict.remember, verdict.free) == (False, False)


def test_the_same_question_with_the_same_answer_is_free() -> None:
    verdict = judge(FOUND, [earlier(FOUND, 220)], RULES, asked_before=True)
    assert (verdict.told, verdict.free, verdict.remember) == (Disclosed(220), True, False)
    assert not judge(FOUND, [earlier(FOUND, 220)], RULES).free


def test_what_earlier_answers_make_small_is_not_told() -> None:
    one, other = BitMap(range(150)), BitMap(range(150, 260))
    union = one | other
    # 260 less 150 is 110; but for one of them who is in both.
    verdict = judge(other | BitMap([3]), [earlier(union, 260), earlier(one, 150)], RULES)
    assert (verdict.told, verdict.outcome) == (Disclosed(110), Outcome.EARLIER_ANSWER)
    assert verdict.remember


def own(
    *lists: BitMap, decided: BitMap = NOBODY, undecided: BitMap = NOBODY, few: BitMap = NOBODY
) -> OwnLists:
    return OwnLists(lists, decided, undecided, few)


@pytest.mark.parametrize("missing", [0, 1, 99])
def test_of_a_list_all_or_nearly_all_are_not_told(missing: int) -> None:
    members = BitMap(range(1, 301))
    found = members - BitMap(range(1, 1 + missing))
    verdict = judge(found, [], RULES, own=own(members, undecided=members))
    assert (verdict.told, verdict.outcome, verdict.remember) == (Withheld(100), Outcome.TOO_NEAR, False)
    half = BitMap(range(1, 151))
    assert judge(half, [], RULES, own=own(members, undecided=members)).told == Disclosed(150)


@pytest.mark.parametrize("others", [0, 1, 99])
def test_few_people_beside_a_list_are_not_counted(others: int) -> None:
    members = BitMap(range(1, 110))
    found = members | BitMap(range(1_000, 1_000 + others))
    verdict = judge(found, [], RULES, own=own(members, decided=members))
    assert (verdict.told, verdict.outcome, verdict.people) == (Disclosed(100), Outcome.COUNTED, members)
    more = members | BitMap(range(1_000, 1_100))
    assert judge(more, [], RULES, own=own(members, decided=members)).told == Disclosed(200)


@pytest.mark.parametrize("is_in", [True, False])
def test_whether_somebody_on_a_list_of_one_is_left_out_changes_nothing(is_in: bool) -> None:
    person = BitMap([1 if is_in else 900])
    of_one = own(person, few=person)
    verdict = judge(FOUND - person, [earlier(FOUND, 220)], RULES, own=of_one, merged=FOUND)
    assert (verdict.told, verdict.people) == (Disclosed(220), FOUND)
    hundred = BitMap(range(1, 101))
    verdict = judge(hundred - person, [earlier(hundred, 100)], RULES, own=of_one, merged=hundred)
    assert verdict.told == Withheld(100), "99 are none, so 100 are none, too"


def test_a_client_hears_of_no_reason_that_depends_on_people() -> None:
    assert Outcome.TOO_NEAR.for_client == Outcome.TOO_FEW.for_client == "too_few"


def test_noise_is_of_what_a_sum_stands_for() -> None:
    one, other = BitMap(range(150)), BitMap(range(150, 300))
    rules = AnswerRules(noise=lambda people: len(people) // 10)
    exact, near = (
        judge(found, [earlier(one, 150), earlier(other, 150)], rules)
        for found in (one | other, one | other | BitMap([900]))
    )
    assert exact.told == near.told == Disclosed(330)
    assert exact.outcome is near.outcome is Outcome.EARLIER_ANSWER


def test_noise_moves_a_count_and_cannot_lift_a_set_over_the_floor() -> None:
    assert judge(FOUND, [], AnswerRules(noise=lambda people: 14)).told == Disclosed(240)
    assert judge(FOUND, [], AnswerRules(noise=lambda people: -200)).told == Withheld(100)
    assert judge(BitMap(range(99)), [], AnswerRules(noise=lambda people: 50)).told == Withheld(100)


def test_the_budget_is_refused_by_its_name() -> None:
    question = Question("chai", "Chai Point", 8, "true", "asha", 0)
    require_budget(question, 99, RULES)
    with pytest.raises(QueryBudgetError, match=r"QUERY_BUDGET_SPENT: chai has asked 100 .* 100 are allowed"):
        require_budget(question, 100, RULES)
