"""Drawing: pages from templates and words. Everything that comes from people is escaped by the engine."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from operator_push.http.selfcare.languages import Words, languages
from operator_push.http.web_values import Answered
from operator_push.kernel.instants import from_epoch_us
from operator_push.kernel.money import format_micros
from operator_push.services.enter_selfcare import Session

_TEMPLATES = "operator_push.http.selfcare.templates"


def page(
    template: str,
    words: Words,
    path: str,
    *,
    operator: str,
    session: Session | None = None,
    status: int = 200,
    cookies: Mapping[str, str] | None = None,
    retry_after_s: int = 0,
    **values: Any,
) -> Answered:
    """One whole page; `path` is its own address, for the choice of the language."""
    drawn = _environment().get_template(f"{template}.html.j2")

    def say(key: str, **filled: object) -> str:
        return words[key].format(**filled) if filled else words[key]

    text = drawn.render(
        say=say,
        words=words,
        language=words.language,
        languages=list(languages().values()),
        path=path,
        operator=operator,
        session=session,
        **values,
    )
    return Answered(status, text.encode(), cookies=cookies or {}, retry_after_s=retry_after_s)


def style() -> bytes:
    """The one style sheet."""
    return (files(_TEMPLATES) / "selfcare.css").read_bytes()


def moment(at_us: int) -> str:
    """A moment as people read it, with its zone: the page does not know theirs."""
    return f"{from_epoch_us(at_us):%Y-%m-%d %H:%M} UTC"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(lambda name: (files(_TEMPLATES) / name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = moment
    environment.filters["money"] = format_micros
    return environment
