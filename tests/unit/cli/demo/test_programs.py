"""Children: watched, blamed with their own words, and never left behind."""

import os
import sys
import time
from pathlib import Path

import pytest

from operator_push.cli.demo.programs import Programs
from operator_push.kernel.errors import ResourceError

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_children_end_with_the_run_also_when_it_is_broken_off(tmp_path: Path) -> None:
    started: list[int] = []

    def broken_off() -> None:
        with Programs(tmp_path) as programs:
            started.append(programs.start("sleeper", SLEEP).pid)
            assert is_alive(started[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert not is_alive(started[0])


def test_a_dead_child_is_shown_with_the_end_of_its_log(tmp_path: Path) -> None:
    with Programs(tmp_path) as programs:
        child = programs.start("talker", [sys.executable, "-c", "import sys; sys.exit('out of tea')"])
        child.process.wait()
        with pytest.raises(ResourceError, match=r"talker ended with status 1(.|\n)*out of tea"):
            programs.require_running()
        programs.forget(child)
        programs.require_running()


def test_success_is_asked_for(tmp_path: Path) -> None:
    with Programs(tmp_path) as programs:
        programs.start("good", [sys.executable, "-c", ""]).require_success(30)
        bad = programs.start("bad", [sys.executable, "-c", "raise SystemExit(3)"])
        with pytest.raises(ResourceError, match="failed with status 3"):
            bad.require_success(30)


@pytest.mark.skipif(
    not Path("/proc/self/stat").exists(),
    reason="needs /proc: run on Linux; there is nothing to install elsewhere",
)
def test_cpu_time_grows_with_work(tmp_path: Path) -> None:
    busy = (
        "import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass\ntime.sleep(60)"
    )
    with Programs(tmp_path) as programs:
        child = programs.start("worker", [sys.executable, "-c", busy])
        deadline = time.monotonic() + 30
        while child.cpu_seconds() < 0.2 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert 0.2 <= child.cpu_seconds() < 10
    assert child.cpu_seconds() == 0.0
