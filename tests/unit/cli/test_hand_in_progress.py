"""What a launch tells while it hands in, where nobody looks at a terminal."""

from collections import Counter

import pytest

from operator_push.cli.hand_in_progress import HandInProgress


@pytest.mark.parametrize(("left_s", "told"), [(None, "0 s left"), (3_600.0, "3,600 s left")])
def test_a_pace_says_how_long_it_takes_else_the_rate_does(
    capsys: pytest.CaptureFixture[str], left_s: float | None, told: str
) -> None:
    with HandInProgress(10, before=4, left_s=left_s) as progress:
        progress.tell(6, Counter(accepted=5, NO_CREDIT=1))
    line = capsys.readouterr().err
    assert "handed in 10 of 10" in line
    assert told in line
    assert "5 accepted, 1 refused" in line
