"""What benchmarks measured in their own units is printed when a module's last one has ended."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def rates(request: pytest.FixtureRequest) -> Iterator[None]:
    """Print the lines of the module's list `printed`, if it has one, past pytest's capture."""
    yield
    lines = getattr(request.module, "printed", [])
    capture = request.config.pluginmanager.getplugin("capturemanager")
    assert capture is not None
    if lines:
        with capture.global_and_fixture_disabled():
            print("\n" + "\n".join(lines))
