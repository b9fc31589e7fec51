"""reactor_choice: in a process of its own, because a process has one reactor for good."""

import subprocess
import sys

from operator_push.smpp_twisted import reactor_choice

CODE = {
    "twice": (
        "from operator_push.smpp_twisted import reactor_choice as c; a=c.install(); b=c.install();"
        "from twisted.internet import reactor; print(a, b, type(reactor).__name__)"
    ),
    "too late": (
        "from twisted.internet import selectreactor; selectreactor.install();"
        "from operator_push.smpp_twisted import reactor_choice as c; c.install()"
    ),
    "no uvloop": (
        "import sys; sys.modules['uvloop'] = None;"
        "from operator_push.smpp_twisted import reactor_choice as c; print(c.install())"
    ),
}


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )


def test_installing_twice_answers_the_same():
    first, second, reactor = run(CODE["twice"]).stdout.split()
    assert first == second
    assert first in ("uvloop", "asyncio")
    assert reactor == "AsyncioSelectorReactor"


def test_without_uvloop_the_standard_loop_serves():
    assert run(CODE["no uvloop"]).stdout.split() == ["asyncio"]


def test_a_reactor_installed_before_is_named():
    done = run(CODE["too late"])
    assert done.returncode != 0
    assert "SelectReactor" in done.stderr
    assert "before the first import" in done.stderr


def test_another_thread_calls_past_twisted_s_timers_where_there_is_a_loop() -> None:
    class Loop:
        def call_soon_threadsafe(self, call: object) -> None:
            pass

    class OnLoop:
        _asyncioEventloop = Loop()  # noqa: N815

        def callFromThread(self, call: object) -> None:  # noqa: N802
            pass

    class Other:
        def callFromThread(self, call: object) -> None:  # noqa: N802
            pass

    on_loop, other = OnLoop(), Other()
    assert reactor_choice.call_in_loop(on_loop) == on_loop._asyncioEventloop.call_soon_threadsafe
    assert reactor_choice.call_in_loop(other) == other.callFromThread


def test_the_next_turn_is_the_loop_s_and_now_where_there_is_none() -> None:
    turn: list[object] = []

    class OnLoop:
        class _asyncioEventloop:  # noqa: N801
            call_soon = turn.append

    told: list[str] = []
    reactor_choice.call_soon(OnLoop())(lambda: told.append("later"))
    reactor_choice.call_soon(object())(lambda: told.append("now"))
    assert (told, len(turn)) == (["now"], 1)
