"""The stages of a message on one thread: the rig lives whole lives, so that its figures are of something."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))

from in_process import STAGES, Rig


def test_every_message_lives_from_submit_to_acknowledged_receipt(tmp_path: Path) -> None:
    rig = Rig(tmp_path, 50)
    for _ in range(2):
        rig.live(20)  # asserts that all were accepted, sent, receipted and ended
    assert set(rig.cpu_s) == set(STAGES)
    rig.close()


def test_what_is_only_accepted_is_answered_after_its_rows(tmp_path: Path) -> None:
    rig = Rig(tmp_path, 50, with_smsc=False)
    rig.accept(20)
    assert set(rig.cpu_s) == {"submit_in", "rows", "submit_out"}
    rig.close()
