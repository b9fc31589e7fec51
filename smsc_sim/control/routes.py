"""Routes: which call a method and a path mean. `{name}` in a pattern stands for one part of the path."""

from collections.abc import Sequence
from urllib.parse import unquote

import msgspec

from smsc_sim.control.answers import Call, CallError, Handler


class Route(msgspec.Struct, frozen=True):
    """One call of the API."""

    method: str
    pattern: str
    handler: Handler
    open_to_all: bool = False  # Without the token: the page's own files, which hold no data.


def find(routes: Sequence[Route], method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route and the varying parts of its path.

    Raises:
        CallError: 404 where no pattern fits, 405 where one does with another method.
    """
    steps = path.split("/")
    allowed: list[str] = []
    for route in routes:
        parts = _fit(route.pattern.split("/"), steps)
        if parts is None:
            continue
        if route.method == method or (method == "HEAD" and route.method == "GET"):
            return route, parts
        allowed.append(route.method)
    if allowed:
        raise CallError(405, f"{method} is not possible here; allowed: {', '.join(allowed)}")
    raise CallError(404, "there is nothing here; GET /api lists the calls")


def call_of(parts: dict[str, str], arguments: dict[bytes, list[bytes]], body: bytes) -> Call:
    """The call; of a parameter that stands twice the last one counts."""
    query = {_text(name): _text(values[-1]) for name, values in arguments.items()}
    return Call(parts, query, body)


def _fit(pattern: list[str], steps: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(steps):
        return None
    parts = {}
    for wanted, step in zip(pattern, steps, strict=True):
        if wanted.startswith("{"):
            if not step:
                return None
            parts[wanted[1:-1]] = unquote(step)
        elif wanted != step:
            return None
    return parts


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")
