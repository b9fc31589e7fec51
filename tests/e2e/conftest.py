"""The demo takes longest of all tests: it runs once for all that look at it, whichever their worker."""

import fcntl
import os
import pickle
from pathlib import Path

import pytest
from demo_run import DemoRun, run_demo


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """A small demo that is over, and all its invariants held."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # which the workers of one test session share
    with (base / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # whoever comes second waits for the first
        return _run_once(base / "demo")


def _run_once(folder: Path) -> DemoRun:
    told = folder / "run.pickle"
    if not told.exists():
        folder.mkdir(exist_ok=True)
        told.write_bytes(pickle.dumps(run_demo(folder)))
    found = pickle.loads(told.read_bytes())
    assert isinstance(found, DemoRun)
    return found
