"""The demo's run is the longest of all tests: it happens once for all that look at it."""

import pytest
from demo_run import DemoRun, run_demo


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """A small demo that is over, and all its invariants held."""
    return run_demo(tmp_path_factory.mktemp("demo"))
