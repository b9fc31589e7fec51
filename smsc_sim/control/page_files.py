"""The live page's files, read once from the package: HTML, CSS and scripts, nothing from elsewhere."""

from importlib.resources import files

from smsc_sim.control.answers import Answer, Call, Handler
from smsc_sim.control.routes import Route

_FILES = {
    "/": ("live.html", "text/html; charset=utf-8"),
    "/live.css": ("live.css", "text/css; charset=utf-8"),
    "/live.js": ("live.js", "text/javascript; charset=utf-8"),
    "/chart.js": ("chart.js", "text/javascript; charset=utf-8"),
    "/pdus.js": ("pdus.js", "text/javascript; charset=utf-8"),
    "/panels.js": ("panels.js", "text/javascript; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}


def page_routes() -> list[Route]:
    """A route for each file."""
    folder = files("smsc_sim.control") / "page"
    routes = []
    for path, (name, content_type) in _FILES.items():
        answer = Answer((folder / name).read_bytes(), content_type)
        routes.append(Route("GET", path, _always(answer), open_to_all=True))
    return routes


def _always(answer: Answer) -> Handler:
    def handler(call: Call) -> Answer:
        return answer

    return handler
