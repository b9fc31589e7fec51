"""Options for the texts of a campaign, the same wherever one is quoted, previewed or ordered."""

from collections.abc import Callable
from typing import Any

import click

from operator_push.kernel.errors import OperatorError

PLACES_HELP = 'places such as {{ plan | default("your plan") }} are filled for each person'
TEXT_OPTIONS = (
    click.option(
        "--text-in",
        "texts",
        multiple=True,
        metavar="LANGUAGE=TEXT",
        help="The text for people of a language, such as hi='…'; others get --text. Repeat.",
    ),
    click.option(
        "--fallback",
        "fallbacks",
        multiple=True,
        metavar="ATTRIBUTE=WORDS",
        help="What stands in the texts where an attribute is not known, or not permitted. Repeat.",
    ),
)
TEXT_TERMS = ("texts", "fallbacks")


def text_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options beside --text."""
    for option in reversed(TEXT_OPTIONS):
        command = option(command)
    return command


def text_terms(options: dict[str, Any]) -> dict[str, Any]:
    """The terms of the options that were given; takes them out of `options`.

    Raises:
        OperatorError: something is not NAME=TEXT.
    """
    found = {}
    for name, option, example in zip(
        TEXT_TERMS, ("--text-in", "--fallback"), ("hi='नमस्ते'", "home.city='your town'"), strict=True
    ):
        said = dict(_pair(option, text, example) for text in options.pop(name, ()))
        if said:
            found[name] = said
    return found


def _pair(option: str, text: str, example: str) -> tuple[str, str]:
    name, sign, said = text.partition("=")
    if not sign or not name.strip() or not said.strip():
        raise OperatorError(f"{option} {text!r} is not NAME=TEXT, such as {example}")
    return name.strip(), said
