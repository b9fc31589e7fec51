"""Which event loop Twisted runs on: asyncio's interface on uvloop where it is present.

`install()` must run before anything imports `twisted.internet.reactor`, because that import installs a
reactor of its own. Everything else in the house gets its reactor as an argument.
"""

import asyncio
import sys
from collections.abc import Callable
from typing import Any, cast

from operator_push.kernel.errors import OperatorError


def install() -> str:
    """Install Twisted's asyncio reactor on the fastest loop present and name that loop.

    Returns "uvloop" or "asyncio". A second call changes nothing and answers the same.

    Raises:
        OperatorError: another reactor is installed already, so the choice comes too late.
    """
    installed = sys.modules.get("twisted.internet.reactor")
    if installed is not None:
        loop = getattr(installed, "_asyncioEventloop", None)
        if loop is None:
            raise OperatorError(
                f"Twisted already runs on {type(installed).__name__}; "
                "call reactor_choice.install() before the first import of twisted.internet.reactor"
            )
        return _name(loop)
    loop = new_event_loop()
    asyncio.set_event_loop(loop)
    from twisted.internet import asyncioreactor

    install_on: Any = asyncioreactor.install  # Twisted leaves it untyped.
    install_on(loop)
    return _name(loop)


def call_in_loop(reactor: Any) -> Callable[[Callable[[], None]], object]:
    """How another thread has something called in the reactor's: past Twisted's timers where there is a loop.

    callFromThread of the asyncio reactor makes a timer of every call, which costs as much as a few messages.
    """
    loop = getattr(reactor, "_asyncioEventloop", None)
    call: Callable[[Callable[[], None]], object]
    call = reactor.callFromThread if loop is None else loop.call_soon_threadsafe
    return call


def call_soon(reactor: Any) -> Callable[[Callable[[], None]], object]:
    """How something is called in the reactor's next turn, when its sockets have been read once more.

    At once where the reactor is none of asyncio's.
    """
    loop = getattr(reactor, "_asyncioEventloop", None)
    return _at_once if loop is None else cast(Callable[[Callable[[], None]], object], loop.call_soon)


def _at_once(call: Callable[[], None]) -> None:
    call()


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A loop of uvloop where it is installed, otherwise the standard one."""
    try:
        import uvloop
    except ImportError:  # No wheel for this platform; with batched writes the standard loop is little slower.
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _name(loop: object) -> str:
    return "uvloop" if type(loop).__module__.startswith("uvloop") else "asyncio"
