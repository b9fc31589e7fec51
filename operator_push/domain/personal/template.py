"""Template: a text with places that are filled for each person, in a subset of Jinja's language.

    Hello{% if home.city %} {{ home.city }}{% endif %}! {{ plan | default("Your plan") | upper }} gives 20 %.

It is checked before anybody approves it and rendered in Jinja's immutable sandbox. What the subset has makes
every text end soon and stay short: no loops, no arithmetic, no calls, no attribute beside those of the
catalogue, so a text is at most as long as its template and its values. What is not known of a person, or not
permitted, is absent: a condition on it is false, and its place takes the fallback, without which no template
passes. Not here: who may use which attribute (services, command line), languages (`texts`).
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from jinja2 import TemplateSyntaxError, Undefined
from jinja2.nodes import Template as Tree
from jinja2.sandbox import ImmutableSandboxedEnvironment

from operator_push.domain.campaign_content import addresses_of, links_of
from operator_push.domain.personal.own_columns import PREFIX
from operator_push.domain.personal.template_check import PLACE, Checked, check_tree
from operator_push.domain.personal.template_filters import FILTERS, shown
from operator_push.domain.profile import FeatureValue
from operator_push.domain.short_links import LINK
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME

TEMPLATE_CHARS_MAX: Final = 4_000  # Ours: the longest message is 255 segments; who writes one wants no places
VALUE_CHARS_MAX: Final = 30  # as TCCCPR bounds a variable of a registered text
LINK_MARK: Final = "\ue000"  # of a private use area: no text of ours holds it, and no value may
KEPT_MAX: Final = 4_096
_BEGINS: Final = ("{{", "{%")


class _Absent(Undefined):
    """What is not known: empty, false, and neither equal to anything nor more or less."""

    __slots__ = ()

    def _no(self, other: object) -> bool:
        return False

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _no  # type: ignore[assignment]
    __hash__ = Undefined.__hash__


def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(
        undefined=_Absent, finalize=shown, keep_trailing_newline=True, autoescape=False
    )
    made.globals.clear()
    made.filters.clear()
    made.filters.update(FILTERS)
    made.tests = {name: made.tests[name] for name in ("defined", "undefined")}
    return made


_ENVIRONMENT: Final = _environment()


def is_personal(text: str) -> bool:
    """Has it places to fill?"""
    return any(begin in text for begin in _BEGINS)


class PersonalText:
    """A checked template. `names`: the attributes that it uses, in the catalogue's words; `has_link`: it
    holds {{ link }}, and what is rendered has LINK_MARK there.

    Many people have the same values, so that the latest texts are kept: a tenth of the price of a new one.
    """

    __slots__ = ("_kept", "_places", "_template", "has_link", "names", "text")

    def __init__(self, text: str, fallbacks: Mapping[str, str], own: Mapping[str, str]) -> None:
        """
        Raises:
            OperatorError: the text is no template of the subset, or a place has no fallback.
        """
        tree, checked = _read(text, fallbacks, own)
        self.text = text
        self.names = checked.names
        self.has_link = checked.has_link
        self._kept: dict[tuple[FeatureValue | None, ...], str] = {}
        self._places = tuple(checked.places.values())
        self._template = _ENVIRONMENT.from_string(tree)
        if any(PLACE in address for address in addresses_of(checked.flat)):
            raise OperatorError("text has a place in a link; who follows it would tell what was in it")

    def render(self, values: Mapping[str, FeatureValue]) -> str:
        """The text for somebody of whom these values are known."""
        asked = tuple([values.get(name) for name in self.names])
        kept = self._kept.get(asked)
        if kept is None:
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()
            kept = self._kept[asked] = self._template.render(
                {LINK: LINK_MARK}
                | {
                    place: value
                    for place, value in zip(self._places, asked, strict=True)
                    if value is not None and may_be_shown(value)
                }
            )
        return kept


@lru_cache(maxsize=256)
def _compiled(
    text: str, fallbacks: tuple[tuple[str, str], ...], own: tuple[tuple[str, str], ...]
) -> PersonalText:
    return PersonalText(text, dict(fallbacks), dict(own))


def personal_text(
    text: str, fallbacks: Mapping[str, str] | None = None, own: Mapping[str, str] | None = None
) -> PersonalText:
    """The checked template of a text; the same one for the same words. `own`: the columns of the client's
    list (domain.personal.own_columns), name → type. Errors as `PersonalText`."""
    return _compiled(text, tuple(sorted((fallbacks or {}).items())), tuple(sorted((own or {}).items())))


def may_be_shown(value: FeatureValue) -> bool:
    """May it stand in a text? Long texts, links, places of
    their own and unprintable characters are as if they were not known."""
    if not isinstance(value, str):
        return True
    if len(value) > VALUE_CHARS_MAX or not value.isprintable() or is_personal(value):
        return False
    return not links_of(value)


def _read(text: str, fallbacks: Mapping[str, str], own: Mapping[str, str]) -> tuple[Tree, Checked]:
    if LINK_MARK in text:
        raise OperatorError("text has a character of a private use area, which no handset shows")
    if len(text) > TEMPLATE_CHARS_MAX:
        raise OperatorError(
            f"text has {len(text)} characters; one with places has {TEMPLATE_CHARS_MAX} at most"
        )
    for name, said in fallbacks.items():
        if name not in FEATURES_BY_NAME and not name.startswith(PREFIX):
            raise OperatorError(f"fallback {name!r} is for no attribute of the catalogue")
        if not may_be_shown(said):
            raise OperatorError(
                f"fallback of {name} is longer than {VALUE_CHARS_MAX} characters, or holds a link"
            )
    try:
        tree = _ENVIRONMENT.parse(text)
        checked = check_tree(tree, fallbacks, own)
    except TemplateSyntaxError as error:
        raise OperatorError(f"text, line {error.lineno}: {error.message}") from None
    except RecursionError:
        raise OperatorError("text is nested too deeply") from None
    return tree, checked
