"""The funnel: each person once a step, and the two groups that rule 9 drew."""

from pyroaring import BitMap

from operator_push.domain.campaign_funnel import QUARTER_US, Funnel, Step
from operator_push.domain.message import RefusalReason


def test_a_person_comes_to_a_step_once() -> None:
    funnel = Funnel()
    for at_us in (QUARTER_US + 1, QUARTER_US + 2, 5 * QUARTER_US):
        funnel.note(Step.DELIVERED, 7, at_us)
    assert funnel.quarters[Step.DELIVERED] == {QUARTER_US: 1}


def test_whoever_was_refused_before_the_draw_is_in_no_group() -> None:
    funnel = Funnel()
    for person, reason in enumerate(
        (
            RefusalReason.NO_PERMISSION,
            RefusalReason.DO_NOT_DISTURB,
            RefusalReason.HOLDOUT,
            RefusalReason.FREQUENCY_CAP,
            RefusalReason.NO_CREDIT,
        ),
        1,
    ):
        funnel.refused(reason, person)
    assert (funnel.treated, funnel.control_group) == (BitMap([4, 5]), BitMap([3]))
    funnel.refused(RefusalReason.CONTROL_GROUP, 6)
    assert funnel.control_group == BitMap([6]), "its own group compares the very people of the campaign"
