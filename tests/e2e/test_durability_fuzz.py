"""Mutated frames through bound streams beside a neighbour: benchmarks/fuzz_frames.py in its small size."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "fuzz_frames.py"
FRAMES = 20_000


def test_nonsense_harms_neither_the_product_nor_a_neighbour(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--frames", str(FRAMES), "--keep", str(tmp_path / "fuzz")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.stdout, done.stderr[-2_000:]
    figures = json.loads(done.stdout)
    # How long the neighbour waited on this machine is the soak's to say.
    assert [name for name in figures["broken"] if name != "neighbour_beside"] == [], figures
    assert done.returncode in (0, 1)
    assert figures["frames"] > FRAMES / 2
    assert figures["matched"] > 0
