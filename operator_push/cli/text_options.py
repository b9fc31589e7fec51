"""Options for the texts of a campaign, the same wherever one is quoted, previewed or ordered."""

from collections.abc import Callable
from typing import Any

import click

from operator_push.domain.best_channel import CAMPAIGN_CHANNELS
from operator_push.domain.short_links import LINK_DAYS, LINK_DAYS_MAX
from operator_push.kernel.errors import OperatorError

PLACES_HELP = (
    'places such as {{ plan | default("your plan") }} are filled for each person (docs/personalisation.md)'
)
_TEXT_OPTIONS = (
    click.option(
        "--text-in",
        "texts",
        multiple=True,
        metavar="[VARIANT:]LANGUAGE=TEXT",
        help="The text for people of a language, such as hi='…'; others get --text. With variants, of one of "
        "them: warm:hi='…'. Repeat.",
    ),
    click.option(
        "--fallback",
        "fallbacks",
        multiple=True,
        metavar="ATTRIBUTE=WORDS",
        help="What stands in the texts where an attribute is not known, or not permitted. Repeat.",
    ),
)
OWN_OPTION = (
    click.option(
        "--own",
        metavar="LIST",
        help="The client's list whose columns stand in the texts as {{ own.name }}; the rule names lists.",
    ),
)
VARIANT_OPTION = (
    click.option(
        "--variant",
        "variants",
        multiple=True,
        metavar="NAME=TEXT",
        help="Texts in the place of --text, each for a part of the people; repeat, 2 to 5.",
    ),
)
LINK_OPTIONS = (
    click.option(
        "--link",
        metavar="ADDRESS",
        help="Where {{ link }} in the text leads; {token} in it becomes what a conversion is told by.",
    ),
    click.option(
        "--link-days",
        type=click.IntRange(1, LINK_DAYS_MAX),
        help=f"How long links lead there [default: {LINK_DAYS}].",
    ),
)
_CHANNEL_OPTION = click.option(
    "--channel",
    type=click.Choice(CAMPAIGN_CHANNELS),
    help="sms; ussd: a text for the screen of a handset that is on, at most 182 characters; best: for each "
    "person the one that they answer, where they permit to learn it, else sms [default: sms].",
)
TEXT_OPTION = click.option(
    "--text", help=f"The text, which decides the segments; {PLACES_HELP}. With --variant none is needed."
)
TEXT_OPTIONS = (*_TEXT_OPTIONS, *OWN_OPTION, *VARIANT_OPTION, *LINK_OPTIONS, _CHANNEL_OPTION)


_OFFER_OPTIONS = (
    click.option("--rule", required=True, help="Audience rule; see `operator-push audience --help`."),
    click.option("--account", required=True, help="The client who would pay."),
    click.option("--category", type=click.IntRange(1, 8), required=True, help="1..8 (TRAI's list)."),
    click.option("--source", required=True, help="Sender address."),
    TEXT_OPTION,
    *TEXT_OPTIONS,
)


def offer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of what might be ordered: for whom, by whom, and the texts."""
    for option in reversed(_OFFER_OPTIONS):
        command = option(command)
    return command


def text_terms(options: dict[str, Any]) -> dict[str, Any]:
    """The terms of the options that were given; takes them out of `options`.

    Raises:
        OperatorError: something is not NAME=TEXT.
    """
    found: dict[str, Any] = {}
    for name, option, example in (
        ("texts", "--text-in", "hi='नमस्ते'"),
        ("fallbacks", "--fallback", "home.city='your town'"),
    ):
        said = dict(_pair(option, text, example) for text in options.pop(name, ()))
        if said:
            found[name] = said
    variants = [_pair("--variant", text, "warm='A hot chai for you'") for text in options.pop("variants", ())]
    if variants:
        found["variants"] = [{"name": name, "text": text} for name, text in variants]
        found |= _by_variant(found["variants"], found.pop("texts", {}))
    if own := options.pop("own", None):
        found["own"] = {"list": own}
    links = {name: options.pop(name, None) for name in ("link", "link_days", "channel")}
    return found | {name: value for name, value in links.items() if value is not None}


def text_or_variants(text: str | None, terms: dict[str, Any]) -> str:
    """The text that was given, else that of the first variant, which nobody gets by this name.

    Raises:
        OperatorError: neither was given.
    """
    if text is None and not terms.get("variants"):
        raise OperatorError("say what is sent: --text, or two or more of --variant")
    return terms["variants"][0]["text"] if text is None else text


def _by_variant(variants: list[dict[str, Any]], texts: dict[str, str]) -> dict[str, Any]:
    """Give each variant its texts by language; the terms of those that name no variant."""
    by_name, left = {each["name"]: each for each in variants}, {}
    for name, text in texts.items():
        variant, sign, language = name.rpartition(":")
        if not sign:
            left[name] = text
            continue
        if variant not in by_name:
            raise OperatorError(
                f"--text-in {name}: there is no variant {variant!r}; there are {', '.join(by_name)}"
            )
        by_name[variant].setdefault("texts", {})[language] = text
    return {"texts": left} if left else {}


def _pair(option: str, text: str, example: str) -> tuple[str, str]:
    name, sign, said = text.partition("=")
    if not sign or not name.strip() or not said.strip():
        raise OperatorError(f"{option} {text!r} is not NAME=TEXT, such as {example}")
    return name.strip(), said
